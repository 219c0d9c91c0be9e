"""A general pointwise loss, whose predictor follows a recurrence."""

from typing import final

import numpy as np

from .._types import Array, ImplicitMatrix, Pair
from ..arrays.weights import inner, mean
from ..inference.scale import Scale
from ..losses import Loss
from ..measurements import MeasuredLine, Operator
from .base import MAX_ADVANCES, MeasuredObjective, with_random_signs
from .line import LineModel, PointwiseLine


@final
class PointwiseObjective(MeasuredObjective):
    """Evaluate sum_i w_i l(y_i, <A_i, F G^T>) in dimensionless units.

    The value is divided by c u^2 and the predictor by u, where c is the curvature at
    M = 0 and u is the unit of a measurement. Near M = 0 the loss then looks like
    squares. The line search does not read X. An iteration reads X once along the
    direction and once back.

    Parameters
    ----------
    operator : Operator
    y : ndarray of shape (m,)
    weights : ndarray of shape (m,)
        Nonnegative float64, with sum one.
    scale : Scale
    held_out : ndarray of shape (m,) or None
        Weights of the held-out measurements, with sum one.
    loss : Loss
    """

    def __init__(
        self,
        operator: Operator,
        y: Array,
        weights: Array,
        scale: Scale,
        held_out: Array | None = None,
        *,
        loss: Loss,
    ) -> None:
        super().__init__(operator, weights, scale, held_out)
        self._loss = loss
        self._y = y.astype(operator.dtype, copy=False).view()
        self._y.flags.writeable = False  # a loss may not change it
        self._unit_of_z = scale.operator * scale.signal
        zero = np.zeros_like(self._y)
        self.value_at_zero = self._mean_loss(weights, zero)
        slopes = self._slopes(zero)
        self.error_at_zero = np.sqrt(inner(weights, slopes, slopes))
        self._current_line: MeasuredLine | None = None

    @property
    def error(self) -> float:
        """Return the length of Newton's step of the predictors, roughly.

        It is the root mean square of the slopes over the mean curvature, which is the
        distance by near-isometry for squares. Curvatures that vanish with the residual
        do not make it look shorter than it is.
        """
        return self._error

    @property
    def matrix_gradient(self) -> ImplicitMatrix:
        return self._matrix_gradient

    @property
    def held_out_loss(self) -> float:
        assert self._held_out is not None
        return self._mean_loss(self._held_out, self._z)

    @property
    def out_of_date(self) -> bool:
        return self._n_advances >= MAX_ADVANCES

    def restart(self, F: Array, G: Array) -> None:
        unit = self.dtype.type(self._unit_of_z)
        self._z = self.operator.apply(*self.scaled_point(F, G)) * unit
        self._update()
        self._matrix_gradient = self.adjoint_of(self._slope)
        self._n_advances = 0

    def gradient_at_zero(self) -> ImplicitMatrix:
        return self.adjoint_of(self._slopes(np.zeros_like(self._y)))

    def noise_gradient(self, random_state: np.random.RandomState) -> ImplicitMatrix:
        return self.adjoint_of(with_random_signs(self._slope, random_state))

    def factor_gradient(self, F: Array, G: Array) -> Pair:
        return self.factor_products(self._matrix_gradient, F, G)

    def line(self, F: Array, G: Array, dF: Array, dG: Array) -> LineModel:
        line = self.operator.plain_line(
            *self.scaled_point(F, G), *self.scaled(dF, dG), self.adjoint_weights
        )
        self._current_line = line
        unit = self.dtype.type(self._unit_of_z)
        z, a, b = self._z, unit * line.a, unit * line.b

        def evaluate(t: float) -> tuple[float, float, float]:
            return self._along(z, a, b, z.dtype.type(t))

        return PointwiseLine(evaluate)

    def advance(self, t: float, F: Array, G: Array) -> None:
        line, self._current_line = self._current_line, None
        assert line is not None
        step = line.moved(t)
        self.change = np.sqrt(inner(self.weights, step, step))
        self._z = self._z + self.dtype.type(self._unit_of_z) * step
        self._update()
        self._matrix_gradient = line.matrix_gradient(
            t, self._matrix_gradient, self._slope, *self.scaled_point(F, G)
        )
        self._n_advances += 1

    def _update(self) -> None:
        self.value = self._mean_loss(self.weights, self._z)
        self._slope = self._slopes(self._z)
        bends = self._loss.curvature(self._y, self._z)
        bend = float(mean(self.weights, bends.astype(np.float64, copy=False)))
        least = np.finfo(self.dtype).tiny * self.scale.curvature
        size = np.sqrt(inner(self.weights, self._slope, self._slope))
        self._error = float(size * self.scale.curvature / max(bend, least))

    def _along(
        self, z: Array, a: Array, b: Array, t: float
    ) -> tuple[float, float, float]:
        """Return value, slope and second derivative at a step t."""
        there, speed = z + t * (a + t * b), a + 2 * t * b
        slopes = self._loss.gradient(self._y, there)
        bends = self._loss.curvature(self._y, there)
        slope = inner(self.weights, slopes, speed)
        bend = inner(self.weights, bends * speed, speed)
        bend += 2 * inner(self.weights, slopes, b)
        unit = self.scale.loss
        return self._mean_loss(self.weights, there), slope / unit, bend / unit

    def _mean_loss(self, weights: Array, z: Array) -> float:
        values = self._loss.value(self._y, z).astype(np.float64, copy=False)
        return float(mean(weights, values)) / self.scale.loss

    def _slopes(self, z: Array) -> Array:
        """Return the slopes with respect to predictors in units of z."""
        slopes = self._loss.gradient(self._y, z)
        return slopes / slopes.dtype.type(self.scale.loss / self._unit_of_z)
