"""What a run leaves behind."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import final

from ._types import Factors


class StopReason(StrEnum):
    """Why a run ended, as a value that programs can compare."""

    RECOVERED = "recovered"  # the residual vanished to within tol
    STATIONARY = "stationary"  # the iterates stand still, the residual does not vanish
    NOISE = "noise"  # the loss is at rest, what still moves is smaller than the noise
    MAX_ITER = "max_iter"
    DIVERGED = "diverged"
    EARLY = "early"  # the loss of what was held out does not fall any more
    CALLBACK = "callback"

    @property
    def converged(self) -> bool:
        """Whether the run came to its end by itself."""
        return self in (
            StopReason.RECOVERED,
            StopReason.STATIONARY,
            StopReason.NOISE,
            StopReason.EARLY,
        )


@final
@dataclass
class History:
    """Curves of a run in dimensionless units; entry t is from after t steps."""

    loss: list[float] = field(default_factory=list)
    gradient_norm: list[float] = field(default_factory=list)
    imbalance: list[float] = field(default_factory=list)
    step_size: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)
    accelerated_iteration: int | None = None

    @property
    def n_iter(self) -> int:
        """How many steps were taken."""
        return len(self.step_size)

    def forget_last(self) -> None:
        """Remove the last entry of each curve."""
        for curve in (self.loss, self.gradient_norm, self.imbalance, self.validation):
            del curve[-1:]


@final
@dataclass(frozen=True)
class Solution:
    """The matrix that a run found, in the units of its problem.

    Attributes
    ----------
    factors : tuple of ndarray
        X with M = X X^T, or F and G with M = F G^T.
    intercept : float
        In the units of y.
    stop_reason : StopReason
    effective_rank : int
    history : History
    """

    factors: Factors
    intercept: float
    stop_reason: StopReason
    effective_rank: int
    history: History
