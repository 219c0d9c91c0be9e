"""When a run is over: the distance to its limit, estimated from its own history."""

from typing import final

import numpy as np

from ..arrays.factors import product_svd
from ..inference.certificates import DualityGap, certified_rank, negative_curvature
from ..inference.diagnostics import Diagnostics
from ..solution import StopReason
from .iterate import Iterate

# Steps are compared over windows so that the zigzag of a line search averages out.
MIN_WINDOW = 10
# A loss that fell by less than this part over two windows is at rest.
AT_REST = 0.01
# A component that fits noise may grow this much larger than the noise of a residual
# that it made smaller.
OVERFIT = 2.0


@final
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
    diagnostics : Diagnostics
    fits_noise : bool
        Whether surplus components may stay, which then fit noise. A penalty lets them
        vanish.
    duality_gap : DualityGap or None
        Given if the problem has one, and its gradient is at hand.
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
        """Forget the steps so far: the factors were changed, or were not at rest."""
        self._travelled: list[float] = [0.0]
        self._losses: list[float] = [np.inf]

    def __call__(self, iterate: Iterate) -> StopReason | None:
        """Return why to stop, or None to go on."""
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
