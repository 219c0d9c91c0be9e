"""The number of components of a solution that the data support."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, final

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


@final
class Components(NamedTuple):
    """Hold the components of M that are not negligible, and how they are measured.

    Attributes
    ----------
    s : ndarray of shape (k',)
        All singular values.
    sizes : ndarray of shape (k,)
        ||A(s_j u_j v_j^T)|| of the first ones, about s_j if they are measured evenly.
    unseen : ndarray of bool of shape (k,)
        Which of these the measurements hardly see. Surplus components may grow where
        little is measured, and fit the data there. Then their measurements are smaller
        than their size says, or a few measurements make them up.
    """

    s: Array
    sizes: Array
    unseen: Array


def measured_components(
    iterate: Iterate, n_measurements: int, least: float
) -> Components:
    """Measure the components that exceed a part of the norm of M.

    Where rows and columns are measured unevenly, so are true components.

    Parameters
    ----------
    iterate : Iterate
    n_measurements : int
    least : float
        The smallest part of the norm that is not negligible.
    """
    U, s, V = product_svd(*iterate.pair)
    count = int(np.sum(s > least * np.linalg.norm(s)))
    U, V, first = U[:, :count], V[:, :count], s[:count]
    expected = np.ones(count)
    for vectors, strengths in zip(
        (U, V), iterate.objective.sampling_counts, strict=True
    ):
        if strengths is not None and np.std(strengths) > UNEVEN:
            expected *= np.maximum(strengths @ vectors**2, np.finfo(float).tiny)
    sizes, deviations = iterate.objective.sizes(first * U, V)
    usual = np.sqrt(KURTOSIS / n_measurements)
    few = max(MADE_UP * usual, np.sqrt(KURTOSIS / sum(iterate.objective.shape)))
    unseen = (sizes**2 < (SEEN - usual) * expected * first**2) | (deviations > few)
    return Components(s, sizes, unseen)


def effective_rank(
    iterate: Iterate,
    reason: StopReason,
    diagnostics: Diagnostics,
    tol: float,
    components: Components,
) -> int:
    """Return how many components are larger than noise or error could make them.

    By Weyl's inequality, the error of a component is at most the distance to the true
    matrix, which the residual tells. If a run came to rest above zero, the residual is
    noise, which can make only much smaller components. What the measurements hardly see
    does not count.

    Parameters
    ----------
    iterate : Iterate
    reason : StopReason
    diagnostics : Diagnostics
    tol : float
        Tolerance of the run: how far it may be from its limit, relative to its norm.
    components : Components
    """
    s, sizes, unseen = components
    error, bound = iterate.objective.error, diagnostics.isometry_bound
    if diagnostics.dof_per_measurement >= 1:
        bound = 0.0  # anything can be fitted
    if reason is StopReason.RECOVERED:
        certified = certified_rank(s, CERTAIN * error, bound)
        return int(np.sum(~unseen[:certified]))
    least = certified_size(s, error, bound)
    if reason in (StopReason.NOISE, StopReason.STATIONARY):
        # A penalty may exceed all noise, but vanished components never count.
        tol = max(tol, np.sqrt(np.finfo(s.dtype).eps))
        noise = diagnostics.largest_noise_component(iterate)
        least = min(least, max(noise, tol * iterate.matrix_norm))
    large = s[: len(sizes)] > least
    return int(np.sum(large & (sizes > least) & ~unseen))
