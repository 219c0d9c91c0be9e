"""The term (weight / 2) (||F||_F^2 + ||G||_F^2) that several penalties use."""

from .._types import Factors, Pair
from ..arrays.factors import inner


def value(weight: float, pair: Pair) -> float:
    """Return the term at F and G, which is at least weight ||F G^T||_*."""
    return weight / 2 * inner(pair, pair) if weight else 0.0


def gradient(weight: float, factors: Factors) -> Factors | None:
    """Return the gradient of the term, or None if the weight is zero."""
    if not weight:
        return None
    return tuple(part.dtype.type(weight) * part for part in factors)


def line(weight: float, pair: Pair, direction: Pair) -> tuple[float, float] | None:
    """Return the change of the term along a direction, or None without weight."""
    if not weight:
        return None
    return weight * inner(pair, direction), weight / 2 * inner(direction, direction)
