"""The forms of data that are refused before scikit-learn converts them."""

from collections.abc import Iterator, Mapping, Set
from datetime import date, timedelta
from typing import Any

import numpy as np
from scipy import sparse

LABELS = (
    "X holds labels, but indices have to be numbers from 0: encode them, as in "
    "X = sklearn.preprocessing.OrdinalEncoder().fit_transform(X)."
)
MISSING = (
    "X holds NaN, but indices have to be numbers from 0: drop the rows in which one is "
    "missing."
)
# What scikit-learn, numpy and pandas say of labels, and of what is missing.
ABOUT_LABELS = (
    "convert string|bytes/strings|not be promoted"
    "|a real number, not '(?!complex|NAType|dict)"
)
ABOUT_MISSING = "contains NaN|NAType"
DATES = "mM"
OBJECTS = "O"
# Of which numpy makes floats, in an array of objects, or says what they are not.
TIMES = (np.datetime64, np.timedelta64, date, timedelta)
NUMBERS = "biuf"


def array_like(name: str, values: Any) -> Any:
    """Return values, as an array if they are a list or a tuple.

    Raises
    ------
    TypeError
        If they are a set, a mapping or an iterator.
    ValueError
        If they are masked, or rows of different lengths.
    """
    _check_is_array_like(name, values)
    if not isinstance(values, (list, tuple)):
        return values
    if any(_is_masked(row) and row.ndim for row in values):
        raise ValueError(
            f"{name} is a {type(values).__name__} of masked arrays: pass one, "
            f"{name} = np.ma.stack({name}), without the rows that are masked."
        )
    return np.asarray(values)


def _check_is_array_like(name: str, values: Any) -> None:
    """Raise an error if a conversion to an array would lose what values mean."""
    is_sparse = sparse.issparse(values)  # of which one kind is a mapping
    if isinstance(values, (Set, Mapping, Iterator)) and not is_sparse:
        raise TypeError(
            f"{name} is a {type(values).__name__}, but has to be an array or a list."
        )
    if _is_masked(values):
        rows = "mask.any(axis=1)" if np.ndim(values) > 1 else "mask"
        raise ValueError(
            f"{name} is a masked array, and its masked values are not known. Drop "
            "these rows of X, y and sample_weight: with "
            f"mask = np.ma.getmaskarray({name}), keep X[~{rows}]."
        )


def _is_masked(values: Any) -> bool:
    return isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values)


def check_has_no_dates(name: str, values: Any) -> None:
    """Raise a ValueError if values are dates or times."""
    kinds = _kinds(values)
    if any(kind in DATES for kind in kinds) or (
        OBJECTS in kinds
        and any(isinstance(value, TIMES) for value in np.ravel(np.asarray(values)))
    ):
        raise ValueError(
            f"{name} holds dates or times, which are no measurements: convert them to "
            "numbers, such as days since the first one."
        )


def holds_numbers(values: Any) -> bool:
    """Return whether all dtypes of an array or a frame are those of numbers."""
    return all(kind in NUMBERS for kind in _kinds(values))


def check_is_dense_and_real(X: Any, xp: Any) -> None:
    """Check what scikit-learn leaves to the other library."""
    if xp.isdtype(X.dtype, "complex floating"):
        raise ValueError(f"Complex data not supported: X has dtype {X.dtype}.")
    if getattr(X, "layout", None) != getattr(xp, "strided", None):
        raise TypeError(f"X is a tensor of layout {X.layout}: pass a dense one.")


def without_gaps(X: Any) -> Any:
    """Return X, copied only if BLAS cannot take its memory layout."""
    if not isinstance(X, np.ndarray):
        return X
    if X.flags.c_contiguous or X.flags.f_contiguous:
        return X
    return np.ascontiguousarray(X)


def _kinds(values: Any) -> list[str]:
    """Return the kinds of the dtypes, as numpy abbreviates them."""
    dtypes = getattr(values, "dtypes", None)
    if dtypes is None or not np.ndim(dtypes):
        dtypes = [getattr(values, "dtype", None)]
    return [getattr(dtype, "kind", "f") for dtype in dtypes]
