"""What solver="cg", "pcg" and "auto" and init="spectral" promise."""

import warnings

import numpy as np
import pytest
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

from ..grids import spread
from ..studies import relative_error

KINDS = [AsymmetricFactorSensing, SymmetricFactorSensing]
CONJUGATE = ["cg", "pcg"]
# Iterations to a relative residual of 1e-9 at k = r, 2r, 3r, n = 50, r = 3, m = 10nr.
MOST_ITERATIONS = {
    AsymmetricFactorSensing: {3: 60, 6: 60, 9: 75},
    SymmetricFactorSensing: {3: 40, 6: 40, 9: 50},
}


def problem(kind, n_measurements=320, shape=(16, 16), rank=2, seed=0, **params):
    psd = kind is SymmetricFactorSensing
    return make_matrix_sensing(
        n_measurements, shape, rank, psd=psd, random_state=seed, **params
    )


@pytest.mark.parametrize(
    ("kind", "seed", "kappa", "rank"),
    spread(KINDS, range(10), [1, 10, 100], [3, 6, 9], part=3),
)
def test_few_iterations_whatever_the_condition_number_and_rank(kind, seed, kappa, rank):
    X, y, M = problem(kind, 1500, (50, 50), 3, seed, condition_number=kappa)
    model = kind(rank, solver="pcg", tol=1e-9, random_state=seed).fit(X, y)
    assert model.stop_reason_ == "recovered"
    assert model.n_iter_ <= MOST_ITERATIONS[kind][rank]
    assert relative_error(model, M) < 1e-8


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", CONJUGATE)
@pytest.mark.parametrize("rank", [2, 4])
@pytest.mark.parametrize("kappa", [1, 10])
def test_conjugate_directions_need_fewer_iterations(kind, solver, rank, kappa):
    for seed in range(2):
        X, y, M = problem(kind, seed=seed, condition_number=kappa)
        n_iter = {}
        for name in ("gd", solver):
            model = kind(rank, solver=name, max_iter=3000, random_state=seed).fit(X, y)
            n_iter[name] = model.n_iter_
            assert model.solver_ == name
            assert relative_error(model, M) < 1e-4
        assert n_iter[solver] < n_iter["gd"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", CONJUGATE)
@pytest.mark.parametrize("init", ["random", "spectral"])
@pytest.mark.parametrize("rank", [2, 5])
@pytest.mark.parametrize("noise", [0.0, 0.1])
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
@pytest.mark.parametrize("solver", CONJUGATE)
@pytest.mark.parametrize("decibels", [40, 20, 10])
def test_noisy_run_ends_by_itself_where_descent_does(kind, solver, decibels):
    for seed in range(2):
        X, y, M = problem(kind, noise=10 ** (-decibels / 20), seed=seed)
        model = kind(2, solver=solver, random_state=seed).fit(X, y)
        reference = kind(2, tol=1e-8, max_iter=5000, random_state=seed).fit(X, y)
        assert model.converged_
        difference = np.linalg.norm(model.matrix_ - reference.matrix_)
        assert difference < 1e-4 * np.linalg.norm(M)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("decibels", [40, 20, 10])
def test_noisy_run_with_surplus_rank_stops_by_itself(kind, decibels):
    for seed in range(2):
        X, y, _ = problem(kind, noise=10 ** (-decibels / 20), seed=seed)
        model = kind(4, solver="pcg", random_state=seed).fit(X, y)
        assert model.converged_
        assert model.n_iter_ < 300


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", CONJUGATE)
@pytest.mark.parametrize("init", ["random", "spectral"])
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


@pytest.mark.parametrize("seed", range(3))
def test_few_measurements_are_for_cg(seed):
    """m = 5nr and k = 3r: more degrees of freedom than measurements."""
    X, y, M = problem(AsymmetricFactorSensing, 300, (30, 30), 2, seed)
    errors = {}
    for solver in ("pcg", "cg", "auto"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model = AsymmetricFactorSensing(
                6, solver=solver, max_iter=2000, random_state=seed
            ).fit(X, y)
        errors[solver] = relative_error(model, M)
    assert model.solver_ == "cg"
    assert errors["auto"] == errors["cg"] < 1e-4
    assert errors["pcg"] > 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_auto_is_pcg_where_measurements_are_enough(kind):
    X, y, _ = problem(kind)
    assert kind(3, solver="auto", random_state=0).fit(X, y).solver_ == "pcg"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", ["gd", "cg", "pcg"])
@pytest.mark.parametrize("rank", [2, 5, 20])
def test_spectral_start_recovers_and_needs_no_random_numbers(kind, solver, rank):
    X, y, M = problem(kind, 900)
    model = kind(rank, solver=solver, init="spectral", max_iter=3000)
    first = model.fit(X, y).matrix_
    assert relative_error(model, M) < 1e-4
    np.testing.assert_array_equal(model.fit(X, y).matrix_, first)


@pytest.mark.parametrize("kind", KINDS)
def test_spectral_start_is_near_the_matrix(kind):
    X, y, M = problem(kind, 6000)
    model = kind(2, init="spectral", tol=0, max_iter=1).fit(X, y)
    assert relative_error(model, M) < 0.3
    assert model.loss_history_[0] < 0.2 * np.mean(y**2) / 2


def test_spectral_start_without_positive_eigenvalues():
    """The nearest psd matrix of a negative one is zero."""
    X, y, M = problem(SymmetricFactorSensing, 6000)
    model = SymmetricFactorSensing(3, init="spectral", max_iter=3000).fit(X, -y)
    assert model.converged_
    assert np.linalg.norm(model.matrix_) < 0.1 * np.linalg.norm(M)


@pytest.mark.parametrize("zero", ["X", "y"])
@pytest.mark.parametrize("kind", KINDS)
def test_spectral_start_of_nothing(kind, zero, recwarn):
    X, y, _ = problem(kind)
    model = kind(init="spectral", solver="pcg")
    model.fit(0 * X if zero == "X" else X, 0 * y if zero == "y" else y)
    assert not model.matrix_.any()
    assert not recwarn


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", ["cg", "pcg", "auto"])
def test_fixed_step_is_for_gradient_descent(kind, solver):
    X, y, _ = problem(kind)
    message = f"step_size=0.25 is for solver='gd'.*solver='{solver}'.*must be 'auto'"
    with pytest.raises(ValueError, match=message):
        kind(solver=solver, step_size=0.25).fit(X, y)


@pytest.mark.parametrize(
    ("params", "n_measurements", "advice"),
    [
        ({"solver": "gd"}, 600, "Try solver='pcg'"),
        ({"solver": "cg"}, 600, "Try solver='pcg'"),
        ({"solver": "gd", "rank": 6}, 150, "Try solver='cg'"),
        ({"solver": "pcg", "rank": 6}, 150, "Try solver='cg'"),
        ({"solver": "pcg"}, 600, "reached. Increase max_iter"),
        ({"solver": "auto"}, 600, "reached. Increase max_iter"),
    ],
)
def test_warning_names_the_solver_to_try(params, n_measurements, advice):
    X, y, _ = problem(AsymmetricFactorSensing, n_measurements)
    model = AsymmetricFactorSensing(**params, max_iter=5, random_state=0)
    with pytest.warns(ConvergenceWarning, match=advice):
        model.fit(X, y)
