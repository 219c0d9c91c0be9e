"""The penalty: the nuclear norm at its convex optimum."""

import numpy as np
import pytest

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

from ..grids import mostly_slow, slowly, spread
from ..studies import GD, completion

SOLVERS = ["gd", "cg", "pcg"]


def noisy_problem(seed, psd=False, shape=(8, 8)):
    return make_matrix_sensing(
        150, shape, 2, psd=psd, noise=0.3, random_state=50 + seed
    )[:2]


def objective(M, X, y, penalty, intercept=0.0):
    residual = X @ M.ravel() + intercept - y
    nuclear_norm = np.linalg.svd(M, compute_uv=False).sum()
    return np.mean(residual**2) / 2 + penalty * nuclear_norm


def duality_gap(M, X, y, penalty):
    """Return how far the objective can be above its minimum."""
    residual = X @ M.ravel() - y
    adjoint = (X.T @ residual / len(y)).reshape(M.shape)
    # A dual point: the residual, made small enough to be feasible.
    dual = residual * min(1, penalty / np.linalg.norm(adjoint, 2))
    return objective(M, X, y, penalty) + np.mean(dual**2) / 2 + np.mean(dual * y)


def convex_optimum(X, y, penalty, psd=False, intercept=False):
    import cvxpy  # takes seconds

    M = cvxpy.Variable((8, 8), PSD=True) if psd else cvxpy.Variable((8, 8))
    b = cvxpy.Variable() if intercept else 0.0
    loss = cvxpy.sum_squares(X @ cvxpy.vec(M, order="C") + b - y) / (2 * len(y))
    problem = cvxpy.Problem(cvxpy.Minimize(loss + penalty * cvxpy.normNuc(M)))
    return problem.solve(solver=cvxpy.CLARABEL)


@pytest.mark.parametrize(
    ("solver", "penalty", "seed"),
    mostly_slow(spread(SOLVERS, [0.02, 0.1], range(2))[::-1], 3),
)
@pytest.mark.slow
def test_matches_the_convex_optimum(solver, penalty, seed):
    X, y = noisy_problem(seed)
    model = AsymmetricFactorSensing(
        8, solver=solver, penalty=penalty, tol=1e-8, max_iter=20_000, random_state=seed
    ).fit(X, y)
    mine = objective(model.matrix_, X, y, penalty)
    assert mine == pytest.approx(convex_optimum(X, y, penalty), rel=1e-6)
    assert duality_gap(model.matrix_, X, y, penalty) < 1e-6 * mine
    # The factors share the singular values evenly, where the penalty is least.
    assert model.loss_history_[-1] == pytest.approx(mine, rel=1e-6)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.slow
def test_matches_the_convex_optimum_among_psd_matrices(solver):
    X, y = noisy_problem(0, psd=True)
    model = SymmetricFactorSensing(
        8, solver=solver, penalty=0.05, tol=1e-8, max_iter=5000, random_state=0
    ).fit(X, y)
    mine = objective(model.matrix_, X, y, 0.05)
    assert mine == pytest.approx(convex_optimum(X, y, 0.05, psd=True), rel=1e-6)
    assert model.loss_history_[-1] == pytest.approx(mine, rel=1e-6)


def test_with_an_intercept_and_with_a_rectangle():
    X, y = noisy_problem(0)
    model = AsymmetricFactorSensing(
        8, solver="pcg", penalty=0.05, fit_intercept=True, tol=1e-8, random_state=0
    ).fit(X, y + 5)
    mine = objective(model.matrix_, X, y + 5, 0.05, model.intercept_)
    best = convex_optimum(X, y + 5, 0.05, intercept=True)
    assert mine == pytest.approx(best, rel=1e-6)
    X, y = noisy_problem(0, shape=(6, 12))
    model = AsymmetricFactorSensing(
        6, solver="pcg", shape=(6, 12), penalty=0.05, tol=1e-8, random_state=0
    ).fit(X, y)
    gap = duality_gap(model.matrix_, X, y, 0.05)
    assert gap < 1e-6 * objective(model.matrix_, X, y, 0.05)


@pytest.mark.parametrize("kind", [AsymmetricFactorSensing, SymmetricFactorSensing])
def test_a_large_penalty_gives_zero(kind):
    X, y = noisy_problem(0, psd=True)
    adjoint = (X.T @ y / len(y)).reshape(8, 8)
    threshold = np.linalg.norm((adjoint + adjoint.T) / 2, 2)
    if kind is AsymmetricFactorSensing:
        threshold = np.linalg.norm(adjoint, 2)
    model = kind(8, penalty=1.01 * threshold, **GD).fit(X, y)
    assert np.abs(model.matrix_).max() < 1e-4
    model.set_params(penalty=0.9 * threshold).fit(X, y)
    assert np.abs(model.matrix_).max() > 1e-2


@pytest.mark.parametrize("solver", ["pcg", *slowly("gd")])
def test_scale_equivariance(solver):
    """(X, c y) with c penalty gives c M; (c X, y) with c penalty gives M / c."""
    X, y = noisy_problem(0)

    def fit(X, y, penalty):
        model = AsymmetricFactorSensing(
            4, solver=solver, penalty=penalty, tol=1e-4, random_state=0
        )
        return model.fit(X, y)

    base = fit(X, y, 0.05)
    for c in (1e-6, 1e6):
        for other, unit in (
            (fit(X, c * y, c * 0.05), c),
            (fit(c * X, y, c * 0.05), 1 / c),
        ):
            assert other.n_iter_ == base.n_iter_
            np.testing.assert_allclose(other.matrix_, unit * base.matrix_, rtol=1e-8)


def nuclear_gap(model, X, y):
    """Return the duality gap of the penalized problem, relative to its objective."""
    M, n = model.matrix_, len(y)
    residual = model.predict(X) - y
    adjoint = np.zeros_like(M)
    np.add.at(adjoint, (X[:, 0], X[:, 1]), residual / n)
    dual = residual * min(1, model.penalty / np.linalg.norm(adjoint, 2))
    objective = np.mean(residual**2) / 2
    objective += model.penalty * np.linalg.svd(M, compute_uv=False).sum()
    centered = y - model.intercept_
    return 1 + (np.mean(dual**2) / 2 + np.mean(dual * centered)) / objective


@pytest.mark.parametrize("solver", ["pcg", "als"])
@pytest.mark.parametrize("fit_intercept", [False, True])
def test_penalized_completion_is_the_convex_optimum(solver, fit_intercept):
    X, y, _ = completion(200, (12, 20), 2, noise=0.3)
    model = AsymmetricFactorSensing(
        12,
        solver=solver,
        measurement="entry",
        penalty=0.004,
        fit_intercept=fit_intercept,
        tol=1e-9,
        max_iter=5000,
        random_state=0,
    ).fit(X, y + fit_intercept)
    assert model.effective_rank_ < 12
    assert nuclear_gap(model, X, y + fit_intercept) < 1e-6
