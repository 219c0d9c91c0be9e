"""What every solver answers."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, final

import numpy as np

from ..arrays.factors import norm
from .iterate import Iterate


@final
class Step(NamedTuple):
    """What a solver did in an iteration.

    Attributes
    ----------
    size : float
        The step in dimensionless units; zero if none lowers the value.
    gradient_norm : float or None
        That before the step, of a solver that does not know the gradient else.
    """

    size: float
    gradient_norm: float | None = None


@final
@dataclass(frozen=True)
class StepRule:
    """How far a step along a direction may go.

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
    """How factors move.

    A solver holds parameters only. What it remembers from step to step is handed to it,
    and is None at the start and after the factors were changed otherwise.

    Attributes
    ----------
    requires : frozenset of str
        Capabilities that the objective has to have. See `Objective.capabilities`.
    knows_gradient : bool
        Whether the gradient is at hand after each step.
    takes_fixed_step : bool
        Whether `step_size` may be a number.
    takes_accelerated_step : bool
        Whether an accelerated step can make a difference.
    small_first_steps : bool
        Whether early stopping needs steps no longer than 1/sigma_1, so that the signal
        outgrows the noise.
    """

    requires: ClassVar[frozenset[str]] = frozenset()
    knows_gradient: ClassVar[bool] = True
    takes_fixed_step: ClassVar[bool] = False
    takes_accelerated_step: ClassVar[bool] = True
    small_first_steps: ClassVar[bool] = False

    @abstractmethod
    def step(self, iterate: Iterate, memory: Any, rule: StepRule) -> tuple[Step, Any]:
        """Move the iterate; return the step and what to remember.

        Parameters
        ----------
        iterate : Iterate
        memory : object or None
            What the step before returned.
        rule : StepRule
        """


def gradient_norm(iterate: Iterate) -> float:
    """Return the Frobenius norm of the gradient of all factors."""
    return norm(iterate.gradient())
