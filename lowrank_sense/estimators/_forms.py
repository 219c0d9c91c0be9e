"""The forms of data that are refused before scikit-learn converts them."""

from collections.abc import Iterator, Mapping, Set
from typing import Any

import numpy as np
from scipy import sparse

LABELS = (
    "X holds labels, but indices have to be numbers from 0: encode them, as in "
    "X = sklearn.preprocessing.OrdinalEncoder().fit_transform(X)."
)
# What scikit-learn, numpy and pandas say of labels.
ABOUT_LABELS = "convert string|bytes/strings|not be promoted"
DATES = "mM"
NUMBERS = "biuf"


def check_is_array_like(name: str, values: Any) -> None:
    """Raise an error if a conversion to an array would lose what values mean.

    Raises
    ------
    TypeError
        If they are a set, a mapping or an iterator.
    ValueError
        If they are masked.
    """
    is_sparse = sparse.issparse(values)  # of which one kind is a mapping
    if isinstance(values, (Set, Mapping, Iterator)) and not is_sparse:
        raise TypeError(
            f"{name} is a {type(values).__name__}, but has to be an array or a list."
        )
    if np.ma.is_masked(values):
        rows = "mask.any(axis=1)" if np.ndim(values) > 1 else "mask"
        raise ValueError(
            f"{name} is a masked array, and its masked values are not known. Drop "
            "these rows of X, y and sample_weight: with "
            f"mask = np.ma.getmaskarray({name}), keep X[~{rows}]."
        )


def check_has_no_dates(name: str, values: Any) -> None:
    """Raise a ValueError if values are dates or times."""
    if any(kind in DATES for kind in _kinds(values)):
        raise ValueError(
            f"{name} holds dates or times, which are no measurements: convert them to "
            "numbers, such as days since the first one."
        )


def holds_numbers(values: Any) -> bool:
    """Return whether all dtypes of an array or a frame are those of numbers."""
    return all(kind in NUMBERS for kind in _kinds(values))


def _kinds(values: Any) -> list[str]:
    """Return the kinds of the dtypes, as numpy abbreviates them."""
    dtypes = getattr(values, "dtypes", None)
    if dtypes is None or not np.ndim(dtypes):
        dtypes = [getattr(values, "dtype", None)]
    return [getattr(dtype, "kind", "f") for dtype in dtypes]
