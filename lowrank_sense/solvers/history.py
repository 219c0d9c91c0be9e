"""What a run leaves behind."""

from dataclasses import dataclass, field
from enum import StrEnum


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
    def converged(self):
        return self in (
            StopReason.RECOVERED,
            StopReason.STATIONARY,
            StopReason.NOISE,
            StopReason.EARLY,
        )


@dataclass
class History:
    """Curves of a run in dimensionless units, entry t from after t steps."""

    loss: list = field(default_factory=list)
    gradient_norm: list = field(default_factory=list)
    imbalance: list = field(default_factory=list)
    step_size: list = field(default_factory=list)
    validation: list = field(default_factory=list)
    accelerated_iteration: int | None = None

    @property
    def n_iter(self):
        return len(self.step_size)

    def forget_last(self):
        for curve in (self.loss, self.gradient_norm, self.imbalance, self.validation):
            del curve[-1:]
