"""solver="als": alternating least squares, where each row has its own problem."""

from typing import Any, final

from .base import Solver, Step, StepRule
from .iterate import Iterate


@final
class AlternatingLeastSquares(Solver):
    """Solve for each factor in turn while the other one is held.

    Accelerated steps make no difference, as the solutions do not depend on how the held
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
