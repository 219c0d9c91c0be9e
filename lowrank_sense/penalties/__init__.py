"""The symbol Omega: what keeps the factors small."""

from numbers import Real

from .._registry import Registry
from .base import Penalty
from .none import NoPenalty
from .nuclear_norm import NuclearNorm
from .square_root_lasso import SquareRootLasso

PENALTIES: Registry[Penalty] = Registry("penalty", Penalty, {"auto": SquareRootLasso})


def make_penalty(penalty: float | str | type[Penalty] | Penalty) -> Penalty:
    """Return the penalty that a number, a name, a class or an instance stands for."""
    if isinstance(penalty, (int, float, Real)):
        return NuclearNorm(float(penalty)) if penalty else NoPenalty()
    return PENALTIES.make(penalty)


__all__ = [
    "PENALTIES",
    "NoPenalty",
    "NuclearNorm",
    "Penalty",
    "SquareRootLasso",
    "make_penalty",
]
