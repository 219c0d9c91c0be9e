"""Certificates of components, of a minimum, and of the distance to an optimum."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import numpy as np

from .._types import Array
from ..arrays.factors import inner, product_svd

if TYPE_CHECKING:
    from ..solvers.iterate import Iterate

# Below this isometry bound, measurements are too few to certify anything.
MIN_ISOMETRY = 0.08


def certified_rank(s: Array, error: float, isometry_bound: float) -> int:
    """Return how many singular values of M belong to M*.

    By Weyl's inequality, |s_j(M) - s_j(M*)| <= ||M - M*||, singular values that exceed
    this distance belong to M*. The distance is at most error / isometry_bound. Nothing
    is certified if there are too few measurements to bound it.

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
    """Return how large a component that the factors hardly hold yet may grow.

    At a minimum of the loss over matrices of this rank, turning the smallest component
    towards any other direction raises the loss, and the result is zero. At a saddle
    point some direction lowers the loss: a hidden signal of about the size returned
    will grow, however still the iterates seem. The test costs one reading of X.
    """
    U, s, V = product_svd(*iterate.pair)
    smallest = np.sqrt(s[-1:])
    component = smallest * U[:, -1:], smallest * V[:, -1:]
    u, _, v = iterate.parameterization.descending(iterate.objective.matrix_gradient, 1)
    return max(-iterate.line_from(component, (u, v)).curvature, 0.0)


@final
class DualityGap:
    """Bound how far a penalized loss is above the least of all matrices.

    With the nuclear norm as penalty, the loss is at least that of a convex problem. Its
    dual has the feasible points -s r, where r is the residual, R is its adjoint and
    s <= penalty / ||R||_2.
    """

    def __init__(self) -> None:
        self._witness: tuple[Array, Array] | None = None

    def certifies(self, iterate: Iterate, tol: float) -> bool:
        """Return whether the loss is within a fraction `tol` of the least.

        The norm of R is computed only if a cheap bound of it does not decide.
        """
        if _gap(iterate, self._least_norm(iterate)) > tol * iterate.value:
            return False
        gradient = iterate.objective.matrix_gradient
        U, norm, V = iterate.parameterization.descending(gradient, 1)
        self._witness = U[:, 0], V[:, 0]
        return _gap(iterate, norm[0]) <= tol * iterate.value

    def _least_norm(self, iterate: Iterate) -> float:
        """Return a lower bound of ||R||_2, from the last leading singular vectors."""
        if self._witness is None:
            return 0.0
        u, v = self._witness
        return -float(u @ (iterate.objective.matrix_gradient @ v))


def _gap(iterate: Iterate, norm: float) -> float:
    """Return the smallest duality gap over the feasible s, given the norm of R.

    A lower bound of the spectral norm of R gives a lower bound of the gap.
    """
    loss = iterate.objective.value
    gap = inner(iterate.gradient(), iterate.factors) / len(iterate.factors)
    slope = gap - iterate.penalty.value(iterate.pair) - 2 * loss
    s = min(1.0, iterate.penalty.damping / norm) if norm > 0 else 1.0
    if -slope < 2 * s * loss:
        s = max(-slope / (2 * loss), 0.0)
    return iterate.value + s * slope + s**2 * loss
