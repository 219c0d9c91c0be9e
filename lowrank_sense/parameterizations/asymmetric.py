"""M = F G^T, the parameterization of a rectangular matrix."""

from dataclasses import dataclass
from typing import final

import numpy as np

from .._types import Array, Dtype, Factors, ImplicitMatrix, Pair, SamplingCounts, Shape
from ..arrays.factors import pad_columns
from ..arrays.implicit import top_singular_triples
from .base import Parameterization, over_gram


@final
@dataclass(frozen=True)
class AsymmetricParameterization(Parameterization):
    """Make M = F G^T from two factors.

    Parameters
    ----------
    init_ratio : float
        Scale of G_0 relative to F_0. The resulting imbalance drives the linear rate of
        the over-parameterized case.
    """

    symmetric = False
    init_ratio: float = 1 / 3

    def initialize(
        self,
        shape: Shape,
        rank: int,
        alpha: float,
        random_state: np.random.RandomState,
        dtype: Dtype,
    ) -> Factors:
        """Return F_0 = alpha F~ and G_0 = init_ratio alpha G~.

        The entries of F~ and G~ are from N(0, 1/rows) (Xiong, Ding and Du, 2024).
        """
        n1, n2 = shape
        F = random_state.standard_normal((n1, rank)) * (alpha / np.sqrt(n1))
        G = random_state.standard_normal((n2, rank)) * (
            self.init_ratio * alpha / np.sqrt(n2)
        )
        return F.astype(dtype), G.astype(dtype)

    def spectral(self, gradient: ImplicitMatrix, rank: int, step: float) -> Factors:
        """Return F_0 = U and G_0 = V diag(step s), where -gradient = U diag(s) V^T.

        The factors are imbalanced on purpose, like those of the random start.
        """
        U, s, V = self.descending(gradient, rank)
        G = V * (s * s.dtype.type(step))
        return pad_columns(U, rank), pad_columns(G, rank)

    def degrees_of_freedom(self, shape: Shape, rank: int) -> int:
        """Return k (n1 + n2 - k)."""
        rank = min(rank, *shape)
        return rank * (sum(shape) - rank)

    def pair(self, factors: Factors) -> Pair:
        """Return the factors as they are."""
        F, G = factors
        return F, G

    def gradient(self, products: Pair) -> Factors:
        """Return (R G, R^T F) as they are."""
        return products

    def precondition(
        self,
        factors: Factors,
        gradient: Factors,
        error: float,
        penalty: float = 0.0,
        counts: SamplingCounts = (None, None),
    ) -> Factors:
        """Return (R G (c G^T G + l I)^-1, R^T F (c F^T F + l I)^-1).

        Here l = 0.2 error + penalty (Zhang, Fattahi and Zhang, 2021; Xu, Shen, Chi and
        Ma, 2023), and c is the sampling count of the row of F or of G.
        """
        (F, G), (left, right) = factors, gradient
        damping = 0.2 * error + penalty
        return (
            over_gram(left, G, damping, counts[0]),
            over_gram(right, F, damping, counts[1]),
        )

    def descending(
        self, gradient: ImplicitMatrix, count: int
    ) -> tuple[Array, Array, Array]:
        """Return (U, s, V), the largest singular triples of -gradient."""
        U, s, V = top_singular_triples(gradient, count)
        return -U, s, V

    def factors(self, U: Array, s: Array, V: Array) -> Factors:
        """Return (U diag(s)^1/2, V diag(s)^1/2)."""
        return U * np.sqrt(s), V * np.sqrt(s)

    def imbalance(self, factors: Factors) -> float:
        """Return ||F^T F - G^T G||_F."""
        F, G = factors
        return float(np.linalg.norm(F.T @ F - G.T @ G))
