"""X as a linear operator: its rows A_i.ravel() are multiplied but never formed."""

from collections.abc import Callable
from typing import Any, final

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, aslinearoperator

from .._compat import multiplies_matrices
from .._types import Array, Dtype, ImplicitMatrix, Pair, Shape
from .base import Measurement
from .dot_test import ROUNDING, dot_test
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
            If <X u, v> is not <u, X^T v>, or two columns at once are not multiplied as
            one after the other.
        """
        operator = ProductOperator(X, shape)
        _check_adjoint(X, operator)
        _check_columns(X, operator)
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
        return self.product(self.X.matvec, (F @ G.T).ravel())

    def components(self, F: Array, G: Array) -> Array:
        products = F[:, np.newaxis, :] * G[np.newaxis, :, :]
        return self.times(products.reshape(-1, F.shape[1]))

    def adjoint(self, values: Array) -> ImplicitMatrix:
        return self.product(self.X.rmatvec, values).reshape(self.shape)

    def apply_along(self, F: Array, G: Array, dF: Array, dG: Array) -> Pair:
        first, second = dF @ G.T + F @ dG.T, dF @ dG.T
        a, b = self.times(np.column_stack([first.ravel(), second.ravel()])).T
        return np.ascontiguousarray(a), np.ascontiguousarray(b)

    def times(self, columns: Array) -> Array:
        """Multiply several columns, one by one if the operator takes only vectors."""
        if multiplies_matrices(self.X):
            return self.product(self.X.matmat, columns)
        products = [self.product(self.X.matvec, column) for column in columns.T.copy()]
        return np.column_stack(products)

    def product(self, product: Callable[[Array], Any], vector: Array) -> Array:
        """Return a copy of a product, which may be a buffer, a cache, or read-only.

        Raises
        ------
        ValueError
            If the product is not finite, though the vector is small enough.
        """
        values = np.array(product(vector), dtype=self.dtype)
        if not np.isfinite(values).all() and self._is_moderate(vector):
            raise ValueError(
                f"X is a LinearOperator whose {product.__name__} returns NaN or "
                "infinity for finite numbers: mend it."
            )
        return values

    def _is_moderate(self, vector: Array) -> bool:
        largest = float(np.max(np.abs(vector)))
        return largest < np.sqrt(float(np.finfo(self.dtype).max))


def as_operator(X: Any) -> LinearOperator | None:
    """Return X as SciPy's LinearOperator if it has the methods of one, else None."""
    if isinstance(X, np.ndarray) or sparse.issparse(X):
        return None
    return aslinearoperator(X) if hasattr(X, "matvec") else None


def _check_adjoint(X: LinearOperator, operator: ProductOperator) -> None:
    random_state, dtype = np.random.RandomState(0), operator.dtype
    u, v = (random_state.standard_normal(n).astype(dtype) for n in X.shape[::-1])
    try:
        there, back = (
            operator.product(times, vector)
            for times, vector in ((X.matvec, u), (X.rmatvec, v))
        )
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


def _check_columns(X: LinearOperator, operator: ProductOperator) -> None:
    """Raise a ValueError if the products of two columns depend on one another."""
    random_state = np.random.RandomState(0)
    columns = random_state.standard_normal((X.shape[1], 2)).astype(operator.dtype)
    at_once = operator.times(columns)
    one_by_one = [operator.product(X.matvec, column) for column in columns.T.copy()]
    rounding = ROUNDING * np.finfo(operator.dtype).eps * np.max(np.abs(at_once))
    if np.max(np.abs(at_once - np.column_stack(one_by_one))) > rounding:
        raise ValueError(
            "The LinearOperator X multiplies two columns at once in another way than "
            "one after the other: check its matmat."
        )
