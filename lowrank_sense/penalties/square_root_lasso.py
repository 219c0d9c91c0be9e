"""penalty="auto": a penalty that follows the residual, and then none."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import numpy as np

from .._types import Array, Factors, Pair
from ..arrays.factors import product_svd
from ..arrays.implicit import coefficients, project_out
from ..solution import StopReason
from . import squared_norm
from .base import Penalty

if TYPE_CHECKING:
    from ..inference.diagnostics import Diagnostics
    from ..inference.scale import Scale
    from ..solvers.iterate import Iterate

# Fraction of the spectral norm that the matrix gradient has if the residual is noise:
# enough to keep components small that would only fit noise.
PART_OF_NOISE = 0.75
# A residual below this fraction of that of M = 0 is no longer due to the signal.
CLOSE = 0.03
# Singular values fall by more than this factor from the signal to the surplus.
GAP = 10.0
# A residual that falls by less than this fraction from check to check is at rest.
AT_REST = 0.01
# A component whose gradient exceeds the penalty by this factor is still growing.
GROWING = 1.2
CHECK_EVERY = 5
# The matrix gradient of a residual of pure noise exceeds that of the same residual with
# random signs by less than this factor. A hidden component makes it 1.4 and more.
HIDES_SIGNAL = 1.25


@final
class SquareRootLasso(Penalty):
    """Find the rank under a penalty, then fit without one.

    At first the penalty is a multiple of the residual's norm. That makes the loss the
    one of the square-root lasso, which need not know the noise (Belloni, Chernozhukov
    and Wang, 2011; Klopp, 2014, for matrices). Once the residual is small, the singular
    values before the largest gap are kept. If instead it comes to rest, those are kept
    that are larger than noise could make them. The others are cut off, and the penalty
    is dropped, so that it does not bias the result. The penalty stays if no component
    would be kept, or if a component above the noise is not in the factors yet.

    Weak components may emerge only after the strong ones have been fitted. So before a
    run ends, its residual is compared with noise: if it is larger in some direction,
    the rank is opened again, up to the width that the run began with.

    Attributes
    ----------
    rank : int or None
        Number of components that were kept, once it is known.
    """

    needs_entries = True
    is_squared_norm = True
    finds_rank = True

    def __init__(self, diagnostics: Diagnostics | None = None) -> None:
        self._diagnostics = diagnostics
        self._weight = 0.0
        self._last_error = np.inf
        self._error_before = 0.0
        self._width = 0
        self._rank_before = 0
        self.rank = None

    def begin(self, scale: Scale, diagnostics: Diagnostics) -> Penalty:
        """Return the penalty of one fit, which is zero at first."""
        return SquareRootLasso(diagnostics)

    @property
    def damping(self) -> float:
        """Return the current weight."""
        return self._weight

    def value(self, pair: Pair) -> float:
        """Return the current penalty of F and G."""
        return squared_norm.value(self._weight, pair)

    def gradient(self, factors: Factors) -> Factors | None:
        """Return weight * factors."""
        return squared_norm.gradient(self._weight, factors)

    def line(self, pair: Pair, direction: Pair) -> tuple[float, float] | None:
        """Return the change along a direction."""
        return squared_norm.line(self._weight, pair, direction)

    def update(self, iteration: int, iterate: Iterate) -> bool:
        """Follow the residual until the rank is found."""
        if self.rank is not None:
            return False
        error = iterate.objective.error
        self._weight = PART_OF_NOISE * self._noise(error)
        if iteration % CHECK_EVERY:
            return False
        at_rest = error > (1 - AT_REST) * self._last_error
        self._last_error = error
        return (at_rest or self._is_close(iterate)) and self._cut(iterate)

    def finish(self, iterate: Iterate, reason: StopReason) -> bool:
        """Cut off the components that the data do not support, or look for more."""
        if self.rank is None:
            return self._cut(iterate)
        return reason is not StopReason.RECOVERED and self._reopen(iterate)

    def _cut(self, iterate: Iterate) -> bool:
        components = U, s, V = product_svd(*iterate.pair)
        if self._is_close(iterate):
            kept = self._before_the_gap(iterate, components)
        else:
            kept = self._above_noise(iterate, components)
        if not kept.any():
            return False
        self._width = iterate.factors[0].shape[1]
        self.rank = int(np.sum(kept))
        self._weight = 0.0
        iterate.factors = iterate.parameterization.factors(
            U[:, kept], s[kept], V[:, kept]
        )
        iterate.refresh()
        return True

    def _reopen(self, iterate: Iterate) -> bool:
        """Let more components in if the residual hides any; return whether it does."""
        assert self.rank is not None and self._diagnostics is not None
        n_new = self._width - self.rank
        if n_new <= 0 or self.rank <= self._rank_before:
            return False
        gradient = iterate.objective.matrix_gradient
        norm = iterate.parameterization.descending(gradient, 1)[1][0]
        noise = self._diagnostics.noise_norm_of_residual(iterate)
        if norm <= HIDES_SIGNAL * noise:
            return False
        iterate.factors = iterate.parameterization.extended(
            iterate.factors, gradient, n_new, PART_OF_NOISE * noise
        )
        iterate.refresh()
        self._rank_before, self.rank = self.rank, None
        self._last_error, self._error_before = np.inf, iterate.objective.error
        return True

    def _is_close(self, iterate: Iterate) -> bool:
        objective = iterate.objective
        return objective.error < CLOSE * (self._error_before or objective.error_at_zero)

    def _noise(self, error: float) -> float:
        """Return the spectral norm of the adjoint of noise, which is zero for y = 0."""
        assert self._diagnostics is not None
        return self._diagnostics.noise_norm * error if error else 0.0

    def _before_the_gap(
        self, iterate: Iterate, components: tuple[Array, Array, Array]
    ) -> Array:
        _, s, _ = components
        # Anything below this fraction of the noise counts as zero.
        least = self._noise(iterate.objective.error) / GAP
        least = max(least, np.finfo(s.dtype).eps * s[0])
        following = np.append(s[1:], self._next_one(iterate, components))
        gaps = s / np.maximum(following, least)
        return (np.arange(len(s)) <= np.argmax(gaps)) & (np.max(gaps) > GAP)

    def _above_noise(
        self, iterate: Iterate, components: tuple[Array, Array, Array]
    ) -> Array:
        assert self._diagnostics is not None
        U, s, V = components
        least = self._diagnostics.largest_noise_component(iterate)
        kept = s > least
        # The gradient of a component is the penalty at rest, and more if it grows.
        gradient = -coefficients(iterate.objective.matrix_gradient, U, V)
        grows = ~kept & (gradient > GROWING * self._weight)
        hides_more = self._next_one(iterate, components) > least
        return kept & (not (hides_more or grows.any()))

    def _next_one(
        self, iterate: Iterate, components: tuple[Array, Array, Array]
    ) -> float:
        """Return about the size that one more component would have."""
        U, _, V = components
        rest = project_out(iterate.objective.matrix_gradient, U, V)
        _, norm, _ = iterate.parameterization.descending(rest, 1)
        return max(norm[0] - self._weight, 0.0)
