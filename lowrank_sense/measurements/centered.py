"""Measurements minus their mean, for a fit with an intercept."""

from typing import final

import numpy as np

from .._types import Array, ImplicitMatrix, Pair, SamplingCounts
from ..arrays.weights import mean
from .line import MeasuredLine
from .operator import Operator
from .support import Support

# Rounding error of a mean, in units of that of the largest value.
ROUNDINGS = 100


@final
class CenteredOperator(Operator):
    """Measure <A_i - A_mean, M> with A_mean = sum_i w_i A_i, which is not formed.

    The intercept that minimizes the squared loss is the mean of y - A(M). With this
    intercept, the loss is that of centered y and centered measurements. Adjoints are
    taken of centered residuals only, for which A_mean drops out.

    Parameters
    ----------
    operator : Operator
    weights : ndarray of shape (m,)
        Nonnegative, with sum one.
    """

    is_centered = True

    def __init__(self, operator: Operator, weights: Array) -> None:
        super().__init__(operator.shape, operator.n_measurements, operator.dtype)
        self._operator = operator
        self._weights = weights
        self._mean_adjoint: ImplicitMatrix = None

    @property
    def uncentered(self) -> Operator:
        return self._operator

    @property
    def looks_for_repeats(self) -> bool:
        return self._operator.looks_for_repeats

    def support(self, weights: Array) -> Support:
        return self._operator.support(weights)

    @property
    def row_separable(self) -> bool:
        return self._operator.row_separable

    def apply(self, F: Array, G: Array) -> Array:
        values = self._operator.apply(F, G)
        centered = values - mean(self._weights, values)
        # If all measurements are equal, nothing is left, not even rounding errors.
        rounding = ROUNDINGS * np.finfo(values.dtype).eps * np.max(np.abs(values))
        return np.where(np.abs(centered) > rounding, centered, values.dtype.type(0))

    def adjoint(self, values: Array) -> ImplicitMatrix:
        return self._operator.adjoint(values)

    def sampling_counts(self, weights: Array) -> SamplingCounts:
        return self._operator.sampling_counts(weights)

    def factor_gradient(self, matrix: ImplicitMatrix, F: Array, G: Array) -> Pair:
        return self._operator.factor_gradient(matrix, F, G)

    def line(
        self, F: Array, G: Array, dF: Array, dG: Array, weights: Array
    ) -> MeasuredLine:
        line = self._operator.line(F, G, dF, dG, weights)

        def mean_adjoint() -> ImplicitMatrix:
            if self._mean_adjoint is None:
                self._mean_adjoint = self.adjoint(weights.astype(self.dtype))
            return self._mean_adjoint

        return line.centered(self._weights, mean_adjoint)
