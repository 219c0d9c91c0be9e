"""Arithmetic with factors, and with F G^T without forming it."""

import numpy as np
from scipy import linalg

from .._types import Array, Factors, Pair


def inner(left: Factors, right: Factors) -> float:
    """Return the inner product of two tuples of arrays."""
    return sum(float(np.vdot(u, v)) for u, v in zip(left, right, strict=True))


def norm(parts: Factors) -> float:
    """Return the Frobenius norm of all parts together."""
    return np.sqrt(sum(np.vdot(part, part) for part in parts))


def product_norm(F: Array, G: Array) -> float:
    """Return ||F G^T||_F."""
    return np.sqrt(max(float(np.sum((F.T @ F) * (G.T @ G))), 0.0))


def product_svd(F: Array, G: Array) -> tuple[Array, Array, Array]:
    """Return the singular value decomposition of F G^T without forming it.

    Returns
    -------
    U : ndarray of shape (n1, k')
    s : ndarray of shape (k',)
        Singular values in decreasing order, with k' = min(n1, n2, k).
    V : ndarray of shape (n2, k')
    """
    left_basis, left_core = linalg.qr(F, mode="economic", check_finite=False)
    right_basis, right_core = linalg.qr(G, mode="economic", check_finite=False)
    U, s, Vt = linalg.svd(
        left_core @ right_core.T, full_matrices=False, check_finite=False
    )
    return left_basis @ U, s, right_basis @ Vt.T


def singular_maps(pair: Pair, U: Array, s: Array, V: Array) -> Pair:
    """Return small matrices with U diag(s) = F left and V = G right, for F G^T.

    Since U diag(s) = M V and V = M^T U diag(1/s), no factor has to be inverted.

    Parameters
    ----------
    pair : tuple of ndarray
        F and G, of shapes (n1, k) and (n2, k).
    U, s, V : ndarray
        The result of `product_svd`.

    Returns
    -------
    left, right : ndarray of shape (k, k')
    """
    F, G = pair
    right = F.T @ U
    # Directions of components of size zero do not matter.
    large = s > np.finfo(s.dtype).eps * s[0]
    right[:, large] /= s[large]
    right[:, ~large] = 0
    return G.T @ V, right


def symmetric_pair(F: Array, G: Array) -> Pair:
    """Return two factors of the symmetric part of F G^T."""
    return np.hstack([F, G]) / 2, np.hstack([G, F])


def nearest_psd_factor(F: Array, G: Array, rank: int) -> Array:
    """Return the factor X of the positive semi-definite matrix nearest to F G^T.

    X has the shape (n, rank). X X^T is the nearest matrix of at most that rank to the
    symmetric part of F G^T.
    """
    basis, core = linalg.qr(np.hstack([F, G]), mode="economic", check_finite=False)
    k = F.shape[1]
    product = core[:, :k] @ core[:, k:].T
    eigenvalues, vectors = linalg.eigh((product + product.T) / 2, check_finite=False)
    top = np.argsort(eigenvalues)[::-1][:rank]
    X = basis @ (vectors[:, top] * np.sqrt(np.maximum(eigenvalues[top], 0)))
    return pad_columns(X, rank)


def pad_columns(columns: Array, width: int) -> Array:
    """Append zero columns up to a width, as where a rank exceeds min(n1, n2)."""
    missing = width - columns.shape[1]
    return np.pad(columns, ((0, 0), (0, missing))) if missing else columns
