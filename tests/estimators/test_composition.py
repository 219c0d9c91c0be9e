"""Life in scikit-learn: clones, pipelines, searches, frames and routed weights."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing

from ..studies import GD, KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_clone_params_and_repr(kind):
    model = kind(3, 0.2, 7, shape=(4, 4), tol=1e-3)
    assert clone(model).get_params() == model.get_params()
    assert model.set_params(rank=5).rank == 5
    assert "rank=5" in repr(model)
    assert kind.__name__ in model._repr_html_()
    assert f"/api/lowrank_sense.{kind.__name__}.html" in model._repr_html_()


@pytest.mark.parametrize("kind", KINDS)
def test_pickle(kind, psd):
    X, y, _ = psd
    model = kind(random_state=0).fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    np.testing.assert_array_equal(again.loss_history_, model.loss_history_)


def test_pipeline_with_a_scaler(rectangular):
    X, y, _ = rectangular
    model = make_pipeline(
        StandardScaler(), AsymmetricFactorSensing(3, shape=(12, 18), random_state=0)
    )
    # Scaling the columns leaves a matrix of nearly the same rank to be found.
    assert model.fit(X[:300], y[:300]).score(X[300:], y[300:]) > 0.9


def test_components_as_features(rectangular):
    X, y, _ = rectangular
    model = make_pipeline(
        AsymmetricFactorSensing(4, shape=(12, 18), random_state=0), Ridge(1e-8)
    )
    assert model.fit(X[:300], y[:300]).score(X[300:], y[300:]) > 1 - 1e-8
    names = model[:-1].get_feature_names_out()
    assert list(names) == [f"asymmetricfactorsensing{j}" for j in range(4)]


@pytest.mark.slow
def test_grid_search_is_reproducible_in_parallel(rectangular):
    X, y, M = rectangular
    grid = {"rank": [1, 2, 4], "alpha": [0.5, 0.1], "accelerated_step": [True, False]}
    model = AsymmetricFactorSensing(shape=(12, 18), max_iter=60, tol=0, **GD)
    searches = [
        GridSearchCV(model, grid, cv=3, n_jobs=n_jobs).fit(X, y) for n_jobs in (1, 2)
    ]
    scores = [search.cv_results_["mean_test_score"] for search in searches]
    np.testing.assert_array_equal(*scores)
    best = [search.best_estimator_ for search in searches]
    np.testing.assert_array_equal(best[0].matrix_, best[1].matrix_)
    assert best[0].rank == 2
    np.testing.assert_allclose(best[0].matrix_, M, atol=1e-3)


def test_cross_val_score(rectangular):
    X, y, _ = rectangular
    model = AsymmetricFactorSensing(2, shape=(12, 18), random_state=0)
    assert cross_val_score(model, X, y, cv=4).min() > 1 - 1e-6


def test_set_output_and_feature_names(psd):
    X, y, _ = psd
    frame = pd.DataFrame(X, columns=[f"a{j}" for j in range(256)])
    model = SymmetricFactorSensing(3, random_state=0).set_output(transform="pandas")
    components = model.fit(frame, y).transform(frame)
    assert list(components.columns) == [f"symmetricfactorsensing{j}" for j in range(3)]
    assert list(model.feature_names_in_) == list(frame.columns)
    np.testing.assert_allclose(components.sum(axis=1), model.predict(frame))
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame.rename(columns={"a0": "b0"}))


def test_sample_weight_is_routed(rectangular):
    X, y, M = rectangular
    corrupted = np.arange(len(y)) % 5 == 0
    y = np.where(corrupted, 10.0, y)
    weights = np.where(corrupted, 0.0, 1.0)
    with config_context(enable_metadata_routing=True):
        model = AsymmetricFactorSensing(shape=(12, 18), random_state=0)
        model.set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        search = GridSearchCV(
            Pipeline([("model", model)]), {"model__rank": [1, 2]}, cv=KFold(3)
        ).fit(X, y, sample_weight=weights)
    assert search.best_score_ > 1 - 1e-6
    np.testing.assert_allclose(search.best_estimator_["model"].matrix_, M, atol=1e-4)
