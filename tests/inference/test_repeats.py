"""Repeated rows, found by their measurements of a random matrix."""

import numpy as np
import pytest

from lowrank_sense.inference.repeats import find_repeats
from lowrank_sense.measurements.repeats import Groups


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_bootstraps_are_counted(dtype):
    rng = np.random.default_rng(0)
    values, y = rng.standard_normal((2, 1000)).astype(dtype)
    b = rng.integers(0, 1000, 1000)
    counts = np.bincount(b)
    repeats = find_repeats(values[b], y[b], np.full(1000, 1e-3))
    assert repeats.n_distinct == np.count_nonzero(counts)
    assert repeats.amplification == pytest.approx(np.sum(counts**2) / 1000)


def test_rounding_errors_do_not_tell_rows_apart():
    rng = np.random.default_rng(0)
    values, y = rng.standard_normal((2, 300))
    values, y = np.tile(values, 2), np.tile(y, 2)
    values[300:] *= 1 + 4e-16
    assert find_repeats(values, y, np.full(600, 1 / 600)).n_distinct == 300


def test_another_y_is_another_measurement():
    """Its noise is new, and an average over both is worth more than one."""
    rng = np.random.default_rng(0)
    values = np.tile(rng.standard_normal(300), 2)
    repeats = find_repeats(values, rng.standard_normal(600), np.full(600, 1 / 600))
    assert repeats.n_distinct == 600
    assert repeats.amplification == pytest.approx(1)


def test_weight_zero_is_no_measurement():
    values = np.array([1.0, 2.0, 2.0, 3.0])
    repeats = find_repeats(values, values, np.array([0.5, 0.25, 0.25, 0.0]))
    assert repeats.n_distinct == 2
    assert repeats.amplification == pytest.approx(0.5 / 0.375)


def test_groups_merge_by_weight():
    again = np.array([False, True, False, False, True])
    weights = np.array([1.0, 3.0, 0.0, 2.0, 0.0])
    groups = Groups.of_sorted(again, weights)
    np.testing.assert_array_equal(groups.firsts, [0, 3])
    merged = groups.merge(np.array([0.0, 4.0, 9.0, 5.0, 9.0]), weights)
    np.testing.assert_array_equal(merged.y, [3.0, 5.0])
    np.testing.assert_array_equal(merged.weights, [4.0, 2.0])
    np.testing.assert_array_equal(merged.variances, [3.0, 0.0])
