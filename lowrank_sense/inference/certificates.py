"""What is certain of a matrix: components, a minimum, the distance to an optimum."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import numpy as np

from .._types import Array
from ..arrays.factors import inner, product_svd

if TYPE_CHECKING:
    from ..solvers.iterate import Iterate

# With too few measurements for the degrees of freedom nothing can be certified.
MIN_ISOMETRY = 0.08


def certified_rank(s: Array, error: float, isometry_bound: float) -> int:
    """Return how many singular values of M belong to M*.

    By Weyl's inequality |s_j(M) - s_j(M*)| <= ||M - M*||, those that exceed the
    distance, which is at most error / isometry_bound; none if there are too few
    measurements to bound it.

    Parameters
    ----------
    s : ndarray
        Singular values of M in decreasing order.
    error : float
        ||A(M) - y|| / a.
    isometry_bound : float
        See `Diagnostics`.
    """
    return int(np.sum(s > certified_size(s, error, isometry_bound)))


def certified_size(s: Array, error: float, isometry_bound: float) -> float:
    """Return what a singular value must exceed to be certified.

    See `certified_rank`.
    """
    if isometry_bound <= MIN_ISOMETRY:
        return np.inf
    return max(error / isometry_bound, 64 * np.finfo(s.dtype).eps * s[0])


def negative_curvature(iterate: Iterate) -> float:
    """Return how large a component may grow that the factors hardly hold yet.

    At a minimum of the loss over matrices of this rank, to turn the smallest component
    towards any other direction raises the loss. At a saddle point it does not: a hidden
    signal of about the size returned will grow, however still the iterates seem. Zero
    at a minimum. Costs one reading of X.
    """
    U, s, V = product_svd(*iterate.pair)
    smallest = np.sqrt(s[-1:])
    component = smallest * U[:, -1:], smallest * V[:, -1:]
    u, _, v = iterate.parameterization.descending(iterate.objective.matrix_gradient, 1)
    return max(-iterate.line_from(component, (u, v)).curvature, 0.0)


@final
class DualityGap:
    """Whether a penalized loss is within a part of the least of all matrices'.

    With the nuclear norm's penalty the loss is at least that of a convex problem. Its
    dual has the feasible points -s r, where r is the residual, R its adjoint and
    s <= penalty / ||R||_2.
    """

    def __init__(self) -> None:
        self._witness: tuple[Array, Array] | None = None

    def certifies(self, iterate: Iterate, tol: float) -> bool:
        """Return whether the loss is within a part `tol` of the least.

        The norm of R is sought only if a bound of it that is cheap does not tell.
        """
        if _gap(iterate, self._least_norm(iterate)) > tol * iterate.value:
            return False
        gradient = iterate.objective.matrix_gradient
        U, norm, V = iterate.parameterization.descending(gradient, 1)
        self._witness = U[:, 0], V[:, 0]
        return _gap(iterate, norm[0]) <= tol * iterate.value

    def _least_norm(self, iterate: Iterate) -> float:
        """Return a lower bound of ||R||_2, from where R was large last."""
        if self._witness is None:
            return 0.0
        u, v = self._witness
        return -float(u @ (iterate.objective.matrix_gradient @ v))


def _gap(iterate: Iterate, norm: float) -> float:
    """Return the duality gap if R has this spectral norm, or at least if it has more.

    It is the smallest one, over the feasible s.
    """
    loss = iterate.objective.value
    gap = inner(iterate.gradient(), iterate.factors) / len(iterate.factors)
    slope = gap - iterate.penalty.value(iterate.pair) - 2 * loss
    s = min(1.0, iterate.penalty.damping / norm) if norm > 0 else 1.0
    if -slope < 2 * s * loss:
        s = max(-slope / (2 * loss), 0.0)
    return iterate.value + s * slope + s**2 * loss
