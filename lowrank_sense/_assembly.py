"""From the parameters of an estimator to the parts of a run."""

import numpy as np

from .measurements import RowwiseLeastSquares
from .solvers import (
    DIRECTIONS,
    AlternatingLeastSquares,
    CertifiedModifiedStep,
    Descent,
    EarlyStopping,
    Iterate,
    NoModifiedStep,
    PlainModifiedStep,
    SquareRootLasso,
    StoppingRule,
)

# Between these a random start neither vanishes nor drowns the data in rounding errors.
STARTS = {np.float32: (1e-16, 3e2), np.float64: (1e-60, 1e5)}
# Degrees of freedom for each measurement up to which "pcg" suits.
FEW = 0.85


def check_solver(estimator):
    """That the solver goes with the other parameters; else a ValueError."""
    if estimator.solver == "als" and not _rows_are_apart(estimator):
        raise ValueError(
            "solver='als' is for AsymmetricFactorSensing(measurement='entry'), where "
            "each row of a factor has a problem of its own, not for "
            f"{type(estimator).__name__}(measurement={estimator.measurement!r}): use "
            "solver='pcg'."
        )
    if estimator.penalty == "auto" and estimator.measurement != "entry":
        raise ValueError(
            "penalty='auto' is for measurement='entry', not "
            f"{estimator.measurement!r}: give a number."
        )
    if estimator.solver != "gd" and estimator.step_size != "auto":
        raise ValueError(
            f"step_size={estimator.step_size!r} is for solver='gd'; with "
            f"solver={estimator.solver!r}, whose directions are conjugate only after "
            "exact steps, it must be 'auto'."
        )


def suited_solver(estimator, problem, freedom):
    """solver="auto": the fastest, "als" or "pcg", or "cg" where measurements are few.

    With fewer measurements than degrees of freedom, surplus included, only the bias of
    a small start towards low rank finds the matrix, and preconditioning gives it up.

    Parameters
    ----------
    estimator : estimator instance
    problem : Problem
    freedom : float
        See `Problem.freedom`.
    """
    if freedom > FEW:
        return "cg"
    rows_are_apart = problem.measurement.rows_are_apart and not estimator._symmetric
    return "als" if rows_are_apart else "pcg"


def _rows_are_apart(estimator):
    """Whether each row of a factor has a least squares problem of its own."""
    return estimator.measurement == "entry" and not estimator._symmetric


def starting_iterate(
    estimator, solver, parameterization, problem, before, random_state
):
    """Where the run begins.

    Parameters
    ----------
    solver : str
        Not "auto".
    before : tuple of ndarray or None
        The factors of the fit to go on from.
    """
    objective, scale = problem.objective, problem.scale
    dtype = objective.measurement.dtype
    if before is not None:
        before = _in_units(before, scale, dtype)
    if before is not None:
        factors = before
    elif estimator.init == "spectral" and not scale.vanishing:
        factors = parameterization.spectral(
            objective.image_at_zero(), estimator.rank, scale.step
        )
    else:
        if not scale.vanishing:
            _check_start(estimator, dtype)
        factors = parameterization.initialize(
            objective.measurement.shape,
            estimator.rank,
            0.0 if scale.vanishing else estimator.alpha,
            random_state,
            dtype,
        )
    factors = tuple(part.astype(dtype, copy=False) for part in factors)
    parameterization.clear_unseen(factors, objective.exposure)
    if solver == "als":
        if not problem.measurement.rows_are_apart:
            raise ValueError(
                "solver='als' needs all entries of a row in one place, and X is a dask "
                "array: use solver='pcg'."
            )
        objective = RowwiseLeastSquares(objective)
    iterate = Iterate(parameterization, factors, objective, problem.penalty)
    if before is not None and problem.penalty:
        iterate.exchange()
    return iterate


def _in_units(factors, scale, dtype):
    """Those of the fit before; None if they have vanished, from where none would grow.

    Raises
    ------
    ValueError
        If they are of quite another size than those sought.
    """
    least, most = STARTS[dtype.type]
    unit = np.sqrt(scale.signal)
    largest = max(float(np.max(np.abs(part))) for part in factors) / unit
    if scale.vanishing or largest < least:
        return None
    if largest > most:
        raise ValueError(
            f"warm_start=True would go on from factors {largest:.1e} times as large as "
            "those sought for this y: set warm_start=False."
        )
    return tuple(part / unit for part in factors)


def _check_start(estimator, dtype):
    least, most = STARTS[dtype.type]
    ratio = getattr(estimator, "init_ratio", 1)
    for name, size in (("alpha", 1), ("init_ratio * alpha", ratio)):
        if size and not least <= estimator.alpha * size <= most:
            raise ValueError(
                f"{name} = {estimator.alpha * size:.1e} is a start that is too small "
                f"or too large for {np.dtype(dtype)} to go on from: choose from "
                f"{least:.0e} to {most:.0e}."
            )


def descent(estimator, solver, problem, isometry, leak, freedom):
    """The loop, with a history that is still empty."""
    # A long first step makes noise as large a part of the factors as it is of y; many
    # short ones let the signal outgrow it.
    keeps_apart = estimator.early_stopping and solver == "gd"
    early_stopping = None
    if estimator.early_stopping:
        early_stopping = EarlyStopping(estimator.n_iter_no_change, estimator.tol)
    if problem.penalty:
        # The surplus shrinks to nothing, where it is neither slow nor noise.
        leak = np.inf
    parts = {
        "modified_step": _modified_step(
            estimator, solver, problem, isometry, leak, freedom
        ),
        "stopping": StoppingRule(
            estimator.tol,
            isometry,
            leak,
            certify=problem.penalty > 0 and solver != "als",
        ),
        "early_stopping": early_stopping,
        "max_iter": estimator.max_iter,
    }
    if solver == "als":
        return AlternatingLeastSquares(**parts)
    fixed = estimator.step_size != "auto"
    return Descent(
        direction=DIRECTIONS[solver](),
        step_size=estimator.step_size * problem.scale.step if fixed else None,
        longest_step=problem.scale.step if keeps_apart else np.inf,
        **parts,
    )


def _modified_step(estimator, solver, problem, isometry, leak, freedom):
    accelerated_step = estimator.accelerated_step
    if estimator.penalty == "auto":
        return SquareRootLasso(leak, freedom)
    if solver == "als":
        return NoModifiedStep()  # it solves for whatever is slow
    if not isinstance(accelerated_step, (bool, np.bool_)):
        return PlainModifiedStep(accelerated_step)
    if accelerated_step and not problem.penalty:
        return CertifiedModifiedStep(isometry, leak)
    return NoModifiedStep()
