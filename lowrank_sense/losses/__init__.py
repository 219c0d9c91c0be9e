"""The symbol l: how far a predictor is from a measurement."""

from .._registry import Registry
from .base import Loss
from .squared_error import SquaredError

LOSSES: Registry[Loss] = Registry("loss", Loss, {"squared_error": SquaredError})

__all__ = ["LOSSES", "Loss", "SquaredError"]
