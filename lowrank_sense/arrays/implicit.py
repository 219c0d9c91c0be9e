"""Implicit matrices: anything that multiplies a factor from either side.

An implicit matrix is an array, a sparse matrix, or a `LinearOperator` that holds a
product form, so that a 10^5 x 10^5 matrix is never formed. Adjoints
A*(v) = sum_i v_i A_i are implicit matrices.
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

# Up to this size, a matrix is formed to find its eigenvalues.
SMALL = 300
# Tolerance of the leading singular vectors.
TOLERANCE = 1e-2
# Least number of Lanczos vectors: more than are sought, but few for large matrices.
MIN_LANCZOS = 6
# Number of random columns that estimate the norm of a product form.
N_PROBES = 30


class ProductForm(LinearOperator):
    """Multiply several columns at once, by the matrix or by its transpose."""

    def _rmatvec(self, column: Array) -> Array:
        """Multiply one column: SciPy before 1.16 does not use `_rmatmat` for it."""
        return self._rmatmat(column.reshape(-1, 1))


@final
class LowRankMatrix(ProductForm):
    """Hold F G^T as an implicit matrix.

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
    """Return (matrix + matrix^T) / 2; keep a symmetric product form as it is."""
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
    """Return the Frobenius norm, estimated for a product form.

    The relative error of the estimate is about sqrt(1 / 60), or less unless a few
    directions dominate.
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
    """Return the norm from BLAS, which avoids overflow; SciPy calls it on vectors."""
    return float(linalg.norm(values.ravel(order="K"), check_finite=False))


def top_singular_triples(
    matrix: ImplicitMatrix, count: int, tolerance: float = TOLERANCE
) -> tuple[Array, Array, Array]:
    """Return the largest singular triples, U, s and V, to a few digits.

    The vectors are accurate to `tolerance`, the singular values to its square or
    better.
    """
    is_array = isinstance(matrix, np.ndarray)
    if not is_array and _n_lanczos(count) < min(matrix.shape):
        if matrix.T is matrix:  # eigsh takes half as many products
            s, V = _searched(eigsh, matrix, count, tolerance)
            order = np.argsort(-np.abs(s))
            s, V = s[order], V[:, order]
            return V * np.where(s < 0, -1, 1).astype(s.dtype), np.abs(s), V
        U, s, Vt = _searched(svds, matrix, count, tolerance)
        return U[:, ::-1], s[::-1], Vt[::-1].T
    matrix = to_array(matrix)
    with config_context(array_api_dispatch=False):  # else another way, with a warning
        U, s, Vt = randomized_svd(matrix, n_components=count, random_state=0)
    return U, s, Vt.T


def top_eigenpairs(matrix: ImplicitMatrix, count: int) -> tuple[Array, Array]:
    """Return the largest eigenvalues of the symmetric part, and their eigenvectors.

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

    Both refuse a zero matrix, and one whose squares under- or overflow. The first has
    a known answer, and the second is scaled.
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
    """Form the matrix as an array."""
    if sparse.issparse(matrix):
        return matrix.toarray()
    if is_product_form(matrix):
        return matrix @ np.eye(matrix.shape[1], dtype=matrix.dtype)
    return matrix


def is_product_form(matrix: ImplicitMatrix) -> TypeGuard[LinearOperator]:
    """Return whether the matrix is known only by its products."""
    return isinstance(matrix, LinearOperator)
