"""What a finished run may claim, and what is to be said beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np

from ..solution import StopReason
from .diagnostics import Diagnostics
from .effective_rank import effective_rank, measured_components

if TYPE_CHECKING:
    from ..solvers.iterate import Iterate

# Degrees of freedom per measurement up to which a vanishing residual means recovery.
LITTLE_ROOM = 0.85
# Components below this many times the tolerance are part of the error.
NEGLIGIBLE = 10.0
# An intercept is missed if it would lower the loss by this part, and by this many times
# what one number does to noise.
MISSED = 0.1
SIGNIFICANT = 25.0
# Negative eigenvalues are called for if this part of y is left, and the loss would fall
# along them by this many times what it would along positive ones, or under noise.
MUCH_LEFT = 0.25
ABOVE_OTHERS = 1.5


@final
@dataclass(frozen=True)
class Verdict:
    """Hold how many components the data support, and the reasons to doubt a result.

    Attributes
    ----------
    effective_rank : int
    n_unseen : int
        Components that the measurements hardly see, though the residual vanished.
    dof : int
        Degrees of freedom of the matrix found.
    little_room : bool
        Whether the residual vanished, but these are about as many as the measurements.
    nothing_certain : bool
        Whether the run is over, but no component is larger than noise or error could
        make it.
    undecided : bool
        Whether the penalty was to find the rank, and did not.
    intercept_gain : float
        The part of the loss that an intercept would take away; zero if it is none.
    part_left : float
        The part of y (root mean square) that no positive semi-definite matrix explains,
        though an indefinite one would; zero if there is no such sign.
    """

    effective_rank: int
    n_unseen: int = 0
    dof: int = 0
    little_room: bool = False
    nothing_certain: bool = False
    undecided: bool = False
    intercept_gain: float = 0.0
    part_left: float = 0.0


def judge(
    iterate: Iterate, reason: StopReason, diagnostics: Diagnostics, tol: float
) -> Verdict:
    """Judge the result of a run.

    Parameters
    ----------
    iterate : Iterate
    reason : StopReason
    diagnostics : Diagnostics
    tol : float
        Tolerance of the run.
    """
    if not any(part.any() for part in iterate.factors):
        return Verdict(0)
    n_measurements = diagnostics.n_measurements
    components = measured_components(iterate, n_measurements, NEGLIGIBLE * tol)
    found = iterate.penalty.rank
    if found is None:
        rank = effective_rank(iterate, reason, diagnostics, tol, components)
    else:
        rank = found - int(np.sum(components.unseen[:found]))
    width = iterate.factors[0].shape[1]
    dof = iterate.parameterization.degrees_of_freedom(iterate.objective.shape, width)
    if reason is StopReason.RECOVERED:
        return Verdict(
            rank,
            int(np.sum(components.unseen)),
            dof,
            little_room=dof > LITTLE_ROOM * n_measurements,
            nothing_certain=rank == 0,
        )
    if reason is StopReason.MAX_ITER:
        return Verdict(rank, part_left=_part_left(iterate, diagnostics))
    if reason not in (StopReason.NOISE, StopReason.STATIONARY):
        return Verdict(rank)
    return Verdict(
        rank,
        dof=dof,
        nothing_certain=rank == 0 and not iterate.penalty.damping,
        undecided=iterate.penalty.finds_rank and found is None,
        intercept_gain=_intercept_gain(iterate, diagnostics),
        part_left=_part_left(iterate, diagnostics),
    )


def _intercept_gain(iterate: Iterate, diagnostics: Diagnostics) -> float:
    loss = iterate.objective.value
    if iterate.penalty.damping or loss == 0:
        return 0.0
    gain = iterate.objective.intercept_gain / loss
    is_clear = gain > MISSED and gain * diagnostics.n_measurements > SIGNIFICANT
    return gain if is_clear else 0.0


def _part_left(iterate: Iterate, diagnostics: Diagnostics) -> float:
    objective, parameterization = iterate.objective, iterate.parameterization
    if not parameterization.symmetric or iterate.penalty.damping:
        return 0.0
    part_left = objective.error / objective.error_at_zero
    if not part_left > MUCH_LEFT:
        return 0.0
    gradient, descending = objective.matrix_gradient, parameterization.descending
    positive, negative = (descending(part, 1)[1][0] for part in (gradient, -gradient))
    others = max(positive, diagnostics.noise_norm_of_residual(iterate))
    return part_left if negative > ABOVE_OTHERS * others else 0.0
