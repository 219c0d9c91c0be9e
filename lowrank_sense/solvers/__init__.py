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


# Of the number of measurements, up to which degrees of freedom suit "pcg".
FEW = 0.85


def fitting_solver(degrees_of_freedom, n_measurements):
    """solver="auto": "pcg", or "cg" where measurements are few.

    With fewer measurements than degrees of freedom, surplus included, only the bias of
    a small start towards low rank finds the matrix, and preconditioning gives it up.
    """
    return "pcg" if degrees_of_freedom <= FEW * n_measurements else "cg"


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
