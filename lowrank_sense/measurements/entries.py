"""The operators of entries: in any order, and sorted."""

from typing import final

import numpy as np
from scipy import sparse

from .._types import (
    Array,
    Dtype,
    ImplicitMatrix,
    Pair,
    SamplingCounts,
    Shape,
    SortedBySide,
)
from ..arrays.weights import are_equal
from ..kernels.entries import (
    combine,
    dots,
    line_dots,
    sort_by,
    sorted_dots,
    starts_of,
    take,
)
from .operator import Operator
from .repeats import Groups
from .support import Support

# The index of a row or column that is not known.
UNKNOWN = -1


@final
class EntryOperator(Operator):
    """Measure entries in any order.

    Parameters
    ----------
    rows, columns : ndarray of shape (m,)
        Indices of each entry; -1 for unknown, which measures nothing.
    shape : tuple of int
    """

    def __init__(self, rows: Array, columns: Array, shape: Shape) -> None:
        super().__init__(shape, len(rows), np.dtype(np.float64))
        self.rows, self.columns = rows, columns
        self._known: Array | None = None
        unknown = (rows == UNKNOWN) | (columns == UNKNOWN)
        if unknown.any():  # these measure zero times some entry
            self._known = ~unknown
            self.rows, self.columns = rows * ~unknown, columns * ~unknown

    def apply(self, F: Array, G: Array) -> Array:
        return self._of_known(dots(self.rows, self.columns, F, G))

    def components(self, F: Array, G: Array) -> Array:
        return self._of_known(F[self.rows] * G[self.columns])

    def mixed_components(self, F: Array, G: Array, left: Array, right: Array) -> Array:
        if self.n_measurements > min(self.shape):
            return super().mixed_components(F, G, left, right)
        values = (F[self.rows] @ left) * (G[self.columns] @ right)
        return self._of_known(values)

    def adjoint(self, values: Array) -> ImplicitMatrix:
        values = self._of_known(values)
        return sparse.csr_array((values, (self.rows, self.columns)), self.shape)

    def sampling_counts(self, weights: Array) -> SamplingCounts:
        return _counts(self, weights)

    def support(self, weights: Array) -> Support:
        weights = self._of_known(weights)
        return _support(self.rows, self.columns, self.shape, weights)

    def _of_known(self, values: Array) -> Array:
        """Return the values, with zeros for the unknown entries."""
        if self._known is None:
            return values
        return (values.T * self._known.astype(values.dtype)).T


@final
class SortedEntries(Operator):
    """Measure entries in row-major order, or in column-major order where needed.

    This takes 12 bytes per entry.

    Parameters
    ----------
    rows, columns : ndarray of shape (m,)
        Indices of each entry, in row-major order. An entry that is measured twice
        counts twice.
    shape : tuple of int
    dtype : numpy dtype
        The dtype of the measurements.
    """

    def __init__(self, rows: Array, columns: Array, shape: Shape, dtype: Dtype) -> None:
        super().__init__(shape, len(rows), dtype)
        self._columns = columns
        self._row_starts = starts_of(rows, shape[0])
        self._sorted_by_column: tuple[Array, Array, Array] | None = None
        self._all_differ = not _again(rows, columns).any()

    @property
    def looks_for_repeats(self) -> bool:
        return not self._all_differ

    @property
    def row_separable(self) -> bool:
        return True

    def _rows(self) -> Array:
        """Return the row of each entry, which takes memory only while it is needed."""
        numbers = np.arange(self.shape[0], dtype=np.int32)
        return np.repeat(numbers, np.diff(self._row_starts))

    def _by_column(self) -> tuple[Array, Array, Array]:
        """Return starts of columns, and their entries' numbers and rows."""
        if self._sorted_by_column is None:
            starts = starts_of(self._columns, self.shape[1])
            order = sort_by(self._columns, starts)
            self._sorted_by_column = starts, order, take(self._rows(), order)
        return self._sorted_by_column

    def support(self, weights: Array) -> Support:
        return _support(self._rows(), self._columns, self.shape, weights)

    def restricted(self, support: Support) -> Operator:
        rows, columns = self._rows(), self._columns
        if not (support.rows[rows] & support.columns[columns]).all():
            # An entry of weight zero lies outside, and has no number there.
            return super().restricted(support)
        # Numbered anew in their order, the entries stay sorted.
        rows, columns = (
            take(np.cumsum(side, dtype=np.int32) - 1, index)
            for side, index in zip(support.sides, (rows, columns), strict=True)
        )
        return SortedEntries(rows, columns, support.shape, self.dtype)

    def distinct(self, weights: Array) -> tuple[Operator, Groups] | None:
        if self._all_differ and (are_equal(weights) or weights.all()):
            return None
        rows, columns = self._rows(), self._columns
        groups = Groups.of_sorted(np.append(False, _again(rows, columns)), weights)
        rows, columns = (take(index, groups.firsts) for index in (rows, columns))
        return SortedEntries(rows, columns, self.shape, self.dtype), groups

    def apply(self, F: Array, G: Array) -> Array:
        return sorted_dots(self._row_starts, self._columns, F, G)

    def adjoint(self, values: Array) -> ImplicitMatrix:
        matrix = sparse.csr_array(
            (values, self._columns, self._row_starts), shape=self.shape
        )
        matrix.has_canonical_format = self._all_differ
        return matrix

    def entries_by_row(self, values: Array, weights: Array | None) -> SortedBySide:
        return self._row_starts, self._columns, values, weights

    def entries_by_column(self, values: Array, weights: Array | None) -> SortedBySide:
        starts, order, rows = self._by_column()
        if weights is not None:
            weights = take(weights, order)
        return starts, rows, take(values, order), weights

    def factor_gradient(self, matrix: ImplicitMatrix, F: Array, G: Array) -> Pair:
        values = matrix.data
        starts, order, rows = self._by_column()
        left = combine(self._row_starts, self._columns, None, values, G)
        return left, combine(starts, rows, order, values, F)

    def apply_along(self, F: Array, G: Array, dF: Array, dG: Array) -> Pair:
        return line_dots(self._row_starts, self._columns, (F, G), (dF, dG))

    def sampling_counts(self, weights: Array) -> SamplingCounts:
        return _counts(self, weights)


def _counts(entries: Operator, weights: Array) -> SamplingCounts:
    counts = entries.adjoint(np.ascontiguousarray(weights))
    return counts.sum(axis=1), counts.sum(axis=0)


def _again(rows: Array, columns: Array) -> Array:
    """Return which sorted entries repeat the one before, from the second on."""
    return (rows[1:] == rows[:-1]) & (columns[1:] == columns[:-1])


def _support(rows: Array, columns: Array, shape: Shape, weights: Array) -> Support:
    """Return which rows and columns hold an entry of positive weight."""
    measured = None if are_equal(weights) else weights > 0
    counts = (
        np.bincount(index if measured is None else index[measured], minlength=n)
        for index, n in zip((rows, columns), shape, strict=True)
    )
    row_counts, column_counts = counts
    return Support(row_counts > 0, column_counts > 0)
