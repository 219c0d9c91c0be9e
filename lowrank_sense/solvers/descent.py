"""Descent along a direction, with the best step or a fixed one."""

from abc import abstractmethod
from typing import Any, final

import numpy as np

from .._types import Factors
from ..arrays.factors import norm
from .base import Solver, Step, StepRule, gradient_norm
from .iterate import Iterate

# Rounding error of a gradient, in units of that of one product.
ROUNDINGS = 10.0


class Descent(Solver):
    """Step along directions that a subclass chooses.

    See Also
    --------
    lowrank_sense.solvers.Solver : Base of all solvers, with their attributes.
    lowrank_sense.testing.check_solver : Checks that a direction lowers the loss.

    Examples
    --------
    A direction that moves one factor in each iteration, in turn:

    >>> import numpy as np
    >>> from lowrank_sense.solvers import Descent
    >>> from lowrank_sense.testing import check_solver
    >>> class InTurn(Descent):
    ...     def direction(self, iterate, gradient, memory):
    ...         turn = memory or 0
    ...         chosen = turn % len(gradient)
    ...         direction = tuple(
    ...             -part if number == chosen else np.zeros_like(part)
    ...             for number, part in enumerate(gradient)
    ...         )
    ...         return direction, turn + 1
    >>> check_solver(InTurn)
    """

    @abstractmethod
    def direction(
        self, iterate: Iterate, gradient: Factors, memory: Any
    ) -> tuple[Factors, Any]:
        """Return a direction of descent and the memory for the next one.

        Parameters
        ----------
        iterate : Iterate
            The factors, the loss and the penalty.
        gradient : tuple of ndarray
            The gradient with respect to each factor.
        memory : object or None
            The memory that the call before returned; None at the start, and after
            something else has changed the factors.

        Returns
        -------
        direction : tuple of ndarray
            One array for each factor, with a negative inner product with the gradient.
        memory : object
            The memory for the next direction.
        """

    @final
    def step(self, iterate: Iterate, memory: Any, rule: StepRule) -> tuple[Step, Any]:
        """Move along the direction, or along one without memory if that fails.

        Parameters
        ----------
        iterate : Iterate
            The factors, the loss and the penalty, which the step changes.
        memory : object or None
            The memory that the step before returned.
        rule : StepRule
            How far the step may go.

        Returns
        -------
        step : Step
            The size of the step, zero if no step lowers the value.
        memory : object or None
            The memory for the next step.
        """
        if gradient_norm(iterate) <= _rounding(iterate):
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
    """Return the size of a gradient that is zero except for rounding.

    An exact step along such a gradient would lead anywhere.
    """
    eps = np.finfo(iterate.factors[0].dtype).eps
    return ROUNDINGS * eps * norm(iterate.factors) * np.sqrt(2 * iterate.value)
