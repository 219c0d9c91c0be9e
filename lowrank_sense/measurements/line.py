"""Measurements along a direction."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, final

from .._types import Array, ImplicitMatrix
from ..arrays.weights import mean, weighted

if TYPE_CHECKING:
    from .operator import Operator


class MeasuredLine(ABC):
    """Describe how measurements and their adjoint move along a direction.

    A((F + t dF)(G + t dG)^T) = A(F G^T) + t a + t^2 b with
    a = A(dF G^T + F dG^T) and b = A(dF dG^T).

    Attributes
    ----------
    a, b : ndarray of shape (m,)
    """

    a: Array
    b: Array

    def moved(self, t: float) -> Array:
        """Return t a + t^2 b, which overwrites a and b."""
        step, second = self.a, self.b
        del self.a, self.b
        step *= step.dtype.type(t)
        second *= second.dtype.type(t * t)
        step += second
        return step

    @abstractmethod
    def matrix_gradient(
        self, t: float, before: ImplicitMatrix, residual: Array, F: Array, G: Array
    ) -> ImplicitMatrix:
        """Return the adjoint of the residual after a step t.

        Parameters
        ----------
        t : float
        before : implicit matrix
            The adjoint before the step.
        residual : ndarray of shape (m,)
            The new residual.
        F, G : ndarray
            The new factors.
        """

    @abstractmethod
    def centered(
        self, weights: Array, mean_adjoint: Callable[[], ImplicitMatrix]
    ) -> MeasuredLine:
        """Return the line of the measurements minus their mean.

        Parameters
        ----------
        weights : ndarray of shape (m,)
            The weights of the mean.
        mean_adjoint : callable
            Returns the adjoint of ones, with the weights that all adjoints have.
        """


@final
class PlainLine(MeasuredLine):
    """Compute the adjoints along a line from scratch."""

    def __init__(self, operator: Operator, a: Array, b: Array, weights: Array) -> None:
        self.a, self.b = a, b
        self._operator, self._weights = operator, weights

    def matrix_gradient(
        self, t: float, before: ImplicitMatrix, residual: Array, F: Array, G: Array
    ) -> ImplicitMatrix:
        return self._operator.adjoint(weighted(self._weights, residual))

    def centered(
        self, weights: Array, mean_adjoint: Callable[[], ImplicitMatrix]
    ) -> MeasuredLine:
        self.a, self.b = (u - mean(weights, u) for u in (self.a, self.b))
        return self
