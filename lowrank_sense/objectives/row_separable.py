"""The squared loss of entries, minimized row by row over one factor at a time."""

from typing import final

import numpy as np

from .._types import (
    Array,
    Dtype,
    ImplicitMatrix,
    Pair,
    SamplingCounts,
    Shape,
    SortedBySide,
)
from ..arrays.weights import are_equal, inner
from ..kernels.rows import RowSums, solve_rows
from .base import Objective
from .least_squares import LeastSquares
from .line import LineModel


@final
class RowSeparableLeastSquares(Objective):
    """Minimize a squared loss of entries over one factor at a time.

    While one factor is held, each row of the other one has its own least squares
    problem. The loss comes with the solutions. Residual and matrix gradient are
    computed only on request.

    Parameters
    ----------
    whole : LeastSquares
        The loss, with a row-separable operator, centered or not.
    """

    capabilities = frozenset({"quadratic", "row_separable"})

    def __init__(self, whole: LeastSquares) -> None:
        self._whole = whole
        self.scale = whole.scale
        self.value_at_zero = whole.value_at_zero
        self.error_at_zero = whole.error_at_zero
        self._is_centered = whole.operator.is_centered
        entries = whole.operator.uncentered
        weights = None if are_equal(whole.weights) else whole.weights
        self._by_row = entries.entries_by_row(whole.target, weights)
        self._by_column = entries.entries_by_column(whole.target, weights)

    @property
    def shape(self) -> Shape:
        return self._whole.shape

    @property
    def dtype(self) -> Dtype:
        return self._whole.dtype

    @property
    def error(self) -> float:
        return np.sqrt(2 * self.value)

    @property
    def sampling_counts(self) -> SamplingCounts:
        return self._whole.sampling_counts

    @property
    def matrix_gradient(self) -> ImplicitMatrix:
        return self._restarted().matrix_gradient

    @property
    def intercept_gain(self) -> float:
        return self._restarted().intercept_gain

    @property
    def held_out_loss(self) -> float:
        return self._restarted().held_out_loss

    def noise_gradient(self, random_state: np.random.RandomState) -> ImplicitMatrix:
        return self._restarted().noise_gradient(random_state)

    def sizes(self, F: Array, G: Array) -> Pair:
        return self._whole.sizes(F, G)

    def restart(self, F: Array, G: Array) -> None:
        """Compute the loss at (F, G), where alternating begins."""
        residual = self._whole.residual_at(F, G)
        self.value = inner(self._whole.weights, residual, residual) / 2
        self.change, self._offset = np.inf, 0.0
        self._point, self._is_restarted = (F, G), False

    def factor_gradient(self, F: Array, G: Array) -> Pair:
        return self._restarted().factor_gradient(F, G)

    def line(self, F: Array, G: Array, dF: Array, dG: Array) -> LineModel:
        return self._restarted().line(F, G, dF, dG)

    def advance(self, t: float, F: Array, G: Array) -> None:
        """Restart at (F, G), as alternating knows no lines."""
        self.restart(F, G)

    def alternate(self, damping: float) -> tuple[Array, Array, float]:
        F, G = self._whole.scaled(*self._point)
        damping = damping / self._whole.unit
        F, left = self._solve(self._by_row, G, F, damping)
        G, right = self._solve(self._by_column, F, G, damping)
        root = self._whole.root
        self._point, self._is_restarted = (F / root, G / root), False
        self.change = np.sqrt(left.squared_change) + np.sqrt(right.squared_change)
        return *self._point, float(root) * np.sqrt(left.squared_gradient)

    def _solve(
        self, side: SortedBySide, held: Array, before: Array, damping: float
    ) -> tuple[Array, RowSums]:
        rows, sums = solve_rows(*side, held, before, damping, self._offset)
        self.value = sums.loss
        if self._is_centered:
            self._offset -= sums.mean_residual
            self.value -= sums.mean_residual**2 / 2
        return rows, sums

    def _restarted(self) -> LeastSquares:
        """Return the whole loss at the current factors, with residual and gradient."""
        if not self._is_restarted:
            self._whole.restart(*self._point)
            self._is_restarted = True
        return self._whole
