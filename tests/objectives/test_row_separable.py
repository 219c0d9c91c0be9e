"""The loss of entries, minimized over one factor while the other is held."""

import numpy as np
import pytest

from lowrank_sense.measurements import MEASUREMENTS
from lowrank_sense.objectives import LeastSquares, RowSeparableLeastSquares

from ..points import UNITS

SHAPE = (8, 7)


def objective(centered):
    """Return a weighted loss of entries, and where to begin."""
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.integers(n, size=120) for n in SHAPE])
    operator, _ = MEASUREMENTS.make("entry").for_fit(X, SHAPE, np.dtype(float))
    y, weights = rng.standard_normal(120), rng.uniform(size=120)
    weights /= weights.sum()
    if centered:
        operator = operator.centered(weights)
        y = y - weights @ y
    factors = [rng.standard_normal((n, 2)) for n in SHAPE]
    return LeastSquares(operator, y, weights, UNITS), factors


@pytest.mark.parametrize("centered", [False, True])
@pytest.mark.parametrize("penalty", [0.0, 0.1])
def test_alternating_is_exact_in_the_factor_that_was_solved_for_last(centered, penalty):
    whole, (F, G) = objective(centered)
    rows = RowSeparableLeastSquares(whole)
    rows.restart(F, G)
    before = rows.value + penalty / 2 * (np.sum(F**2) + np.sum(G**2))
    for _ in range(200 if centered else 1):
        F, G, _ = rows.alternate(penalty)
    loss = rows.value
    left, right = rows.factor_gradient(F, G)
    # The intercept is solved for in turns as well, which takes many of them.
    atol = 1e-5 if centered else 1e-12
    np.testing.assert_allclose(right + penalty * G, 0, atol=atol)
    assert loss + penalty / 2 * (np.sum(F**2) + np.sum(G**2)) < before
    whole.restart(F, G)
    assert loss == pytest.approx(whole.value)
    if not centered:
        assert np.abs(left + penalty * F).max() > 1e-4
