"""When a run is over: the distance to its limit, estimated from its own history."""

import numpy as np

from .history import StopReason

# Movements are compared over windows so that the zigzag of a line search averages out.
MIN_WINDOW = 10


class StoppingRule:
    """Stop once the estimated relative distance to the limit is below `tol`.

    Two estimates, the smaller counts. Without noise the limit is M* and the residual
    itself is the distance, by near-isometry. With noise the residual stays, but the
    lengths of the steps shrink; if the last window of steps is rho < 1 times as long
    as the one before, a geometric series bounds what is still to come by
    rho / (1 - rho) windows. For a 1/T decay of the distance, the windows growing with
    T, the same formula is right to a factor of about two.

    Parameters
    ----------
    tol : float
        Relative distance in the Frobenius norm. Zero never stops.
    """

    def __init__(self, tol):
        self.tol = tol
        self._travelled = [0.0]

    def restart(self):
        """Forget the steps so far: the factors were changed."""
        self._travelled = [0.0]

    def __call__(self, objective, matrix_norm):
        """A StopReason, or None to go on."""
        self._travelled.append(self._travelled[-1] + objective.change)
        if objective.error <= self.tol * matrix_norm:
            return StopReason.RECOVERED if self.tol else None
        if self._remaining() <= self.tol * matrix_norm:
            return StopReason.STATIONARY if self.tol else None
        return None

    def _remaining(self):
        n_steps = len(self._travelled) - 1
        window = max(MIN_WINDOW, n_steps // 10)
        if n_steps < 2 * window:
            return np.inf
        last = self._travelled[-1] - self._travelled[-1 - window]
        before = self._travelled[-1 - window] - self._travelled[-1 - 2 * window]
        return last**2 / (before - last) if last < before else np.inf
