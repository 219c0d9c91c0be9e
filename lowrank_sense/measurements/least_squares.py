"""The loss of a matrix sensing problem and its state at the current factors."""

import numpy as np

from .symmetrized import SymmetrizedMeasurement


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
        self._inverse_scale = measurement.dtype.type(1 / scale.operator)
        self.loss_at_zero = self._inner(self._target, self._target) / 2

    @property
    def error(self):
        """Estimate of ||F G^T - M*||_F, by near-isometry."""
        return np.sqrt(2 * self.loss)

    def restart(self, F, G):
        """Residual, loss and image at (F, G) from scratch: two readings of X."""
        self.residual = (
            self.measurement.apply(F, G) * self._inverse_scale - self._target
        )
        self._update()

    def line(self, F, G, dF, dG):
        """Coefficients of t, ..., t^4 in loss(F + t dF, G + t dG) - loss(F, G).

        One reading of X. The residual moves as r + t a + t^2 b, so the loss is a
        quartic in t whose coefficients are inner products of r, a and b.
        """
        a, b = self.measurement.apply_line(F, G, dF, dG)
        self._a, self._b = a * self._inverse_scale, b * self._inverse_scale
        r, a, b = self.residual, self._a, self._b
        return (
            self._inner(r, a),
            self._inner(a, a) / 2 + self._inner(r, b),
            self._inner(a, b),
            self._inner(b, b) / 2,
        )

    def advance(self, t):
        """Move along the last line by t: the residual by recurrence, the image from it.

        One reading of X.
        """
        step = self._a * self.residual.dtype.type(t)
        step += self._b * self.residual.dtype.type(t * t)
        self.change = np.sqrt(self._inner(step, step))
        self.residual = self.residual + step
        self._update()

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

    def _update(self):
        weighted = self._weights * self.residual
        self.loss = float(np.dot(weighted, self.residual)) / 2
        self.image = (
            self.measurement.adjoint(weighted.astype(self.residual.dtype))
            * self._inverse_scale
        )

    def _inner(self, u, v):
        return float(np.dot(self._weights * u, v))
