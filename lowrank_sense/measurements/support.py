"""Which rows and columns of the matrix are measured at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from .._types import Array, Factors, ImplicitMatrix, Shape
from ..arrays.restricted import embedded

# Rows of X that usually tell that everything is measured.
HEAD = 32


@final
@dataclass(frozen=True, eq=False)
class Support:
    """Hold which rows and columns of the matrix some measurement touches.

    The others are no unknowns. No measurement can tell them, and they are zero.

    Attributes
    ----------
    rows : ndarray of bool of shape (n1,)
    columns : ndarray of bool of shape (n2,)
    """

    rows: Array
    columns: Array

    @property
    def sides(self) -> tuple[Array, Array]:
        """Return the rows and the columns."""
        return self.rows, self.columns

    @property
    def is_whole(self) -> bool:
        """Return whether everything is measured."""
        return all(bool(side.all()) for side in self.sides)

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is measured."""
        return not any(side.any() for side in self.sides)

    @property
    def whole_shape(self) -> Shape:
        """Return the shape of the matrix."""
        return len(self.rows), len(self.columns)

    @property
    def shape(self) -> Shape:
        """Return the shape of the part that is measured."""
        n1, n2 = (int(np.count_nonzero(side)) for side in self.sides)
        return n1, n2

    def of_matrix(self, symmetric: bool) -> Support:
        """Return the support, with equal rows and columns if the matrix is symmetric.

        Then an index is measured if its row or its column is.
        """
        if not symmetric:
            return self
        either = self.rows | self.columns
        return Support(either, either)

    def restrict(self, factors: Factors) -> Factors:
        """Return the measured rows of X alone, or of F and G."""
        return tuple(
            part[side] for part, side in zip(factors, self.sides, strict=False)
        )

    def clear(self, factors: Factors) -> None:
        """Set the rows of the factors that are not measured to zero."""
        for part, side in zip(factors, self.sides, strict=False):
            part[~side] = 0

    def embed(self, factors: Factors) -> Factors:
        """Return the factors of the whole matrix, with zeros where nothing is known."""
        return tuple(
            embedded(part, side)
            for part, side in zip(factors, self.sides, strict=False)
        )


def support_of(matrix: ImplicitMatrix) -> Support:
    """Return where an implicit matrix, a random sum of the A_i, is not zero.

    Products with random columns vanish in the rows that are zero, and nowhere else.
    """
    random_state = np.random.RandomState(0)
    left, right = (
        random_state.standard_normal((n, 1)).astype(matrix.dtype) for n in matrix.shape
    )
    with np.errstate(all="ignore"):
        products = matrix @ right, matrix.T @ left
    rows, columns = (np.asarray(product).ravel() != 0 for product in products)
    return Support(rows, columns)


def nonzero_features(X: Array, weights: Array) -> Array:
    """Return which columns of X are not zero in its first rows of positive weight."""
    head = X[:HEAD][weights[:HEAD] > 0]
    touched: Array = np.any(head != 0, axis=0)
    return touched
