"""The constraints on parameters and the rules across them, looked up at each fit."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Literal, TypeAlias, final

import numpy as np

from .._compat import Interval, PartOf, StrOptions
from ..losses import LOSSES, Loss
from ..measurements import MEASUREMENTS, Measurement
from ..parameterizations import Parameterization
from ..penalties import PENALTIES, Penalty, make_penalty
from ..solvers import SOLVERS, Solver

SymmetricSolverName: TypeAlias = Literal["auto", "gd", "cg", "pcg"]
SolverName: TypeAlias = Literal["auto", "gd", "cg", "pcg", "als"]
SolverClass: TypeAlias = type[Solver] | Solver
InitName: TypeAlias = Literal["random", "spectral"]
StepSize: TypeAlias = Literal["auto"] | float
MeasurementLike: TypeAlias = (
    Literal["matrix", "rank_one", "entry"] | type[Measurement] | Measurement
)
LossLike: TypeAlias = Literal["squared_error"] | type[Loss] | Loss
PenaltyLike: TypeAlias = float | Literal["auto"] | type[Penalty] | Penalty
RandomState: TypeAlias = int | np.random.RandomState | None

CONSTRAINTS: dict[str, list[Any]] = {
    "rank": [Interval(Integral, 1, None, closed="left")],
    "alpha": [Interval(Real, 0, None, closed="neither")],
    "accelerated_step": ["boolean", Interval(Integral, 1, None, closed="left")],
    "solver": [StrOptions({*SOLVERS, "auto"}), PartOf(Solver)],
    "init": [StrOptions({"random", "spectral"})],
    "step_size": [StrOptions({"auto"}), Interval(Real, 0, None, closed="neither")],
    "measurement": [StrOptions(set(MEASUREMENTS)), PartOf(Measurement)],
    "loss": [StrOptions(set(LOSSES)), PartOf(Loss)],
    "shape": [tuple, list, None],
    "penalty": [
        StrOptions(set(PENALTIES)),
        Interval(Real, 0, None, closed="left"),
        PartOf(Penalty),
    ],
    "fit_intercept": ["boolean"],
    "max_iter": [Interval(Integral, 1, None, closed="left")],
    "tol": [Interval(Real, 0, None, closed="left")],
    "early_stopping": ["boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
    "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
    "warm_start": ["boolean"],
    "random_state": ["random_state"],
    "verbose": ["verbose"],
}


@final
@dataclass(frozen=True)
class Parts:
    """Hold the parts of the equation that an estimator's parameters stand for.

    Attributes
    ----------
    measurement : Measurement
    loss : Loss
    penalty : Penalty
    parameterization : Parameterization
    solver : Solver or None
        None for "auto": the data decide.
    """

    measurement: Measurement
    loss: Loss
    penalty: Penalty
    parameterization: Parameterization
    solver: Solver | None


def make_parts(estimator: Any, parameterization: Parameterization) -> Parts:
    """Look up the parameters, and check that they go together.

    Raises
    ------
    ValueError
        If they do not go together.
    """
    auto = isinstance(estimator.solver, str) and estimator.solver == "auto"
    parts = Parts(
        MEASUREMENTS.make(estimator.measurement),
        LOSSES.make(estimator.loss),
        make_penalty(estimator.penalty),
        parameterization,
        None if auto else SOLVERS.make(estimator.solver),
    )
    for rule in RULES:
        objection = rule(estimator, parts)
        if objection:
            raise ValueError(objection)
    return parts


def asks_for_published_step(estimator: Any) -> bool:
    """Return whether accelerated_step is the number of an iteration."""
    return not isinstance(estimator.accelerated_step, (bool, np.bool_))


def _rows_have_problems(estimator: Any, parts: Parts) -> str | None:
    if parts.solver is None or "row_separable" not in parts.solver.requires:
        return None
    separable = parts.measurement.measures_entries and parts.loss.quadratic
    separable = separable and parts.penalty.is_squared_norm
    if separable and not parts.parameterization.symmetric:
        return None
    return (
        f"solver={estimator.solver!r} is for AsymmetricFactorSensing("
        "measurement='entry', loss='squared_error') with a penalty on the squared norm "
        "of the factors, where each row of a factor has its own problem, not for "
        f"{type(estimator).__name__}(measurement={estimator.measurement!r}, "
        f"loss={estimator.loss!r}, penalty={estimator.penalty!r}): use solver='pcg'."
    )


def _penalty_suits(estimator: Any, parts: Parts) -> str | None:
    suits = parts.measurement.measures_entries and parts.loss.quadratic
    if suits or not parts.penalty.needs_entries:
        return None
    return (
        f"penalty={estimator.penalty!r} is for measurement='entry' and "
        f"loss='squared_error', not measurement={estimator.measurement!r} and "
        f"loss={estimator.loss!r}: pass a number."
    )


def _step_size_has_effect(estimator: Any, parts: Parts) -> str | None:
    is_fixed = not isinstance(estimator.step_size, str)
    if not is_fixed or (parts.solver and parts.solver.takes_fixed_step):
        return None
    return (
        f"step_size={estimator.step_size!r} is for solver='gd'; with "
        f"solver={estimator.solver!r} it must be 'auto'. Set one or the other."
    )


def _accelerated_step_has_effect(estimator: Any, parts: Parts) -> str | None:
    if not asks_for_published_step(estimator):
        return None
    step = f"accelerated_step={estimator.accelerated_step!r}"
    if parts.solver and not parts.solver.takes_accelerated_step:
        return (
            f"{step} has no effect with solver={estimator.solver!r}, which needs no "
            "such step: set accelerated_step=True, or use solver='gd'."
        )
    if not parts.loss.quadratic:
        return (
            f"{step} is for loss='squared_error', not loss={estimator.loss!r}: set "
            "accelerated_step=True."
        )
    return None


def _intercept_can_be_eliminated(estimator: Any, parts: Parts) -> str | None:
    if not estimator.fit_intercept or parts.loss.quadratic:
        return None
    return (
        "fit_intercept=True is for loss='squared_error', not "
        f"loss={estimator.loss!r}: center y and set fit_intercept=False."
    )


RULES = (
    _rows_have_problems,
    _penalty_suits,
    _step_size_has_effect,
    _accelerated_step_has_effect,
    _intercept_can_be_eliminated,
)
