"""Parts of the equation that a user might write, in a module of their own."""

import numpy as np
from scipy import sparse

from lowrank_sense.losses import Loss
from lowrank_sense.measurements import Measurement, Operator
from lowrank_sense.penalties import Penalty
from lowrank_sense.solvers import Descent


class TaskMeasurement(Measurement):
    """Row i of X is [t_i, x_i], with A_i = e_(t_i) x_i^T.

    Parameters
    ----------
    first : int, default=0
        The number of the first task.
    """

    def __init__(self, first=0):
        self.first = first

    def infer_shape(self, shape, X, *, symmetric):
        return shape or (int(X[:, 0].max()) + 1 - self.first, X.shape[1] - 1)

    def operator(self, X, shape):
        return TaskOperator(X, shape, self.first)


class TaskOperator(Operator):
    def __init__(self, X, shape, first):
        super().__init__(shape, len(X), X.dtype)
        self._tasks, self._features = X[:, 0].astype(int) - first, X[:, 1:]
        starts = np.arange(len(X) + 1)
        self._indicators = sparse.csr_array(
            (np.ones(len(X), X.dtype), self._tasks, starts), (len(X), shape[0])
        )

    def apply(self, F, G):
        return np.sum(F[self._tasks] * (self._features @ G), axis=1)

    def adjoint(self, values):
        return self._indicators.T @ (values[:, np.newaxis] * self._features)


class HeavyBall(Descent):
    """Minus the gradient plus `momentum` times the direction before."""

    def __init__(self, momentum=0.5):
        self.momentum = momentum

    def direction(self, iterate, gradient, memory):
        direction = tuple(-part for part in gradient)
        if memory is not None:
            moving = tuple(
                part + part.dtype.type(self.momentum) * before
                for part, before in zip(direction, memory, strict=True)
            )
            pairs = zip(moving, gradient, strict=True)
            if sum(np.vdot(u, v) for u, v in pairs) < 0:
                direction = moving
        return direction, direction


class LogCosh(Loss):
    """delta^2 log cosh((z - y) / delta)."""

    def __init__(self, delta=0.2):
        self.delta = delta

    def value(self, y, z):
        r = np.abs(z - y) / z.dtype.type(self.delta)
        log_cosh = r + np.log1p(np.exp(-2 * r)) - z.dtype.type(np.log(2))
        return z.dtype.type(self.delta**2) * np.maximum(log_cosh, 0)

    def gradient(self, y, z):
        delta = z.dtype.type(self.delta)
        return delta * np.tanh((z - y) / delta)

    def curvature(self, y, z):
        return 1 - np.tanh((z - y) / z.dtype.type(self.delta)) ** 2


class Counts(Loss):
    """Poisson's, with predictions exp(z), less its minimum over z."""

    def value(self, y, z):
        least = y - y * np.log(np.maximum(y, 1))
        return np.maximum(np.exp(z) - y * z - least, 0)

    def gradient(self, y, z):
        return np.exp(z) - y

    def curvature(self, y, z):
        return np.exp(z)

    def inverse_link(self, z):
        return np.exp(z)

    def check_target(self, y):
        if np.min(y) < 0:
            raise ValueError(f"y holds the count {np.min(y):g}, which is negative.")


class Unequal(Penalty):
    """(left ||F||_F^2 + right ||G||_F^2) / 2, which is (left right)^1/2 ||M||_*."""

    def __init__(self, left=0.1, right=0.4):
        self.left, self.right = left, right

    def begin(self, scale, diagnostics):
        return Unequal(scale.penalty(self.left), scale.penalty(self.right))

    @property
    def damping(self):
        return (self.left * self.right) ** 0.5

    def value(self, pair):
        return self._inner(pair, pair) / 2

    def gradient(self, factors):
        F, G = factors
        return F.dtype.type(self.left) * F, G.dtype.type(self.right) * G

    def line(self, pair, direction):
        return self._inner(pair, direction), self._inner(direction, direction) / 2

    def _inner(self, one, other):
        (F, G), (dF, dG) = one, other
        return self.left * float(np.vdot(F, dF)) + self.right * float(np.vdot(G, dG))
