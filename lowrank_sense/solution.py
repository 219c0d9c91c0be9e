"""The result of a run."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import final

from ._types import Factors


class StopReason(StrEnum):
    """Name why a run ended, as a value that programs can compare."""

    RECOVERED = "recovered"  # the residual vanished to within tol
    STATIONARY = "stationary"  # the iterates came to rest, the residual did not vanish
    NOISE = "noise"  # the loss came to rest, and only the noise is still being fitted
    MAX_ITER = "max_iter"
    DIVERGED = "diverged"
    EARLY = "early"  # the held-out loss no longer falls
    CALLBACK = "callback"

    @property
    def converged(self) -> bool:
        """Return whether the run ended by itself."""
        return self in (
            StopReason.RECOVERED,
            StopReason.STATIONARY,
            StopReason.NOISE,
            StopReason.EARLY,
        )


@final
@dataclass
class History:
    """Hold the curves of a run, in dimensionless units; entry t follows t steps."""

    loss: list[float] = field(default_factory=list)
    gradient_norm: list[float] = field(default_factory=list)
    imbalance: list[float] = field(default_factory=list)
    step_size: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)
    accelerated_iteration: int | None = None

    @property
    def n_iter(self) -> int:
        """Return the number of steps taken."""
        return len(self.step_size)

    def forget_last(self) -> None:
        """Remove the last entry of each curve."""
        for curve in (self.loss, self.gradient_norm, self.imbalance, self.validation):
            del curve[-1:]


@final
@dataclass(frozen=True)
class Solution:
    """Hold the matrix that a run found, in the units of the data.

    Attributes
    ----------
    factors : tuple of ndarray
        X with M = X X^T, or F and G with M = F G^T.
    intercept : float
        In the units of y.
    stop_reason : StopReason
    effective_rank : int
    history : History
        In dimensionless units.
    """

    factors: Factors
    intercept: float
    stop_reason: StopReason
    effective_rank: int
    history: History
