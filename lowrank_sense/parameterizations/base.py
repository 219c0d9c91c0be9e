"""The interface of a parameterization."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from scipy import linalg

from .._types import Array, Dtype, Factors, ImplicitMatrix, Pair, SamplingCounts, Shape
from ..arrays.factors import product_svd
from ..arrays.implicit import project_out

# A component below this fraction of the largest one has vanished.
NEGLIGIBLE = 1e-3


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

    def extended(
        self, factors: Factors, gradient: ImplicitMatrix, count: int, threshold: float
    ) -> Factors:
        """Return factors with more components, of the matrix after a proximal step.

        The new components are those outside the factors along which the loss falls
        most, and have the size of the matrix gradient there minus the threshold.

        Parameters
        ----------
        factors : tuple of ndarray
        gradient : implicit matrix
            The matrix gradient at the factors.
        count : int
            How many components to add.
        threshold : float
        """
        U, s, V = product_svd(*self.pair(factors))
        kept = s > NEGLIGIBLE * s[0]
        U, s, V = U[:, kept], s[kept], V[:, kept]
        new_U, new_s, new_V = self.descending(project_out(gradient, U, V), count)
        new_s = np.maximum(new_s - new_s.dtype.type(threshold), 0)
        wider = self.factors(
            np.hstack([U, new_U]), np.append(s, new_s), np.hstack([V, new_V])
        )
        return tuple(
            part.astype(before.dtype, copy=False)
            for part, before in zip(wider, factors, strict=True)
        )

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
        gram.ravel()[:: len(gram) + 1] += damping  # the diagonal
        return np.linalg.solve(gram, gradient.T).T
    s, Q = linalg.eigh(gram, check_finite=False)
    metric = np.multiply.outer(counts.astype(gram.dtype), np.maximum(s, 0)) + damping
    return ((gradient @ Q) / metric) @ Q.T
