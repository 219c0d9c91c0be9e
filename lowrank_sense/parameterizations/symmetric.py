"""M = X X^T, the parameterization of a positive semi-definite matrix."""

from dataclasses import dataclass
from typing import final

import numpy as np

from .._types import Array, Dtype, Factors, ImplicitMatrix, Pair, SamplingCounts, Shape
from ..arrays.factors import pad_columns
from ..arrays.implicit import top_eigenpairs
from .base import Parameterization, over_gram


@final
@dataclass(frozen=True)
class SymmetricParameterization(Parameterization):
    """Make M = X X^T from one factor."""

    symmetric = True

    def initialize(
        self,
        shape: Shape,
        rank: int,
        alpha: float,
        random_state: np.random.RandomState,
        dtype: Dtype,
    ) -> Factors:
        """Return X_0 = alpha X~, with entries of X~ from N(0, 1/n).

        Source: Xiong, Ding and Du (2024).
        """
        n = shape[0]
        X = random_state.standard_normal((n, rank)) * (alpha / np.sqrt(n))
        return (X.astype(dtype),)

    def spectral(self, gradient: ImplicitMatrix, rank: int, step: float) -> Factors:
        """Return X_0 = U diag(step s)^1/2, s the largest eigenvalues of -gradient.

        Eigenvalues that are not positive are replaced by tiny positive ones, as a
        column of zeros could never grow.
        """
        U, s, _ = self.descending(gradient, rank)
        s = np.maximum(s, np.finfo(s.dtype).eps * np.max(np.abs(s)))
        return (pad_columns(U * np.sqrt(s * s.dtype.type(step)), rank),)

    def degrees_of_freedom(self, shape: Shape, rank: int) -> int:
        """Return k n - k (k - 1) / 2."""
        rank = min(rank, shape[0])
        return rank * shape[0] - rank * (rank - 1) // 2

    def pair(self, factors: Factors) -> Pair:
        """Return (X, X)."""
        return factors[0], factors[0]

    def gradient(self, products: Pair) -> Factors:
        """Return (R X + R^T X) / 2: the gradient's factor 2 is absorbed in the step."""
        left, right = products
        return ((left + right) / 2,)

    def precondition(
        self,
        factors: Factors,
        gradient: Factors,
        error: float,
        penalty: float = 0.0,
        counts: SamplingCounts = (None, None),
    ) -> Factors:
        """Return the gradient times (c X^T X + (0.1 error + penalty) I)^-1.

        Here c is the sampling count of the row (Zhang, Fattahi and Zhang, 2021).
        """
        (X,), (g,) = factors, gradient
        left, right = counts
        both = None if left is None or right is None else (left + right) / 2
        return (over_gram(g, X, 0.1 * error + penalty, both),)

    def descending(
        self, gradient: ImplicitMatrix, count: int
    ) -> tuple[Array, Array, Array]:
        """Return (U, s, U), with s the largest eigenvalues of -gradient."""
        s, U = top_eigenpairs(-gradient, count)
        return U, s, U

    def factors(self, U: Array, s: Array, V: Array) -> Factors:
        """Return X with X X^T = U diag(s) U^T."""
        return (U * np.sqrt(s),)

    def imbalance(self, factors: Factors) -> float:
        """Return zero."""
        return 0.0
