"""How factors make a matrix: M = X X^T and M = F G^T.

A parameterization starts the factors, turns the image of the residual into a gradient
and shows the factors to the rest of the library as a pair (F, G) with M = F G^T.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from .images import top_eigenpairs, top_triples


@dataclass(frozen=True)
class SymmetricParameterization:
    """M = X X^T, the parameterization of a positive semi-definite matrix."""

    def initialize(self, shape, rank, alpha, random_state, dtype):
        """X_0 = alpha X~, entries of X~ drawn from N(0, 1/n) (Xiong et al., 2024)."""
        n = shape[0]
        X = random_state.standard_normal((n, rank)) * (alpha / np.sqrt(n))
        return (X.astype(dtype),)

    def spectral(self, image, rank, step):
        """X_0 = U diag(step s)^1/2, s the largest eigenvalues of -image (at M = 0).

        Eigenvalues that are not positive are replaced by next to nothing: a column of
        zeros could never grow.
        """
        U, s, _ = self.descending(image, rank)
        s = np.maximum(s, np.finfo(s.dtype).eps * np.max(np.abs(s)))
        return (widened(U * np.sqrt(s * s.dtype.type(step)), rank),)

    def degrees_of_freedom(self, shape, rank):
        """Of a symmetric matrix of that rank."""
        rank = min(rank, shape[0])
        return rank * shape[0] - rank * (rank - 1) // 2

    def pair(self, factors):
        return factors[0], factors[0]

    def gradient(self, products):
        """(R X + R^T X) / 2: the gradient, its factor 2 absorbed in the step."""
        left, right = products
        return ((left + right) / 2,)

    def precondition(
        self, factors, gradient, error, penalty=0.0, exposure=(None, None)
    ):
        """The gradient times (c X^T X + (0.1 error + penalty) I)^-1, row by row.

        `error` estimates the distance ||X X^T - M*||_F (Zhang et al., 2021), and c is
        how often the row is seen.
        """
        (X,), (g,) = factors, gradient
        left, right = exposure
        seen = None if left is None else (left + right) / 2
        return (_over_gram(g, X, 0.1 * error + penalty, seen),)

    def descending(self, image, count):
        """(U, s, U), s the largest eigenvalues of -image: where the loss falls most."""
        s, U = top_eigenpairs(-image, count)
        return U, s, U

    def factors(self, U, s, V):
        """X with X X^T = U diag(s) U^T."""
        return (U * np.sqrt(s),)

    def clear_unseen(self, factors, exposure):
        """Put zeros where the row and the column are never seen."""
        left, right = exposure
        if left is not None:
            factors[0][left + right == 0] = 0

    def imbalance(self, factors):
        return 0.0


@dataclass(frozen=True)
class AsymmetricParameterization:
    """M = F G^T, the parameterization of a rectangular matrix.

    Parameters
    ----------
    init_ratio : float
        Scale of G_0 relative to F_0. The imbalance that it makes drives the linear
        rate of the over-parameterized case.
    """

    init_ratio: float = 1 / 3

    def initialize(self, shape, rank, alpha, random_state, dtype):
        """F_0 = alpha F~, G_0 = init_ratio alpha G~ (Xiong et al., 2024).

        The entries of F~ and G~ are N(0, 1/rows).
        """
        n1, n2 = shape
        F = random_state.standard_normal((n1, rank)) * (alpha / np.sqrt(n1))
        G = random_state.standard_normal((n2, rank)) * (
            self.init_ratio * alpha / np.sqrt(n2)
        )
        return F.astype(dtype), G.astype(dtype)

    def spectral(self, image, rank, step):
        """F_0 = U, G_0 = V diag(step s), -image = U diag(s) V^T at M = 0.

        Imbalanced on purpose, like the random start.
        """
        U, s, V = self.descending(image, rank)
        G = V * (s * s.dtype.type(step))
        return widened(U, rank), widened(G, rank)

    def degrees_of_freedom(self, shape, rank):
        """Of a matrix of that shape and rank."""
        rank = min(rank, *shape)
        return rank * (sum(shape) - rank)

    def pair(self, factors):
        return factors

    def gradient(self, products):
        """(R G, R^T F), as they are."""
        return products

    def precondition(
        self, factors, gradient, error, penalty=0.0, exposure=(None, None)
    ):
        """(R G (c G^T G + l I)^-1, R^T F (c F^T F + l I)^-1), row by row.

        Here l = 0.2 error + penalty, where `error` estimates the distance
        ||F G^T - M*||_F (Zhang et al., 2021; Xu et al., 2023), and c is how often the
        row of F or of G is seen.
        """
        (F, G), (left, right) = factors, gradient
        damping = 0.2 * error + penalty
        return (
            _over_gram(left, G, damping, exposure[0]),
            _over_gram(right, F, damping, exposure[1]),
        )

    def descending(self, image, count):
        """(U, s, V), the largest of -image: where the loss falls most."""
        U, s, V = top_triples(image, count)
        return -U, s, V

    def factors(self, U, s, V):
        """Balanced factors of U diag(s) V^T."""
        return U * np.sqrt(s), V * np.sqrt(s)

    def clear_unseen(self, factors, exposure):
        """Put zeros in the rows of F and of G that are never seen."""
        for part, seen in zip(factors, exposure, strict=True):
            if seen is not None:
                part[seen == 0] = 0

    def imbalance(self, factors):
        """||F^T F - G^T G||_F, which gradient flow conserves."""
        F, G = factors
        return float(np.linalg.norm(F.T @ F - G.T @ G))


def _over_gram(gradient, factor, damping, seen):
    """Row i of the gradient times (seen_i factor^T factor + damping I)^-1."""
    gram = factor.T @ factor
    rounding = np.finfo(gram.dtype).eps * np.trace(gram)
    damping = gram.dtype.type(max(damping, rounding))
    if seen is None:
        gram[np.diag_indices_from(gram)] += damping
        return np.linalg.solve(gram, gradient.T).T
    s, Q = linalg.eigh(gram, check_finite=False)
    metric = np.multiply.outer(seen.astype(gram.dtype), np.maximum(s, 0)) + damping
    return ((gradient @ Q) / metric) @ Q.T


def spectrum(F, G):
    """Singular value decomposition of F G^T without forming it.

    Returns
    -------
    U : ndarray of shape (n1, k')
    s : ndarray of shape (k',)
        In decreasing order; k' = min(n1, n2, k).
    V : ndarray of shape (n2, k')
    """
    left_basis, left_core = linalg.qr(F, mode="economic", check_finite=False)
    right_basis, right_core = linalg.qr(G, mode="economic", check_finite=False)
    U, s, Vt = linalg.svd(
        left_core @ right_core.T, full_matrices=False, check_finite=False
    )
    return left_basis @ U, s, right_basis @ Vt.T


def orthonormalize(F, G, beta):
    """The published accelerated step: F <- beta U, G <- G B S / beta.

    F = U S B^T is the singular value decomposition of F (Xiong, Ding and Du, 2024). The
    product F G^T is
    unchanged and F^T F becomes beta^2 I.
    """
    U, s, Bt = linalg.svd(F, full_matrices=False, check_finite=False)
    return beta * U, (G @ Bt.T) * (s / beta)


def nearest_psd_factor(F, G, rank):
    """X of shape (n, rank) such that X X^T is the positive semi-definite matrix of at
    most that rank nearest to the symmetric part of F G^T."""
    basis, core = linalg.qr(np.hstack([F, G]), mode="economic", check_finite=False)
    k = F.shape[1]
    product = core[:, :k] @ core[:, k:].T
    eigenvalues, vectors = linalg.eigh((product + product.T) / 2, check_finite=False)
    top = np.argsort(eigenvalues)[::-1][:rank]
    X = basis @ (vectors[:, top] * np.sqrt(np.maximum(eigenvalues[top], 0)))
    return widened(X, rank)


def widened(columns, width):
    """Zero columns for what min(n1, n2) < rank leaves out."""
    missing = width - columns.shape[1]
    return np.pad(columns, ((0, 0), (0, missing))) if missing else columns
