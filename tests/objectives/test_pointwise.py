"""A general loss: squares written as one are squares, and lines have a minimum."""

import numpy as np
import pytest

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.arrays.implicit import to_array
from lowrank_sense.datasets import make_matrix_sensing
from lowrank_sense.inference.scale import Scale
from lowrank_sense.losses import Loss
from lowrank_sense.measurements import MEASUREMENTS
from lowrank_sense.objectives import LeastSquares, PointwiseObjective
from lowrank_sense.objectives.line import PointwiseLine

SHAPE = (12, 18)


class Squares(Loss):
    """c (z - y)^2 / 2, not known to be quadratic."""

    def __init__(self, c=1.0):
        self.c = c

    def value(self, y, z):
        return z.dtype.type(self.c) * (z - y) ** 2 / 2

    def gradient(self, y, z):
        return z.dtype.type(self.c) * (z - y)

    def curvature(self, y, z):
        return np.full_like(z, self.c)


@pytest.mark.parametrize("kind", ["matrix", "rank_one", "entry"])
@pytest.mark.parametrize("c", [1.0, 1e-6, 1e6])
def test_squares_are_least_squares(kind, c):
    """Value, error, gradient and line, along three steps."""
    rng = np.random.default_rng(0)
    X, y, _ = make_matrix_sensing(100, SHAPE, 2, measurement=kind, random_state=0)
    operator, order = MEASUREMENTS.make(kind).for_fit(X, SHAPE, y.dtype)
    y = y if order is None else y[order]
    weights = rng.uniform(size=len(y))
    weights /= weights.sum()
    units = {"operator": 2.0, "signal": 3.0, "step": 1.0, "excess": 0.0}
    squares = LeastSquares(operator, y, weights, Scale(**units), held_out=weights)
    general = PointwiseObjective(
        operator, y, weights, Scale(**units, curvature=c), weights, loss=Squares(c)
    )
    both = squares, general
    F, dF = rng.standard_normal((2, SHAPE[0], 3))
    G, dG = rng.standard_normal((2, SHAPE[1], 3))
    for one in both:
        one.restart(F, G)
    for _ in range(3):
        lines = [one.line(F, G, dF, dG) for one in both]
        assert lines[0].curvature == pytest.approx(lines[1].curvature, rel=1e-9)
        F, G = F + 0.1 * dF, G + 0.1 * dG
        for one in both:
            one.advance(0.1, F, G)
        for name in ("value", "error", "change", "held_out_loss"):
            one, other = (getattr(objective, name) for objective in both)
            assert one == pytest.approx(other, rel=1e-9), name
        one, other = (to_array(objective.matrix_gradient) for objective in both)
        np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-10)
        for one, other in zip(*(u.factor_gradient(F, G) for u in both), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-10)
    assert squares.error_at_zero == pytest.approx(general.error_at_zero)
    assert squares.value_at_zero == pytest.approx(general.value_at_zero)


@pytest.mark.parametrize("Estimator", [AsymmetricFactorSensing, SymmetricFactorSensing])
@pytest.mark.parametrize("c", [1.0, 1e-6, 1e6])
def test_a_fit_of_squares_is_that_of_the_squared_error(Estimator, c):
    psd = Estimator is SymmetricFactorSensing
    X, y, _ = make_matrix_sensing(400, (14, 14), 2, psd=psd, noise=0.1, random_state=0)
    params = {"rank": 2, "solver": "pcg", "tol": 1e-8, "random_state": 0}
    squares = Estimator(**params, accelerated_step=False).fit(X, y)
    general = Estimator(**params, loss=Squares(c)).fit(X, y)
    size = np.abs(squares.matrix_).max()
    np.testing.assert_allclose(general.matrix_, squares.matrix_, atol=1e-6 * size)
    assert general.effective_rank_ == squares.effective_rank_ == 2
    assert general.stop_reason_ == squares.stop_reason_
    last = general.loss_history_[-1], squares.loss_history_[-1]
    assert last[0] == pytest.approx(c * last[1], rel=1e-6)


CURVES = {
    "flat far away": (lambda t: 1 - np.exp(-((t - 2) ** 2)), 2.0),
    "steep": (lambda t: np.exp(8 * t) - 80 * t, np.log(10) / 8),
    "log cosh": (lambda t: 50 * np.log(np.cosh(t - 0.3)) + t, 0.28),
    "two minima": (lambda t: (t**2 - 1) ** 2 - 0.1 * t, 1.0123),
}


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_best_step_of_a_general_line(name, unit):
    """It is near a minimum, lowers the value, and does not depend on units."""
    curve, minimum = CURVES[name]

    def evaluate(t):
        h, t = 1e-5, t / unit
        values = [curve(t + k * h) for k in (-1, 0, 1)]
        slope = (values[2] - values[0]) / (2 * h)
        bend = (values[2] - 2 * values[1] + values[0]) / h**2
        return values[1], slope / unit, bend / unit**2

    line = PointwiseLine(evaluate)
    t = line.best_step() / unit
    assert curve(t) < curve(0.0)
    assert t == pytest.approx(minimum, rel=0.15)
    assert line.best_step(longest=0.1 * unit) <= 0.1 * unit
    uphill = PointwiseLine(lambda t: (t, 1.0, 0.0))
    assert uphill.best_step() == 0
    # With the slope taken off nothing is left to gain.
    _, slope, _ = evaluate(0.0)
    assert line.plus(np.array([-slope * 1.001, 0, 0, 0])).best_step() == 0


def test_a_polynomial_is_added():
    line = PointwiseLine(lambda t: (t**2, 2 * t, 2.0))
    whole = line.plus(np.array([-4.0, 0, 0, 0])).plus(np.array([0, 1.0, 0, 0]))
    assert whole.curvature == pytest.approx(2)
    assert whole.best_step() == pytest.approx(1)
