"""The number of components of a solution that the data support."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..arrays.factors import product_svd
from ..solution import StopReason
from .certificates import certified_rank, certified_size
from .diagnostics import Diagnostics

if TYPE_CHECKING:
    from ..solvers.iterate import Iterate

# A certified component must exceed this many times the error of an exact recovery.
CERTAIN = 2.0


def effective_rank(
    iterate: Iterate, reason: StopReason, diagnostics: Diagnostics, tol: float
) -> int:
    """Return how many components are larger than noise or error could make them.

    By Weyl's inequality, the error of a component is at most the distance to the true
    matrix, which the residual tells. If a run came to rest above zero, the residual is
    noise, which can make only much smaller components.

    Parameters
    ----------
    iterate : Iterate
    reason : StopReason
    diagnostics : Diagnostics
    tol : float
        Tolerance of the run: how far it may be from its limit, relative to its norm.
    """
    U, s, V = product_svd(*iterate.pair)
    if s[0] == 0:
        return 0
    error, bound = iterate.objective.error, diagnostics.isometry_bound
    if reason is StopReason.RECOVERED:
        if diagnostics.dof_per_measurement >= 1:
            return 0  # anything can be fitted
        return certified_rank(s, CERTAIN * error, bound)
    least = certified_size(s, error, bound)
    if reason in (StopReason.NOISE, StopReason.STATIONARY):
        # A penalty may exceed all noise, but vanished components never count.
        tol = max(tol, np.sqrt(np.finfo(s.dtype).eps))
        noise = diagnostics.largest_noise_component(iterate)
        least = min(least, max(noise, tol * iterate.matrix_norm))
    # A component that grew where nothing is measured has small measurements.
    size = iterate.objective.size
    large = np.flatnonzero(s > least)
    return sum(bool(size(s[j] * U[:, [j]], V[:, [j]]) > least) for j in large)
