"""The checks of X, y and sample_weight."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from scipy import sparse
from sklearn import config_context
from sklearn.base import BaseEstimator
from sklearn.utils.validation import (
    check_array,
    check_consistent_length,
    column_or_1d,
    validate_data,
)

from .._compat import (
    check_same_namespace,
    check_sample_weight,
    get_namespace,
    get_namespace_and_device,
    is_distributed,
    supported_float_dtypes,
)
from .._types import Array
from ..arrays.backends import is_foreign, to_numpy
from ..measurements import MEASUREMENTS, Measurement
from ..measurements.linear_operator import as_operator
from ._blocks import (
    check_design,
    check_is_real,
    column_of_numbers,
    in_one_place,
    loaded,
    numbers_of,
)
from ._forms import (
    ABOUT_LABELS,
    ABOUT_MISSING,
    LABELS,
    MISSING,
    array_like,
    check_has_no_dates,
    check_is_dense_and_real,
    holds_numbers,
    without_gaps,
)

FLOATS = (np.float64, np.float32)
SPARSE_FORMATS = ("csr", "csc", "coo")
# Up to this value, squares and their sums are finite.
LARGEST_Y = 1e152


def checked_data(
    estimator: BaseEstimator, kind: Measurement, X: Any, y: Any
) -> tuple[Any, Any]:
    """Return X, uncopied if possible, and y as float32 or float64.

    Raises
    ------
    ValueError
        If X or y is not what the estimator takes, or their lengths differ.
    """
    _check_is_given(y)
    X = _in_form(kind, X)
    _check_suits(kind, X)
    operator = as_operator(X)
    if operator is not None:
        X = _checked_operator(estimator, operator, reset=True)
    elif is_distributed(X):
        return _checked_blocks(estimator, kind, X, y)
    else:
        X = _validated(estimator, kind, X, reset=True)
    y = checked_target(y)
    check_consistent_length(X, y)
    _check_range(kind, X, y)
    return without_gaps(X), y


def checked_design(
    estimator: BaseEstimator, kind: Measurement, X: Any, *, attribute: str, method: str
) -> Any:
    """Return X, checked for a method of a fitted estimator.

    Raises
    ------
    ValueError
        If X does not match the X of the fit, whose library and device the attribute
        has.
    """
    X = _in_form(kind, X)
    # The wrong width has words of its own.
    if sparse.issparse(X) or len(getattr(X, "shape", ())) > 2:
        _check_suits(kind, X)
    operator = as_operator(X)
    if operator is not None:
        return _checked_operator(estimator, operator, reset=False)
    if is_distributed(X):
        check_design(X, kind)
        check_n_features(estimator, X, reset=False)
        return numbers_of(X, kind)
    check_same_namespace(X, estimator, attribute=attribute, method=method)
    return _validated(estimator, kind, X, reset=False)


def _in_form(kind: Measurement, X: Any) -> Any:
    """Return X, as an array if it is a list.

    Raises
    ------
    TypeError or ValueError
        If a conversion would lose what X means.
    """
    with _about("X"):
        X = array_like("X", X)
    if kind.reads_values:
        check_has_no_dates("X", X)
    return X


def _check_suits(kind: Measurement, X: Any) -> None:
    objection = kind.objection(X)
    if objection:
        raise ValueError(objection)


def _validated(
    estimator: BaseEstimator, kind: Measurement, X: Any, *, reset: bool
) -> Any:
    """Return what scikit-learn makes of X, with other words where X holds indices."""
    try:
        with _about("X"):
            X = validate_data(estimator, X, reset=reset, **_accepted(kind, X))
    except (TypeError, ValueError) as error:
        if kind.reads_values:
            raise
        if re.search(ABOUT_MISSING, str(error)):
            raise ValueError(kind.objection(X) or MISSING) from None
        if re.search(ABOUT_LABELS, str(error)):
            raise ValueError(LABELS) from None
        raise
    if not kind.reads_values and not holds_numbers(X):
        raise ValueError(LABELS)
    return X


def checked_weights(sample_weight: Any, y: Any) -> tuple[Array, Array]:
    """Return nonnegative float64 weights with sum one, and the weights as given.

    Raises
    ------
    ValueError
        If they do not match y, or all of them are zero.
    """
    sample_weight = _values_of("sample_weight", sample_weight)
    with _about("sample_weight"), config_context(array_api_dispatch=False):
        given = check_sample_weight(
            to_numpy(sample_weight), y, dtype=np.float64, ensure_non_negative=True
        )
    weights = given / given.max()  # so that their sum cannot overflow
    return weights / weights.sum(), given


def checked_results(kind: Measurement, values: Any) -> Any:
    """Return measurements of a recovered matrix; a dask array passes unchecked.

    Raises
    ------
    ValueError
        If they overflow, or a user's own kind returns NaN or infinity.
    """
    if isinstance(values, np.ndarray) and not np.isfinite(values).all():
        if not MEASUREMENTS.has(kind):
            raise ValueError(
                f"measurement={MEASUREMENTS.name_of(kind)} returns NaN or infinity for "
                "the recovered matrix: scale X if its numbers are very large, or mend "
                "its operator."
            )
        raise ValueError(
            "X holds numbers so large that measurements of the recovered matrix "
            f"overflow {values.dtype}: scale X."
        )
    return values


@contextmanager
def _about(name: str) -> Iterator[None]:
    """Make the errors of other libraries name the argument."""
    try:
        yield
    except (TypeError, ValueError) as error:
        if re.search(rf"\b{name}\b", str(error)):
            raise
        if "Complex data" in str(error):  # and then all of the data
            raise ValueError(
                f"{name} cannot be used: Complex data not supported, only real numbers."
            ) from None
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{name} cannot be used: {error}") from error


def _accepted(kind: Measurement, X: Any) -> dict[str, Any]:
    dtypes: Any = FLOATS
    if is_foreign(X):
        xp, _, device = get_namespace_and_device(X)
        check_is_dense_and_real(X, xp)
        supported = supported_float_dtypes(xp, device)
        dtypes = [t for t in supported if t in (xp.float64, xp.float32)]
    if not kind.reads_values:
        return {"dtype": "numeric"}
    formats = SPARSE_FORMATS if kind.accepts_sparse else False
    return {"accept_sparse": formats, "dtype": dtypes}


def checked_target(y: Any) -> Array:
    """Return y as a one-dimensional numpy array of float32 or float64.

    Raises
    ------
    ValueError
        If y is not what the estimator takes.
    """
    _check_is_given(y)
    y = _values_of("y", y)
    with _about("y"), config_context(array_api_dispatch=False):
        y = check_array(to_numpy(y), ensure_2d=False, dtype=FLOATS, input_name="y")
        column: Array = column_or_1d(y, warn=True)
    return column


def _values_of(name: str, values: Any) -> Any:
    """Return y or weights in one place, once they are known to be numbers.

    Raises
    ------
    TypeError or ValueError
        If a conversion would lose what they mean.
    """
    with _about(name):
        values = array_like(name, in_one_place(values))
    check_has_no_dates(name, values)
    return values


def _check_is_given(y: Any) -> None:
    if y is None:
        raise ValueError(
            "Low-rank sensing requires y to be passed, but the target y is None."
        )


def _checked_operator(estimator: BaseEstimator, X: Any, *, reset: bool) -> Any:
    """Check a LinearOperator as validate_data checks an array."""
    check_is_real("X", X)
    check_n_features(estimator, X, reset=reset)
    return X


def check_n_features(estimator: BaseEstimator, X: Any, *, reset: bool) -> None:
    """Store the number of features, or compare it with that of the fit."""
    if reset:
        estimator.n_features_in_ = X.shape[1]
    elif X.shape[1] != estimator.n_features_in_:
        raise ValueError(
            f"X has {X.shape[1]} features, but {type(estimator).__name__} is expecting "
            f"{estimator.n_features_in_} features as input."
        )


def _check_range(kind: Measurement, X: Any, y: Any) -> None:
    largest = float(np.max(np.abs(y)))
    xp = get_namespace(X)[0] if is_foreign(X) else np
    single = kind.reads_values and X.dtype == xp.float32
    if single and largest > float(np.finfo(np.float32).max):
        raise ValueError(
            f"y holds values as large as {largest:.1e}, beyond the range of float32, "
            "the dtype of X: scale y or convert X to float64."
        )
    if largest > LARGEST_Y:
        raise ValueError(
            f"y holds values as large as {largest:.1e}, whose squares overflow: scale "
            "y."
        )


def _checked_blocks(
    estimator: BaseEstimator, kind: Measurement, X: Any, y: Any
) -> tuple[Any, Any]:
    """Return dask arrays for a fit, with y in the blocks of X."""
    check_design(X, kind)
    check_n_features(estimator, X, reset=True)
    y = column_of_numbers(y) if is_distributed(y) else checked_target(y)
    X, y = loaded(numbers_of(X, kind), y)
    _check_range(kind, X, y)
    return X, y
