"""solver="als": alternating least squares, where rows have problems of their own."""

from dataclasses import dataclass, field

import numpy as np

from .history import History, StopReason


@dataclass
class AlternatingLeastSquares:
    """Solve for one factor while the other is held, in turns.

    Parameters
    ----------
    modified_step, stopping, early_stopping, max_iter
        As for `Descent`. Of the modified steps only the square-root lasso makes a
        difference: the solutions do not depend on how the held factor is scaled.
    """

    modified_step: object
    stopping: object
    early_stopping: object
    max_iter: int
    history: History = field(default_factory=History)

    def run(self, iterate, hooks):
        """Alternate until the iterates converge or a callback says to stop.

        Returns
        -------
        StopReason
        """
        reason = self._alternate(iterate, hooks)
        gradient = iterate.gradient()
        norm = np.sqrt(sum(np.vdot(part, part) for part in gradient))
        self.history.gradient_norm.append(norm)
        if self.early_stopping:
            iterate.restore(self.early_stopping.best)
        return reason

    def _alternate(self, iterate, hooks):
        iterate.refresh()
        self._record(iterate)
        for iteration in range(self.max_iter):
            hooks.begin_iteration()
            if self.modified_step(iteration, iterate):
                self._begin_anew(iteration)
            self.history.gradient_norm.append(iterate.alternate())
            self.history.step_size.append(1.0)
            self._record(iterate)
            reason = self.stopping(iterate)
            if hooks.end_iteration():
                return StopReason.CALLBACK
            if self.early_stopping and self.early_stopping.exhausted:
                return StopReason.EARLY
            if reason is None:
                continue
            if not self.modified_step.finish(iterate):
                return reason
            self._begin_anew(iteration + 1)
        return StopReason.MAX_ITER

    def _begin_anew(self, iteration):
        self.stopping.restart()
        if self.history.accelerated_iteration is None:
            self.history.accelerated_iteration = iteration

    def _record(self, iterate):
        history = self.history
        history.loss.append(iterate.loss)
        history.imbalance.append(iterate.parameterization.imbalance(iterate.factors))
        if self.early_stopping:
            history.validation.append(self.early_stopping.watch(iterate))
