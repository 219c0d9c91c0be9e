"""measurement="rank_one": y_i = a_i^T M b_i, or a_i^T M a_i."""

from collections import deque
from collections.abc import Callable
from typing import Any, final

import numpy as np
from scipy import sparse

from .._types import Array, ImplicitMatrix, Pair, SamplingCounts, Shape
from ..arrays.implicit import ProductForm
from ..arrays.weights import mean, weighted
from ..kernels.tall_skinny import back, forward, squared_norms, sums_of_squares
from .base import Measurement
from .line import MeasuredLine
from .operator import Operator
from .shapes import checked_shape
from .support import Support, nonzero_features


@final
class RankOneMeasurement(Measurement):
    """Read row i of X as a_i with A_i = a_i a_i^T, or [a_i, b_i] with A_i = a_i b_i^T.

    The width of X tells which, together with the shape: a symmetric matrix of shape
    (n, n) is measured by rows a_i of n features, or by rows [a_i, b_i] of 2 n.
    """

    accepts_sparse = True

    def infer_shape(self, shape: Any, X: Any, *, symmetric: bool) -> Shape:
        """Return the shape, by default (n, n) for n features if M is symmetric.

        Otherwise X is cut in the middle by default.

        Raises
        ------
        ValueError
            If the shape does not fit the number of features, or if it is not given and
            X has no middle.
        """
        n_features = X.shape[1]
        if shape is None:
            return _from_width(n_features, symmetric)
        n1, n2 = checked_shape(shape, symmetric)
        if symmetric and n_features not in (n1, 2 * n1):
            raise ValueError(
                f"shape={shape!r} needs rows a_i of {n1} features, or rows [a_i, b_i] "
                f"of {2 * n1}, but X has {n_features} features: pass another shape."
            )
        if not symmetric and n1 + n2 != n_features:
            raise ValueError(
                f"shape={shape!r} needs rows [a_i, b_i] of {n1} + {n2} = {n1 + n2} "
                f"features, but X has {n_features} features: pass another shape."
            )
        return n1, n2

    def operator(self, X: Any, shape: Shape) -> Operator:
        return RankOneOperator(X, shape)


def _from_width(n_features: int, symmetric: bool) -> Shape:
    if symmetric:
        return n_features, n_features
    if n_features < 2:
        raise ValueError(
            f"X has {n_features} feature(s), but rows [a_i, b_i] need at least two."
        )
    if n_features % 2:
        raise ValueError(
            f"X has {n_features} features, an odd number, so rows [a_i, b_i] cannot "
            "be cut in the middle: pass shape=(n1, n2) with n1 + n2 = "
            f"{n_features}."
        )
    return n_features // 2, n_features // 2


@final
class RankOneOperator(Operator):
    """Measure a_i^T M b_i by two tall-skinny products.

    No A_i is formed.

    Parameters
    ----------
    X : ndarray, scipy sparse or DeviceRows of shape (m, n1) or (m, n1 + n2)
        X, which is never copied if dense. A sparse X is cut in two.
    shape : tuple of int
        (n1, n2).
    """

    def __init__(self, X: Any, shape: Shape) -> None:
        super().__init__(shape, X.shape[0], X.dtype)
        if X.shape[1] == shape[0]:
            self._left = self._right = _Side(X)
        else:
            X = X.tocsr() if sparse.issparse(X) else X
            self._left, self._right = _Side(X[:, : shape[0]]), _Side(X[:, shape[0] :])

    def apply(self, F: Array, G: Array) -> Array:
        return _row_dots(self._left.times(F), self._right.times(G))

    def components(self, F: Array, G: Array) -> Array:
        return self._left.times(F) * self._right.times(G)

    def adjoint(self, values: Array) -> ImplicitMatrix:
        return RankOneSum(self._left.rows, self._right.rows, values)

    def support(self, weights: Array) -> Support:
        sides = self._left.rows, self._right.rows
        if all(isinstance(rows, np.ndarray) for rows in sides):
            support = Support(*(nonzero_features(rows, weights) for rows in sides))
            if support.is_whole:
                return support
        return super().support(weights)

    def sampling_counts(self, weights: Array) -> SamplingCounts:
        """Return sum_i w_i a_i^2 ||b_i||^2 for rows, and likewise for columns."""
        left, right = self._left.rows, self._right.rows
        by_left, by_right = (weights * squared_norms(rows) for rows in (left, right))
        return sums_of_squares(left, by_right), sums_of_squares(right, by_left)

    def factor_gradient(self, matrix: ImplicitMatrix, F: Array, G: Array) -> Pair:
        values, left, right = matrix.values, self._left, self._right
        back_left = _sum_of_products(left.rows, values, right.times(G))
        if left is right and F is G:
            return back_left, back_left
        return back_left, _sum_of_products(right.rows, values, left.times(F))

    def plain_line(
        self, F: Array, G: Array, dF: Array, dG: Array, weights: Array
    ) -> MeasuredLine:
        sides = [(self._left, F, dF), (self._right, G, dG)]
        if self._left is self._right and F is G and dF is dG:
            sides = sides[:1]
        return RankOneLine(self, sides, weights)


