"""measurement="matrix": each row of X is a whole matrix A_i, dense or sparse."""

from math import isqrt

import numpy as np

from .base import Line, Measurement, PlainLine
from .shapes import checked_shape
from .sweep import can_sweep, sweep
from .weights import mean

# A block of columns of this size stays in cache while it meets both right-hand sides.
BLOCK_BYTES = 2**19


class MatrixMeasurement(Measurement):
    """Row i of `X` is A_i.ravel() in C order.

    Parameters
    ----------
    X : ndarray, scipy sparse or DeviceRows of shape (m, n1 * n2)
        Never copied.
    shape : tuple of int
        (n1, n2).
    """

    forms_image = True

    def __init__(self, X, shape):
        self.X = X
        self.shape = shape
        self.n_measurements = X.shape[0]
        self.dtype = X.dtype

    @staticmethod
    def infer_shape(shape, X, *, symmetric):
        """Without `shape`, a square, or else the most square pair of factors.

        Raises
        ------
        ValueError
            If no shape fits the number of features.
        """
        n_features = X.shape[1]
        if shape is None:
            return _most_square(n_features, symmetric)
        n1, n2 = checked_shape(shape, symmetric=False)
        if n1 * n2 != n_features:
            raise ValueError(
                f"shape={shape!r} needs X to have {n1} * {n2} = {n1 * n2} features, "
                f"but X has {n_features} features."
            )
        return checked_shape(shape, symmetric)

    def apply(self, F, G):
        # A sparse X of one row and one column would make a number of it.
        return (self.X @ (F @ G.T).ravel()).reshape(self.n_measurements)

    def apply_each(self, F, G):
        products = F[:, np.newaxis, :] * G[np.newaxis, :, :]
        return self.X @ products.reshape(-1, F.shape[1])

    def adjoint(self, values):
        return (self.X.T @ values).reshape(self.shape)

    def residual(self, F, G, target, weights):
        if not can_sweep(self.X):
            return super().residual(F, G, target, weights)
        offsets = np.stack([target, np.zeros_like(target)])
        residuals, images = self._sweep_matrix(F, G, offsets, weights)
        return residuals[0], images[0]

    def forward_and_back(self, F, G, values, weights):
        if not can_sweep(self.X):
            return super().forward_and_back(F, G, values, weights)
        offsets = np.stack([np.zeros_like(values), -values])
        measured, images = self._sweep_matrix(F, G, offsets, weights)
        return measured[0], *images

    def line(self, F, G, dF, dG, weights):
        first, second = (dF @ G.T + F @ dG.T).ravel(), (dF @ dG.T).ravel()
        if can_sweep(self.X):
            offsets = np.zeros((2, self.n_measurements))
            ab, images = self._sweep(first, second, offsets, weights)
            return SweptLine(*ab, *images)
        return PlainLine(self, *self._apply_two(first, second), weights)

    def _sweep_matrix(self, F, G, offsets, weights):
        """A sweep with F G^T and zero for right-hand sides."""
        M = (F @ G.T).ravel()
        return self._sweep(M, np.zeros_like(M), offsets, weights)

    def _sweep(self, first, second, offsets, weights):
        vectors = np.stack([first, second])
        residuals, images = sweep(self.X, vectors, offsets, weights)
        return residuals, images.reshape(2, *self.shape)

    def _apply_two(self, first, second):
        """X @ first and X @ second, of any layout, from one reading."""
        if not isinstance(self.X, np.ndarray):
            return (self.X @ np.column_stack([first, second])).T
        a, b = np.zeros((2, self.n_measurements), self.dtype)
        step = max(1, BLOCK_BYTES // (self.n_measurements * self.X.itemsize))
        for start in range(0, len(first), step):
            columns = slice(start, start + step)
            block = self.X[:, columns]  # BLAS is slower on two columns at once
            a += block @ first[columns]
            b += block @ second[columns]
        return a, b


class SweptLine(Line):
    """A line that carries the images of a and b, as they came from one reading."""

    def __init__(self, a, b, image_of_a, image_of_b):
        self.a, self.b = a, b
        self._image_of_a, self._image_of_b = image_of_a, image_of_b

    def image(self, t, before, residual, F, G):
        t = before.dtype.type(t)
        return before + t * self._image_of_a + (t * t) * self._image_of_b

    def centered(self, weights, mean_image):
        mean_a, mean_b = mean(weights, self.a), mean(weights, self.b)
        return SweptLine(
            self.a - mean_a,
            self.b - mean_b,
            self._image_of_a - mean_a * mean_image(),
            self._image_of_b - mean_b * mean_image(),
        )


def _most_square(n_features, symmetric):
    n1 = isqrt(n_features)
    if symmetric and n1 * n1 != n_features:
        raise ValueError(
            f"X has {n_features} features, which is not the square of an integer: each "
            "row must hold the n * n entries of a square measurement matrix. Use "
            "AsymmetricFactorSensing with shape=(n1, n2) for a rectangular one."
        )
    while n_features % n1:
        n1 -= 1
    return n1, n_features // n1
