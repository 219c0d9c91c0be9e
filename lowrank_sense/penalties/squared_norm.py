"""The penalty (weight / 2) (||F||_F^2 + ||G||_F^2) of penalties that use it."""

from .._types import Factors, Pair
from ..arrays.factors import inner


def value(weight: float, pair: Pair) -> float:
    """Return the penalty of F and G, which is at least weight ||F G^T||_*."""
    return weight / 2 * inner(pair, pair) if weight else 0.0


def gradient(weight: float, factors: Factors) -> Factors | None:
    """Return its gradient, or None if there is no weight."""
    if not weight:
        return None
    return tuple(part.dtype.type(weight) * part for part in factors)


def line(weight: float, pair: Pair, direction: Pair) -> tuple[float, float] | None:
    """Return its change along a direction, or None if there is no weight."""
    if not weight:
        return None
    return weight * inner(pair, direction), weight / 2 * inner(direction, direction)
