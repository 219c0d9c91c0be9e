"""penalty="auto": a penalty that follows the residual, and then none."""

import numpy as np

from ..images import off_space
from ..parameterizations import spectrum
from .modified_step import CHECK_EVERY

# Of the spectral norm that the image of the residual has if it is noise: enough to
# hold down what would only fit that.
PART_OF_NOISE = 0.75
# A residual this small, of that of M = 0, is no longer due to the signal.
CLOSE = 0.03
# Singular values fall by more than this factor from the signal to the surplus.
GAP = 10.0


class SquareRootLasso:
    """Find the rank under a penalty, then fit without one.

    Until then the penalty is a multiple of the residual's norm, which makes of the loss
    that of the square-root lasso: it need not know the noise (Belloni, Chernozhukov
    and Wang, 2011; Klopp, 2014, for matrices). Once the residual is small, or the
    iterates are at rest, the singular values before the largest gap are kept, the
    others are cut off, and the penalty is dropped, so that it does not bias the result.
    Without a clear gap the penalty stays.

    Parameters
    ----------
    leak : float
        Spectral norm of the image of a residual of norm one that is pure noise.

    Attributes
    ----------
    rank : int or None
        How many components were kept, once that is known.
    """

    def __init__(self, leak):
        self._leak = leak
        self.rank = None

    def __call__(self, iteration, iterate):
        if self.rank is not None:
            return False
        error = iterate.objective.error
        iterate.penalty = PART_OF_NOISE * self._leak * error
        if iteration % CHECK_EVERY:
            return False
        close = CLOSE * np.sqrt(2 * iterate.objective.loss_at_zero)
        return error < close and self.finish(iterate)

    def finish(self, iterate):
        if self.rank is not None:
            return False
        U, s, V = spectrum(*iterate.pair)
        # What is smaller than this part of the noise is as good as zero.
        least = self._leak * iterate.objective.error / GAP
        following = np.append(s[1:], _next_one(iterate, U, V))
        gaps = s / np.maximum(following, least)
        if np.max(gaps) <= GAP:
            return False
        self.rank = int(np.argmax(gaps)) + 1
        kept = slice(0, self.rank)
        iterate.factors = iterate.parameterization.factors(
            U[:, kept], s[kept], V[:, kept]
        )
        iterate.penalty = 0.0
        iterate.refresh()
        return True


def _next_one(iterate, U, V):
    """About the size that another component would have under the penalty."""
    rest = off_space(iterate.objective.image, U, V)
    _, norm, _ = iterate.parameterization.descending(rest, 1)
    return max(norm[0] - iterate.penalty, 0.0)
