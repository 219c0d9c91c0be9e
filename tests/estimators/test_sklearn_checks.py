"""Life in scikit-learn: its own checks, and its tools around the estimators."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.utils.estimator_checks import (
    estimator_checks_generator,
    parametrize_with_checks,
)

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.measurements import MEASUREMENTS
from lowrank_sense.measurements.entry import EntryMeasurement
from lowrank_sense.measurements.matrix import MatrixMeasurement

from ..studies import KINDS

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
