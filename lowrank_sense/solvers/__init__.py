"""How factors move."""

from .descent import Descent
from .directions import (
    ConjugateGradient,
    GradientDescent,
    PreconditionedConjugateGradient,
)
from .history import History, StopReason
from .iterate import Iterate
from .modified_step import (
    MIN_ISOMETRY,
    CertifiedModifiedStep,
    NoModifiedStep,
    PlainModifiedStep,
    certified_rank,
)
from .stopping import StoppingRule

DIRECTIONS = {
    "gd": GradientDescent,
    "cg": ConjugateGradient,
    "pcg": PreconditionedConjugateGradient,
}


def fitting_solver(isometry):
    """solver="auto": "pcg", or "cg" where measurements are few.

    With fewer measurements than the surplus has degrees of freedom only the bias of a
    small start towards low rank finds the matrix, and preconditioning gives it up.
    """
    return "pcg" if isometry > MIN_ISOMETRY else "cg"


__all__ = [
    "DIRECTIONS",
    "CertifiedModifiedStep",
    "Descent",
    "History",
    "Iterate",
    "NoModifiedStep",
    "PlainModifiedStep",
    "StopReason",
    "StoppingRule",
    "certified_rank",
    "fitting_solver",
]
