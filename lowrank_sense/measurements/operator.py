"""X as a linear operator: rows A_i.ravel() that are never seen, only multiplied."""

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import aslinearoperator

from .base import Measurement, PlainLine
from .matrix import MatrixMeasurement

# Relative to the vectors' lengths, by how much a right adjoint may be off.
ROUNDING = 1e3


class OperatorMeasurement(Measurement):
    """The measurements X @ M.ravel().

    Parameters
    ----------
    X : LinearOperator of shape (m, n1 * n2)
    shape : tuple of int
        (n1, n2).
    """

    infer_shape = staticmethod(MatrixMeasurement.infer_shape)

    def __init__(self, X, shape):
        self.X = X
        self.shape = shape
        self.n_measurements = X.shape[0]
        self.dtype = np.dtype(np.float32 if X.dtype == np.float32 else np.float64)

    @classmethod
    def for_fit(cls, X, shape, dtype):
        """With a dot test of the adjoint.

        Raises
        ------
        ValueError
            If <X u, v> is not <u, X^T v>.
        """
        measurement = cls(X, shape)
        _check_adjoint(X, measurement.dtype)
        return measurement, None

    def apply(self, F, G):
        return self._typed(self.X.matvec((F @ G.T).ravel()))

    def apply_each(self, F, G):
        products = F[:, np.newaxis, :] * G[np.newaxis, :, :]
        return self._typed(self.X.matmat(products.reshape(-1, F.shape[1])))

    def adjoint(self, values):
        return self._typed(self.X.rmatvec(values)).reshape(self.shape)

    def line(self, F, G, dF, dG, weights):
        first, second = dF @ G.T + F @ dG.T, dF @ dG.T
        columns = np.column_stack([first.ravel(), second.ravel()])
        a, b = self._typed(self.X.matmat(columns)).T
        return PlainLine(self, a, b, weights)

    def _typed(self, values):
        return np.asarray(values).astype(self.dtype, copy=False)


def as_operator(X):
    """X, or what has the methods of a linear operator, as scipy's; else None."""
    if isinstance(X, np.ndarray) or sparse.issparse(X):
        return None
    return aslinearoperator(X) if hasattr(X, "matvec") else None


def _check_adjoint(X, dtype):
    random_state = np.random.RandomState(0)
    u, v = (random_state.standard_normal(n).astype(dtype) for n in X.shape[::-1])
    try:
        there, back = X.matvec(u), X.rmatvec(v)
    except NotImplementedError:
        raise ValueError(
            "X is a LinearOperator without an adjoint: define its rmatvec."
        ) from None
    left, right = float(np.vdot(there, v)), float(np.vdot(u, back))
    size = np.linalg.norm(there) * np.linalg.norm(v)
    size += np.linalg.norm(back) * np.linalg.norm(u)
    if not abs(left - right) <= ROUNDING * np.finfo(dtype).eps * size:
        raise ValueError(
            "The adjoint of the LinearOperator X does not belong to it: for random u "
            f"and v <X u, v> = {left:.6g}, but <u, X^T v> = {right:.6g}. Check its "
            "rmatvec."
        )
