"""How factors move."""

from .descent import Descent, Iterate
from .directions import GradientDescent
from .history import History, StopReason
from .modified_step import (
    MIN_ISOMETRY,
    CertifiedModifiedStep,
    NoModifiedStep,
    PlainModifiedStep,
    certified_rank,
)
from .stopping import StoppingRule

DIRECTIONS = {"gd": GradientDescent}

__all__ = [
    "DIRECTIONS",
    "MIN_ISOMETRY",
    "CertifiedModifiedStep",
    "Descent",
    "History",
    "Iterate",
    "NoModifiedStep",
    "PlainModifiedStep",
    "StopReason",
    "StoppingRule",
    "certified_rank",
]
