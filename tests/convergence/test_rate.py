"""estimate_rate on curves whose rate is known, and on the systems of the theory."""

import numpy as np
import pytest

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.convergence import estimate_rate
from lowrank_sense.datasets import make_matrix_sensing

from ..grids import mostly_slow, slowly, spread

T = np.arange(400)
SYSTEMS = {
    "1 symmetric, k = r": (SymmetricFactorSensing, 2, False, 500, "linear"),
    "2 symmetric, k > r": (SymmetricFactorSensing, 4, False, 1000, "sublinear"),
    "3 asymmetric, k = r": (AsymmetricFactorSensing, 2, False, 500, "linear"),
    "4 asymmetric, k > r": (AsymmetricFactorSensing, 4, False, 1000, "linear"),
    "5 accelerated step": (AsymmetricFactorSensing, 4, 100, 420, "linear"),
}


@pytest.mark.parametrize(
    ("system", "seed"), mostly_slow(spread(SYSTEMS, range(20), part=4), 5)
)
@pytest.mark.slow
def test_the_five_systems(system, seed):
    cls, rank, accelerated_step, n_iter, kind = SYSTEMS[system]
    X, y, _ = make_matrix_sensing(300, (15, 15), 2, psd=True, random_state=seed)
    model = cls(
        rank,
        alpha=0.5,
        accelerated_step=accelerated_step,
        solver="gd",
        step_size=0.25,
        max_iter=n_iter,
        tol=0,
        random_state=seed,
    )
    rate = estimate_rate(model.fit(X, y).loss_history_)
    assert rate.kind == kind
    assert 0 < 10 * rate.standard_error < rate.value
    if kind == "sublinear":
        assert 1.7 < rate.value < 2.2


@pytest.mark.parametrize("value", [0.01, 0.2])
@pytest.mark.parametrize("first_iteration", [0, 1])
def test_a_pure_exponential(value, first_iteration):
    history = 5 * np.exp(-value * (T + first_iteration))
    rate = estimate_rate(history, first_iteration=first_iteration)
    assert rate.kind == "linear"
    assert rate.value == pytest.approx(value)
    assert rate.standard_error < 1e-9
    assert rate.curve(T + first_iteration) == pytest.approx(history)


@pytest.mark.parametrize("value", [1, 2, 4])
def test_a_pure_power(value):
    history = 5 * np.arange(1.0, 401) ** -value
    rate = estimate_rate(history, first_iteration=1)
    assert rate.kind == "sublinear"
    assert rate.value == pytest.approx(value)
    assert rate.curve([10, 100]) == pytest.approx(history[[9, 99]])


@pytest.mark.parametrize("seed", [0, *slowly(*range(1, 5))])
def test_the_standard_error_covers_correlated_deviations(seed):
    """Deviations are an autoregression of 0.9, not independent."""
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(40):
        shocks = 0.03 * rng.standard_normal(2000)
        deviations = np.zeros(2000)
        for t in range(1, 2000):
            deviations[t] = 0.9 * deviations[t - 1] + shocks[t]
        rate = estimate_rate(np.exp(-0.005 * np.arange(2000) + deviations))
        values.append((rate.value - 0.005) / rate.standard_error)
    assert 0.5 < np.std(values) < 2


def test_what_comes_before_the_rate_is_left_out():
    history = np.exp(-0.1 * np.maximum(T - 100, 0))
    assert estimate_rate(history).value == pytest.approx(0.1)


@pytest.mark.parametrize("floor", [1e-30, 1e-16, 0.0])
def test_rounding_errors_in_the_end_are_left_out(floor):
    history = np.exp(-0.3 * T)
    history[history < 1e-15] = 0.0
    rate = estimate_rate(history + floor)
    assert rate.value == pytest.approx(0.3, rel=0.01)
    assert rate.stop < 130


def test_is_invariant_to_the_unit():
    history = np.exp(-0.1 * T) * (1 + 0.1 * np.sin(T))
    rate, same = estimate_rate(history), estimate_rate(1e-150 * history)
    assert same.value == pytest.approx(rate.value)
    assert same.standard_error == pytest.approx(rate.standard_error)


def test_how_it_is_written():
    assert str(estimate_rate(np.exp(-0.25 * T))) == "exp(-0.25 T)"
    power = estimate_rate(np.arange(1.0, 100) ** -2, first_iteration=1)
    assert str(power) == "T^-2"
    assert power._repr_latex_() == "$T^{-2}$"


@pytest.mark.parametrize(
    ("history", "message"),
    [
        (np.ones((5, 4)), r"one-dimensional, got an array of shape \(5, 4\)"),
        ([1.0, np.nan, 0.5] * 10, "nonnegative"),
        (np.linspace(1, -1, 50), r"nonnegative.*got -1\.0"),
        (np.exp(-T[:8]), "got 8 entries"),
        (np.zeros(50), "got 50 entries"),
        ([], "got 0 entries"),
    ],
)
def test_what_shows_no_rate_is_refused(history, message):
    with pytest.raises(ValueError, match=message):
        estimate_rate(history)
