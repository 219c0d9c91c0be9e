"""measurement="matrix": each row of X is a whole matrix A_i, dense or sparse."""

from collections.abc import Callable
from math import isqrt
from typing import Any, final

import numpy as np

from .._types import Array, ImplicitMatrix, Pair, Shape
from ..arrays.weights import mean
from ..kernels.fused import can_fuse, fused_product
from .base import Measurement
from .line import MeasuredLine
from .operator import Operator
from .shapes import checked_shape, factorizations
from .support import Support, nonzero_features

# A block of columns of this size stays in cache for both right-hand sides.
BLOCK_BYTES = 2**19


@final
class MatrixMeasurement(Measurement):
    """Read row i of X as A_i.ravel() in C order."""

    accepts_sparse = True
    dense_adjoint = True
    accepts_linear_operator = True
    features_are_entries = True

    def infer_shape(self, shape: Any, X: Any, *, symmetric: bool) -> Shape:
        """Return the shape, which has to be given unless the matrix is square.

        Raises
        ------
        ValueError
            If the shape does not fit the number of features, or if it is not given and
            the number of features is not a square.
        """
        n_features = X.shape[1]
        if shape is None:
            return _square(n_features, symmetric)
        n1, n2 = checked_shape(shape, symmetric=False)
        if n1 * n2 != n_features:
            raise ValueError(
                f"shape={shape!r} needs X to have {n1} * {n2} = {n1 * n2} features, "
                f"but X has {n_features} features: pass another shape."
            )
        return checked_shape(shape, symmetric)

    def operator(self, X: Any, shape: Shape) -> Operator:
        return MatrixOperator(X, shape)


@final
class MatrixOperator(Operator):
    """Return the measurements X @ M.ravel().

    Parameters
    ----------
    X : ndarray, scipy sparse or DeviceRows of shape (m, n1 * n2)
        X, which is never copied.
    shape : tuple of int
        (n1, n2).
    """

    def __init__(self, X: Any, shape: Shape) -> None:
        super().__init__(shape, X.shape[0], X.dtype)
        self.X = X

    def apply(self, F: Array, G: Array) -> Array:
        # The product of a sparse X with one row and one column is a number.
        return (self.X @ (F @ G.T).ravel()).reshape(self.n_measurements)

    def components(self, F: Array, G: Array) -> Array:
        products = F[:, np.newaxis, :] * G[np.newaxis, :, :]
        return self.X @ products.reshape(-1, F.shape[1])

    def adjoint(self, values: Array) -> ImplicitMatrix:
        return (self.X.T @ values).reshape(self.shape)

    def support(self, weights: Array) -> Support:
        if isinstance(self.X, np.ndarray):
            touched = nonzero_features(self.X, weights).reshape(self.shape)
            rows, columns = (np.asarray(touched.any(axis=axis)) for axis in (1, 0))
            support = Support(rows, columns)
            if support.is_whole:
                return support
        return super().support(weights)

    def residual(
        self, F: Array, G: Array, target: Array, weights: Array
    ) -> tuple[Array, ImplicitMatrix]:
        if not can_fuse(self.X):
            return super().residual(F, G, target, weights)
        offsets = np.stack([target, np.zeros_like(target)])
        residuals, adjoints = self._fused_with_zero(F, G, offsets, weights)
        return residuals[0], adjoints[0]

    def forward_and_back(
        self, F: Array, G: Array, values: Array, weights: Array
    ) -> tuple[Array, ImplicitMatrix, ImplicitMatrix]:
        if not can_fuse(self.X):
            return super().forward_and_back(F, G, values, weights)
        offsets = np.stack([np.zeros_like(values), -values])
        measured, adjoints = self._fused_with_zero(F, G, offsets, weights)
        return measured[0], adjoints[0], adjoints[1]

    def apply_along(self, F: Array, G: Array, dF: Array, dG: Array) -> Pair:
        """Measure both in one reading of X, whatever its layout."""
        first, second = _along(F, G, dF, dG)
        if not isinstance(self.X, np.ndarray):
            a, b = (self.X @ np.column_stack([first, second])).T
            return a, b
        a, b = np.zeros((2, self.n_measurements), self.dtype)
        step = max(1, BLOCK_BYTES // (self.n_measurements * self.X.itemsize))
        for start in range(0, len(first), step):
            columns = slice(start, start + step)
            block = self.X[:, columns]  # BLAS is slower on two columns at once
            a += block @ first[columns]
            b += block @ second[columns]
        return a, b

    def line(
        self, F: Array, G: Array, dF: Array, dG: Array, weights: Array
    ) -> MeasuredLine:
        if not can_fuse(self.X):
            return self.plain_line(F, G, dF, dG, weights)
        offsets = np.zeros((2, self.n_measurements))
        (a, b), adjoints = self._fused(*_along(F, G, dF, dG), offsets, weights)
        return FusedLine(a, b, adjoints[0], adjoints[1])

    def _fused_with_zero(
        self, F: Array, G: Array, offsets: Array, weights: Array
    ) -> tuple[Array, Array]:
        """Return the fused product with F G^T and zero as right-hand sides."""
        M = (F @ G.T).ravel()
        return self._fused(M, np.zeros_like(M), offsets, weights)

    def _fused(
        self, first: Array, second: Array, offsets: Array, weights: Array
    ) -> tuple[Array, Array]:
        vectors = np.stack([first, second])
        residuals, adjoints = fused_product(self.X, vectors, offsets, weights)
        return residuals, adjoints.reshape(2, *self.shape)


@final
class FusedLine(MeasuredLine):
    """Carry the adjoints of a and b, which the same reading of X has given."""

    def __init__(
        self, a: Array, b: Array, adjoint_of_a: Array, adjoint_of_b: Array
    ) -> None:
        self.a, self.b = a, b
        self._adjoint_of_a, self._adjoint_of_b = adjoint_of_a, adjoint_of_b

    def matrix_gradient(
        self, t: float, before: ImplicitMatrix, residual: Array, F: Array, G: Array
    ) -> ImplicitMatrix:
        t = before.dtype.type(t)
        return before + t * self._adjoint_of_a + (t * t) * self._adjoint_of_b

    def centered(
        self, weights: Array, mean_adjoint: Callable[[], ImplicitMatrix]
    ) -> MeasuredLine:
        mean_a, mean_b = mean(weights, self.a), mean(weights, self.b)
        return FusedLine(
            self.a - mean_a,
            self.b - mean_b,
            self._adjoint_of_a - mean_a * mean_adjoint(),
            self._adjoint_of_b - mean_b * mean_adjoint(),
        )


def _along(F: Array, G: Array, dF: Array, dG: Array) -> Pair:
    """Return the vectors of dF G^T + F dG^T and of dF dG^T."""
    return (dF @ G.T + F @ dG.T).ravel(), (dF @ dG.T).ravel()


def _square(n_features: int, symmetric: bool) -> Shape:
    n = isqrt(n_features)
    if n * n == n_features:
        return n, n
    if symmetric:
        raise ValueError(
            f"X has {n_features} features, which is not the square of an integer: each "
            "row must hold the n * n entries of a square measurement matrix. Use "
            "AsymmetricFactorSensing with shape=(n1, n2) for a rectangular one."
        )
    raise ValueError(
        f"X has {n_features} features, which is not the square of an integer, so the "
        "shape of the matrix cannot be told: pass shape=(n1, n2), one of "
        f"{factorizations(n_features)}."
    )
