"""The loss of a matrix sensing problem and its state at the current factors."""

import numpy as np

from .symmetrized import SymmetrizedMeasurement

# Residual and image move by recurrence. So that rounding errors do not build up, they
# are out of date after so many steps, or once half of the residual's digits are lost.
MAX_ADVANCES = 50


class LeastSquares:
    """(1/2) sum_i w_i (<A_i, F G^T> - y_i)^2 in units of operator and signal.

    In these units the operator is near-isotropic with scale one, sigma_1 is about one,
    and sqrt(2 loss) estimates the distance ||F G^T - M*||_F.

    Parameters
    ----------
    measurement : Measurement
    y : ndarray of shape (m,)
    weights : ndarray of shape (m,)
        Nonnegative float64, of sum one.
    scale : Scale

    Attributes
    ----------
    residual : ndarray of shape (m,)
        A(F G^T) - y.
    image : array of shape (n1, n2)
        R = sum_i w_i residual_i A_i, the gradient with respect to F G^T.
    loss : float
    loss_at_zero : float
        The loss of M = 0.
    change : float
        ||A(M_t+1 - M_t)|| of the last step, an estimate of ||M_t+1 - M_t||_F.
    """

    def __init__(self, measurement, y, weights, scale):
        self.measurement = measurement
        self.scale = scale
        self.change = np.inf
        self._weights = weights
        self._target = (y / (scale.operator * scale.signal)).astype(measurement.dtype)
        self._unit = measurement.dtype.type(1 / scale.operator)
        self.loss_at_zero = self._inner(self._target, self._target) / 2

    @property
    def error(self):
        """Estimate of ||F G^T - M*||_F, by near-isometry."""
        return np.sqrt(2 * self.loss)

    @property
    def out_of_date(self):
        """Whether rounding errors may count, so that a restart is due."""
        lost = np.finfo(self.residual.dtype).eps * self._loss_at_restart
        return self._n_advances >= MAX_ADVANCES or self.loss <= lost

    @property
    def _image_weights(self):
        """Weights of an image, in units of the operator."""
        return self._weights * self._unit

    def restart(self, F, G):
        """Residual, loss and image at (F, G) from scratch."""
        self.residual, self.image = self.measurement.residual(
            F * self._unit, G, self._target, self._image_weights
        )
        self._update_loss()
        self._n_advances, self._loss_at_restart = 0, self.loss

    def image_at_zero(self):
        """The image at M = 0, where the residual is minus the target."""
        weighted = self._image_weights * self._target
        return -self.measurement.adjoint(weighted.astype(self._target.dtype))

    def line(self, F, G, dF, dG):
        """Coefficients of t, ..., t^4 in loss(F + t dF, G + t dG) - loss(F, G).

        The residual moves as r + t a + t^2 b, so the loss is a quartic in t whose
        coefficients are inner products of r, a and b.
        """
        self._line = self.measurement.line(
            F * self._unit, G, dF * self._unit, dG, self._image_weights
        )
        r, a, b = self.residual, self._line.a, self._line.b
        return (
            self._inner(r, a),
            self._inner(a, a) / 2 + self._inner(r, b),
            self._inner(a, b),
            self._inner(b, b) / 2,
        )

    def advance(self, t):
        """Move along the last line by t."""
        step = self._line.a * self.residual.dtype.type(t)
        step += self._line.b * self.residual.dtype.type(t * t)
        self.change = np.sqrt(self._inner(step, step))
        self.residual = self.residual + step
        self.image = self._line.image(t, self.image, self.residual)
        self._update_loss()
        self._n_advances += 1

    def symmetrized(self):
        """The same problem for F G^T that ought to be symmetric.

        Adds (a^2/2) ||(F G^T - G F^T) / 2||_F^2 to the loss.
        """
        measurement = SymmetrizedMeasurement(self.measurement)
        n_added = measurement.n_measurements - len(self._weights)
        weights = np.append(self._weights, np.full(n_added, self.scale.operator**2))
        other = LeastSquares.__new__(LeastSquares)
        other.__dict__.update(self.__dict__)
        other.measurement, other._weights = measurement, weights
        other._target = np.append(self._target, np.zeros(n_added, measurement.dtype))
        return other

    def _update_loss(self):
        self.loss = self._inner(self.residual, self.residual) / 2

    def _inner(self, u, v):
        return float(np.dot(self._weights * u, v))
