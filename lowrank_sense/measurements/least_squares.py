"""The loss of a matrix sensing problem and its state at the current factors."""

from functools import cached_property

import numpy as np

from .weights import inner, scaled, weighted

# Residual and image move by recurrence. So that rounding errors do not build up, they
# are out of date after so many steps, or once half of the residual's digits are lost.
MAX_ADVANCES = 50


class LeastSquares:
    """(1/2) sum_i w_i (<A_i, F G^T> - y_i)^2 in units of operator and signal.

    In these units the operator is near-isotropic with scale one, sigma_1 is about one,
    and sqrt(2 loss) estimates the distance ||F G^T - M*||_F.

    Parameters
    ----------
    measurement : LinearMap
    y : ndarray of shape (m,)
    weights : ndarray of shape (m,)
        Nonnegative float64, of sum one.
    scale : Scale
    held_out : ndarray of shape (m,) or None
        Weights of the measurements that are not fitted, of sum one.

    Attributes
    ----------
    target : ndarray of shape (m,)
        y in these units.
    residual : ndarray of shape (m,)
        A(F G^T) - y.
    image : array, sparse matrix or LinearOperator of shape (n1, n2)
        R = sum_i w_i residual_i A_i, the gradient with respect to F G^T.
    loss : float
    loss_at_zero : float
        The loss of M = 0.
    change : float
        ||A(M_t+1 - M_t)|| of the last step, an estimate of ||M_t+1 - M_t||_F.
    """

    def __init__(self, measurement, y, weights, scale, held_out=None):
        self.measurement = measurement
        self.scale = scale
        self.change = np.inf
        self.weights = weights
        self._held_out = held_out
        self.target = (y / (scale.operator * scale.signal)).astype(measurement.dtype)
        # Of M in units of the operator, half of it for each factor.
        self.unit = measurement.dtype.type(1 / scale.operator)
        self.root = np.sqrt(self.unit)
        self.loss_at_zero = self._inner(self.target, self.target) / 2
        self._point = self._scaled_point = None, None

    @property
    def error(self):
        """Estimate of ||F G^T - M*||_F, by near-isometry."""
        return np.sqrt(2 * self.loss)

    @property
    def held_out_loss(self):
        """The loss of what is not fitted."""
        return inner(self._held_out, self.residual, self.residual) / 2

    @cached_property
    def exposure(self):
        """How often each row and column is seen, of mean one; None where evenly."""
        return self.measurement.exposure(self.weights)

    @property
    def out_of_date(self):
        """Whether rounding errors may count, so that a restart is due."""
        lost = np.finfo(self.measurement.dtype).eps * self._loss_at_restart
        return self._n_advances >= MAX_ADVANCES or self.loss <= lost

    @property
    def image_weights(self):
        """Weights of an image, in units of the operator."""
        return scaled(self.weights, self.unit)

    def restart(self, F, G):
        """Residual, loss and image at (F, G) from scratch."""
        self.residual, self.image = self.measurement.residual(
            *self._at(F, G), self.target, self.image_weights
        )
        self._update_loss()
        self._n_advances, self._loss_at_restart = 0, self.loss

    def residual_at(self, F, G):
        """The residual at other factors, and nothing else."""
        return self.measurement.apply(*self.scaled(F, G)) - self.target

    def image_at_zero(self):
        """The image at M = 0, where the residual is minus the target."""
        return -self.image_of(self.target)

    def image_of_noise(self, random_state):
        """The image of residuals as large as those here, but with random signs."""
        return self.image_of(with_random_signs(self.residual, random_state))

    def image_of(self, values):
        """sum_i w_i values_i A_i, in units of the operator."""
        return self.measurement.adjoint(weighted(self.image_weights, values))

    def size(self, F, G):
        """||A(F G^T)||, about the Frobenius norm where the data look evenly."""
        values = self.measurement.apply(*self.scaled(F, G))
        return np.sqrt(self._inner(values, values))

    def pull_back(self, F, G):
        """(R G, R^T F) at the current factors: the gradient of the loss."""
        return self.pulled_back(self.image, F, G)

    def pulled_back(self, image, F, G):
        """The same for another image."""
        products = self.measurement.pull_back(image, *self._at(F, G))
        return tuple(product / self.root for product in products)

    def line(self, F, G, dF, dG):
        """Coefficients of t, ..., t^4 in loss(F + t dF, G + t dG) - loss(F, G).

        The residual moves as r + t a + t^2 b, so the loss is a quartic in t whose
        coefficients are inner products of r, a and b.
        """
        self.current_line = self.measurement.line(
            *self._at(F, G), *self.scaled(dF, dG), self.image_weights
        )
        r, a, b = self.residual, self.current_line.a, self.current_line.b
        return np.array(
            [
                self._inner(r, a),
                self._inner(a, a) / 2 + self._inner(r, b),
                self._inner(a, b),
                self._inner(b, b) / 2,
            ]
        )

    def advance(self, t, F, G):
        """Move along the last line by t, to the factors F and G."""
        line, self.current_line = self.current_line, None
        step = line.moved(t)
        self.change = np.sqrt(self._inner(step, step))
        self.residual += step
        del step
        self.image = line.image(t, self.image, self.residual, *self._at(F, G))
        self._update_loss()
        self._n_advances += 1

    def _at(self, F, G):
        """The scaled factors, the same arrays as long as F and G are the same.

        So a measurement knows what it has measured before.
        """
        if F is not self._point[0] or G is not self._point[1]:
            self._point, self._scaled_point = (F, G), self.scaled(F, G)
        return self._scaled_point

    def scaled(self, F, G):
        """Factors of F G^T in units of the operator; one array if they are one."""
        scaled = F * self.root
        return scaled, scaled if G is F else G * self.root

    def _update_loss(self):
        self.loss = self._inner(self.residual, self.residual) / 2

    def _inner(self, u, v):
        return inner(self.weights, u, v)


def with_random_signs(values, random_state):
    """Noise of the size of the values."""
    signs = random_state.choice([-1, 1], len(values))
    return signs.astype(values.dtype) * values
