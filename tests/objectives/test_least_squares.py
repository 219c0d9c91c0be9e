import numpy as np
import pytest

from lowrank_sense.datasets import make_matrix_sensing
from lowrank_sense.measurements import LeastSquares, Scale, estimate_scale
from lowrank_sense.measurements.matrix import MatrixMeasurement
from lowrank_sense.measurements.symmetrized import SymmetrizedLeastSquares

SHAPE = (6, 6)


def objective(seed, symmetrized=False, operator=2.0, signal=3.0):
    """A weighted problem in units of operator and signal, and its data."""
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((50, 36)), rng.standard_normal(50)
    weights = rng.uniform(size=50)
    weights /= weights.sum()
    scale = Scale(operator=operator, signal=signal, step=1.0, excess=0.0)
    problem = LeastSquares(MatrixMeasurement(X, SHAPE), y, weights, scale)
    if symmetrized:
        problem = SymmetrizedLeastSquares(problem)
    return problem, (X, y, weights)


def point(seed):
    rng = np.random.default_rng(100 + seed)
    return [rng.standard_normal((6, 2)) for _ in range(4)]


@pytest.mark.parametrize("seed", range(3))
def test_loss_is_the_weighted_one_in_its_units(seed):
    problem, (X, y, weights) = objective(seed)
    F, G, *_ = point(seed)
    problem.restart(F, G)
    M = 3.0 * F @ G.T
    expected = np.sum(weights * (X @ M.ravel() - y) ** 2) / 2
    assert problem.loss * problem.scale.loss == pytest.approx(expected)
    assert problem.error == pytest.approx(np.sqrt(2 * expected) / (2.0 * 3.0))


@pytest.mark.parametrize("symmetrized", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_line_and_advance_agree_with_a_restart(seed, symmetrized):
    problem, _ = objective(seed, symmetrized)
    F, G, dF, dG = point(seed)
    problem.restart(F, G)
    before = problem.loss
    c1, c2, c3, c4 = problem.line(F, G, dF, dG)
    t = 0.37
    F, G = F + t * dF, G + t * dG
    problem.advance(t, F, G)
    advanced = problem.loss, problem.image, *problem.pull_back(F, G)
    problem.restart(F, G)
    change = c1 * t + c2 * t**2 + c3 * t**3 + c4 * t**4
    assert problem.loss - before == pytest.approx(change, rel=1e-10)
    fresh_ones = problem.loss, problem.image, *problem.pull_back(F, G)
    for mine, fresh in zip(advanced, fresh_ones, strict=True):
        np.testing.assert_allclose(mine, fresh, atol=1e-12)


@pytest.mark.parametrize("symmetrized", [False, True])
def test_image_is_the_gradient(symmetrized):
    problem, _ = objective(0, symmetrized)
    F, G, dF, dG = point(0)
    problem.restart(F, G)
    image = problem.image
    slope = problem.line(F, G, dF, dG)[0]
    assert slope == pytest.approx(np.sum(image * (dF @ G.T + F @ dG.T)))
    left, right = problem.pull_back(F, G)
    assert slope == pytest.approx(np.sum(left * dF) + np.sum(right * dG))


def test_symmetrized_measures_the_symmetric_part_and_adds_the_other():
    plain, _ = objective(0)
    F, G, *_ = point(0)
    lifted = SymmetrizedLeastSquares(objective(0)[0])
    lifted.restart(F, G)
    plain.restart((F @ G.T + G @ F.T) / 2, np.eye(6))
    skew = (F @ G.T - G @ F.T) / 2
    assert lifted.loss == pytest.approx(plain.loss + np.sum(skew**2) / 2)


@pytest.mark.parametrize("noise", [0.0, 0.3])
@pytest.mark.parametrize("per_dof", [3, 10])
@pytest.mark.parametrize("psd", [False, True])
def test_scale_of_a_gaussian_problem(per_dof, noise, psd):
    for seed in range(5):
        n, rank = 30, 3
        m = per_dof * n * rank
        X, y, _ = make_matrix_sensing(
            m, (n, n), rank, psd=psd, noise=noise, random_state=seed
        )
        model = MatrixMeasurement(3.0 * X, (n, n))
        scale = estimate_scale(model, 7.0 * y, np.full(m, 1 / m), symmetric=psd)
        assert 0.7 < scale.signal * 3 / 7 < 1.2
        # ||A(Z)||^2 of one random Z has a relative standard deviation of sqrt(2/m).
        spread = np.sqrt(2 / m)
        assert scale.operator == pytest.approx(3.0, rel=3 * spread / 2)
        # On symmetric matrices half of the noise of the image is averaged away.
        expected = n * n / m / (2 if psd else 1)
        assert scale.excess == pytest.approx(expected, rel=3 * 2 * spread)


def test_scale_of_symmetric_measurements_is_that_on_symmetric_matrices():
    X, y, _ = make_matrix_sensing(800, (20, 20), 2, psd=True, random_state=0)
    A = X.reshape(-1, 20, 20)
    symmetric_X = ((A + A.transpose(0, 2, 1)) / 2).reshape(X.shape)
    scales = [
        estimate_scale(
            MatrixMeasurement(data, (20, 20)), y, np.full(800, 1 / 800), symmetric=True
        )
        for data in (X, symmetric_X)
    ]
    assert scales[0].operator == pytest.approx(scales[1].operator)
    assert scales[0].signal == pytest.approx(scales[1].signal)


@pytest.mark.parametrize("zero", ["X", "y"])
def test_nothing_to_scale(zero):
    X, y = np.ones((4, 6)), np.ones(4)
    if zero == "X":
        X = 0 * X
    else:
        y = 0 * y
    model = MatrixMeasurement(X, (2, 3))
    assert estimate_scale(model, y, np.full(4, 0.25), symmetric=False).vanishing
