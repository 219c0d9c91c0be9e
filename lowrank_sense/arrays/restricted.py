"""The part of an implicit matrix in some rows and columns."""

from __future__ import annotations

from typing import final

import numpy as np

from .._types import Array, ImplicitMatrix
from .implicit import ProductForm


def embedded(part: Array, side: Array) -> Array:
    """Return rows among those of a mask, with rows of zeros for the others."""
    if side.all():
        return part
    whole = np.zeros((len(side), *part.shape[1:]), part.dtype)
    whole[side] = part
    return whole


def restricted(matrix: ImplicitMatrix, rows: Array, columns: Array) -> ImplicitMatrix:
    """Return the part of a matrix in the rows and columns of two masks.

    An array is cut. Of anything else, products are.
    """
    if isinstance(matrix, np.ndarray):
        return matrix[np.ix_(rows, columns)]
    return RestrictedMatrix(matrix, rows, columns)


def extended(matrix: ImplicitMatrix, rows: Array, columns: Array) -> ImplicitMatrix:
    """Return the matrix that `restricted` was given, with zeros for what it cut."""
    if isinstance(matrix, RestrictedMatrix):
        return matrix.whole
    whole = np.zeros((len(rows), len(columns)), matrix.dtype)
    whole[np.ix_(rows, columns)] = matrix
    return whole


@final
class RestrictedMatrix(ProductForm):
    """Hold the part of a matrix in some rows and columns as a product form.

    Parameters
    ----------
    whole : implicit matrix of shape (n1, n2)
    rows : ndarray of bool of shape (n1,)
    columns : ndarray of bool of shape (n2,)
    """

    def __init__(self, whole: ImplicitMatrix, rows: Array, columns: Array) -> None:
        shape = np.count_nonzero(rows), np.count_nonzero(columns)
        super().__init__(whole.dtype, shape)
        self.whole = whole
        self._rows, self._columns = rows, columns

    def _matmat(self, columns: Array) -> Array:
        return (self.whole @ embedded(columns, self._columns))[self._rows]

    def _rmatmat(self, columns: Array) -> Array:
        return (self.whole.T @ embedded(columns, self._rows))[self._columns]

    def _transpose(self) -> RestrictedMatrix:
        transposed = self.whole.T
        if transposed is self.whole and self._rows is self._columns:
            return self
        return RestrictedMatrix(transposed, self._columns, self._rows)

    def __neg__(self) -> RestrictedMatrix:
        return RestrictedMatrix(-self.whole, self._rows, self._columns)
