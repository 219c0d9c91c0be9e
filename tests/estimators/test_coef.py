"""coef_, for the tools that are made for linear models."""

import numpy as np
import pytest
from sklearn.feature_selection import RFE, SelectFromModel
from sklearn.inspection import permutation_importance

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

from ..studies import KINDS


def sparse_signal(kind, seed=0):
    """Return measurements of a matrix that is zero outside a 3 x 3 block."""
    rng = np.random.default_rng(seed)
    M = np.zeros((6, 6))
    left = rng.uniform(1, 2, (3, 1))
    M[:3, :3] = left @ (left if kind is SymmetricFactorSensing else left[::-1]).T
    X = rng.standard_normal((200, 36))
    return X, X @ M.ravel(), M


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_predictions_are_linear_in_the_features(kind, dtype):
    X, y, _ = sparse_signal(kind)
    model = kind(1, fit_intercept=True, random_state=0).fit(X.astype(dtype), y)
    assert model.coef_.shape == (36,)
    assert model.coef_.dtype == dtype
    np.testing.assert_array_equal(model.coef_.reshape(6, 6), model.matrix_)
    np.testing.assert_allclose(
        X @ model.coef_ + model.intercept_, model.predict(X), atol=1e-4
    )


@pytest.mark.parametrize("kind", KINDS)
def test_selection_finds_the_features(kind):
    X, y, M = sparse_signal(kind)
    model = kind(1, random_state=0)
    chosen = SelectFromModel(model, threshold=0.5).fit(X, y).get_support()
    np.testing.assert_array_equal(chosen, M.ravel() > 0)
    importance = permutation_importance(
        model.fit(X, y), X, y, n_repeats=2, random_state=0
    )
    np.testing.assert_array_equal(importance.importances_mean > 1e-3, M.ravel() > 0)


def test_elimination_of_features():
    """One column of a row vector after the other."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((100, 8))
    y = X[:, 2] + 2 * X[:, 5]

    class AnyWidth(AsymmetricFactorSensing):
        def fit(self, X, y, sample_weight=None):
            self.shape = (1, X.shape[1])
            return super().fit(X, y, sample_weight)

    model = AnyWidth(1, random_state=0)
    chosen = RFE(model, n_features_to_select=2).fit(X, y).support_
    np.testing.assert_array_equal(np.flatnonzero(chosen), [2, 5])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("measurement", ["rank_one", "entry"])
def test_other_kinds_have_none(kind, measurement):
    X, y, M = make_matrix_sensing(
        60, (9, 9), 1, measurement=measurement, psd=kind is SymmetricFactorSensing
    )
    model = kind(1, measurement=measurement, shape=M.shape, random_state=0).fit(X, y)
    assert not hasattr(model, "coef_")


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_none_before_a_fit(kind):
    assert not hasattr(kind(), "coef_")
