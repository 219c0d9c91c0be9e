"""What solver="cg" and "pcg" promise."""

import numpy as np
import pytest
from scipy import sparse

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing

from ..grids import mostly_slow, slowly, spread
from ..studies import KINDS, problem, relative_error

CONJUGATE = ["cg", "pcg"]
# Iterations to a relative residual of 1e-9 at k = r, 2r, 3r, n = 50, r = 3, m = 10nr.
MOST_ITERATIONS = {
    AsymmetricFactorSensing: {3: 60, 6: 60, 9: 75},
    SymmetricFactorSensing: {3: 40, 6: 40, 9: 50},
}


@pytest.mark.parametrize(
    ("kind", "seed", "kappa", "rank"),
    mostly_slow(spread(KINDS, range(10), [1, 10, 100], [3, 6, 9], part=4), 33),
)
def test_few_iterations_whatever_the_condition_number_and_rank(kind, seed, kappa, rank):
    X, y, M = problem(kind, 1500, (50, 50), 3, seed, condition_number=kappa)
    model = kind(rank, solver="pcg", tol=1e-9, random_state=seed).fit(X, y)
    assert model.stop_reason_ == "recovered"
    assert model.n_iter_ <= MOST_ITERATIONS[kind][rank]
    assert relative_error(model, M) < 1e-8


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rank", [4, *slowly(2)])
@pytest.mark.parametrize("kappa", [1, *slowly(10)])
def test_conjugate_directions_need_fewer_iterations(kind, rank, kappa):
    for seed in range(2):
        X, y, M = problem(kind, seed=seed, condition_number=kappa)
        n_iter = {}
        for name in ("gd", *CONJUGATE):
            model = kind(rank, solver=name, max_iter=3000, random_state=seed).fit(X, y)
            n_iter[name] = model.n_iter_
            assert model.solver_ == name
            assert relative_error(model, M) < 1e-4
        assert max(n_iter[solver] for solver in CONJUGATE) < n_iter["gd"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", CONJUGATE)
@pytest.mark.parametrize("init", ["random", "spectral"])
@pytest.mark.parametrize("rank", [2, *slowly(5)])
@pytest.mark.parametrize("noise", [0.1, *slowly(0.0)])
def test_loss_never_rises(kind, solver, init, rank, noise):
    X, y, _ = problem(kind, noise=noise, condition_number=10)
    model = kind(
        rank, solver=solver, init=init, tol=0, max_iter=200, random_state=0
    ).fit(X, y)
    # At the end a symmetric run may go back from two factors to one.
    losses = model.loss_history_[:-1]
    floor = 1e-28 * losses[0]
    assert np.all(losses[1:] <= np.maximum(losses[:-1] * (1 + 1e-10), floor))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("decibels", [20, *slowly(40, 10)])
def test_noisy_run_ends_by_itself_where_descent_does(kind, decibels):
    for seed in range(2):
        X, y, M = problem(kind, noise=10 ** (-decibels / 20), seed=seed)
        reference = kind(
            2, solver="gd", tol=1e-8, max_iter=5000, random_state=seed
        ).fit(X, y)
        for solver in CONJUGATE:
            model = kind(2, solver=solver, random_state=seed).fit(X, y)
            assert model.converged_
            difference = np.linalg.norm(model.matrix_ - reference.matrix_)
            assert difference < 1e-4 * np.linalg.norm(M)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("decibels", [20, *slowly(40, 10)])
def test_noisy_run_with_surplus_rank_stops_by_itself(kind, decibels):
    for seed in range(2):
        X, y, _ = problem(kind, noise=10 ** (-decibels / 20), seed=seed)
        model = kind(4, solver="pcg", random_state=seed).fit(X, y)
        assert model.converged_
        assert model.n_iter_ < 300


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", CONJUGATE)
@pytest.mark.parametrize("init", ["random", *slowly("spectral")])
def test_equivariance(kind, solver, init):
    X, y, _ = problem(kind, condition_number=3)
    model = kind(3, solver=solver, init=init, random_state=0)
    reference = model.fit(X, y).matrix_
    n_iter = model.n_iter_
    for c in (1e-6, 1e6):
        for data, factor in (((X, c * y), 1 / c), ((c * X, y), c)):
            model.fit(*data)
            assert model.n_iter_ == n_iter
            np.testing.assert_allclose(
                factor * model.matrix_, reference, atol=1e-7 * np.abs(reference).max()
            )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", CONJUGATE)
def test_layouts_and_dtypes_agree(kind, solver):
    X, y, M = problem(kind)
    model = kind(4, solver=solver, random_state=0)
    reference = model.fit(X, y).matrix_
    for other in (np.asfortranarray(X), sparse.csr_array(X)):
        np.testing.assert_allclose(model.fit(other, y).matrix_, reference, atol=1e-8)
    single = model.set_params(tol=1e-4).fit(X.astype(np.float32), y)
    assert single.matrix_.dtype == np.float32
    assert relative_error(single, M) < 1e-3
