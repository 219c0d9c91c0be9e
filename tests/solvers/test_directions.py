import numpy as np
import pytest

from lowrank_sense.datasets import make_matrix_sensing
from lowrank_sense.measurements import LeastSquares, estimate_scale
from lowrank_sense.measurements.matrix import MatrixMeasurement
from lowrank_sense.parameterizations import (
    AsymmetricParameterization,
    SymmetricParameterization,
)
from lowrank_sense.solvers import DIRECTIONS, Iterate
from lowrank_sense.solvers.line_search import exact_step

KINDS = [AsymmetricParameterization, SymmetricParameterization]
CONJUGATE = ["cg", "pcg"]


def iterate(kind, seed=0):
    """Return a random point of a sensing problem."""
    symmetric = kind is SymmetricParameterization
    X, y, _ = make_matrix_sensing(200, (10, 10), 2, psd=symmetric, random_state=seed)
    measurement, weights = MatrixMeasurement(X, (10, 10)), np.full(200, 1 / 200)
    scale = estimate_scale(measurement, y, weights, symmetric=symmetric)
    rng = np.random.default_rng(seed)
    factors = tuple(0.5 * rng.standard_normal((10, 3)) for _ in range(2 - symmetric))
    point = Iterate(kind(), factors, LeastSquares(measurement, y, weights, scale))
    point.refresh()
    return point


def inner(left, right):
    return sum(np.vdot(u, v) for u, v in zip(left, right, strict=True))


def descend(point, direction, n_steps):
    """Return directions, gradients and preconditioned gradients of some exact steps."""
    trace = []
    for _ in range(n_steps):
        gradient = point.gradient()
        z = type(direction)()(point, gradient)  # without memory: -z
        move = direction(point, gradient)
        trace.append((move, gradient, tuple(-part for part in z)))
        point.move(move, exact_step(point.line(move)))
    return trace


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", DIRECTIONS)
@pytest.mark.parametrize("seed", range(3))
def test_every_direction_descends_and_an_exact_step_lowers_the_loss(kind, name, seed):
    point, direction = iterate(kind, seed), DIRECTIONS[name]()
    for _ in range(15):
        loss, gradient = point.objective.loss, point.gradient()
        move = direction(point, gradient)
        assert inner(move, gradient) < 0
        step = exact_step(point.line(move))
        assert step > 0
        point.move(move, step)
        assert point.objective.loss < loss


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CONJUGATE)
def test_conjugacy_is_that_of_polak_and_ribiere(kind, name):
    """beta = <g, z - z'> / <g', z'> if the metric is one and the same."""
    (d0, g0, z0), (d1, g1, z1) = descend(iterate(kind), DIRECTIONS[name](), 2)
    beta = (inner(g1, z1) - inner(g0, z1)) / inner(g0, z0)
    assert beta > 0
    for part, steepest, before in zip(d1, z1, d0, strict=True):
        np.testing.assert_allclose(part, -steepest + beta * before, rtol=1e-10)


@pytest.mark.parametrize("name", CONJUGATE)
def test_restart_forgets_the_direction_before(name):
    point, direction = iterate(AsymmetricParameterization), DIRECTIONS[name]()
    descend(point, direction, 3)
    direction.restart()
    gradient = point.gradient()
    fresh = DIRECTIONS[name]()(point, gradient)
    for part, other in zip(direction(point, gradient), fresh, strict=True):
        np.testing.assert_array_equal(part, other)


@pytest.mark.parametrize("name", CONJUGATE)
def test_a_direction_that_would_climb_is_dropped(name):
    point, direction = iterate(AsymmetricParameterization), DIRECTIONS[name]()
    gradient = point.gradient()
    direction(point, gradient)
    # Beta is a million where the gradient doubles, and the direction before climbs.
    direction._before = gradient, 1e-6, gradient
    doubled = tuple(2 * part for part in gradient)
    for part, other in zip(
        direction(point, doubled), DIRECTIONS[name]()(point, doubled), strict=True
    ):
        np.testing.assert_array_equal(part, other)


@pytest.mark.parametrize("seed", range(3))
def test_preconditioned_matrix_step_does_not_depend_on_the_factorization(seed):
    """dF G^T + F dG^T is the same for F P and G P^-T, but for the damping."""
    rng = np.random.default_rng(seed)
    F, G, P = (rng.standard_normal((n, 3)) for n in (8, 9, 3))
    R = rng.standard_normal((8, 9))
    kind = AsymmetricParameterization()

    def step(*factors):
        F, G = factors
        dF, dG = kind.precondition(factors, (R @ G, R.T @ F), 0.0)
        return dF @ factors[1].T + factors[0] @ dG.T

    np.testing.assert_allclose(
        step(F @ P, G @ np.linalg.inv(P).T), step(F, G), rtol=1e-8, atol=1e-8
    )


@pytest.mark.parametrize("kind", KINDS)
def test_heavy_damping_gives_a_gradient_step(kind):
    point = iterate(kind)
    gradient = point.gradient()
    damped = point.parameterization.precondition(point.factors, gradient, 1e9)
    cosine = inner(damped, gradient) / np.sqrt(
        inner(damped, damped) * inner(gradient, gradient)
    )
    assert cosine == pytest.approx(1, abs=1e-6)


def test_dependent_columns_give_finite_directions():
    F = np.ones((5, 2))
    kind = AsymmetricParameterization()
    for part in kind.precondition((F, F), (F, F), 0.0):
        assert np.all(np.isfinite(part))
