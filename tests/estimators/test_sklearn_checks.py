"""Life in scikit-learn: its own checks, and its tools around the estimators."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn import config_context
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import (
    estimator_checks_generator,
    parametrize_with_checks,
)

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.measurements import MEASUREMENTS
from lowrank_sense.measurements.entry import EntryMeasurement
from lowrank_sense.measurements.matrix import MatrixMeasurement

KINDS = [AsymmetricFactorSensing, SymmetricFactorSensing]
# As many as scikit-learn 1.9 has for a regressor that is also a transformer.
N_CHECKS = 86

# The checks that fit X whose number of features is not a square, by that number. A
# symmetric matrix of measurements cannot be made of it; that all these checks pass
# otherwise is tested by padding X to the next square.
NOT_SQUARE = {
    2: [
        "check_estimators_fit_returns_self",
        "check_estimators_overwrite_params",
        "check_fit_check_is_fitted",
        "check_fit_idempotent",
        "check_n_features_in",
        "check_readonly_memmap_input",
        "check_sample_weights_not_an_array",
        "check_sample_weights_not_overwritten",
        "check_sample_weights_pandas_series",
        "check_sample_weights_shape",
    ],
    3: [
        "check_dict_unchanged",
        "check_dont_overwrite_parameters",
        "check_estimator_sparse_array",
        "check_estimator_sparse_matrix",
        "check_estimator_sparse_tag",
        "check_estimators_nan_inf",
        "check_estimators_pickle",
        "check_f_contiguous_array_estimator",
        "check_fit2d_predict1d",
        "check_fit_score_takes_y",
        "check_methods_sample_order_invariance",
        "check_methods_subset_invariance",
        "check_pipeline_consistency",
        "check_sample_weights_list",
        "check_supervised_y_2d",
        "check_transformer_data_not_an_array",
        "check_transformer_general",
        "check_transformer_n_iter",
        "check_transformer_preserve_dtypes",
    ],
    5: ["check_estimators_dtypes"],
    10: [
        "check_dtype_object",
        "check_fit2d_1sample",
        "check_regressor_data_not_an_array",
        "check_regressors_int",
        "check_regressors_train",
    ],
    30: [
        "check_sample_weight_equivalence_on_dense_data",
        "check_sample_weight_equivalence_on_sparse_data",
    ],
}


def expected_failures(estimator):
    if not isinstance(estimator, SymmetricFactorSensing):
        return {}
    return {
        name: f"fits X of {n_features} features, which is not a square"
        for n_features, names in NOT_SQUARE.items()
        for name in names
    }


@parametrize_with_checks(
    [kind() for kind in KINDS],
    expected_failed_checks=expected_failures,
    xfail_strict=True,
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


class PaddedMeasurement(MatrixMeasurement):
    """Any X, with zero columns up to the next square number of features."""

    def __init__(self, X, shape):
        missing = shape[0] * shape[1] - X.shape[1]
        zeros = np.zeros((X.shape[0], missing), X.dtype)
        stack = sparse.hstack if sparse.issparse(X) else np.hstack
        super().__init__(stack([X, zeros]), shape)

    @staticmethod
    def infer_shape(shape, X, *, symmetric):
        n = int(np.ceil(np.sqrt(X.shape[1])))
        return n, n


# Data of no low rank: without max_iter=100 some fits would go on for 1000 iterations.
UNFINISHED = "ignore::sklearn.exceptions.ConvergenceWarning"


@pytest.mark.filterwarnings(UNFINISHED)
@parametrize_with_checks([SymmetricFactorSensing(max_iter=100)])
def test_scikit_learn_checks_of_square_counts(estimator, check, monkeypatch):
    monkeypatch.setitem(MEASUREMENTS, "matrix", PaddedMeasurement)
    check(estimator)


# Every one of them passes: rows of any number of features are vectors.
@pytest.mark.filterwarnings(UNFINISHED)
@parametrize_with_checks(
    [
        SymmetricFactorSensing(measurement="rank_one", max_iter=100),
        AsymmetricFactorSensing(measurement="rank_one", max_iter=100),
    ]
)
def test_scikit_learn_checks_of_rank_one(estimator, check):
    check(estimator)


class HashedEntries(EntryMeasurement):
    """Entries of a small matrix, named by whatever is in the rows of X.

    Negative values stay negative indices.
    """

    def __init__(self, X, shape):
        super().__init__(self.hashed(X), shape)

    @staticmethod
    def hashed(X):
        X = np.asarray(X, float)
        total = X.sum(axis=1)
        named = np.column_stack([(17 * total) % 4, (101 * total) % 4]).astype(int)
        return np.where(X.min(axis=1, keepdims=True) < 0, -1, named)

    @staticmethod
    def infer_shape(shape, X, *, symmetric):
        return 4, 4

    @classmethod
    def for_fit(cls, X, shape, dtype):
        return super().for_fit(cls.hashed(X), shape, dtype)


@parametrize_with_checks(
    [
        SymmetricFactorSensing(measurement="entry", max_iter=100),
        AsymmetricFactorSensing(measurement="entry", max_iter=100),
    ]
)
def test_scikit_learn_checks_of_entries(estimator, check, monkeypatch):
    monkeypatch.setitem(MEASUREMENTS, "entry", HashedEntries)
    check(estimator)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("measurement", ["matrix", "rank_one", "entry"])
def test_no_check_vanishes(kind, measurement):
    model = kind(measurement=measurement)
    assert len(list(estimator_checks_generator(model))) >= N_CHECKS


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


def test_grid_search_is_reproducible_in_parallel(rectangular):
    X, y, M = rectangular
    grid = {"rank": [1, 2, 4], "alpha": [0.5, 0.1], "accelerated_step": [True, False]}
    model = AsymmetricFactorSensing(shape=(12, 18), max_iter=60, tol=0, random_state=0)
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
