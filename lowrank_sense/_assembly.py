"""From the parameters of an estimator to the parts of a run."""

import numpy as np
from sklearn.utils import check_random_state

from .solvers import (
    DIRECTIONS,
    CertifiedModifiedStep,
    Descent,
    Iterate,
    NoModifiedStep,
    PlainModifiedStep,
    StoppingRule,
)

# Of the number of measurements, up to which degrees of freedom suit "pcg".
FEW = 0.85


def check_step_size(estimator):
    """A fixed step is for gradient descent only; else a ValueError."""
    if estimator.solver != "gd" and estimator.step_size != "auto":
        raise ValueError(
            f"step_size={estimator.step_size!r} is for solver='gd'; with "
            f"solver={estimator.solver!r}, whose directions are conjugate only after "
            "exact steps, it must be 'auto'."
        )


def suited_solver(estimator, parameterization, shape, weights):
    """solver="auto": "pcg", or "cg" where measurements are few.

    With fewer measurements than degrees of freedom, surplus included, only the bias of
    a small start towards low rank finds the matrix, and preconditioning gives it up.
    """
    n_free = parameterization.degrees_of_freedom(shape, estimator.rank)
    return "pcg" if n_free <= FEW * np.count_nonzero(weights) else "cg"


def starting_iterate(estimator, parameterization, objective):
    """Where the run begins."""
    scale, measurement = objective.scale, objective.measurement
    if estimator.init == "spectral" and not scale.vanishing:
        factors = parameterization.spectral(
            objective.image_at_zero(), estimator.rank, scale.step
        )
    else:
        factors = parameterization.initialize(
            measurement.shape,
            estimator.rank,
            0.0 if scale.vanishing else estimator.alpha,
            check_random_state(estimator.random_state),
            measurement.dtype,
        )
    return Iterate(parameterization, factors, objective)


def descent(estimator, solver, scale, isometry, leak):
    """The loop, with a history that is still empty."""
    fixed = estimator.step_size != "auto"
    return Descent(
        direction=DIRECTIONS[solver](),
        step_size=estimator.step_size * scale.step if fixed else None,
        modified_step=_modified_step(estimator.accelerated_step, isometry, leak),
        stopping=StoppingRule(estimator.tol, isometry, leak),
        max_iter=estimator.max_iter,
    )


def _modified_step(accelerated_step, isometry, leak):
    if not isinstance(accelerated_step, (bool, np.bool_)):
        return PlainModifiedStep(accelerated_step)
    if accelerated_step:
        return CertifiedModifiedStep(isometry, leak)
    return NoModifiedStep()
