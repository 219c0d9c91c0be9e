"""How many components of a solution the data support."""

import numpy as np

from ..parameterizations import spectrum
from .history import StopReason
from .modified_step import certified_rank, certified_size

# What a component must exceed, times the estimated error of an exact recovery.
CERTAIN = 2.0
# The same where the residual is noise, times the largest component that fits noise.
ABOVE_NOISE = 1.3
# Rows and columns from which on one image of noise tells the norm of all of them.
SMALL = 20


def effective_rank(iterate, reason, isometry, freedom, tol):
    """How many components are larger than what could be in their place without them.

    By Weyl's inequality that is the distance to the true matrix, estimated from the
    residual. Where a run came to rest at a residual that does not vanish, that is
    noise, which can make much smaller components only.

    Parameters
    ----------
    iterate : Iterate
    reason : StopReason
    isometry : float
        See `Scale.isometry`.
    freedom : float
        Degrees of freedom of the factors, for each measurement.
    tol : float
        Of the run: how far it may be from its limit, relative to its norm.

    Returns
    -------
    int
    """
    U, s, V = spectrum(*iterate.pair)
    if s[0] == 0:
        return 0
    error = iterate.objective.error
    if reason is StopReason.RECOVERED:
        if freedom >= 1:
            return 0  # anything can be fitted
        return certified_rank(s, CERTAIN * error, isometry)
    least = certified_size(s, error, isometry)
    if reason in (StopReason.NOISE, StopReason.STATIONARY):
        # A penalty may be larger than all noise, but what it lets vanish never counts.
        tol = max(tol, np.sqrt(np.finfo(s.dtype).eps))
        of_noise = max(largest_of_noise(iterate, freedom), tol * iterate.matrix_norm)
        least = min(least, of_noise)
    # What grew where the data do not look has small measurements.
    size = iterate.objective.size
    large = np.flatnonzero(s > least)
    return sum(bool(size(s[j] * U[:, [j]], V[:, [j]]) > least) for j in large)


def largest_of_noise(iterate, freedom):
    """How large a component may be that fits noise, if all of the residual is noise.

    Noise is spread evenly, and what it does to a matrix is an image of small spectral
    norm. To give the residuals random signs leaves nothing but noise of the same size.
    As `freedom` of it are fitted, the noise is larger than its residual by
    (1 - freedom)^(-1/2), and it enters a solution amplified by 1 / (1 - freedom). A
    penalty makes all components smaller, and fits less.

    Returns
    -------
    float
        Infinity with too many degrees of freedom to tell.
    """
    noise = _norm_of_noise(iterate)
    if noise <= 0:
        return np.inf
    freedom *= max(0.0, 1 - iterate.penalty / noise)
    if freedom >= 1:
        return np.inf
    return ABOVE_NOISE * noise * (1 - freedom) ** -1.5 - iterate.penalty


def _norm_of_noise(iterate):
    """Spectral norm of an image of noise; of a small one, the largest of several."""
    random_state = np.random.RandomState(0)
    n_images = -(-SMALL // min(len(part) for part in iterate.factors))
    images = (iterate.objective.image_of_noise(random_state) for _ in range(n_images))
    descending = iterate.parameterization.descending
    return max(descending(image, 1)[1][0] for image in images)
