"""Descent along a direction, with the best step or a fixed one."""

from abc import abstractmethod
from typing import Any, final

import numpy as np

from .._types import Factors
from ..arrays.factors import norm
from .base import Solver, Step, StepRule
from .iterate import Iterate

# Rounding errors of a gradient, in units of that of one product.
ROUNDINGS = 10.0


class Descent(Solver):
    """Steps along directions that a subclass chooses.

    See Also
    --------
    lowrank_sense.testing.check_solver : Checks that a direction lowers the loss.
    """

    @abstractmethod
    def direction(
        self, iterate: Iterate, gradient: Factors, memory: Any
    ) -> tuple[Factors, Any]:
        """Return a direction of descent, and what to remember.

        Parameters
        ----------
        iterate : Iterate
        gradient : tuple of ndarray
            One for each factor.
        memory : object or None
            What the call before returned; None at the start, and after the factors were
            changed otherwise.

        Returns
        -------
        direction : tuple of ndarray
            Shaped like the gradient, with a negative inner product with it.
        memory : object
        """

    @final
    def step(self, iterate: Iterate, memory: Any, rule: StepRule) -> tuple[Step, Any]:
        """Move along the direction, or along one without memory if that fails."""
        if norm(iterate.gradient()) <= _rounding(iterate):
            return Step(0), memory
        size, memory = self._along(iterate, memory, rule)
        if size == 0:
            # A conjugate direction may have lost its slope to rounding errors.
            size, memory = self._along(iterate, None, rule)
        return Step(size), memory

    def _along(
        self, iterate: Iterate, memory: Any, rule: StepRule
    ) -> tuple[float, Any]:
        direction, memory = self.direction(iterate, iterate.gradient(), memory)
        line = iterate.line(direction)
        size = line.best_step(rule.longest) if rule.fixed is None else rule.fixed
        if size:
            iterate.move(direction, size)
        return size, memory


def _rounding(iterate: Iterate) -> float:
    """Return the size of a gradient that is zero but for rounding.

    Along that an exact step would lead anywhere.
    """
    eps = np.finfo(iterate.factors[0].dtype).eps
    return ROUNDINGS * eps * norm(iterate.factors) * np.sqrt(2 * iterate.value)
