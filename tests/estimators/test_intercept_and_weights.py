"""The intercept and sample_weight."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from lowrank_sense import AsymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

from ..studies import KINDS, ONE_SEED, relative_error, small


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", ["gd", "pcg"])
@pytest.mark.parametrize("offset", [0.5, 1e4])
def test_intercept_is_recovered(kind, solver, offset):
    X, y, M = make_matrix_sensing(400, (12, 12), 2, psd=True, random_state=30)
    X = X + 0.5  # so that the measurements have a mean of their own
    y = X @ M.ravel() + offset
    model = kind(3, solver=solver, fit_intercept=True, random_state=0).fit(X, y)
    assert relative_error(model, M) < 1e-4
    assert model.intercept_ == pytest.approx(offset, rel=1e-4)
    np.testing.assert_allclose(model.predict(X), y, atol=1e-4)
    np.testing.assert_allclose(
        model.transform(X).sum(axis=1) + model.intercept_, model.predict(X)
    )


@pytest.mark.parametrize("layout", ["C", "F"])
def test_intercept_with_weights_is_that_of_a_weighted_regression(layout):
    rng = np.random.default_rng(0)
    X, y = np.asarray(rng.standard_normal((60, 12)) + 1, order=layout), rng.random(60)
    weights = rng.integers(0, 4, 60).astype(float)
    model = AsymmetricFactorSensing(
        3, solver="pcg", shape=(3, 4), fit_intercept=True, tol=1e-10, random_state=0
    ).fit(X, y, weights)
    reference = LinearRegression().fit(X, y, weights)
    np.testing.assert_allclose(model.matrix_.ravel(), reference.coef_, rtol=1e-6)
    assert model.intercept_ == pytest.approx(reference.intercept_, rel=1e-6)


def test_y_that_is_constant():
    X = np.random.default_rng(0).standard_normal((40, 9))
    model = AsymmetricFactorSensing(fit_intercept=True).fit(X, np.full(40, 3.0))
    assert model.intercept_ == 3.0
    assert not model.matrix_.any()


def test_weights_pull_the_solution():
    """Two inconsistent halves: all the weight on one gives its matrix."""
    X, y, M = small(AsymmetricFactorSensing)
    y = np.where(np.arange(len(y)) < 200, y, -y)
    weights = (np.arange(len(y)) < 200).astype(float)
    model = AsymmetricFactorSensing(**ONE_SEED).fit(X, y, sample_weight=weights)
    assert relative_error(model, M) < 1e-4


@pytest.mark.parametrize("kind", KINDS)
def test_zero_weight_is_removal_and_integers_are_repetition(kind):
    X, y, _ = small(kind, noise=0.1)
    weights = np.random.default_rng(0).integers(0, 4, len(y))
    repeated = np.repeat(np.arange(len(y)), weights)
    params = {"rank": 4, "tol": 0, "max_iter": 60, **ONE_SEED}
    weighted = kind(**params).fit(X, y, sample_weight=weights)
    expanded = kind(**params).fit(X[repeated], y[repeated])
    np.testing.assert_allclose(weighted.matrix_, expanded.matrix_, atol=1e-10)
    np.testing.assert_allclose(weighted.loss_history_, expanded.loss_history_)
