"""measurement="entry": each row of X names an entry of the matrix."""

from typing import Any, final

import numpy as np
from scipy import sparse

from .._types import Array, Dtype, Pair, Shape
from ..kernels.entries import sort_by, starts_of, take
from .base import Measurement
from .entries import UNKNOWN, EntryOperator, SortedEntries
from .operator import Operator
from .shapes import MAX_SIDE, checked_shape

# Indices beyond this many times the number of entries, and this number, are labels.
LABELS_PER_ENTRY = 100
SMALL_TABLE = 1_000_000


@final
class EntryMeasurement(Measurement):
    """Read row i of X as (row, column): A_i has a one there and zeros elsewhere.

    X holds integers, or floats of integer value.
    """

    reads_values = False
    measures_entries = True

    def objection(self, X: Any) -> str | None:
        """Return how to pass a table as row indices, column indices and values."""
        needed = (
            "but with measurement='entry' a row of X must hold two: the row index and "
            "the column index of an entry. Of a table M"
        )
        if sparse.issparse(X):
            return (
                f"X is a sparse table of shape {X.shape}, {needed} with a number in "
                "each known cell, M = scipy.sparse.coo_array(M), pass "
                "X = np.stack(M.coords, axis=1) and y = M.data."
            )
        _, *width = getattr(X, "shape", None) or (0,)
        if not width or width == [2]:
            return None
        return (
            f"X has {' x '.join(map(str, width))} feature(s), {needed} with NaN in "
            "unknown cells pass X = np.argwhere(~np.isnan(M)) and y = M[~np.isnan(M)]."
        )

    def infer_shape(self, shape: Any, X: Any, *, symmetric: bool) -> Shape:
        """Return the shape, by default the largest indices plus one.

        Raises
        ------
        ValueError
            If X does not have two columns, the shape is invalid, or the indices are so
            large that they must be labels.
        """
        if X.shape[1] != 2:
            raise ValueError(self.objection(X))
        if shape is not None:
            return checked_shape(shape, symmetric)
        largest = np.asarray(X.max(axis=0)).tolist()
        _check_are_indices(largest, len(X))
        n1, n2 = (int(max(index, 0)) + 1 for index in largest)
        return (max(n1, n2), max(n1, n2)) if symmetric else (n1, n2)

    def operator(self, X: Any, shape: Shape) -> Operator:
        """Return the measurements, zero where an index is -1, for unknown."""
        return EntryOperator(*indices(X, shape, least=UNKNOWN), shape)

    def for_fit(self, X: Any, shape: Shape, dtype: Dtype) -> tuple[Operator, Any]:
        rows, columns = indices(X, shape)
        order = row_major_order(rows, columns, shape)
        rows, columns = take(rows, order), take(columns, order)
        return SortedEntries(rows, columns, shape, dtype), order


def row_major_order(rows: Array, columns: Array, shape: Shape) -> Array:
    """Return the order that sorts entries by row, and within a row by column."""
    by_column = sort_by(columns, starts_of(columns, shape[1]))
    rows = take(rows, by_column)
    return take(by_column, sort_by(rows, starts_of(rows, shape[0])))


def indices(X: Any, shape: Shape, least: int = 0) -> Pair:
    """Return the rows and the columns that X names, as small integers.

    Parameters
    ----------
    X : ndarray of shape (m, 2)
    shape : tuple of int
    least : int
        The smallest index: 0, or -1 where that stands for unknown.

    Raises
    ------
    ValueError
        If an index is not an integer, or is outside the shape.
    """
    rows, columns = (
        _index(X[:, side], name, shape[side], least)
        for side, name in enumerate(("row", "column"))
    )
    return rows, columns


def _index(values: Array, name: str, n: int, least: int) -> Array:
    if values.dtype.kind == "f" and np.any(values != np.trunc(values)):
        wrong = values[values != np.trunc(values)][0]
        raise ValueError(
            f"X holds {wrong!s} as a {name} index, which is not an integer: round X."
        )
    # Compared as Python numbers, since n may overflow a small dtype.
    smallest, largest = values.min().item(), values.max().item()
    if smallest == UNKNOWN < least:
        raise ValueError(
            f"Negative values in data: X holds the {name} index -1, which stands for "
            "unknown in predict. Drop these rows to fit."
        )
    if smallest < least:
        raise ValueError(
            f"Negative values in data: X holds the {name} index {smallest:.15g}, but "
            "indices count from 0. In predict, transform and score, -1 stands for an "
            "unknown one."
        )
    if largest >= n:
        raise ValueError(
            f"X holds the {name} index {largest:.15g}, but the matrix has {name}s 0 to "
            f"{n - 1}. For more of them, pass shape=(n1, n2) to the estimator; in "
            "predict, pass -1 for an unknown one."
        )
    if values.dtype.kind == "f" and largest > 2 ** (np.finfo(values.dtype).nmant + 1):
        raise ValueError(
            f"X has dtype {values.dtype}, in which {name} indices as large as "
            f"{largest:.15g} are rounded: convert them to integers from the start."
        )
    return values.astype(np.int32)


def _check_are_indices(largest: list[float], n_entries: int) -> None:
    """Raise a ValueError if numbers are so large that they must be labels."""
    most = max(LABELS_PER_ENTRY * n_entries, SMALL_TABLE)
    for name, index in zip(("row", "column"), largest, strict=True):
        if index > min(most, MAX_SIDE - 1):
            raise ValueError(
                f"X holds the {name} index {index:.15g} in a table of {n_entries} "
                "entries: number the ids from 0, for example by sklearn.preprocessing"
                ".OrdinalEncoder. If they are such numbers, pass shape=(n1, n2)."
            )
