"""Implicit matrices: whatever multiplies a factor from either side.

An array, a sparse matrix, or a `LinearOperator` that holds a product form, so that a
matrix of 10^5 x 10^5 is never formed. Adjoints A*(v) = sum_i v_i A_i are such matrices.
"""

from collections.abc import Callable
from typing import Any, TypeGuard, final

import numpy as np
from scipy import linalg, sparse
from scipy.sparse.linalg import (
    ArpackError,
    LinearOperator,
    aslinearoperator,
    eigsh,
    svds,
)
from sklearn import config_context
from sklearn.utils.extmath import randomized_svd

from .._types import Array, ImplicitMatrix

# Up to this size, or with so many eigenvalues sought, a matrix is made an array for
# its eigenvalues.
SMALL = 300
# Tolerance of leading singular vectors.
TOLERANCE = 1e-2
# Lanczos vectors, at least: more than are sought, and few, for large matrices.
MIN_LANCZOS = 6
# Random columns that estimate the norm of a product form.
N_PROBES = 30


class ProductForm(LinearOperator):
    """A matrix that multiplies several columns at once, also by its transpose."""

    def _rmatvec(self, column: Array) -> Array:
        """Multiply one column: SciPy before 1.16 does not turn to `_rmatmat`."""
        return self._rmatmat(column.reshape(-1, 1))


@final
class LowRankMatrix(ProductForm):
    """F G^T as an implicit matrix.

    Parameters
    ----------
    F : ndarray of shape (n1, k)
    G : ndarray of shape (n2, k)
    """

    def __init__(self, F: Array, G: Array) -> None:
        super().__init__(F.dtype, (len(F), len(G)))
        self._F, self._G = F, G

    def _matmat(self, columns: Array) -> Array:
        return self._F @ (self._G.T @ columns)

    def _rmatmat(self, columns: Array) -> Array:
        return self._G @ (self._F.T @ columns)

    def _transpose(self) -> "LowRankMatrix":
        return LowRankMatrix(self._G, self._F)


def symmetric_part(matrix: ImplicitMatrix) -> ImplicitMatrix:
    """Return (matrix + matrix^T) / 2; a symmetric product form as it is."""
    transposed = matrix.T
    if transposed is matrix:
        return matrix
    return (matrix + transposed) * matrix.dtype.type(0.5)


def plus_low_rank(matrix: ImplicitMatrix, F: Array, G: Array) -> ImplicitMatrix:
    """Return matrix + F G^T."""
    if isinstance(matrix, np.ndarray):
        return matrix + F @ G.T
    return aslinearoperator(matrix) + LowRankMatrix(F, G)


def project_out(matrix: ImplicitMatrix, U: Array, V: Array) -> ImplicitMatrix:
    """Return (I - U U^T) matrix (I - V V^T) for orthonormal columns U and V."""
    matrix = plus_low_rank(matrix, -U, matrix.T @ U)
    return plus_low_rank(matrix, -(matrix @ V), V)


def coefficients(matrix: ImplicitMatrix, U: Array, V: Array) -> Array:
    """Return u_j^T matrix v_j for each pair of columns."""
    return np.sum(U * (matrix @ V), axis=0)


def frobenius_norm(matrix: ImplicitMatrix) -> float:
    """Return the Frobenius norm, which is estimated for a product form.

    The relative error is about sqrt(1 / 60), or smaller if no few directions dominate.
    """
    if sparse.issparse(matrix):
        if not matrix.has_canonical_format:
            matrix = matrix.copy()
            matrix.sum_duplicates()
        return _norm(matrix.data)
    if is_product_form(matrix):
        probes = np.random.RandomState(0).standard_normal((matrix.shape[1], N_PROBES))
        products = matrix @ probes.astype(matrix.dtype)
        return _norm(products) / np.sqrt(N_PROBES)
    return _norm(matrix)


def _norm(values: Array) -> float:
    """Use BLAS, whose squares do not overflow; SciPy asks it for vectors only."""
    return float(linalg.norm(values.ravel(order="K"), check_finite=False))


def top_singular_triples(
    matrix: ImplicitMatrix, count: int, tolerance: float = TOLERANCE
) -> tuple[Array, Array, Array]:
    """Return the largest singular triples, U, s and V, to a few digits.

    The vectors are right to `tolerance`, the singular values to its square or better.
    """
    is_array = isinstance(matrix, np.ndarray)
    if not is_array and _n_lanczos(count) < min(matrix.shape):
        if matrix.T is matrix:  # half as many products
            s, V = _searched(eigsh, matrix, count, tolerance)
            order = np.argsort(-np.abs(s))
            s, V = s[order], V[:, order]
            return V * np.where(s < 0, -1, 1).astype(s.dtype), np.abs(s), V
        U, s, Vt = _searched(svds, matrix, count, tolerance)
        return U[:, ::-1], s[::-1], Vt[::-1].T
    matrix = to_array(matrix)
    with config_context(array_api_dispatch=False):  # it would do otherwise, and say so
        U, s, Vt = randomized_svd(matrix, n_components=count, random_state=0)
    return U, s, Vt.T


def top_eigenpairs(matrix: ImplicitMatrix, count: int) -> tuple[Array, Array]:
    """Return the largest eigenvalues of the symmetric part, and their vectors.

    The eigenvalues are in decreasing order.
    """
    n = matrix.shape[0]
    count = min(count, n)
    matrix = symmetric_part(matrix)
    if n <= SMALL or isinstance(matrix, np.ndarray) or 3 * count > n:
        s, U = linalg.eigh(
            to_array(matrix), subset_by_index=[n - count, n - 1], check_finite=False
        )
    else:
        s, U = _searched(eigsh, matrix, count, TOLERANCE, which="LA")
    return s[::-1], U[:, ::-1]


def _searched(
    search: Callable[..., Any],
    matrix: ImplicitMatrix,
    count: int,
    tolerance: float,
    **options: Any,
) -> Any:
    """Return what `eigsh` or `svds` finds.

    They refuse a matrix of zeros, and one whose squares under- or overflow.
    """
    random_state = np.random.RandomState(0)
    start = random_state.standard_normal(min(matrix.shape)).astype(matrix.dtype)
    options |= {"v0": start, "ncv": _n_lanczos(count), "tol": tolerance}
    try:
        return search(matrix, count, **options)
    except ArpackError:
        probe = random_state.standard_normal(matrix.shape[1]).astype(matrix.dtype)
        size = np.max(np.abs(matrix @ probe))
    if size > 0:
        *U, s, V = search(matrix * (1 / size), count, **options)
        return *U, s * size, V
    s = np.zeros(count, matrix.dtype)
    left, right = (np.eye(n, count, dtype=matrix.dtype) for n in matrix.shape)
    return (s, right) if search is eigsh else (left, s, right.T)


def _n_lanczos(count: int) -> int:
    return max(2 * count + 1, MIN_LANCZOS)


def to_array(matrix: ImplicitMatrix) -> Array:
    """Form the matrix."""
    if sparse.issparse(matrix):
        return matrix.toarray()
    if is_product_form(matrix):
        return matrix @ np.eye(matrix.shape[1], dtype=matrix.dtype)
    return matrix


def is_product_form(matrix: ImplicitMatrix) -> TypeGuard[LinearOperator]:
    """Return whether the matrix is known by its products only."""
    return isinstance(matrix, LinearOperator)
