"""The stopping rule, from the distance to the limit as the history tells it."""

from typing import final

import numpy as np

from ..arrays.factors import product_svd
from ..inference.certificates import DualityGap, certified_rank, negative_curvature
from ..inference.diagnostics import Diagnostics
from ..solution import StopReason
from .iterate import Iterate

# Steps are compared over windows so that the zigzag of a line search averages out.
MIN_WINDOW = 10
# A loss that fell by less than this fraction over two windows is at rest.
AT_REST = 0.01
# A component that fits noise makes the residual smaller, so it may be this many times
# as large as the noise that the residual tells.
OVERFIT = 2.0


@final
class StoppingRule:
    """Stop once the estimated relative distance to the limit is below `tol`.

    Without noise the limit is M*, and by near-isometry the residual is the distance.
    With noise the loss comes to rest above zero while the steps shrink. If the steps of
    the last window are together rho < 1 times as long as those of the window before, a
    geometric series estimates the remaining distance as rho / (1 - rho) times the last
    window. If the distance decays like 1/T, and windows grow with T, this formula is
    right to a factor of about two. A saddle point looks the same, but there some
    direction outside the factors lowers the loss, and the run goes on.

    With a fixed penalty, the run is also over once the duality gap shows that the loss
    is within a fraction `tol` of the least possible.

    With noise and surplus rank, the remaining steps may take very long and only fit the
    noise. So the run is also over once the loss is at rest, a component is certified as
    signal, the smallest component is about as large as pure noise of the size of the
    residual makes it, and nothing can grow above that.

    Parameters
    ----------
    tol : float
        Relative distance in the Frobenius norm. Zero never stops.
    diagnostics : Diagnostics
    fits_noise : bool
        Whether surplus components may stay, and then fit noise. Under a penalty they
        vanish.
    duality_gap : DualityGap or None
        The duality gap, if the problem has one and the gradient is at hand.
    """

    def __init__(
        self,
        tol: float,
        diagnostics: Diagnostics,
        *,
        fits_noise: bool = True,
        duality_gap: DualityGap | None = None,
    ) -> None:
        self.tol = tol
        self._diagnostics = diagnostics
        self._fits_noise = fits_noise
        self._duality_gap = duality_gap
        self.restart()

    def restart(self) -> None:
        """Forget the steps so far, once factors were changed or were not at rest."""
        self._travelled: list[float] = [0.0]
        self._losses: list[float] = [np.inf]

    def __call__(self, iterate: Iterate) -> StopReason | None:
        """Return the reason to stop, or None to go on."""
        objective = iterate.objective
        self._travelled.append(self._travelled[-1] + objective.change)
        self._losses.append(iterate.value)
        if self.tol == 0:
            return None
        if self._duality_gap and self._duality_gap.certifies(iterate, self.tol):
            return StopReason.STATIONARY
        # A matrix much larger than its measurements grew where nothing is measured.
        distance = self.tol * min(iterate.matrix_norm, objective.error_at_zero)
        if objective.error <= distance:
            return StopReason.RECOVERED
        if not self._at_rest():
            return None
        if self._remaining() <= distance:
            reason, hidden = StopReason.STATIONARY, distance
        elif self._only_fits_noise(iterate):
            reason = StopReason.NOISE
            hidden = self._diagnostics.noise_norm * objective.error
        else:
            return None
        if negative_curvature(iterate) <= hidden:
            return reason
        self.restart()
        return None

    def _only_fits_noise(self, iterate: Iterate) -> bool:
        noise_norm = self._diagnostics.noise_norm
        if not self._fits_noise or noise_norm >= 1:
            return False
        _, s, _ = product_svd(*iterate.pair)
        error = iterate.objective.error
        return (
            certified_rank(s, error, self._diagnostics.isometry_bound) > 0
            and s[-1] <= OVERFIT * noise_norm * error
        )

    @property
    def _window(self) -> int:
        return max(MIN_WINDOW, (len(self._travelled) - 1) // 10)

    def _at_rest(self) -> bool:
        span = 2 * self._window
        if len(self._losses) <= span:
            return False
        return self._losses[-1] >= (1 - AT_REST) * self._losses[-1 - span]

    def _remaining(self) -> float:
        window = self._window
        last = self._travelled[-1] - self._travelled[-1 - window]
        before = self._travelled[-1 - window] - self._travelled[-1 - 2 * window]
        if last == 0:
            return 0.0
        return last**2 / (before - last) if last < before else np.inf
