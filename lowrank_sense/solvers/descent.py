"""The descent loop that every direction, step rule and parameterization shares."""

from dataclasses import dataclass, field

import numpy as np

from .history import History, StopReason
from .line_search import exact_step
from .modified_step import NoModifiedStep

# A loss this many times above its start and above that of M = 0 will not come back.
DIVERGENCE_FACTOR = 100.0
# A recovered matrix this many times `tol` from a positive semi-definite one still
# comes nearer; one farther away is not going to.
STILL_NEAR = 10.0
# Rounding errors of a gradient, in units of that of one product.
ROUNDINGS = 10.0


@dataclass
class Descent:
    """Gradient descent and its relatives.

    Parameters
    ----------
    direction : callable
        From the iterate and its gradient to a direction, tuples shaped like the
        factors. Its ``restart()`` is called when the factors were changed otherwise.
    step_size : float or None
        A fixed step in dimensionless units; None for an exact line search.
    longest_step : float
        That the line search may take.
    modified_step : callable
        Takes the iteration and the iterate, may change the factors of the latter, and
        returns whether it did.
    stopping : StoppingRule
    early_stopping : EarlyStopping or None
    max_iter : int
    """

    direction: object
    step_size: float | None
    longest_step: float
    modified_step: object
    stopping: object
    early_stopping: object
    max_iter: int
    history: History = field(default_factory=History)

    def run(self, iterate, hooks):
        """Move `iterate` until it converges, diverges or is told to stop.

        A symmetric run ends with one factor, and the history with the loss there. With
        early stopping it ends with the best iterate, and the history with the last.

        Returns
        -------
        StopReason
        """
        reason = self._descend(iterate, hooks)
        if self.early_stopping:
            iterate.restore(self.early_stopping.best)
        if iterate.lifted:
            iterate.unlift()
            if not self.early_stopping:
                self._record_again(iterate)
        return reason

    def _descend(self, iterate, hooks):
        iterate.refresh()
        gradient = self._record(iterate)
        best_loss, best = iterate.loss, iterate.state()
        bound = DIVERGENCE_FACTOR * max(best_loss, iterate.objective.loss_at_zero)
        for iteration in range(self.max_iter):
            hooks.begin_iteration()
            if self._modify(iterate, iteration):
                gradient = iterate.gradient()
            # A fixed step that is too large may overflow before its loss is looked at.
            with np.errstate(over="ignore", invalid="ignore"):
                step = self._step(iterate, gradient)
                diverged = not iterate.loss <= bound
            if diverged:
                iterate.restore(best)
                hooks.end_iteration()
                return StopReason.DIVERGED
            if step == 0:
                hooks.end_iteration()
                return StopReason.STATIONARY
            gradient = self._record(iterate, step)
            if iterate.loss <= best_loss:
                best_loss, best = iterate.loss, iterate.state()
            reason = self.stopping(iterate)
            if hooks.end_iteration():
                return StopReason.CALLBACK
            if self.early_stopping and self.early_stopping.exhausted:
                return StopReason.EARLY
            if reason is not None and iterate.lifted:
                reason = self._confirm(iterate, reason)
                gradient = iterate.gradient()
            if reason is not None and self._finished(iterate):
                return reason
            if reason is not None:
                gradient = iterate.gradient()
        return StopReason.MAX_ITER

    def _modify(self, iterate, iteration):
        if not self.modified_step(iteration, iterate):
            return False
        self.stopping.restart()
        self.direction.restart()
        if self.history.accelerated_iteration is None:
            self.history.accelerated_iteration = iteration
        return True

    def _finished(self, iterate):
        if not self.modified_step.finish(iterate):
            return True
        self.stopping.restart()
        self.direction.restart()
        self._record_again(iterate)
        return False

    def _confirm(self, iterate, reason):
        """The reason to stop of a lifted run, if it holds for one factor as well.

        The limit of two factors need not be positive semi-definite, as where the data
        call for negative eigenvalues. Then the run goes on with one factor for good.
        """
        lifted = iterate.state()
        moved = iterate.unlift()
        self.direction.restart()
        allowed = self.stopping.tol * iterate.matrix_norm
        if moved <= allowed:
            self._record_again(iterate)
            return reason
        if reason is StopReason.RECOVERED and moved <= STILL_NEAR * allowed:
            iterate.restore(lifted)
            return None
        self.modified_step = NoModifiedStep()
        self.stopping.restart()
        self._record_again(iterate)
        return None

    def _step(self, iterate, gradient):
        """Move along the direction; returns the step, zero if none lowers the loss."""
        if _norm(gradient) <= _rounding(iterate):
            return 0
        step = self._step_along_direction(iterate, gradient)
        if step == 0:
            # A conjugate direction may have lost its slope to rounding errors.
            self.direction.restart()
            step = self._step_along_direction(iterate, gradient)
        return step

    def _step_along_direction(self, iterate, gradient):
        direction = self.direction(iterate, gradient)
        coefficients = iterate.line(direction)
        step = self.step_size
        if step is None:
            step = exact_step(coefficients, self.longest_step)
        if step:
            iterate.move(direction, step)
        return step

    def _record(self, iterate, step=None):
        gradient = iterate.gradient()
        history = self.history
        history.loss.append(iterate.loss)
        history.gradient_norm.append(_norm(gradient))
        history.imbalance.append(iterate.parameterization.imbalance(iterate.factors))
        if step is not None:
            history.step_size.append(step)
        if self.early_stopping:
            history.validation.append(self.early_stopping.watch(iterate))
        return gradient

    def _record_again(self, iterate):
        """Put what holds after a change of the factors in place of the last entry."""
        self.history.forget_last()
        self._record(iterate)


def _rounding(iterate):
    """Of a gradient that is zero. Along that an exact step would lead anywhere."""
    eps = np.finfo(iterate.factors[0].dtype).eps
    return ROUNDINGS * eps * _norm(iterate.factors) * np.sqrt(2 * iterate.loss)


def _norm(parts):
    """Of a gradient, or of the factors: the Frobenius norm of all parts."""
    return np.sqrt(sum(np.vdot(part, part) for part in parts))
