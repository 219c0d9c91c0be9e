"""What a converged fit says beside its result, and that it says nothing otherwise."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

from ..grids import slowly
from ..studies import KINDS, completion, relative_error


def warned(model, X, y):
    """Fit, and return all warnings as one text."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, y)
    assert all(each.category is ConvergenceWarning for each in caught)
    return "\n".join(str(each.message) for each in caught)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("measurement", ["matrix", "rank_one", "entry"])
@pytest.mark.parametrize("noise", [0.0, 0.1])
@pytest.mark.parametrize("fit_intercept", [False, True])
@pytest.mark.parametrize("seed", [0, *slowly(1, 2, 3)])
def test_a_right_result_is_not_doubted(kind, measurement, noise, fit_intercept, seed):
    psd = kind is SymmetricFactorSensing
    X, y, M = make_matrix_sensing(
        1000,
        (40, 40) if measurement == "entry" else (16, 16),
        2,
        measurement=measurement,
        psd=psd,
        noise=noise,
        random_state=seed,
    )
    model = kind(
        2,
        measurement=measurement,
        shape=M.shape,
        fit_intercept=fit_intercept,
        solver="pcg",
        random_state=0,
    )
    assert warned(model, X, y) == ""
    assert relative_error(model, M) < 0.2
    assert model.effective_rank_ == 2


@pytest.mark.parametrize("seed", range(3))
def test_few_measurements_for_the_rank(seed):
    """Matrices of rank 6 fit in many ways, and one of rank 3 is sought."""
    X, y, M = make_matrix_sensing(
        257, (30, 30), 3, condition_number=10, random_state=seed
    )
    model = AsymmetricFactorSensing(6, random_state=0)
    message = warned(model, X, y)
    assert relative_error(model, M) > 0.1
    assert model.stop_reason_ == "recovered"
    assert model.effective_rank_ == 0
    assert "324 degrees of freedom" in message
    assert "257 measurements" in message
    assert "about 382 measurements" in message


def test_an_effective_rank_of_zero_is_explained():
    for seed in range(3):
        X, y, _ = make_matrix_sensing(
            428, (30, 30), 3, condition_number=10, random_state=seed
        )
        model = AsymmetricFactorSensing(6, random_state=0)
        message = warned(model, X, y)
        assert model.converged_
        assert ("effective_rank_ is 0" in message) == (model.effective_rank_ == 0)


def test_noise_alone_is_explained():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((400, 100)), rng.standard_normal(400)
    model = AsymmetricFactorSensing(3, random_state=0)
    message = warned(model, X, y)
    assert model.effective_rank_ == 0
    assert not model.converged_ or "effective_rank_ is 0" in message


@pytest.mark.parametrize("solver", ["als", "pcg"])
@pytest.mark.parametrize("kappa", [1, *slowly(10, 100)])
@pytest.mark.parametrize("seed", [0, *slowly(1, 2)])
def test_surplus_where_little_is_measured(solver, kappa, seed):
    """Without a penalty, surplus fits the entries and is wrong elsewhere."""
    X, y, M = completion(3900, (100, 100), 5, seed, condition_number=kappa)
    model = AsymmetricFactorSensing(
        10, measurement="entry", solver=solver, shape=(100, 100), random_state=0
    )
    message = warned(model, X, y)
    assert relative_error(model, M) > 1e-3
    assert not model.converged_ or "hardly anything is measured" in message
    assert "penalty='auto'" in message
    assert model.effective_rank_ <= 7


@pytest.mark.parametrize("kappa", [10, 100, *slowly(1000, 10_000)])
@pytest.mark.parametrize("solver", ["als", *slowly("pcg")])
@pytest.mark.parametrize("seed", [0, *slowly(1, 2, 3)])
def test_weak_components_emerge_under_an_automatic_penalty(kappa, solver, seed):
    X, y, M = completion(3900, (100, 100), 5, seed, condition_number=kappa)
    model = AsymmetricFactorSensing(
        10,
        measurement="entry",
        solver=solver,
        penalty="auto",
        shape=(100, 100),
        random_state=0,
    )
    message = warned(model, X, y)
    assert relative_error(model, M) < 1e-5 or message
    assert model.effective_rank_ == 5