@final
class _Side:
    """Hold the rows a_i or b_i, and their products with the last two factors."""

    def __init__(self, rows: Any) -> None:
        self.rows = rows
        self._known: deque[Pair] = deque(maxlen=2)

    def times(self, factor: Array) -> Array:
        """Return rows @ factor."""
        for known, product in self._known:
            if factor is known:
                return product
        product = forward(self.rows, factor)
        self.know(factor, product)
        return product

    def know(self, factor: Array, product: Array) -> None:
        """Remember a product, which may have been found in another way."""
        self._known.append((factor, product))


@final
class RankOneLine(MeasuredLine):
    """Use the products with factors and directions for every point of a line."""

    def __init__(
        self,
        operator: Operator,
        sides: list[tuple[_Side, Array, Array]],
        weights: Array,
    ) -> None:
        self._sides = [
            (side, side.times(factor), forward(side.rows, change))
            for side, factor, change in sides
        ]
        (_, AF, AdF), (_, BG, BdG) = self._sides[0], self._sides[-1]
        self.a = _row_dots(AdF, BG) + _row_dots(AF, BdG)
        self.b = _row_dots(AdF, BdG)
        self._operator, self._weights = operator, weights

    def matrix_gradient(
        self, t: float, before: ImplicitMatrix, residual: Array, F: Array, G: Array
    ) -> ImplicitMatrix:
        for (side, product, change), factor in zip(self._sides, (F, G), strict=False):
            side.know(factor, product + change.dtype.type(t) * change)
        return self._operator.adjoint(weighted(self._weights, residual))

    def centered(
        self, weights: Array, mean_adjoint: Callable[[], ImplicitMatrix]
    ) -> MeasuredLine:
        self.a, self.b = (u - mean(weights, u) for u in (self.a, self.b))
        return self


@final
class RankOneSum(ProductForm):
    """Hold the adjoint sum_i values_i a_i b_i^T as the product A^T diag(values) B."""

    def __init__(self, left: Any, right: Any, values: Array) -> None:
        super().__init__(values.dtype, (left.shape[1], right.shape[1]))
        self._left, self._right = left, right
        self.values = values

    def _matmat(self, columns: Array) -> Array:
        return _sum_of_products(self._left, self.values, forward(self._right, columns))

    def _rmatmat(self, columns: Array) -> Array:
        return _sum_of_products(self._right, self.values, forward(self._left, columns))

    def _transpose(self) -> "RankOneSum":
        if self._left is self._right:
            return self
        return RankOneSum(self._right, self._left, self.values)

    def __neg__(self) -> "RankOneSum":
        return RankOneSum(self._left, self._right, -self.values)


def _row_dots(left: Array, right: Array) -> Array:
    return np.einsum("ij,ij->i", left, right)


def _sum_of_products(rows: Any, values: Array, products: Array) -> Array:
    """Return sum_i values_i rows_i products_i^T."""
    return back(rows, values[:, np.newaxis] * products)
