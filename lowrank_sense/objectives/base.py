"""The interface of an objective."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np

from .._types import Array, Dtype, ImplicitMatrix, Pair, SamplingCounts, Shape
from ..arrays.weights import scaled, weighted
from ..inference.scale import Scale
from ..measurements import Operator
from .line import LineModel

# So that rounding errors do not build up, a recurrence is out of date after this many
# steps.
MAX_ADVANCES = 50
# Components are measured together up to this size.
BLOCK_BYTES = 2**26


class Objective(ABC):
    """Evaluate sum_i w_i l(y_i, <A_i, F G^T>) in units of operator and signal.

    In these units the operator is near-isotropic with scale one, sigma_1 is about one,
    and `error` estimates the distance ||F G^T - M*||_F. The objective has a state: its
    current factors are those last given to `restart` or `advance`.

    Attributes
    ----------
    capabilities : frozenset of str
        "quadratic": the loss is squared, so that `error` is the distance by
        near-isometry. "row_separable": `alternate` minimizes over one factor at a time.
    scale : Scale
    shape : tuple of int
        Shape of the matrix.
    dtype : numpy dtype
        Dtype of the factors.
    value : float
        The loss at the current factors.
    value_at_zero : float
        The loss at M = 0.
    error_at_zero : float
        The `error` at M = 0.
    change : float
        ||A(M_t+1 - M_t)|| of the last step, an estimate of ||M_t+1 - M_t||_F.
    """

    capabilities: ClassVar[frozenset[str]] = frozenset()
    scale: Scale
    value: float
    value_at_zero: float
    error_at_zero: float
    change: float

    @property
    @abstractmethod
    def shape(self) -> Shape:
        """Return the shape of the matrix."""

    @property
    @abstractmethod
    def dtype(self) -> Dtype:
        """Return the dtype of the factors."""

    @property
    @abstractmethod
    def error(self) -> float:
        """Return the estimated distance ||F G^T - M*||_F."""

    @property
    @abstractmethod
    def matrix_gradient(self) -> ImplicitMatrix:
        """Return the gradient with respect to F G^T, at the current factors."""

    @property
    @abstractmethod
    def held_out_loss(self) -> float:
        """Return the loss of the held-out measurements."""

    @property
    @abstractmethod
    def sampling_counts(self) -> SamplingCounts:
        """Return how often rows and columns are measured, with mean one or None."""

    @property
    def intercept_gain(self) -> float:
        """Return by how much a constant added to all measurements lowers the loss.

        Zero if this is not known.
        """
        return 0.0

    @property
    def out_of_date(self) -> bool:
        """Return whether rounding errors may count, so that a restart is due."""
        return False

    @abstractmethod
    def restart(self, F: Array, G: Array) -> None:
        """Compute everything at (F, G) from scratch."""

    @abstractmethod
    def factor_gradient(self, F: Array, G: Array) -> Pair:
        """Return R G and R^T F, for the matrix gradient R at the current factors."""

    @abstractmethod
    def line(self, F: Array, G: Array, dF: Array, dG: Array) -> LineModel:
        """Return how the loss changes along (dF, dG) from factors of the matrix."""

    @abstractmethod
    def advance(self, t: float, F: Array, G: Array) -> None:
        """Move by t along the last line, to the factors F and G."""

    def sizes(self, F: Array, G: Array) -> Pair:
        """Return ||A(f_j g_j^T)|| for each pair of columns.

        This is about the Frobenius norm if the component is measured evenly. No mean is
        subtracted, as that of a component says nothing about how it is measured.

        Parameters
        ----------
        F, G : ndarray of shape (n1, k) and (n2, k)

        Returns
        -------
        sizes : ndarray of shape (k,)
        deviations : ndarray of shape (k,)
            Relative standard errors of the squared sizes, near one if a few
            measurements make up the whole size.

        Raises
        ------
        NotImplementedError
            If the objective has no measurements of its own.
        """
        raise NotImplementedError

    @abstractmethod
    def noise_gradient(self, random_state: np.random.RandomState) -> ImplicitMatrix:
        """Return the matrix gradient for the residuals with random signs."""

    def alternate(self, damping: float) -> tuple[Array, Array, float]:
        """Minimize over the left factor, then over the right one.

        Parameters
        ----------
        damping : float
            Adds (damping / 2) (||F||_F^2 + ||G||_F^2).

        Returns
        -------
        F, G : ndarray
        gradient_norm : float
            Norm of the gradient with respect to the left factor, before the step.

        Raises
        ------
        NotImplementedError
            If the objective is not row-separable.
        """
        raise NotImplementedError


class MeasuredObjective(Objective):
    """Share what objectives with measurements have in common, wherever these are.

    Parameters
    ----------
    operator : Operator
    weights : ndarray of shape (m,)
        Nonnegative float64, with sum one.
    scale : Scale
    held_out : ndarray of shape (m,) or None
        Weights of the held-out measurements, with sum one.
    """

    def __init__(
        self,
        operator: Operator,
        weights: Array,
        scale: Scale,
        held_out: Array | None = None,
    ) -> None:
        self.operator = operator
        self.scale = scale
        self.weights = weights
        self.change = np.inf
        self._held_out = held_out
        # M in units of the operator is `unit` times M, and each factor gets the root.
        self.unit = operator.dtype.type(1 / scale.operator)
        self.root = np.sqrt(self.unit)
        self._sampling_counts: SamplingCounts | None = None
        self._point: tuple[Any, Any] = (None, None)
        self._scaled_point: tuple[Any, Any] = (None, None)

    @property
    def shape(self) -> Shape:
        return self.operator.shape

    @property
    def dtype(self) -> Dtype:
        return self.operator.dtype

    @property
    def sampling_counts(self) -> SamplingCounts:
        if self._sampling_counts is None:
            rows, columns = (
                None if count is None or not count.any() else count / np.mean(count)
                for count in self.operator.sampling_counts(self.weights)
            )
            self._sampling_counts = rows, columns
        return self._sampling_counts

    @property
    def row_separable(self) -> bool:
        """Return whether each row of a factor has its own least squares problem."""
        return self.operator.row_separable and "quadratic" in self.capabilities

    @property
    def adjoint_weights(self) -> Array:
        """Return the weights of an adjoint, in units of the operator."""
        return scaled(self.weights, self.unit)

    @abstractmethod
    def gradient_at_zero(self) -> ImplicitMatrix:
        """Return the matrix gradient at M = 0."""

    def adjoint_of(self, values: Any) -> ImplicitMatrix:
        """Return sum_i w_i values_i A_i, in units of the operator."""
        return self.operator.adjoint(weighted(self.adjoint_weights, values))

    def factor_products(self, matrix: ImplicitMatrix, F: Array, G: Array) -> Pair:
        """Return the products of any adjoint with the factors."""
        left, right = self.operator.factor_gradient(matrix, *self.scaled_point(F, G))
        return left / self.root, right / self.root

    def sizes(self, F: Array, G: Array) -> Pair:
        F, G = self.scaled(F, G)
        width = max(1, BLOCK_BYTES // (8 * len(self.weights)))
        sums = [
            self._sums_of_squares(
                F[:, start : start + width], G[:, start : start + width]
            )
            for start in range(0, F.shape[1], width)
        ]
        squares, fourths = np.hstack(sums) if sums else np.zeros((2, 0))
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.sqrt(squares), np.sqrt(np.nan_to_num(fourths / squares**2))

    def _sums_of_squares(self, F: Array, G: Array) -> Array:
        """Return the sums of w_i z_i^2, and of their squares, for each component."""
        values = self.operator.uncentered.components(F, G)
        parts = self.weights[:, np.newaxis] * values**2
        return np.stack([np.asarray(part.sum(axis=0)) for part in (parts, parts**2)])

    def scaled(self, F: Array, G: Array) -> Pair:
        """Return factors of F G^T in units of the operator; one array if F is G."""
        left = F * self.root
        return left, left if G is F else G * self.root

    def scaled_point(self, F: Array, G: Array) -> Pair:
        """Return the scaled factors, the same arrays as long as F and G are the same.

        So an operator recognizes factors that it has measured before.
        """
        if F is not self._point[0] or G is not self._point[1]:
            self._point, self._scaled_point = (F, G), self.scaled(F, G)
        return self._scaled_point


def with_random_signs(values: Array, random_state: np.random.RandomState) -> Array:
    """Return the values with random signs, which is noise of the same size."""
    signs = random_state.choice([-1, 1], len(values))
    return signs.astype(values.dtype) * values
