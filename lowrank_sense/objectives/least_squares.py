"""The squared loss, whose residual and matrix gradient follow a recurrence."""

from typing import final

import numpy as np

from .._types import Array, ImplicitMatrix, Pair
from ..arrays.weights import inner, mean
from ..inference.scale import Scale
from ..measurements import MeasuredLine, Operator
from .base import MAX_ADVANCES, MeasuredObjective, with_random_signs
from .line import LineModel, Quartic


@final
class LeastSquares(MeasuredObjective):
    """Evaluate (1/2) sum_i w_i (<A_i, F G^T> - y_i)^2 in units of operator and signal.

    Parameters
    ----------
    operator : Operator
    y : ndarray of shape (m,)
    weights : ndarray of shape (m,)
        Nonnegative float64, with sum one.
    scale : Scale
    held_out : ndarray of shape (m,) or None
        Weights of the held-out measurements, with sum one.

    Attributes
    ----------
    target : ndarray of shape (m,)
        y in these units.
    residual : ndarray of shape (m,)
        A(F G^T) - y.
    """

    capabilities = frozenset({"quadratic"})

    def __init__(
        self,
        operator: Operator,
        y: Array,
        weights: Array,
        scale: Scale,
        held_out: Array | None = None,
    ) -> None:
        super().__init__(operator, weights, scale, held_out)
        self.target = (y / (scale.operator * scale.signal)).astype(operator.dtype)
        self.value_at_zero = self._inner(self.target, self.target) / 2
        self.error_at_zero = np.sqrt(2 * self.value_at_zero)
        self.current_line: MeasuredLine | None = None

    @property
    def error(self) -> float:
        """Return the estimated distance to M*, by near-isometry."""
        return np.sqrt(2 * self.value)

    @property
    def matrix_gradient(self) -> ImplicitMatrix:
        """Return sum_i w_i residual_i A_i."""
        return self._matrix_gradient

    @property
    def held_out_loss(self) -> float:
        assert self._held_out is not None
        return inner(self._held_out, self.residual, self.residual) / 2

    @property
    def intercept_gain(self) -> float:
        if self.operator.is_centered:
            return 0.0
        return float(mean(self.weights, self.residual)) ** 2 / 2

    @property
    def out_of_date(self) -> bool:
        # At this value half of the residual's digits are lost.
        lost = np.finfo(self.dtype).eps * self._value_at_restart
        return self._n_advances >= MAX_ADVANCES or self.value <= lost

    def restart(self, F: Array, G: Array) -> None:
        self.residual, self._matrix_gradient = self.operator.residual(
            *self.scaled_point(F, G), self.target, self.adjoint_weights
        )
        self._update_value()
        self._n_advances, self._value_at_restart = 0, self.value

    def residual_at(self, F: Array, G: Array) -> Array:
        """Return the residual at other factors, without moving there."""
        return self.operator.apply(*self.scaled(F, G)) - self.target

    def gradient_at_zero(self) -> ImplicitMatrix:
        """Return the matrix gradient at M = 0, where the residual is -target."""
        return -self.adjoint_of(self.target)

    def noise_gradient(self, random_state: np.random.RandomState) -> ImplicitMatrix:
        return self.adjoint_of(with_random_signs(self.residual, random_state))

    def factor_gradient(self, F: Array, G: Array) -> Pair:
        return self.factor_products(self._matrix_gradient, F, G)

    def line(self, F: Array, G: Array, dF: Array, dG: Array) -> LineModel:
        """Return the loss along (dF, dG), which is a quartic.

        The residual is r + t a + t^2 b, so the coefficients are inner products of r, a
        and b.
        """
        self.current_line = self.operator.line(
            *self.scaled_point(F, G), *self.scaled(dF, dG), self.adjoint_weights
        )
        r, a, b = self.residual, self.current_line.a, self.current_line.b
        return Quartic(
            np.array(
                [
                    self._inner(r, a),
                    self._inner(a, a) / 2 + self._inner(r, b),
                    self._inner(a, b),
                    self._inner(b, b) / 2,
                ]
            )
        )

    def advance(self, t: float, F: Array, G: Array) -> None:
        line, self.current_line = self.current_line, None
        assert line is not None
        step = line.moved(t)
        self.change = np.sqrt(self._inner(step, step))
        self.residual += step
        del step
        self._matrix_gradient = line.matrix_gradient(
            t, self._matrix_gradient, self.residual, *self.scaled_point(F, G)
        )
        self._update_value()
        self._n_advances += 1

    def _update_value(self) -> None:
        self.value = self._inner(self.residual, self.residual) / 2

    def _inner(self, u: Array, v: Array) -> float:
        return inner(self.weights, u, v)
