"""solver="als": alternating least squares, where rows have problems of their own."""

from typing import Any, final

from .base import Solver, Step, StepRule
from .iterate import Iterate


@final
class AlternatingLeastSquares(Solver):
    """Solve for one factor while the other is held, in turns.

    Accelerated steps make no difference: the solutions do not depend on how the held
    factor is scaled.
    """

    requires = frozenset({"row_separable"})
    knows_gradient = False
    takes_accelerated_step = False

    def step(self, iterate: Iterate, memory: Any, rule: StepRule) -> tuple[Step, Any]:
        """Minimize over each factor once."""
        F, G, gradient_norm = iterate.objective.alternate(iterate.penalty.damping)
        iterate.factors = F, G
        return Step(1.0, gradient_norm), None
