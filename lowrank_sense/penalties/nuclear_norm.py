"""A number as penalty: the nuclear norm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from .._types import Factors, Pair
from . import squared_norm
from .base import Penalty
from .none import NoPenalty

if TYPE_CHECKING:
    from ..inference.diagnostics import Diagnostics
    from ..inference.scale import Scale


@final
@dataclass(frozen=True)
class NuclearNorm(Penalty):
    r"""Add the nuclear norm :math:`\lambda \|M\|_*` to the loss.

    The nuclear norm is the minimum of :math:`\frac{1}{2} (\|F\|_F^2 + \|G\|_F^2)` over
    all factors of M (Srebro, Rennie and Jaakkola, 2004).

    Parameters
    ----------
    weight : float
        The positive number :math:`\lambda`.
    """

    is_squared_norm = True
    has_duality_gap = True
    weight: float

    def begin(self, scale: Scale, diagnostics: Diagnostics) -> Penalty:
        """Return the penalty with its weight in the units of the problem."""
        weight = scale.penalty(self.weight)
        return NuclearNorm(weight) if weight else NoPenalty()

    @property
    def damping(self) -> float:
        """Return the weight."""
        return self.weight

    def value(self, pair: Pair) -> float:
        """Return the penalty of F and G."""
        return squared_norm.value(self.weight, pair)

    def gradient(self, factors: Factors) -> Factors | None:
        """Return weight * factors."""
        return squared_norm.gradient(self.weight, factors)

    def line(self, pair: Pair, direction: Pair) -> tuple[float, float] | None:
        """Return the change along a direction."""
        return squared_norm.line(self.weight, pair, direction)
