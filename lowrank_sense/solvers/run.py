"""The loop that all solvers share."""

from dataclasses import dataclass, field
from typing import Any, Protocol, final

import numpy as np

from ..solution import History, StopReason
from .accelerated_step import AcceleratedStep, NoAcceleratedStep
from .base import Solver, StepRule, gradient_norm
from .early_stopping import EarlyStopping
from .finite import check_is_finite, curvature_along_gradient
from .iterate import Iterate, State
from .stopping import StoppingRule

# A loss this many times its start, and this many times that of M = 0, has diverged.
DIVERGENCE_FACTOR = 100.0
# A recovered matrix within this many times `tol` of a positive semi-definite one still
# approaches it; one farther away will not.
STILL_NEAR = 10.0


class Hooks(Protocol):
    """Watch the iterations of a run."""

    def begin_iteration(self) -> None:
        """Take note that an iteration begins."""

    def end_iteration(self) -> bool:
        """Take note that an iteration is over; return whether to stop."""


@final
@dataclass
class Run:
    """Run a solver once.

    Parameters
    ----------
    solver : Solver
    accelerated_step : AcceleratedStep
    stopping : StoppingRule
    early_stopping : EarlyStopping or None
    max_iter : int
    step_rule : StepRule
    """

    solver: Solver
    accelerated_step: AcceleratedStep
    stopping: StoppingRule
    early_stopping: EarlyStopping | None
    max_iter: int
    step_rule: StepRule
    history: History = field(default_factory=History)

    def __post_init__(self) -> None:
        self._memory: Any = None
        self._best: tuple[float, State]
        self._bound: float

    def run(self, iterate: Iterate, hooks: Hooks) -> StopReason:
        """Move `iterate` until it converges, diverges or is told to stop.

        A symmetric run ends with one factor, and its history with the loss there. With
        early stopping, a run ends with its best iterate, and its history with the last
        one.
        """
        reason = self._iterate(iterate, hooks)
        if not self.solver.knows_gradient:
            self.history.gradient_norm.append(gradient_norm(iterate))
        if self.early_stopping:
            iterate.restore(self.early_stopping.best)
        if iterate.is_split:
            iterate.merge()
            if not self.early_stopping:
                self._record_again(iterate)
        return reason

    def _iterate(self, iterate: Iterate, hooks: Hooks) -> StopReason:
        self._start(iterate)
        at_zero = iterate.objective.value_at_zero
        self._bound = DIVERGENCE_FACTOR * max(iterate.value, at_zero)
        for iteration in range(self.max_iter):
            hooks.begin_iteration()
            self._modify(iterate, iteration)
            reason = self._step(iterate)
            if reason is not None:
                hooks.end_iteration()
                return reason
            reason = self.stopping(iterate)
            if hooks.end_iteration():
                return StopReason.CALLBACK
            if self.early_stopping and self.early_stopping.exhausted:
                return StopReason.EARLY
            if reason is not None and self._is_over(iterate, reason):
                return reason
        return StopReason.MAX_ITER

    # A fixed step that is too large may overflow before its loss is looked at, and so
    # may what is not finite before it is found out.
    @np.errstate(over="ignore", invalid="ignore")
    def _start(self, iterate: Iterate) -> None:
        iterate.refresh()
        check_is_finite(iterate, 0, iterate.value)
        self._record(iterate)
        self._best = iterate.value, iterate.state()

    @np.errstate(over="ignore", invalid="ignore")
    def _step(self, iterate: Iterate) -> StopReason | None:
        """Take a step and record it; return why there is none, or None."""
        step, self._memory = self.solver.step(iterate, self._memory, self.step_rule)
        best_value, best = self._best
        if not iterate.value <= self._bound:
            check_is_finite(iterate, self.history.n_iter, iterate.value)
            iterate.restore(best)
            return StopReason.DIVERGED
        if step.size == 0:
            if self.solver.knows_gradient:
                curvature = curvature_along_gradient(iterate)
                check_is_finite(iterate, self.history.n_iter, curvature)
            return StopReason.STATIONARY
        if step.gradient_norm is not None:
            self.history.gradient_norm.append(step.gradient_norm)
        self.history.step_size.append(step.size)
        self._record(iterate)
        if iterate.value <= best_value:
            self._best = iterate.value, iterate.state()
        return None

    def _is_over(self, iterate: Iterate, reason: StopReason) -> bool:
        """Return whether a reason to stop holds for the matrix that is left."""
        if iterate.is_split and not self._confirms(iterate, reason):
            return False
        if not iterate.penalty.finish(iterate, reason):
            return True
        self._begin_anew()
        if self.solver.knows_gradient:
            self._record_again(iterate)
        return False

    def _modify(self, iterate: Iterate, iteration: int) -> None:
        """Let the penalty follow its schedule, and take an accelerated step if due."""
        if iterate.penalty.update(iteration, iterate):
            self._begin_anew()
        if self.accelerated_step(iteration, iterate):
            self._begin_anew()
            if self.history.accelerated_iteration is None:
                self.history.accelerated_iteration = iteration

    def _begin_anew(self) -> None:
        """Forget what no longer holds after the factors were changed."""
        self.stopping.restart()
        self._memory = None

    def _confirms(self, iterate: Iterate, reason: StopReason) -> bool:
        """Return whether the reason to stop a split run holds for one factor as well.

        The limit of two factors need not be positive semi-definite, as where the data
        call for negative eigenvalues. Then the run goes on with one factor for good.
        """
        split = iterate.state()
        moved = iterate.merge()
        self._memory = None
        allowed = self.stopping.tol * iterate.matrix_norm
        if moved <= allowed:
            self._record_again(iterate)
            return True
        if reason is StopReason.RECOVERED and moved <= STILL_NEAR * allowed:
            iterate.restore(split)
            return False
        self.accelerated_step = NoAcceleratedStep()
        self.stopping.restart()
        self._record_again(iterate)
        return False

    def _record(self, iterate: Iterate) -> None:
        history = self.history
        if self.solver.knows_gradient:
            history.gradient_norm.append(gradient_norm(iterate))
            check_is_finite(iterate, history.n_iter, history.gradient_norm[-1])
        history.loss.append(iterate.value)
        history.imbalance.append(iterate.parameterization.imbalance(iterate.factors))
        if self.early_stopping:
            history.validation.append(self.early_stopping.watch(iterate))

    def _record_again(self, iterate: Iterate) -> None:
        """Replace the last entry after a change of the factors."""
        self.history.forget_last()
        self._record(iterate)
