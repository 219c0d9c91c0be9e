"""The interface of a parameterization."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from scipy import linalg

from .._types import Array, Dtype, Factors, ImplicitMatrix, Pair, SamplingCounts, Shape


class Parameterization(ABC):
    """Describe how factors make a matrix, M = phi(factors).

    A parameterization starts the factors, turns the matrix gradient into a gradient of
    the factors, and shows the factors to the rest of the library as a pair (F, G) with
    M = F G^T.

    Attributes
    ----------
    symmetric : bool
        Whether M is symmetric for all factors.
    """

    symmetric: ClassVar[bool]

    @abstractmethod
    def initialize(
        self,
        shape: Shape,
        rank: int,
        alpha: float,
        random_state: np.random.RandomState,
        dtype: Dtype,
    ) -> Factors:
        """Return random factors of scale alpha."""

    @abstractmethod
    def spectral(self, gradient: ImplicitMatrix, rank: int, step: float) -> Factors:
        """Return factors from the leading components of the matrix gradient at M = 0.

        They are factors of the matrix after a gradient step of the given size.
        """

    @abstractmethod
    def degrees_of_freedom(self, shape: Shape, rank: int) -> int:
        """Return the dimension of the set of matrices of a shape and rank."""

    @abstractmethod
    def pair(self, factors: Factors) -> Pair:
        """Return (F, G) with M = F G^T."""

    @abstractmethod
    def gradient(self, products: Pair) -> Factors:
        """Return the gradient of the factors from R G and R^T F.

        R is the matrix gradient.
        """

    @abstractmethod
    def precondition(
        self,
        factors: Factors,
        gradient: Factors,
        error: float,
        penalty: float = 0.0,
        counts: SamplingCounts = (None, None),
    ) -> Factors:
        """Return the gradient in the damped metric of the factors, row by row.

        Parameters
        ----------
        factors, gradient : tuple of ndarray
        error : float
            The estimated distance ||M - M*||_F. The damping is a fraction of it.
        penalty : float
            The weight of the squared norm of the factors in the penalty.
        counts : pair of ndarray or None
            Sampling counts of rows and columns.
        """

    @abstractmethod
    def descending(
        self, gradient: ImplicitMatrix, count: int
    ) -> tuple[Array, Array, Array]:
        """Return the components (U, s, V) along which the loss falls most.

        They are the largest components of minus the matrix gradient.
        """

    @abstractmethod
    def factors(self, U: Array, s: Array, V: Array) -> Factors:
        """Return balanced factors of U diag(s) V^T."""

    @abstractmethod
    def clear_unmeasured(self, factors: Factors, counts: SamplingCounts) -> None:
        """Set rows of the factors that are never measured to zero."""

    @abstractmethod
    def imbalance(self, factors: Factors) -> float:
        """Return ||F^T F - G^T G||_F, which gradient flow conserves."""


def over_gram(
    gradient: Array, factor: Array, damping: float, counts: Array | None
) -> Array:
    """Return row i of the gradient times (counts_i factor^T factor + damping I)^-1."""
    gram = factor.T @ factor
    rounding = np.finfo(gram.dtype).eps * np.trace(gram)
    damping = gram.dtype.type(max(damping, rounding))
    if counts is None:
        gram[np.diag_indices_from(gram)] += damping
        return np.linalg.solve(gram, gradient.T).T
    s, Q = linalg.eigh(gram, check_finite=False)
    metric = np.multiply.outer(counts.astype(gram.dtype), np.maximum(s, 0)) + damping
    return ((gradient @ Q) / metric) @ Q.T
