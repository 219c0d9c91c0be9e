"""The number of components of a solution that the data support."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .._types import Array
from ..arrays.factors import product_svd
from ..solution import StopReason
from .certificates import certified_rank, certified_size
from .diagnostics import Diagnostics

if TYPE_CHECKING:
    from ..solvers.iterate import Iterate

# A certified component must exceed this many times the error of an exact recovery.
CERTAIN = 2.0
# The squared size of a component as measured is this part of its true one, or more, if
# the measurements see it as they see others. Surplus that grew where little is measured
# had .1 to .7, true components .9 to 1.1.
SEEN = 0.8
# Kurtosis of the entries of u v^T for Gaussian u and v: the squared size of such a
# component is measured with a relative standard error of sqrt(9 / m).
KURTOSIS = 9.0
# A component of this many times that error is made up by a few measurements.
MADE_UP = 3.0
# Relative standard deviation of how strongly rows are measured that is no chance.
UNEVEN = 0.5


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
    if diagnostics.dof_per_measurement >= 1:
        bound = 0.0  # anything can be fitted
    if reason is StopReason.RECOVERED:
        return certified_rank(s, CERTAIN * error, bound)
    least = certified_size(s, error, bound)
    if reason in (StopReason.NOISE, StopReason.STATIONARY):
        # A penalty may exceed all noise, but vanished components never count.
        tol = max(tol, np.sqrt(np.finfo(s.dtype).eps))
        noise = diagnostics.largest_noise_component(iterate)
        least = min(least, max(noise, tol * iterate.matrix_norm))
    # A component that grew where nothing is measured has small measurements.
    large = s > least
    sizes, _ = iterate.objective.sizes(s[large] * U[:, large], V[:, large])
    return int(np.sum(sizes > least))


def unseen_components(iterate: Iterate, n_measurements: int, count: int) -> Array:
    """Return which of the first components the measurements hardly see.

    Surplus components may grow where little is measured, and fit the data there. Then
    their measurements are smaller than their size says, or a few measurements make
    them up. Where rows and columns are measured unevenly, so are true components.

    Parameters
    ----------
    iterate : Iterate
    n_measurements : int
    count : int
        How many components to look at.

    Returns
    -------
    unseen : ndarray of bool of shape (count,)
    """
    U, s, V = (part[..., :count] for part in product_svd(*iterate.pair))
    expected = np.ones(count)
    for vectors, strengths in zip(
        (U, V), iterate.objective.sampling_counts, strict=True
    ):
        if strengths is not None and np.std(strengths) > UNEVEN:
            expected *= np.maximum(strengths @ vectors**2, np.finfo(float).tiny)
    sizes, deviations = iterate.objective.sizes(s * U, V)
    usual = np.sqrt(KURTOSIS / n_measurements)
    few = max(MADE_UP * usual, np.sqrt(KURTOSIS / sum(iterate.objective.shape)))
    return (sizes**2 < (SEEN - usual) * expected * s**2) | (deviations > few)
