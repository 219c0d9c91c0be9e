import numpy as np
import pytest

from lowrank_sense.datasets import make_matrix_sensing
from lowrank_sense.inference.scale import estimate_scale
from lowrank_sense.measurements.matrix import MatrixOperator
from lowrank_sense.objectives import LeastSquares
from lowrank_sense.parameterizations import (
    AsymmetricParameterization,
    SymmetricParameterization,
)
from lowrank_sense.penalties import NoPenalty
from lowrank_sense.solvers import SOLVERS, Iterate, StepRule
from lowrank_sense.solvers.conjugate_gradient import Previous

KINDS = [AsymmetricParameterization, SymmetricParameterization]
CONJUGATE = ["cg", "pcg"]
DIRECTIONS = ["gd", *CONJUGATE]


def iterate(kind, seed=0):
    """Return a random point of a sensing problem."""
    symmetric = kind is SymmetricParameterization
    X, y, _ = make_matrix_sensing(200, (10, 10), 2, psd=symmetric, random_state=seed)
    operator, weights = MatrixOperator(X, (10, 10)), np.full(200, 1 / 200)
    scale = estimate_scale(operator, y, weights, symmetric=symmetric)
    rng = np.random.default_rng(seed)
    factors = tuple(0.5 * rng.standard_normal((10, 3)) for _ in range(2 - symmetric))
    objective = LeastSquares(operator, y, weights, scale)
    point = Iterate(kind(), factors, objective, NoPenalty())
    point.refresh()
    return point


def inner(left, right):
    return sum(np.vdot(u, v) for u, v in zip(left, right, strict=True))


def descend(point, solver, n_steps):
    """Directions, gradients and preconditioned gradients of some exact steps."""
    trace, memory = [], None
    for _ in range(n_steps):
        gradient = point.gradient()
        z, _ = solver.direction(point, gradient, None)  # without memory: -z
        move, memory = solver.direction(point, gradient, memory)
        trace.append((move, gradient, tuple(-part for part in z)))
        point.move(move, point.line(move).best_step())
    return trace


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", DIRECTIONS)
@pytest.mark.parametrize("seed", range(3))
def test_every_direction_descends_and_an_exact_step_lowers_the_loss(kind, name, seed):
    point, solver, memory = iterate(kind, seed), SOLVERS.make(name), None
    for _ in range(15):
        value, gradient = point.value, point.gradient()
        move, memory = solver.direction(point, gradient, memory)
        assert inner(move, gradient) < 0
        step = point.line(move).best_step()
        assert step > 0
        point.move(move, step)
        assert point.value < value


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CONJUGATE)
def test_conjugacy_is_that_of_polak_and_ribiere(kind, name):
    """beta = <g, z - z'> / <g', z'> if the metric is one and the same."""
    (d0, g0, z0), (d1, g1, z1) = descend(iterate(kind), SOLVERS.make(name), 2)
    beta = (inner(g1, z1) - inner(g0, z1)) / inner(g0, z0)
    assert beta > 0
    for part, steepest, before in zip(d1, z1, d0, strict=True):
        np.testing.assert_allclose(part, -steepest + beta * before, rtol=1e-10)


@pytest.mark.parametrize("name", CONJUGATE)
def test_a_solver_keeps_no_state(name):
    """Nothing but the memory that it is handed tells one step from another."""
    solver = SOLVERS.make(name)
    before = dict(vars(solver))
    traces = [descend(iterate(AsymmetricParameterization), solver, 3) for _ in "12"]
    assert vars(solver) == before
    for (move, *_), (again, *_) in zip(*traces, strict=True):
        for part, other in zip(move, again, strict=True):
            np.testing.assert_array_equal(part, other)


@pytest.mark.parametrize("name", CONJUGATE)
def test_a_direction_that_would_climb_is_dropped(name):
    point, solver = iterate(AsymmetricParameterization), SOLVERS.make(name)
    gradient = point.gradient()
    # Beta is a million where the gradient doubles, and the direction before climbs.
    memory = Previous(gradient, 1e-6, gradient)
    doubled = tuple(2 * part for part in gradient)
    move, _ = solver.direction(point, doubled, memory)
    steepest, _ = solver.direction(point, doubled, None)
    for part, other in zip(move, steepest, strict=True):
        np.testing.assert_array_equal(part, other)


def test_a_fixed_step_is_taken_as_it_is():
    point = iterate(AsymmetricParameterization)
    before, gradient = point.factors, point.gradient()
    step, _ = SOLVERS.make("gd").step(point, None, StepRule(fixed=0.1))
    assert step.size == 0.1
    for part, start, slope in zip(point.factors, before, gradient, strict=True):
        np.testing.assert_allclose(part, start - 0.1 * slope)


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
