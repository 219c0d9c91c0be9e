"""What every operator answers, and what centering makes of it."""

from abc import ABC, abstractmethod
from typing import ClassVar, final

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
from ..arrays.weights import mean, weighted
from .line import MeasuredLine, PlainLine

# Rounding errors of a mean, in units of the largest value.
ROUNDINGS = 100


class Operator(ABC):
    r"""A linear map from matrices to measurements.

    :math:`\mathcal{A}(M)_i = \langle A_i, M \rangle`. A subclass says what `apply` and
    `adjoint` are; the other methods follow from these, and may be replaced by faster
    ones with the same results.

    Parameters
    ----------
    shape : tuple of int
        (n1, n2), the shape of the matrices that are measured.
    n_measurements : int
    dtype : numpy dtype
        float32 or float64: that of the measurements, and so of the factors.

    Attributes
    ----------
    is_centered : bool
        Whether the mean is taken off the measurements.

    See Also
    --------
    lowrank_sense.testing.check_measurement : Compares all methods with `apply`.
    """

    is_centered: ClassVar[bool] = False

    def __init__(self, shape: Shape, n_measurements: int, dtype: Dtype) -> None:
        self.shape = shape
        self.n_measurements = n_measurements
        self.dtype = np.dtype(dtype)

    @abstractmethod
    def apply(self, F: Array, G: Array) -> Array:
        """Measure F G^T.

        Parameters
        ----------
        F : ndarray of shape (n1, k)
        G : ndarray of shape (n2, k)

        Returns
        -------
        values : ndarray of shape (m,)
        """

    @abstractmethod
    def adjoint(self, values: Array) -> ImplicitMatrix:
        """Return the adjoint sum_i values_i A_i.

        Parameters
        ----------
        values : ndarray of shape (m,)

        Returns
        -------
        matrix : ndarray, sparse array or LinearOperator of shape (n1, n2)
            To be multiplied by a factor from either side.
        """

    def components(self, F: Array, G: Array) -> Array:
        """Measure f_j g_j^T for each pair of columns.

        Parameters
        ----------
        F : ndarray of shape (n1, k)
        G : ndarray of shape (n2, k)

        Returns
        -------
        values : ndarray of shape (m, k)
        """
        columns = range(F.shape[1])
        return np.column_stack([self.apply(F[:, [j]], G[:, [j]]) for j in columns])

    def residual(
        self, F: Array, G: Array, target: Array, weights: Array
    ) -> tuple[Array, ImplicitMatrix]:
        """Return A(F G^T) - target, and its adjoint with weights."""
        residual = self.apply(F, G) - target
        return residual, self.adjoint(weighted(weights, residual))

    def forward_and_back(
        self, F: Array, G: Array, values: Array, weights: Array
    ) -> tuple[Array, ImplicitMatrix, ImplicitMatrix]:
        """Return A(F G^T), its adjoint and that of `values`, with weights."""
        measured = self.apply(F, G)
        of_measured, of_values = (
            self.adjoint(weighted(weights, u)) for u in (measured, values)
        )
        return measured, of_measured, of_values

    def factor_gradient(self, matrix: ImplicitMatrix, F: Array, G: Array) -> Pair:
        """Return R G and R^T F for the adjoint R of values at these factors."""
        return matrix @ G, matrix.T @ F

    def sampling_counts(self, weights: Array) -> SamplingCounts:
        """Return how often rows and columns are measured, relative to the mean.

        None stands for all of them equally often, about.
        """
        return None, None

    def apply_along(self, F: Array, G: Array, dF: Array, dG: Array) -> Pair:
        """Measure dF G^T + F dG^T, and dF dG^T."""
        first = self.apply(np.hstack([dF, F]), np.hstack([G, dG]))
        return first, self.apply(dF, dG)

    def plain_line(
        self, F: Array, G: Array, dF: Array, dG: Array, weights: Array
    ) -> MeasuredLine:
        """Return the line from F G^T along (dF, dG), its adjoints from scratch.

        `weights` are those of the adjoints.
        """
        return PlainLine(self, *self.apply_along(F, G, dF, dG), weights)

    def line(
        self, F: Array, G: Array, dF: Array, dG: Array, weights: Array
    ) -> MeasuredLine:
        """Return the same line, the adjoints of residuals by recurrence if cheaper."""
        return self.plain_line(F, G, dF, dG, weights)

    def entries_by_row(self, values: Array, weights: Array | None) -> SortedBySide:
        """Return the entries of each row: starts, columns, values and weights.

        Raises
        ------
        NotImplementedError
            If the measurements are not entries in one place.
        """
        raise NotImplementedError

    def entries_by_column(self, values: Array, weights: Array | None) -> SortedBySide:
        """Return the entries of each column: starts, rows, values and weights.

        Raises
        ------
        NotImplementedError
            If the measurements are not entries in one place.
        """
        raise NotImplementedError

    @property
    def row_separable(self) -> bool:
        """Whether the rows of a factor have least squares problems of their own."""
        return False

    @property
    def uncentered(self) -> "Operator":
        """The same measurements with their mean."""
        return self

    def centered(self, weights: Array) -> "Operator":
        """Return the measurements less their mean with these weights."""
        return CenteredOperator(self, weights)


@final
class CenteredOperator(Operator):
    """<A_i - A_mean, M> with A_mean = sum_i w_i A_i, which is not formed.

    The intercept that minimizes the squared loss is the mean of y - A(M). With it put
    in, the loss is that of centered y and centered measurements. Adjoints are those of
    centered residuals, for which A_mean drops out.

    Parameters
    ----------
    operator : Operator
    weights : ndarray of shape (m,)
        Nonnegative, of sum one.
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
    def row_separable(self) -> bool:
        return self._operator.row_separable

    def apply(self, F: Array, G: Array) -> Array:
        values = self._operator.apply(F, G)
        centered = values - mean(self._weights, values)
        # Where all measurements are alike nothing is left, and no rounding errors.
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
