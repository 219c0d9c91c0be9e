"""penalty=0: no penalty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from .._types import Factors, Pair
from .base import Penalty

if TYPE_CHECKING:
    from ..inference.diagnostics import Diagnostics
    from ..inference.scale import Scale


@final
@dataclass(frozen=True)
class NoPenalty(Penalty):
    """Add nothing to the loss."""

    is_squared_norm = True
    depends_on_factors = False

    def begin(self, scale: Scale, diagnostics: Diagnostics) -> Penalty:
        """Return the penalty itself."""
        return self

    @property
    def damping(self) -> float:
        """Return zero."""
        return 0.0

    def value(self, pair: Pair) -> float:
        """Return zero."""
        return 0.0

    def gradient(self, factors: Factors) -> Factors | None:
        """Return None."""
        return None

    def line(self, pair: Pair, direction: Pair) -> tuple[float, float] | None:
        """Return None."""
        return None
