"""When a run is over: the distance to its limit, estimated from its own history."""

import numpy as np

from .history import StopReason
from .modified_step import certified_rank

# Steps are compared over windows so that the zigzag of a line search averages out.
MIN_WINDOW = 10
# A loss that fell by less than this part over two windows is at rest.
AT_REST = 0.01
# A component that fits noise may grow this much larger than the noise of a residual
# that it made smaller.
OVERFIT = 2.0


class StoppingRule:
    """Stop once the estimated relative distance to the limit is below `tol`.

    Without noise the limit is M* and the residual itself is the distance, by
    near-isometry. With noise the loss comes to rest above zero while the steps shrink:
    if the steps of the last window are together rho < 1 times as long as those of the
    one before, a geometric series puts what is still to come at rho / (1 - rho) times
    the last window. For a distance that decays like 1/T, with windows that grow with T,
    the same formula is right to a factor of about two. A saddle point looks alike, but
    some direction outside the factors lowers the loss there, and the run goes on.

    With a fixed penalty the run may be over as well once its duality gap shows that the
    loss is within a part `tol` of the least there is.

    With noise and a surplus of rank what is left to do may take very long and only fit
    the noise. The run is over as well once the loss is at rest, a component is
    certified as signal, the smallest one is about the spectral norm that pure noise of
    the size of the residual has, and nothing can grow above that.

    Parameters
    ----------
    tol : float
        Relative distance in the Frobenius norm. Zero never stops.
    isometry, leak : float
        See `Scale.isometry` and `Scale.leak`. With a leak of one or more noise looks
        just like a signal, and nothing is taken for noise.
    certify : bool
        Whether to compute the duality gap, which needs the gradient.
    """

    def __init__(self, tol, isometry, leak, certify=False):
        self.tol = tol
        self._certify = certify
        self._isometry = isometry
        self._leak = leak
        self.restart()

    def restart(self):
        """Forget the steps so far: the factors were changed, or were not at rest."""
        self._travelled = [0.0]
        self._losses = [np.inf]

    def __call__(self, iterate):
        """A StopReason, or None to go on."""
        objective = iterate.objective
        self._travelled.append(self._travelled[-1] + objective.change)
        self._losses.append(iterate.loss)
        if self.tol == 0:
            return None
        if self._certify and iterate.is_optimal(self.tol):
            return StopReason.STATIONARY
        # A matrix much larger than its measurements grew where they do not look.
        size = min(iterate.matrix_norm, np.sqrt(2 * objective.loss_at_zero))
        distance = self.tol * size
        if objective.error <= distance:
            return StopReason.RECOVERED
        if not self._at_rest():
            return None
        if self._remaining() <= distance:
            reason, hidden = StopReason.STATIONARY, distance
        elif self._fits_noise(iterate):
            reason, hidden = StopReason.NOISE, self._leak * objective.error
        else:
            return None
        if iterate.growth() <= hidden:
            return reason
        self.restart()
        return None

    def _fits_noise(self, iterate):
        if self._leak >= 1:
            return False
        s, error = iterate.singular_values, iterate.objective.error
        return (
            certified_rank(s, error, self._isometry) > 0
            and s[-1] <= OVERFIT * self._leak * error
        )

    @property
    def _window(self):
        return max(MIN_WINDOW, (len(self._travelled) - 1) // 10)

    def _at_rest(self):
        span = 2 * self._window
        if len(self._losses) <= span:
            return False
        return self._losses[-1] >= (1 - AT_REST) * self._losses[-1 - span]

    def _remaining(self):
        window = self._window
        last = self._travelled[-1] - self._travelled[-1 - window]
        before = self._travelled[-1 - window] - self._travelled[-1 - 2 * window]
        if last == 0:
            return 0.0
        return last**2 / (before - last) if last < before else np.inf
