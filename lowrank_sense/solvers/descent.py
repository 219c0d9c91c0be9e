"""The descent loop that every direction, step rule and parameterization shares."""

from dataclasses import dataclass, field

import numpy as np

from ..parameterizations import AsymmetricParameterization
from .history import History, StopReason
from .line_search import exact_step

# The residual is updated by recurrence; now and then it is recomputed so that rounding
# errors do not build up.
REFRESH_EVERY = 50
# A loss this many times above its start and above that of M = 0 will not come back.
DIVERGENCE_FACTOR = 100.0


class Iterate:
    """Where a run stands: the factors, how they make a matrix, and the loss there.

    A symmetric run may be lifted to two factors, and return to one.
    """

    def __init__(self, parameterization, factors, objective):
        self.parameterization = parameterization
        self.factors = factors
        self.objective = objective
        self._unlifted = None

    @property
    def lifted(self):
        return self._unlifted is not None

    @property
    def pair(self):
        """(F, G) with M = F G^T."""
        return self.parameterization.pair(self.factors)

    @property
    def matrix_norm(self):
        F, G = self.pair
        return np.sqrt(max(float(np.sum((F.T @ F) * (G.T @ G))), 0.0))

    def gradient(self):
        return self.parameterization.gradient(self.factors, self.objective.image)

    def line(self, direction):
        return self.objective.line(*self.pair, *self.parameterization.pair(direction))

    def move(self, direction, step):
        self.objective.advance(step)
        self.factors = tuple(
            part + part.dtype.type(step) * change
            for part, change in zip(self.factors, direction, strict=True)
        )

    def refresh(self):
        self.objective.restart(*self.pair)

    def replace(self, factors):
        """Go on from other factors of the same matrix, one or two of them."""
        change_of_form = len(factors) != len(self.factors)
        self.factors = factors
        if not change_of_form:
            return
        if self.lifted:
            self.parameterization, self.objective = self._unlifted
            self._unlifted = None
        else:
            self._unlifted = self.parameterization, self.objective
            self.parameterization = AsymmetricParameterization()
            self.objective = self.objective.symmetrized()
        self.refresh()


@dataclass
class Descent:
    """Gradient descent and its relatives.

    Parameters
    ----------
    direction : callable
        From the gradient to a direction, both tuples shaped like the factors.
    step_size : float or None
        A fixed step in dimensionless units; None for an exact line search.
    modified_step : callable
        From the iteration and the iterate to other factors, or None.
    stopping : StoppingRule
    max_iter : int
    """

    direction: object
    step_size: float | None
    modified_step: object
    stopping: object
    max_iter: int
    history: History = field(default_factory=History)

    def run(self, iterate, hooks):
        """Move `iterate` until it converges, diverges or is told to stop.

        Returns
        -------
        StopReason
        """
        iterate.refresh()
        gradient = self._record(iterate)
        best_loss, best_factors = iterate.objective.loss, iterate.factors
        bound = DIVERGENCE_FACTOR * max(best_loss, iterate.objective.loss_at_zero)
        for iteration in range(self.max_iter):
            if self.history.gradient_norm[-1] == 0:
                return StopReason.STATIONARY
            hooks.begin_iteration()
            if self._modify(iterate, iteration):
                gradient = iterate.gradient()
            # A fixed step that is too large may overflow before its loss is looked at.
            with np.errstate(over="ignore", invalid="ignore"):
                step = self._step(iterate, gradient, iteration)
            if step == 0:
                return StopReason.STATIONARY
            if not iterate.objective.loss <= bound:
                iterate.factors = best_factors
                return StopReason.DIVERGED
            gradient = self._record(iterate, step)
            if iterate.objective.loss <= best_loss:
                best_loss, best_factors = iterate.objective.loss, iterate.factors
            reason = self.stopping(iterate.objective, iterate.matrix_norm)
            if hooks.end_iteration():
                return StopReason.CALLBACK
            if reason is not None:
                return reason
        return StopReason.MAX_ITER

    def _modify(self, iterate, iteration):
        factors = self.modified_step(iteration, iterate)
        if factors is None:
            return False
        iterate.replace(factors)
        self.stopping.restart()
        if self.history.accelerated_iteration is None:
            self.history.accelerated_iteration = iteration
        return True

    def _step(self, iterate, gradient, iteration):
        """Move along the direction; returns the step, zero if none lowers the loss."""
        direction = self.direction(gradient)
        coefficients = iterate.line(direction)
        step = self.step_size
        if step is None:
            step = exact_step(coefficients)
        if step:
            iterate.move(direction, step)
            if (iteration + 1) % REFRESH_EVERY == 0:
                iterate.refresh()
        return step

    def _record(self, iterate, step=None):
        gradient = iterate.gradient()
        history = self.history
        history.loss.append(iterate.objective.loss)
        history.gradient_norm.append(np.sqrt(sum(np.vdot(g, g) for g in gradient)))
        history.imbalance.append(iterate.parameterization.imbalance(iterate.factors))
        if step is not None:
            history.step_size.append(step)
        return gradient
