"""The loss, its gradient and its line search without another reading of X."""

import numpy as np
import pytest

from ..points import objective, point


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
def test_matrix_gradient_is_the_slope_along_a_line(symmetrized):
    problem, _ = objective(0, symmetrized)
    F, G, dF, dG = point(0)
    problem.restart(F, G)
    gradient = problem.image
    slope = problem.line(F, G, dF, dG)[0]
    assert slope == pytest.approx(np.sum(gradient * (dF @ G.T + F @ dG.T)))
    left, right = problem.pull_back(F, G)
    assert slope == pytest.approx(np.sum(left * dF) + np.sum(right * dG))
