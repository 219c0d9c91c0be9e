"""measurement="entry": each row of X names an entry of the matrix."""

import numpy as np
from scipy import sparse

from .base import LinearMap, Measurement, PlainLine
from .entry_kernels import (
    combine,
    dots,
    line_dots,
    sort_by,
    sorted_dots,
    starts_of,
    taken,
)
from .shapes import MAX_SIDE, checked_shape


class EntryMeasurement(Measurement):
    """Row i of `X` is (row, column), and A_i has a one there and zeros elsewhere.

    Parameters
    ----------
    X : ndarray of shape (m, 2)
        Integers, or floats of integer value.
    shape : tuple of int
        (n1, n2).

    Raises
    ------
    ValueError
        If an index is not an integer or outside the shape.
    """

    reads_values = False

    def __init__(self, X, shape):
        self.shape = shape
        self.n_measurements = len(X)
        self.rows, self.columns = indices(X, shape)

    @staticmethod
    def infer_shape(shape, X, *, symmetric):
        """Without `shape`, the largest indices plus one.

        Raises
        ------
        ValueError
            If X does not have two columns, or its largest values are not indices.
        """
        if X.shape[1] != 2:
            raise ValueError(
                f"X has {X.shape[1]} feature(s), but with measurement='entry' a row of "
                "X is the row index and the column index of an entry."
            )
        if shape is not None:
            return checked_shape(shape, symmetric)
        n1, n2 = (
            int(min(max(largest, 0), MAX_SIDE - 1)) + 1
            for largest in X.max(axis=0).tolist()
        )
        return (max(n1, n2),) * 2 if symmetric else (n1, n2)

    @classmethod
    def for_fit(cls, X, shape, dtype):
        rows, columns = indices(X, shape)
        order = row_major_order(rows, columns, shape)
        rows, columns = taken(rows, order), taken(columns, order)
        return SortedEntries(rows, columns, shape, dtype), order

    def apply(self, F, G):
        return dots(self.rows, self.columns, F, G)

    def apply_each(self, F, G):
        return F[self.rows] * G[self.columns]

    def adjoint(self, values):
        return sparse.csr_array((values, (self.rows, self.columns)), self.shape)

    def exposure(self, weights):
        return _exposure(self, weights)


class SortedEntries(LinearMap):
    """Entries in row-major order, and in column-major order where that is needed.

    Takes 12 bytes an entry.

    Parameters
    ----------
    rows, columns : ndarray of shape (m,)
        Indices of each entry, in row-major order. One that is measured twice counts
        twice.
    shape : tuple of int
    dtype : numpy dtype
        Of the measurements.
    """

    rows_are_apart = True

    def __init__(self, rows, columns, shape, dtype):
        self.shape = shape
        self.dtype = dtype
        self.n_measurements = len(rows)
        self._columns = columns
        self._row_starts = starts_of(rows, shape[0])
        self._column_starts = starts_of(columns, shape[1])
        self._by_column = sort_by(columns, self._column_starts)
        self._rows_by_column = taken(rows, self._by_column)
        again = (rows[1:] == rows[:-1]) & (columns[1:] == columns[:-1])
        self._all_differ = not again.any()

    def apply(self, F, G):
        return sorted_dots(self._row_starts, self._columns, F, G)

    def adjoint(self, values):
        image = sparse.csr_array(
            (values, self._columns, self._row_starts), shape=self.shape
        )
        image.has_canonical_format = self._all_differ
        return image

    def by_row(self, values, weights):
        """The entries of each row: starts, columns, values and weights (or None)."""
        return self._row_starts, self._columns, values, weights

    def by_column(self, values, weights):
        """The entries of each column: starts, rows, values and weights (or None)."""
        order = self._by_column
        if weights is not None:
            weights = taken(weights, order)
        values = taken(values, order)
        return self._column_starts, self._rows_by_column, values, weights

    def pull_back(self, image, F, G):
        values = image.data
        left = combine(self._row_starts, self._columns, None, values, G)
        right = combine(
            self._column_starts, self._rows_by_column, self._by_column, values, F
        )
        return left, right

    def line(self, F, G, dF, dG, weights):
        ab = line_dots(self._row_starts, self._columns, (F, G), (dF, dG))
        return PlainLine(self, *ab, weights)

    def exposure(self, weights):
        return _exposure(self, weights)


def _exposure(entries, weights):
    seen = entries.adjoint(np.ascontiguousarray(weights))
    return (
        seen.sum(axis=1) * (entries.shape[0] / weights.sum()),
        seen.sum(axis=0) * (entries.shape[1] / weights.sum()),
    )


def row_major_order(rows, columns, shape):
    """What sorts entries by row, and those of a row by column."""
    by_column = sort_by(columns, starts_of(columns, shape[1]))
    rows = taken(rows, by_column)
    return taken(by_column, sort_by(rows, starts_of(rows, shape[0])))


def indices(X, shape):
    """The rows and the columns that X names, of a small integer type.

    Raises
    ------
    ValueError
        If one is not an integer, or outside the shape.
    """
    return tuple(
        _index(X[:, axis], name, shape[axis])
        for axis, name in enumerate(("row", "column"))
    )


def _index(values, name, n):
    if values.dtype.kind == "f" and np.any(values != np.trunc(values)):
        wrong = values[values != np.trunc(values)][0]
        raise ValueError(
            f"X holds {wrong!s} as a {name} index, which is not an integer."
        )
    # As numbers of Python, since n may overflow a small dtype.
    smallest, largest = values.min().item(), values.max().item()
    if smallest < 0:
        raise ValueError(
            f"Negative values in data: X holds the {name} index {smallest:.15g}, but "
            "indices count from 0."
        )
    if largest >= n:
        raise ValueError(
            f"X holds the {name} index {largest:.15g}, but the matrix has {name}s 0 to "
            f"{n - 1}. For more of them pass shape=(n1, n2) to the estimator."
        )
    return values.astype(np.int32)
