"""penalty="auto": a penalty that follows the residual, and then none."""

import numpy as np

from ..images import coefficients, off_space
from ..parameterizations import spectrum
from .effective_rank import largest_of_noise
from .modified_step import CHECK_EVERY

# Of the spectral norm that the image of the residual has if it is noise: enough to
# hold down what would only fit that.
PART_OF_NOISE = 0.75
# A residual this small, of that of M = 0, is no longer due to the signal.
CLOSE = 0.03
# Singular values fall by more than this factor from the signal to the surplus.
GAP = 10.0
# A residual that falls by less than this part from check to check is at rest.
AT_REST = 0.01
# A component whose gradient exceeds the penalty by this factor is still growing.
GROWING = 1.2


class SquareRootLasso:
    """Find the rank under a penalty, then fit without one.

    Until then the penalty is a multiple of the residual's norm, which makes of the loss
    that of the square-root lasso: it need not know the noise (Belloni, Chernozhukov
    and Wang, 2011; Klopp, 2014, for matrices). Once the residual is small, the singular
    values before the largest gap are kept; once it is at rest, those that are larger
    than what noise could make. The others are cut off, and the penalty is dropped, so
    that it does not bias the result. Where nothing is to be kept, or what noise may
    hide is not in the factors yet, the penalty stays.

    Parameters
    ----------
    leak : float
        Spectral norm of the image of a residual of norm one that is pure noise.
    freedom : float
        Degrees of freedom of the factors, for each measurement.

    Attributes
    ----------
    rank : int or None
        How many components were kept, once that is known.
    """

    def __init__(self, leak, freedom):
        self._leak = leak
        self._freedom = freedom
        self._last_error = np.inf
        self.rank = None

    def __call__(self, iteration, iterate):
        if self.rank is not None:
            return False
        error = iterate.objective.error
        iterate.penalty = PART_OF_NOISE * self._noise(error)
        if iteration % CHECK_EVERY:
            return False
        at_rest = error > (1 - AT_REST) * self._last_error
        self._last_error = error
        return (at_rest or _is_close(iterate)) and self.finish(iterate)

    def finish(self, iterate):
        if self.rank is not None:
            return False
        components = U, s, V = spectrum(*iterate.pair)
        if _is_close(iterate):
            kept = self._before_the_gap(iterate, components)
        else:
            kept = self._above_noise(iterate, components)
        if not kept.any():
            return False
        self.rank = int(np.sum(kept))
        iterate.factors = iterate.parameterization.factors(
            U[:, kept], s[kept], V[:, kept]
        )
        iterate.penalty = 0.0
        iterate.refresh()
        return True

    def _noise(self, error):
        """Spectral norm of an image of noise; the leak is infinite if y is zero."""
        return self._leak * error if error else 0.0

    def _before_the_gap(self, iterate, components):
        _, s, _ = components
        # What is smaller than this part of the noise is as good as zero.
        least = self._noise(iterate.objective.error) / GAP
        least = max(least, np.finfo(s.dtype).eps * s[0])
        gaps = s / np.maximum(np.append(s[1:], _next_one(iterate, components)), least)
        return (np.arange(len(s)) <= np.argmax(gaps)) & (np.max(gaps) > GAP)

    def _above_noise(self, iterate, components):
        U, s, V = components
        least = largest_of_noise(iterate, self._freedom)
        kept = s > least
        # A component at rest has the penalty as its gradient, one that grows has more.
        gradient = -coefficients(iterate.objective.image, U, V)
        grows = ~kept & (gradient > GROWING * iterate.penalty)
        hides_more = _next_one(iterate, components) > least
        return kept & (not (hides_more or grows.any()))


def _is_close(iterate):
    objective = iterate.objective
    return objective.error < CLOSE * np.sqrt(2 * objective.loss_at_zero)


def _next_one(iterate, components):
    """About the size that another component would have under the penalty."""
    U, _, V = components
    rest = off_space(iterate.objective.image, U, V)
    _, norm, _ = iterate.parameterization.descending(rest, 1)
    return max(norm[0] - iterate.penalty, 0.0)
