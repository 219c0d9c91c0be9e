"""From data and the parameters of an estimator to a dimensionless problem."""

import warnings
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from .measurements import (
    CenteredMeasurement,
    LeastSquares,
    estimate_scale,
    measurement_kind,
)
from .measurements.base import LinearMap
from .measurements.weights import mean, reordered

# From `pose` to the line that calls fit.
STACK_LEVEL = 6
# So many times the penalty from which on nothing but zero remains, no larger one makes
# a difference, but may overflow.
PROHIBITIVE = 1e12


@dataclass(frozen=True)
class Problem:
    """What a fit has to solve.

    Attributes
    ----------
    objective : LeastSquares
    penalty : float
        In the units of the objective.
    measurement : LinearMap
        Of which the objective may see centered values.
    weights : ndarray of shape (m,)
        Of the measurements to fit, of sum one.
    y_mean : float
        What was taken off y; zero without an intercept.
    """

    objective: LeastSquares
    penalty: float
    measurement: LinearMap
    weights: np.ndarray
    y_mean: float

    @property
    def scale(self):
        return self.objective.scale

    def freedom(self, parameterization, rank):
        """Degrees of freedom of factors of that rank, for each measurement."""
        n_free = parameterization.degrees_of_freedom(self.measurement.shape, rank)
        return n_free / np.count_nonzero(self.weights)

    def intercept(self, F, G):
        """The intercept that minimizes the loss at F G^T, in units of y."""
        if not isinstance(self.objective.measurement, CenteredMeasurement):
            return 0.0
        return self.y_mean - float(mean(self.weights, self.measurement.apply(F, G)))


def pose(estimator, X, y, weights, shape, random_state):
    """The `Problem` that an estimator is to solve.

    Parameters
    ----------
    weights : ndarray of shape (m,)
        Nonnegative, of sum one.
    random_state : RandomState
        Chooses what is held out for early stopping.
    """
    held_out = None
    if estimator.early_stopping:
        weights, held_out = _split(weights, estimator.validation_fraction, random_state)
    kind = measurement_kind(estimator.measurement, X)
    measurement, order = kind.for_fit(X, shape, y.dtype)
    y, weights, held_out = (reordered(u, order) for u in (y, weights, held_out))
    del order
    seen, y_mean = measurement, 0.0
    if estimator.fit_intercept:
        y_mean = float(mean(weights, y))
        seen, y = CenteredMeasurement(measurement, weights), y - y.dtype.type(y_mean)
    scale = estimate_scale(seen, y, weights, symmetric=estimator._symmetric)
    if scale.blind and not estimator.fit_intercept and _any(X):
        warnings.warn(
            "X measures zero of a random matrix, though it holds other numbers: "
            "nothing can be recovered, and M is zero. Are they too small to be "
            "multiplied?",
            stacklevel=STACK_LEVEL,
        )
    return Problem(
        objective=measurement.objective(seen, y, weights, scale, held_out),
        penalty=_penalty(estimator, scale),
        measurement=measurement,
        weights=weights,
        y_mean=y_mean,
    )


def _any(X):
    values = X.data if sparse.issparse(X) else X
    return isinstance(values, np.ndarray) and values.any()


def _penalty(estimator, scale):
    """The one to begin with, in the units of the objective."""
    if estimator.penalty == "auto":
        return 0.0
    # One after the other, as the product of the units may underflow.
    with np.errstate(over="ignore"):
        penalty = np.float64(estimator.penalty) / scale.signal
        penalty = penalty / scale.operator / scale.operator
    return float(min(penalty, PROHIBITIVE / scale.step))


def _split(weights, fraction, random_state):
    """Weights of what is fitted and of what is held out, each of sum one."""
    candidates = random_state.permutation(np.flatnonzero(weights))
    n_held_out = int(np.ceil(fraction * len(candidates)))
    if n_held_out >= len(candidates):
        raise ValueError(
            f"early_stopping=True with validation_fraction={fraction} leaves none of "
            f"{len(candidates)} measurement(s) to fit: lower validation_fraction or "
            "set early_stopping=False."
        )
    held_out = np.zeros(len(weights))
    chosen = candidates[:n_held_out]
    held_out[chosen] = weights[chosen]
    rest = weights - held_out
    return rest / rest.sum(), held_out / held_out.sum()
