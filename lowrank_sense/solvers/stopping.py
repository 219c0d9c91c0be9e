"""When a run is over: the distance to its limit, estimated from its own history."""

import numpy as np

from .history import StopReason

# Steps are compared over windows so that the zigzag of a line search averages out.
MIN_WINDOW = 10
# A loss that fell by less than this part over two windows is at rest.
AT_REST = 0.01


class StoppingRule:
    """Stop once the estimated relative distance to the limit is below `tol`.

    Without noise the limit is M* and the residual itself is the distance, by
    near-isometry. With noise the loss comes to rest above zero while the steps shrink:
    if the steps of the last window are together rho < 1 times as long as those of the
    one before, a geometric series puts what is still to come at rho / (1 - rho) times
    the last window. For a distance that decays like 1/T, with windows that grow with T,
    the same formula is right to a factor of about two. A saddle point looks alike, but
    some direction outside the factors lowers the loss there, and the run goes on.

    Parameters
    ----------
    tol : float
        Relative distance in the Frobenius norm. Zero never stops.
    """

    def __init__(self, tol):
        self.tol = tol
        self.restart()

    def restart(self):
        """Forget the steps so far: the factors were changed."""
        self._travelled = [0.0]
        self._losses = [np.inf]

    def __call__(self, iterate):
        """A StopReason, or None to go on."""
        objective = iterate.objective
        self._travelled.append(self._travelled[-1] + objective.change)
        self._losses.append(objective.loss)
        if self.tol == 0:
            return None
        distance = self.tol * iterate.matrix_norm
        if objective.error <= distance:
            return StopReason.RECOVERED
        if self._remaining() <= distance:
            if iterate.growth() <= distance:
                return StopReason.STATIONARY
            self.restart()
        return None

    def _remaining(self):
        n_steps = len(self._travelled) - 1
        window = max(MIN_WINDOW, n_steps // 10)
        if n_steps < 2 * window:
            return np.inf
        if self._losses[-1] < (1 - AT_REST) * self._losses[-1 - 2 * window]:
            return np.inf
        last = self._travelled[-1] - self._travelled[-1 - window]
        before = self._travelled[-1 - window] - self._travelled[-1 - 2 * window]
        return last**2 / (before - last) if last < before else np.inf
