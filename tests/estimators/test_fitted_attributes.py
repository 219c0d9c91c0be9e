"""What a fit leaves, and what predict and transform make of it."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

from ..studies import GD, KINDS, ONE_SEED, small


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rank", [2, 4])
def test_histories_fit_together(kind, rank):
    X, y, _ = small(kind)
    model = kind(rank, **ONE_SEED).fit(X, y)
    n = model.n_iter_
    assert len(model.loss_history_) == n + 1
    assert len(model.gradient_norm_history_) == n + 1
    assert len(model.step_size_history_) == n
    if kind is AsymmetricFactorSensing:
        assert len(model.imbalance_history_) == n + 1


@pytest.mark.parametrize("n_iter", [1, 17])
def test_last_entries_are_those_of_the_fitted_factors(n_iter):
    X, y, _ = small(AsymmetricFactorSensing, noise=0.1)
    model = AsymmetricFactorSensing(3, tol=0, max_iter=n_iter, **ONE_SEED)
    model.fit(2 * X, 5 * y)
    F, G = model.left_factor_, model.right_factor_
    residual = model.predict(2 * X) - 5 * y
    R = (2 * X.T @ residual).reshape(16, 16) / len(y)
    gradient = np.hypot(np.linalg.norm(R @ G), np.linalg.norm(R.T @ F))
    assert model.loss_history_[-1] == pytest.approx(np.mean(residual**2) / 2)
    assert model.gradient_norm_history_[-1] == pytest.approx(gradient)
    imbalance = np.linalg.norm(F.T @ F - G.T @ G)
    assert model.imbalance_history_[-1] == pytest.approx(imbalance)


def test_rank_of_a_diverged_run_is_that_of_the_kept_iterate():
    X, y, M = make_matrix_sensing(400, (20, 20), 2, random_state=0)
    model = AsymmetricFactorSensing(2, 0.1, False, step_size=1.2, **GD)
    with pytest.warns(ConvergenceWarning, match="diverged"):
        model.fit(X, y)
    error = np.linalg.norm(model.matrix_ - M, 2)
    assert model.effective_rank_ > 0
    assert model.singular_values_[model.effective_rank_ - 1] > error


@pytest.mark.parametrize("kind", KINDS)
def test_singular_values_and_rank(kind):
    X, y, M = small(kind, condition_number=3)
    model = kind(5, tol=1e-8, **ONE_SEED).fit(X, y)
    expected = np.linalg.svd(M, compute_uv=False)[:5]
    np.testing.assert_allclose(model.singular_values_, expected, atol=1e-6)
    assert model.effective_rank_ == 2


def test_accelerated_iteration():
    X, y, _ = small(AsymmetricFactorSensing)
    fit = {"tol": 0, "max_iter": 30, **GD}
    for given, reported in ((False, None), (12, 12), (31, None)):
        model = AsymmetricFactorSensing(4, accelerated_step=given, **fit)
        assert model.fit(X, y).accelerated_iteration_ == reported


def test_symmetric_matrix_is_psd(psd):
    X, y, _ = psd
    M = SymmetricFactorSensing(4, **ONE_SEED).fit(X, y).matrix_
    np.testing.assert_array_equal(M, M.T)
    assert np.linalg.eigvalsh(M).min() > -1e-14


@pytest.mark.parametrize("kind", KINDS)
def test_predict_measures_new_rows(kind):
    X, y, _ = small(kind)
    model = kind(4, tol=1e-8, **ONE_SEED).fit(X[:280], y[:280])
    np.testing.assert_allclose(model.predict(X[280:]), y[280:], atol=1e-5)
    assert model.score(X[280:], y[280:]) > 1 - 1e-10


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
def test_transform_sums_to_predict(kind, container):
    X, y, _ = small(kind, noise=0.1)
    X = container(X)
    model = kind(3, tol=0, max_iter=20, **ONE_SEED).fit(X, y)
    components = model.transform(X)
    assert components.shape == (320, 3)
    np.testing.assert_allclose(
        components.sum(axis=1) + model.intercept_, model.predict(X), atol=1e-12
    )
    sizes = np.linalg.norm(components, axis=0)
    assert np.all(np.diff(sizes) < 0.2 * sizes[0])
