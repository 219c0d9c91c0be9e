"""solver="cg" and solver="pcg": conjugate directions."""

from typing import Any, NamedTuple, final

from .._types import Factors
from ..arrays.factors import inner
from .descent import Descent
from .iterate import Iterate


@final
class Previous(NamedTuple):
    """Hold what a conjugate direction needs of the one before.

    Attributes
    ----------
    gradient : tuple of ndarray
    slope : float
        The slope <gradient, z>, with z the preconditioned gradient.
    direction : tuple of ndarray
    """

    gradient: Factors
    slope: float
    direction: Factors


@final
class ConjugateGradient(Descent):
    """Move along Polak and Ribiere's conjugate directions, with exact steps."""

    def direction(
        self, iterate: Iterate, gradient: Factors, memory: Any
    ) -> tuple[Factors, Any]:
        """Return the direction conjugate to the one before."""
        return conjugate_direction(gradient, gradient, memory)


@final
class PreconditionedConjugateGradient(Descent):
    """Move along conjugate directions in the metric of the factors.

    The gradient is multiplied by the inverse of the other factor's damped Gram matrix,
    so that neither the condition number nor surplus directions slow the run down. The
    damping goes to zero with the residual (Zhang, Fattahi and Zhang, 2021; Xu, Shen,
    Chi and Ma, 2023).
    """

    def direction(
        self, iterate: Iterate, gradient: Factors, memory: Any
    ) -> tuple[Factors, Any]:
        """Return the direction conjugate to the one before in the metric."""
        preconditioned = iterate.parameterization.precondition(
            iterate.factors,
            gradient,
            iterate.objective.error,
            iterate.penalty.damping,
            iterate.objective.sampling_counts,
        )
        return conjugate_direction(gradient, preconditioned, memory)


def conjugate_direction(
    gradient: Factors, z: Factors, previous: Previous | None
) -> tuple[Factors, Previous]:
    """Return d = -z + beta d_before, and what the next direction needs.

    Here beta = max(0, <g - g_before, z> / <g_before, z_before>), with g the gradient.
    The direction is -z at the start, or if d would not descend (Nocedal and Wright,
    Numerical Optimization, 2006, equations 5.44 and 5.45).
    """
    direction = tuple(-part for part in z)
    slope = inner(gradient, z)
    if previous is not None:
        beta = max(0.0, (slope - inner(previous.gradient, z)) / previous.slope)
        conjugate = tuple(
            part + part.dtype.type(beta) * before
            for part, before in zip(direction, previous.direction, strict=True)
        )
        if inner(conjugate, gradient) < 0:
            direction = conjugate
    return direction, Previous(gradient, slope, direction)