def test_an_undecided_penalty_is_told():
    """Two measurements per degree of freedom of M, one of the rank that is allowed."""
    for seed in (1, 2):
        X, y, M = completion(1950, (100, 100), 5, seed, condition_number=10)
        model = AsymmetricFactorSensing(
            10,
            measurement="entry",
            solver="pcg",
            penalty="auto",
            shape=(100, 100),
            random_state=0,
        )
        message = warned(model, X, y)
        assert relative_error(model, M) < 1e-4 or "could not tell the rank" in message


@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e6])
def test_a_mean_that_the_model_cannot_hold(scale):
    digits = load_digits()
    y = scale * np.where(digits.target == 3, 1.0, -1.0)
    model = make_pipeline(StandardScaler(), AsymmetricFactorSensing(random_state=0))
    message = warned(model, digits.data, y)
    assert model[-1].converged_
    assert "An intercept would lower the loss at this M by 7" in message
    assert "fit_intercept=True" in message
    without = model.score(digits.data, y)
    model[-1].set_params(fit_intercept=True)
    assert "intercept" not in warned(model, digits.data, y)
    assert without < -1
    assert model.score(digits.data, y) > 0.4


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("measurement", ["matrix", "rank_one", "entry"])
@pytest.mark.parametrize("constant", [3.0, 1 / 3, 1e9 + 0.1])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_constant_y_is_the_intercept(kind, measurement, constant, dtype):
    X, y, M = make_matrix_sensing(
        60, (9, 9), 2, measurement=measurement, psd=kind is SymmetricFactorSensing
    )
    y = np.full(60, constant, dtype)
    X = X if measurement == "entry" else X.astype(dtype)
    model = kind(
        2, measurement=measurement, shape=M.shape, fit_intercept=True, random_state=0
    )
    assert warned(model, X, y) == ""
    assert model.effective_rank_ == 0
    np.testing.assert_array_equal(model.matrix_, 0)
    assert model.intercept_ == pytest.approx(y[0], rel=1e-6)


@pytest.mark.parametrize("measurement", ["matrix", "rank_one"])
@pytest.mark.parametrize("seed", range(3))
def test_negative_eigenvalues_are_told(measurement, seed):
    rng = np.random.default_rng(seed)
    B = rng.standard_normal((8, 8))
    M = B + B.T
    if measurement == "matrix":
        X = rng.standard_normal((500, 64))
        y = X @ M.ravel()
    else:
        X = rng.standard_normal((500, 8))
        y = np.einsum("ij,jk,ik->i", X, M, X)
    model = SymmetricFactorSensing(4, measurement=measurement, random_state=0)
    message = warned(model, X, y)
    assert "AsymmetricFactorSensing" in message
    left = np.sqrt(np.mean((y - model.predict(X)) ** 2) / np.mean(y**2))
    assert f"leaves {100 * left:.0f} % of y" in message


def test_squared_distances_call_for_differences():
    points = np.random.default_rng(0).standard_normal((20, 2))
    squares = np.sum((points[:, np.newaxis] - points) ** 2, axis=-1)
    i, j = np.triu_indices(20, 1)
    y = squares[i, j]
    model = SymmetricFactorSensing(2, measurement="entry", random_state=0)
    assert "rows e_i - e_j" in warned(model, np.column_stack([i, j]), y)
    X = np.eye(20)[i] - np.eye(20)[j]
    model.set_params(measurement="rank_one")
    warned(model, X, y)
    assert model.score(X, y) == pytest.approx(1)


def test_a_rank_below_that_of_m_needs_no_word():
    """The best matrix of rank one was asked for, and this is it."""
    for kind in KINDS:
        X, y, _ = make_matrix_sensing(
            500, (10, 10), 2, psd=kind is SymmetricFactorSensing, random_state=0
        )
        assert warned(kind(1, random_state=0), X, y) == ""


@pytest.mark.parametrize("psd", [False, True])
def test_weak_but_evenly_measured_components_count(psd):
    """Gaussian measurements see everything, and so no component is unseen."""
    kind = SymmetricFactorSensing if psd else AsymmetricFactorSensing
    for seed in range(5):
        X, y, M = make_matrix_sensing(
            700, (20, 20), 3, psd=psd, condition_number=100, random_state=seed
        )
        model = kind(5, random_state=seed)
        assert warned(model, X, y) == ""
        assert model.effective_rank_ == 3
        assert relative_error(model, M) < 1e-5
