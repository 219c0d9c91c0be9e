"""measurement="rank_one": y_i = a_i^T M b_i, or a_i^T M a_i."""

from collections import deque

import numpy as np
from scipy import sparse

from ..images import ProductForm
from .base import Measurement, PlainLine
from .shapes import checked_shape
from .thin_products import back, forward


class RankOneMeasurement(Measurement):
    """Row i of `X` is a_i, with A_i = a_i a_i^T, or [a_i, b_i], with A_i = a_i b_i^T.

    Which of them follows from the width of X. A matrix is measured by two thin
    products, X with its factors, and no A_i is formed.

    Parameters
    ----------
    X : ndarray, scipy sparse or DeviceRows of shape (m, n1) or (m, n1 + n2)
        Never copied if dense. A sparse one is cut in two.
    shape : tuple of int
        (n1, n2).
    """

    def __init__(self, X, shape):
        self.shape = shape
        self.n_measurements = X.shape[0]
        self.dtype = X.dtype
        if X.shape[1] == shape[0]:
            self._left = self._right = _Side(X)
        else:
            X = X.tocsr() if sparse.issparse(X) else X
            self._left, self._right = _Side(X[:, : shape[0]]), _Side(X[:, shape[0] :])

    @staticmethod
    def infer_shape(shape, X, *, symmetric):
        """Without `shape`, (n, n) for a symmetric matrix; else X is cut in the middle.

        Raises
        ------
        ValueError
            If the shape does not fit the number of features.
        """
        n_features = X.shape[1]
        if shape is None:
            if symmetric:
                return n_features, n_features
            if n_features < 2:
                raise ValueError(
                    f"X has {n_features} feature(s), but rows [a_i, b_i] have at least "
                    "two."
                )
            return (n_features + 1) // 2, n_features // 2
        n1, n2 = checked_shape(shape, symmetric)
        if symmetric and n1 != n_features:
            raise ValueError(
                f"shape={shape!r} does not fit: rows a_i of {n_features} features "
                f"measure a matrix of shape ({n_features}, {n_features})."
            )
        if not symmetric and n1 + n2 != n_features:
            raise ValueError(
                f"shape={shape!r} needs rows [a_i, b_i] of {n1} + {n2} = {n1 + n2} "
                f"features, but X has {n_features} features."
            )
        return n1, n2

    def apply(self, F, G):
        return _row_dots(self._left.times(F), self._right.times(G))

    def apply_each(self, F, G):
        return self._left.times(F) * self._right.times(G)

    def adjoint(self, values):
        return RankOneImage(self._left.rows, self._right.rows, values)

    def pull_back(self, image, F, G):
        values, left, right = image.values, self._left, self._right
        back_left = _sum_of_products(left.rows, values, right.times(G))
        if left is right and F is G:
            return back_left, back_left
        return back_left, _sum_of_products(right.rows, values, left.times(F))

    def line(self, F, G, dF, dG, weights):
        sides = (self._left, F, dF), (self._right, G, dG)
        if self._left is self._right and F is G and dF is dG:
            sides = sides[:1]
        return RankOneLine(self, sides, weights)


class _Side:
    """The rows a_i, or the rows b_i, and what they gave with the last two factors."""

    def __init__(self, rows):
        self.rows = rows
        self._known = deque(maxlen=2)

    def times(self, factor):
        """rows @ factor."""
        for known, product in self._known:
            if factor is known:
                return product
        product = forward(self.rows, factor)
        self.know(factor, product)
        return product

    def know(self, factor, product):
        """Take note of a product that may have been found otherwise."""
        self._known.append((factor, product))


class RankOneLine(PlainLine):
    """A line that knows the products of both ends, and so those of what is between."""

    def __init__(self, measurement, sides, weights):
        self._sides = [
            (side, side.times(factor), forward(side.rows, change))
            for side, factor, change in sides
        ]
        (_, AF, AdF), (_, BG, BdG) = self._sides[0], self._sides[-1]
        a = _row_dots(AdF, BG) + _row_dots(AF, BdG)
        super().__init__(measurement, a, _row_dots(AdF, BdG), weights)

    def image(self, t, before, residual, F, G):
        for (side, product, change), factor in zip(self._sides, (F, G), strict=False):
            side.know(factor, product + change.dtype.type(t) * change)
        return super().image(t, before, residual, F, G)


class RankOneImage(ProductForm):
    """sum_i values_i a_i b_i^T, as the product A^T diag(values) B."""

    def __init__(self, left, right, values):
        super().__init__(values.dtype, (left.shape[1], right.shape[1]))
        self._left, self._right = left, right
        self.values = values

    def _matmat(self, columns):
        return _sum_of_products(self._left, self.values, forward(self._right, columns))

    def _rmatmat(self, columns):
        return _sum_of_products(self._right, self.values, forward(self._left, columns))

    def _transpose(self):
        if self._left is self._right:
            return self
        return RankOneImage(self._right, self._left, self.values)

    def __neg__(self):
        return RankOneImage(self._left, self._right, -self.values)


def _row_dots(left, right):
    return np.einsum("ij,ij->i", left, right)


def _sum_of_products(rows, values, products):
    """sum_i values_i rows_i products_i^T."""
    return back(rows, values[:, np.newaxis] * products)
