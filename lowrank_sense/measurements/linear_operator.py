"""X as a linear operator: its rows A_i.ravel() are multiplied but never formed."""

from typing import Any, final

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, aslinearoperator

from .._types import Array, Dtype, ImplicitMatrix, Pair, Shape
from .base import Measurement
from .dot_test import dot_test
from .operator import Operator


@final
class LinearOperatorMeasurement(Measurement):
    """Read whole matrices A_i from a LinearOperator.

    Parameters
    ----------
    kind : Measurement
        The kind of the rows, which infers the shape.
    """

    def __init__(self, kind: Measurement) -> None:
        self._kind = kind

    def infer_shape(self, shape: Any, X: Any, *, symmetric: bool) -> Shape:
        return self._kind.infer_shape(shape, X, symmetric=symmetric)

    def operator(self, X: Any, shape: Shape) -> Operator:
        return ProductOperator(X, shape)

    def for_fit(self, X: Any, shape: Shape, dtype: Dtype) -> tuple[Operator, Any]:
        """Return the measurements after a dot test of the adjoint.

        Raises
        ------
        ValueError
            If <X u, v> is not <u, X^T v>.
        """
        operator = ProductOperator(X, shape)
        _check_adjoint(X, operator.dtype)
        return operator, None


@final
class ProductOperator(Operator):
    """Return the measurements X @ M.ravel() of a LinearOperator X.

    Parameters
    ----------
    X : LinearOperator of shape (m, n1 * n2)
    shape : tuple of int
        (n1, n2).
    """

    def __init__(self, X: LinearOperator, shape: Shape) -> None:
        dtype = np.dtype(np.float32 if X.dtype == np.float32 else np.float64)
        super().__init__(shape, X.shape[0], dtype)
        self.X = X

    def apply(self, F: Array, G: Array) -> Array:
        return self._typed(self.X.matvec((F @ G.T).ravel()))

    def components(self, F: Array, G: Array) -> Array:
        products = F[:, np.newaxis, :] * G[np.newaxis, :, :]
        return self._typed(self.X.matmat(products.reshape(-1, F.shape[1])))

    def adjoint(self, values: Array) -> ImplicitMatrix:
        return self._typed(self.X.rmatvec(values)).reshape(self.shape)

    def apply_along(self, F: Array, G: Array, dF: Array, dG: Array) -> Pair:
        first, second = dF @ G.T + F @ dG.T, dF @ dG.T
        columns = np.column_stack([first.ravel(), second.ravel()])
        a, b = self._typed(self.X.matmat(columns)).T
        return a, b

    def _typed(self, values: Any) -> Array:
        return np.asarray(values).astype(self.dtype, copy=False)


def as_operator(X: Any) -> LinearOperator | None:
    """Return X as SciPy's LinearOperator if it has the methods of one, else None."""
    if isinstance(X, np.ndarray) or sparse.issparse(X):
        return None
    return aslinearoperator(X) if hasattr(X, "matvec") else None


def _check_adjoint(X: LinearOperator, dtype: Dtype) -> None:
    random_state = np.random.RandomState(0)
    u, v = (random_state.standard_normal(n).astype(dtype) for n in X.shape[::-1])
    try:
        there, back = X.matvec(u), X.rmatvec(v)
    except NotImplementedError:
        raise ValueError(
            "X is a LinearOperator without an adjoint: define its rmatvec."
        ) from None
    disagreeing = dot_test(u, there, v, back, dtype)
    if disagreeing:
        left, right = disagreeing
        raise ValueError(
            "The adjoint of the LinearOperator X does not belong to it: for random u "
            f"and v, <X u, v> = {left:.6g}, but <u, X^T v> = {right:.6g}. Check its "
            "rmatvec."
        )
