"""The interface of a solver."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, final

import numpy as np

from ..arrays.factors import norm
from .iterate import Iterate


@final
class Step(NamedTuple):
    """Report what a solver did in an iteration.

    Attributes
    ----------
    size : float
        The step in dimensionless units; zero if no step lowers the value.
    gradient_norm : float or None
        Norm of the gradient before the step, for a solver that otherwise does not know
        the gradient.
    """

    size: float
    gradient_norm: float | None = None


@final
@dataclass(frozen=True)
class StepRule:
    """Say how far a step along a direction may go.

    Attributes
    ----------
    fixed : float or None
        The size of every step, in dimensionless units; None for a line search.
    longest : float
        The longest step of a line search.
    """

    fixed: float | None = None
    longest: float = np.inf


class Solver(ABC):
    """Move the factors, one step per iteration.

    A solver holds parameters only. Its memory from step to step is handed to it, and is
    None at the start and after something else has changed the factors.

    Attributes
    ----------
    requires : frozenset of str
        Capabilities that the objective must have: "quadratic" or "row_separable".
    knows_gradient : bool
        Whether the gradient is at hand after each step.
    takes_fixed_step : bool
        Whether `step_size` may be a number.
    takes_accelerated_step : bool
        Whether an accelerated step can make a difference.
    small_first_steps : bool
        Whether early stopping needs steps of at most ``1 / adjoint_norm_``, so that the
        signal outgrows the noise.

    See Also
    --------
    lowrank_sense.solvers.Descent : Base of solvers that move along directions.
    lowrank_sense.testing.check_solver : Checks that a solver lowers the loss.

    Examples
    --------
    A solver whose step is ten steps of another one:

    >>> from lowrank_sense.solvers import SOLVERS, Solver
    >>> from lowrank_sense.testing import check_solver
    >>> class TenSteps(Solver):
    ...     def __init__(self, solver="gd"):
    ...         self.solver = solver
    ...
    ...     def step(self, iterate, memory, rule):
    ...         for _ in range(10):
    ...             step, memory = SOLVERS.make(self.solver).step(iterate, memory, rule)
    ...         return step, memory
    >>> check_solver(TenSteps("cg"))
    """

    requires: ClassVar[frozenset[str]] = frozenset()
    knows_gradient: ClassVar[bool] = True
    takes_fixed_step: ClassVar[bool] = False
    takes_accelerated_step: ClassVar[bool] = True
    small_first_steps: ClassVar[bool] = False

    @abstractmethod
    def step(self, iterate: Iterate, memory: Any, rule: StepRule) -> tuple[Step, Any]:
        """Move the iterate; return the step and the memory for the next one.

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


def gradient_norm(iterate: Iterate) -> float:
    """Return the Frobenius norm of the gradient with respect to all factors."""
    return norm(iterate.gradient())
