"""How factors move: descent and its directions, alternating, and when to stop."""

from .._registry import Registry
from ..inference.diagnostics import Diagnostics
from .als import AlternatingLeastSquares
from .base import Solver, Step, StepRule
from .conjugate_gradient import ConjugateGradient, PreconditionedConjugateGradient
from .descent import Descent
from .gradient_descent import GradientDescent
from .iterate import Iterate

SOLVERS: Registry[Solver] = Registry(
    "solver",
    Solver,
    {
        "gd": GradientDescent,
        "cg": ConjugateGradient,
        "pcg": PreconditionedConjugateGradient,
        "als": AlternatingLeastSquares,
    },
)
# Degrees of freedom per measurement up to which "pcg" suits.
FEW_MEASUREMENTS = 0.85


def suited_solver(diagnostics: Diagnostics, *, row_separable: bool) -> str:
    """Return the name of the solver that solver="auto" stands for.

    It is the fastest one, "als" or "pcg", or "cg" if measurements are few. With fewer
    measurements than degrees of freedom, surplus included, only the bias of a small
    start towards low rank finds the matrix, and preconditioning gives up this bias.
    """
    if diagnostics.dof_per_measurement > FEW_MEASUREMENTS:
        return "cg"
    return "als" if row_separable else "pcg"


__all__ = [
    "SOLVERS",
    "Descent",
    "Iterate",
    "Solver",
    "Step",
    "StepRule",
    "suited_solver",
]
