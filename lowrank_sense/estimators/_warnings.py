"""The warnings about a fit that did not converge, with advice."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning

from .._types import Shape
from ..inference.scale import Scale
from ..inference.verdict import LITTLE_ROOM, Verdict
from ..problem import Problem
from ..solution import StopReason
from ._parameters import Parts

# Frames from here to the line that calls fit: a function here, two frames of the
# estimator and the two decorators of fit.
STACK_LEVEL = 6


def warn_if_blind(scale: Scale, X: Any, *, fit_intercept: bool) -> None:
    """Warn if X is not zero but measures nothing."""
    if not scale.blind or fit_intercept:
        return
    values = X.data if sparse.issparse(X) else X
    if isinstance(values, np.ndarray) and values.any():
        warnings.warn(
            "X is not zero, but all its measurements of a random matrix are: "
            "nothing can be recovered, and M is zero. If the numbers in X are too "
            "small to be multiplied, scale X.",
            stacklevel=STACK_LEVEL,
        )


def warn_of_rank(rank: int, shape: Shape) -> None:
    """Warn if there is no matrix of so high a rank."""
    if rank > min(shape):
        warnings.warn(
            f"rank={rank} is more than a matrix of shape {shape} can have: "
            f"{min(shape)} components are fitted, and the others are zero.",
            stacklevel=STACK_LEVEL,
        )


def warn_unless_converged(estimator: Any, parts: Parts, suited: str) -> None:
    """Warn if a fit diverged or used up its iterations.

    Parameters
    ----------
    estimator : estimator instance
    parts : Parts
    suited : str
        The solver that suits the number of measurements.
    """
    if estimator.stop_reason_ == StopReason.DIVERGED:
        message = (
            f"The fit with step_size={estimator.step_size} diverged at iteration "
            f"{estimator.n_iter_ + 1}; the best iterate before that was kept. Use a "
            "smaller step_size (0.25 is safe for near-isotropic measurements) or "
            "step_size='auto'."
        )
    elif estimator.stop_reason_ == StopReason.MAX_ITER and estimator.tol > 0:
        message = (
            f"max_iter={estimator.max_iter} iterations ended the fit before "
            f"tol={estimator.tol} was reached. {_advice(estimator, parts, suited)}"
        )
    else:
        return
    warnings.warn(message, ConvergenceWarning, stacklevel=STACK_LEVEL)


def warn_of_doubts(estimator: Any, verdict: Verdict, problem: Problem) -> None:
    """Warn of each reason to doubt a result that is called converged.

    Parameters
    ----------
    estimator : estimator instance
    verdict : Verdict
    problem : Problem
    """
    for message in _doubts(estimator, verdict, problem):
        warnings.warn(message, ConvergenceWarning, stacklevel=STACK_LEVEL)


def _doubts(estimator: Any, verdict: Verdict, problem: Problem) -> Iterator[str]:
    n_measurements = problem.diagnostics.n_measurements
    if verdict.little_room:
        yield (
            f"The residual vanished, but a matrix of rank {estimator.rank} and shape "
            f"{problem.objective.shape} has {verdict.dof} degrees of freedom and can "
            f"fit {n_measurements} measurements in many ways, so that M may be wrong. "
            f"It takes about {np.ceil(verdict.dof / LITTLE_ROOM):.0f} measurements or "
            "a smaller rank to tell."
        )
    elif verdict.nothing_certain:
        yield (
            "effective_rank_ is 0: no component of M is certainly larger than noise or "
            f"error could make it. More than {n_measurements} measurements or a "
            "smaller rank would tell."
        )
    elif verdict.undecided:
        yield (
            f"penalty={estimator.penalty!r} could not tell the rank, so the penalty "
            "still makes M too small. Lower rank, or pass a number as the penalty."
        )
    if verdict.n_unseen > 0:
        yield (
            f"The residual vanished, but {verdict.n_unseen} component(s) of M lie "
            "where hardly anything is measured, so that M may be wrong there. Lower "
            f"rank{_or_auto(estimator)}, or measure more."
        )
    if verdict.intercept_gain > 0:
        yield (
            "An intercept would lower the loss at this M by "
            f"{100 * verdict.intercept_gain:.0f} %: set fit_intercept=True, or center "
            "y."
        )
    if verdict.part_left > 0:
        yield (
            "The best positive semi-definite matrix leaves "
            f"{100 * verdict.part_left:.0f} % of y (root mean square), but one with "
            "negative eigenvalues would leave less: use AsymmetricFactorSensing. "
            "Squared distances are measurements of a positive semi-definite matrix by "
            "differences: measurement='rank_one' with rows e_i - e_j."
        )


def _or_auto(estimator: Any) -> str:
    return "" if estimator.penalty == "auto" else ", set penalty='auto' for entries"


def _advice(estimator: Any, parts: Parts, suited: str) -> str:
    fixed_step = estimator.step_size != "auto"
    losses = estimator.loss_history_
    if fixed_step and losses[-1] > 2 * losses.min():
        return (
            f"The loss does not settle with step_size={estimator.step_size}: try a "
            "smaller one or step_size='auto'."
        )
    advice = []
    surplus = 0 < estimator.effective_rank_ < estimator.rank
    if surplus and not estimator.accelerated_step and estimator.solver_ != "pcg":
        advice.append(
            f"The data support {estimator.effective_rank_} of "
            f"rank={estimator.rank} components, and the surplus slows descent down: "
            "try accelerated_step=True or a smaller rank."
        )
    entries = parts.measurement.measures_entries
    if (estimator.solver_ != suited or fixed_step) and not (entries and suited == "cg"):
        step = " with step_size='auto'" if fixed_step else ""
        advice.append(
            f"Try solver={suited!r}{step}: it suits this number of measurements best."
        )
    advice.append(f"{_remedies(estimator, parts)}.")
    return " ".join(advice)


def _remedies(estimator: Any, parts: Parts) -> str:
    """List what helps this kind of measurements and is not done yet."""
    remedies = ["Increase max_iter or tol"]
    if parts.measurement.reads_values:
        remedies.append("standardize X")
    if estimator.rank > 1:
        remedies.append("lower rank")
    if estimator.penalty == 0:
        entries = parts.measurement.measures_entries and parts.loss.quadratic
        remedies.append("set penalty='auto'" if entries else "set a penalty")
    *others, last = remedies
    return f"{', '.join(others)}, or {last}" if others else last
