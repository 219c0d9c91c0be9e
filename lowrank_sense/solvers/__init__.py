"""How factors move."""

from .alternating import AlternatingLeastSquares
from .descent import Descent
from .directions import (
    ConjugateGradient,
    GradientDescent,
    PreconditionedConjugateGradient,
)
from .early_stopping import EarlyStopping
from .effective_rank import effective_rank
from .history import History, StopReason
from .iterate import Iterate
from .modified_step import (
    CertifiedModifiedStep,
    NoModifiedStep,
    PlainModifiedStep,
)
from .square_root_lasso import SquareRootLasso
from .stopping import StoppingRule

DIRECTIONS = {
    "gd": GradientDescent,
    "cg": ConjugateGradient,
    "pcg": PreconditionedConjugateGradient,
}

__all__ = [
    "DIRECTIONS",
    "AlternatingLeastSquares",
    "CertifiedModifiedStep",
    "Descent",
    "EarlyStopping",
    "History",
    "Iterate",
    "NoModifiedStep",
    "PlainModifiedStep",
    "SquareRootLasso",
    "StopReason",
    "StoppingRule",
    "effective_rank",
]
