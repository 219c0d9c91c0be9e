"""solver="gd": gradient descent, as published."""

from typing import Any, final

from .._types import Factors
from .descent import Descent
from .iterate import Iterate


@final
class GradientDescent(Descent):
    """Move both factors at once along minus the gradient (Xiong, Ding and Du, 2024)."""

    takes_fixed_step = True
    small_first_steps = True

    def direction(
        self, iterate: Iterate, gradient: Factors, memory: Any
    ) -> tuple[Factors, Any]:
        """Return minus the gradient."""
        return tuple(-part for part in gradient), None
