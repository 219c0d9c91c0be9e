"""Measurements of the part of a matrix that they touch, and finding that part."""

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.linalg import aslinearoperator

from lowrank_sense.arrays.weights import equal_weights
from lowrank_sense.measurements import MEASUREMENTS, kind_for
from lowrank_sense.measurements.restricted import RestrictedMeasurement
from lowrank_sense.measurements.support import Support
from lowrank_sense.testing import check_measurement

SHAPE = (7, 5)
ROWS = np.array([False, True, True, True, False, True, True])
COLUMNS = np.array([True, True, False, True, True])
SUPPORT = Support(ROWS, COLUMNS)


def make_X(measurement, m=60, seed=0):
    """Return X that touches nothing outside the support."""
    rng = np.random.default_rng(seed)
    if measurement == "entry":
        rows, columns = (rng.choice(np.flatnonzero(side), m) for side in SUPPORT.sides)
        return np.column_stack([rows, columns])
    if measurement == "rank_one":
        X = rng.standard_normal((m, sum(SHAPE)))
        X[:, ~np.hstack([ROWS, COLUMNS])] = 0
        return X
    A = rng.standard_normal((m, *SHAPE))
    A[:, ~ROWS] = 0
    A[:, :, ~COLUMNS] = 0
    return A.reshape(m, -1)


MEASURED = ["matrix", "rank_one", "entry"]
FORMS = [
    *[(measurement, np.asarray) for measurement in MEASURED],
    ("matrix", np.asfortranarray),
    ("matrix", np.float32),
    ("matrix", sparse.csr_array),
    ("rank_one", sparse.csr_array),
    ("matrix", aslinearoperator),
]


@pytest.mark.parametrize(("measurement", "form"), FORMS)
def test_the_support_is_what_the_rows_of_positive_weight_touch(measurement, form):
    X = form(make_X(measurement))
    kind = kind_for(MEASUREMENTS.make(measurement), X)
    for operator in (
        kind.operator(X, SHAPE),
        kind.for_fit(X, SHAPE, np.dtype(float))[0],
    ):
        support = operator.support(equal_weights(60))
        np.testing.assert_array_equal(support.rows, ROWS)
        np.testing.assert_array_equal(support.columns, COLUMNS)


@pytest.mark.parametrize("measurement", MEASURED)
def test_a_row_of_weight_zero_touches_nothing(measurement):
    X = make_X(measurement)
    other = np.random.default_rng(1).standard_normal((1, X.shape[1]))
    if measurement == "entry":
        other = np.array([[0, 2]])
    X = np.vstack([other, X])
    operator = MEASUREMENTS.make(measurement).operator(X, SHAPE)
    support = operator.support(np.append(0.0, np.full(60, 1 / 60)))
    np.testing.assert_array_equal(support.rows, ROWS)
    np.testing.assert_array_equal(support.columns, COLUMNS)


@pytest.mark.parametrize("measurement", MEASURED)
def test_a_single_late_row_counts(measurement):
    """Not only the first rows are looked at."""
    X = make_X(measurement, 400)
    last = np.random.default_rng(1).standard_normal((1, X.shape[1]))
    if measurement == "entry":
        last = np.array([[0, 2]])
    X = np.vstack([X, last])
    support = (
        MEASUREMENTS.make(measurement).operator(X, SHAPE).support(equal_weights(401))
    )
    assert support.rows[0]
    assert support.columns[2]


@pytest.mark.parametrize("measurement", MEASURED)
@pytest.mark.parametrize("support", [SUPPORT, Support(ROWS | True, COLUMNS)])
def test_the_restricted_kind_keeps_all_promises(measurement, support):
    kind = RestrictedMeasurement(MEASUREMENTS.make(measurement), support)
    check_measurement(kind, make_X(measurement))


@pytest.mark.parametrize("measurement", MEASURED)
def test_two_ways_to_measure_the_part(measurement):
    X, rng = make_X(measurement), np.random.default_rng(2)
    whole, _ = MEASUREMENTS.make(measurement).for_fit(X, SHAPE, np.dtype(float))
    part = whole.restricted(SUPPORT)
    assert part.shape == SUPPORT.shape
    F, G = (rng.standard_normal((n, 2)) for n in part.shape)
    embedded = SUPPORT.embed((F, G))
    np.testing.assert_allclose(part.apply(F, G), whole.apply(*embedded), atol=1e-13)
    for part_of, whole_of in zip(embedded, (F, G), strict=True):
        assert np.count_nonzero(part_of) == whole_of.size


def test_joined_support_is_symmetric():
    support = Support(np.array([True, False, False]), np.array([False, False, True]))
    assert support.of_matrix(symmetric=True).shape == (2, 2)
