"""measurement="matrix": each row of X is a whole matrix A_i, dense or sparse."""

from math import isqrt
from numbers import Integral

import numpy as np
from scipy import sparse

from .base import Measurement

# A block of rows of this size stays in cache while it meets both right-hand sides.
BLOCK_BYTES = 2**19


class MatrixMeasurement(Measurement):
    """Row i of `X` is A_i.ravel() in C order.

    Parameters
    ----------
    X : ndarray or scipy sparse of shape (m, n1 * n2)
        Never copied.
    shape : tuple of int
        (n1, n2).
    """

    def __init__(self, X, shape):
        self.X = X
        self.shape = shape
        self.n_measurements = X.shape[0]
        self.dtype = X.dtype

    @staticmethod
    def infer_shape(shape, n_features, *, symmetric):
        """Without `shape`, a square, or else the most square pair of factors.

        Raises
        ------
        ValueError
            If no shape fits the number of features.
        """
        if shape is None:
            return _most_square(n_features, symmetric)
        if len(shape) != 2 or not all(isinstance(n, Integral) and n > 0 for n in shape):
            raise ValueError(
                f"shape must be a pair of positive integers (n1, n2), got {shape!r}."
            )
        n1, n2 = (int(n) for n in shape)
        if n1 * n2 != n_features:
            raise ValueError(
                f"shape={shape!r} needs X to have {n1} * {n2} = {n1 * n2} features, "
                f"but X has {n_features} features."
            )
        if symmetric and n1 != n2:
            raise ValueError(
                f"shape={shape!r} is not square, as a symmetric matrix must be; use "
                "AsymmetricFactorSensing for a rectangular one."
            )
        return n1, n2

    def apply(self, F, G):
        return self.X @ (F @ G.T).ravel()

    def apply_each(self, F, G):
        products = F[:, np.newaxis, :] * G[np.newaxis, :, :]
        return self.X @ products.reshape(-1, F.shape[1])

    def apply_line(self, F, G, dF, dG):
        first = (dF @ G.T + F @ dG.T).ravel()
        second = (dF @ dG.T).ravel()
        if sparse.issparse(self.X):
            both = self.X @ np.column_stack([first, second])
            return both[:, 0], both[:, 1]
        return self._apply_two(first, second)

    def adjoint(self, values):
        return (self.X.T @ values).reshape(self.shape)

    def _apply_two(self, first, second):
        """X @ first and X @ second from one reading; BLAS is slower on two columns."""
        a = np.zeros(self.n_measurements, self.dtype)
        b = np.zeros_like(a)
        if self.X.flags.c_contiguous:
            for rows in self._blocks():
                block = self.X[rows]
                a[rows] = block @ first
                b[rows] = block @ second
        else:
            for columns in self._blocks(axis=1):
                block = self.X[:, columns]
                a += block @ first[columns]
                b += block @ second[columns]
        return a, b

    def _blocks(self, axis=0):
        length = self.X.shape[axis]
        line_bytes = self.X.shape[1 - axis] * self.X.itemsize
        step = max(1, BLOCK_BYTES // max(1, line_bytes))
        return [slice(i, i + step) for i in range(0, length, step)]


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
