"""The equation, and how it is built from data.

minimize over the factors
sum_i w_i l(y_i, <A_i, M> + b) + Omega(factors),  M = phi(factors)
"""

from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np

from ._types import Array, Factors
from .arrays.factors import pad_columns
from .arrays.weights import mean
from .inference.diagnostics import Diagnostics
from .inference.repeats import Repeats
from .inference.scale import Scale, estimate_scale
from .losses import Loss
from .measurements import Operator
from .measurements.centered import ROUNDINGS
from .measurements.support import Support
from .objectives import MeasuredObjective, build_objective, check_place
from .parameterizations import Parameterization
from .penalties import Penalty


@final
@dataclass(frozen=True)
class Problem:
    """Hold the equation that a fit solves, in dimensionless units.

    Attributes
    ----------
    objective : MeasuredObjective
        The sum over measurements: operator and loss.
    penalty : Penalty
        The penalty of one fit.
    parameterization : Parameterization
    diagnostics : Diagnostics
    rank : int
        Width of the factors: the rank that was asked for, or the largest there is.
    y_mean : float
        The mean that was subtracted from y; zero without an intercept.
    support : Support or None
        The rows and columns that the problem is about, if these are not all: nothing
        measures the others.
    """

    objective: MeasuredObjective
    penalty: Penalty
    parameterization: Parameterization
    diagnostics: Diagnostics
    rank: int
    y_mean: float
    support: Support | None = None

    @property
    def scale(self) -> Scale:
        """Return the units."""
        return self.objective.scale

    @property
    def row_separable(self) -> bool:
        """Return whether each row of a factor has its own least squares problem."""
        return (
            self.objective.row_separable
            and self.penalty.is_squared_norm
            and not self.parameterization.symmetric
        )

    def factors_in_data_units(self, factors: Factors, rank: int) -> Factors:
        """Return the factors with `rank` columns, in the units of the data."""
        unit = np.sqrt(self.scale.signal)
        return tuple(
            pad_columns(part, rank) * part.dtype.type(unit) for part in factors
        )

    def of_whole_matrix(self, factors: Factors) -> Factors:
        """Return the factors with zeros for the rows that nothing measures."""
        return self.support.embed(factors) if self.support else factors

    def intercept(self, F: Array, G: Array) -> float:
        """Return the intercept that minimizes the loss at F G^T, in units of y."""
        operator = self.objective.operator
        if not operator.is_centered:
            return 0.0
        values = operator.uncentered.apply(F, G)
        return self.y_mean - float(mean(self.objective.weights, values))


def build_problem(
    operator: Operator,
    y: Any,
    weights: Array,
    held_out: Array | None,
    *,
    support: Support | None = None,
    loss: Loss,
    penalty: Penalty,
    parameterization: Parameterization,
    rank: int,
    fit_intercept: bool,
) -> Problem:
    """Build the problem from data.

    Parameters
    ----------
    operator : Operator
    y : array of shape (m,)
    weights : ndarray of shape (m,)
        Nonnegative, with sum one.
    held_out : ndarray of shape (m,) or None
        Weights of the held-out measurements.
    support : Support or None
        The part of the matrix that the operator measures; None for all of it.
    loss : Loss
    penalty : Penalty
        In the units of the data.
    parameterization : Parameterization
    rank : int
        Upper bound of the rank.
    fit_intercept : bool

    Raises
    ------
    ValueError
        If X or the matrix sought is so large or so small that numbers overflow or lose
        their digits.
    """
    check_place(operator, loss)
    y_mean = 0.0
    if fit_intercept:
        y_mean = float(mean(weights, y))
        operator, y = operator.centered(weights), _centered(y, y_mean)
    scale = _scale(operator, y, weights, loss, parameterization.symmetric)
    rank = min(rank, *operator.shape)
    repeats = scale.repeats or Repeats(int(np.count_nonzero(weights)))
    diagnostics = Diagnostics(
        isometry_bound=scale.isometry_bound(operator.shape, rank),
        noise_norm=scale.noise_norm(operator.shape),
        dof_per_measurement=parameterization.degrees_of_freedom(operator.shape, rank)
        / repeats.n_distinct,
        n_measurements=repeats.n_distinct,
        noise_amplification=repeats.amplification,
    )
    return Problem(
        objective=build_objective(operator, loss, y, weights, scale, held_out),
        penalty=penalty.begin(scale, diagnostics),
        parameterization=parameterization,
        diagnostics=diagnostics,
        rank=rank,
        y_mean=y_mean,
        support=support,
    )


def _centered(y: Any, mean: float) -> Any:
    """Return y minus its mean, without the rounding errors of a constant y."""
    rounding = ROUNDINGS * np.finfo(y.dtype).eps * abs(mean)
    centered = y - y.dtype.type(mean)
    return centered if bool(abs(centered).max() > rounding) else centered * 0


def _scale(
    operator: Operator, y: Any, weights: Array, loss: Loss, symmetric: bool
) -> Scale:
    """Estimate the scales from y, or from the response of a Newton step at M = 0."""
    if loss.quadratic:
        return estimate_scale(operator, y, weights, symmetric=symmetric)
    y = y.astype(operator.dtype, copy=False)
    zero = np.zeros_like(y)
    _check_outputs(loss, y, zero)
    curvature = float(mean(weights, loss.curvature(y, zero).astype(np.float64)))
    if not curvature > 0:
        raise ValueError(
            f"loss={loss!r} has the mean curvature {curvature:.3g} where the predictor "
            "is zero, but a fit needs a positive one to set its units: center or "
            "scale y, or choose another loss."
        )
    response = -loss.gradient(y, zero) / y.dtype.type(curvature)
    scale = estimate_scale(operator, response, weights, symmetric=symmetric)
    return replace(scale, curvature=curvature)


def _check_outputs(loss: Loss, y: Array, z: Array) -> None:
    """Raise a ValueError if a loss returns no finite numbers for each measurement."""
    for method in (loss.value, loss.gradient, loss.curvature, loss.inverse_link):
        arguments = (z,) if method == loss.inverse_link else (y, z)
        found = np.asarray(method(*arguments))
        if found.shape == z.shape and np.isfinite(found).all():
            continue
        what = "NaN or infinity" if found.shape == z.shape else f"shape {found.shape}"
        raise ValueError(
            f"loss={loss!r}: {method.__name__} returns {what} where the predictor is "
            f"zero, but finite numbers of shape {z.shape} are needed: see "
            "lowrank_sense.testing.check_loss."
        )
