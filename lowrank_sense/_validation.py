"""What X and y may be."""

import numpy as np
from sklearn.utils.validation import (
    check_array,
    check_consistent_length,
    column_or_1d,
    validate_data,
)

from .measurements import MEASUREMENTS, as_operator

SPARSE_FORMATS = ("csr", "csc", "coo")


def holds_values(estimator):
    """Whether X is to hold numbers, and not indices."""
    kind = MEASUREMENTS.get(estimator.measurement)  # tags are asked of any parameters
    return kind is None or kind.reads_values


def checked_data(estimator, X, y):
    """X, not copied if it need not be, and y as float32 or float64.

    Raises
    ------
    ValueError
        If one of them is not what the estimator takes, or their lengths differ.
    """
    operator = as_operator(X)
    if operator is not None:
        X = _checked_operator(estimator, operator, reset=True)
        y = check_array(y, ensure_2d=False, dtype="numeric", input_name="y")
        y = column_or_1d(y, warn=True)
        check_consistent_length(X, y)
    else:
        X, y = validate_data(estimator, X, y, y_numeric=True, **_accepted(estimator))
    if y.dtype != np.float32:
        y = y.astype(np.float64, copy=False)
    if holds_values(estimator) and X.dtype == np.float32:
        _check_range(y)
    return _without_gaps(X), y


def checked_design(estimator, X):
    """X for a fitted estimator.

    Raises
    ------
    ValueError
        If it is not like the X of the fit.
    """
    operator = as_operator(X)
    if operator is not None:
        return _checked_operator(estimator, operator, reset=False)
    return validate_data(estimator, X, reset=False, **_accepted(estimator))


def _accepted(estimator):
    if holds_values(estimator):
        return {"accept_sparse": SPARSE_FORMATS, "dtype": (np.float64, np.float32)}
    return {"dtype": "numeric"}


def _checked_operator(estimator, X, *, reset):
    """What validate_data does for an array."""
    if np.issubdtype(X.dtype, np.complexfloating):
        raise ValueError(f"Complex data not supported: X has dtype {X.dtype}.")
    if reset:
        estimator.n_features_in_ = X.shape[1]
    elif X.shape[1] != estimator.n_features_in_:
        raise ValueError(
            f"X has {X.shape[1]} features, but {type(estimator).__name__} is expecting "
            f"{estimator.n_features_in_} features as input."
        )
    return X


def _check_range(y):
    largest = np.max(np.abs(y))
    if largest > np.finfo(np.float32).max:
        raise ValueError(
            f"y holds values as large as {largest:.1e}, beyond the range of float32, "
            "the dtype of X: scale y or convert X to float64."
        )


def _without_gaps(X):
    """X itself, unless it is an array of a memory layout that BLAS cannot take."""
    if not isinstance(X, np.ndarray):
        return X
    if X.flags.c_contiguous or X.flags.f_contiguous:
        return X
    return np.ascontiguousarray(X)
