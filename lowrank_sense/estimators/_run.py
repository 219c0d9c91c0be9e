"""The run of a solver, made from the parameters of an estimator."""

from typing import Any

import numpy as np

from .._types import Factors
from ..inference.certificates import DualityGap
from ..objectives import with_capabilities
from ..problem import Problem, build_problem
from ..solvers import SOLVERS, Iterate, Solver, StepRule, suited_solver
from ..solvers.accelerated_step import (
    AcceleratedStep,
    CertifiedStep,
    NoAcceleratedStep,
    PublishedStep,
)
from ..solvers.early_stopping import EarlyStopping
from ..solvers.run import Run
from ..solvers.start import (
    check_start,
    factors_in_units,
    factors_of_rank,
    random_start,
    reactivate,
    spectral_start,
)
from ..solvers.stopping import StoppingRule
from ._data import Data
from ._parameters import Parts, asks_for_published_step


def make_problem(estimator: Any, parts: Parts, data: Data) -> Problem:
    """Return the problem that an estimator's parameters make of the data."""
    return build_problem(
        data.operator,
        data.y,
        data.weights,
        data.held_out,
        support=data.support,
        loss=parts.loss,
        penalty=parts.penalty,
        parameterization=parts.parameterization,
        rank=estimator.rank,
        fit_intercept=estimator.fit_intercept,
    )


def chosen_solver(
    estimator: Any, parts: Parts, problem: Problem
) -> tuple[str, Solver, str]:
    """Return the solver's name, the solver, and the name of the suited solver."""
    # "als" takes no accelerated step, so it is not chosen if one is requested.
    separable = problem.row_separable and not asks_for_published_step(estimator)
    suited = suited_solver(problem.diagnostics, row_separable=separable)
    if parts.solver is None:
        return suited, SOLVERS.make(suited), suited
    return SOLVERS.name_of(parts.solver), parts.solver, suited


def starting_iterate(
    estimator: Any,
    solver: Solver,
    problem: Problem,
    before: Factors | None,
    random_state: np.random.RandomState,
) -> Iterate:
    """Return the iterate at which the run begins.

    Parameters
    ----------
    estimator : estimator instance
    solver : Solver
    problem : Problem
    before : tuple of ndarray or None
        The factors to go on from, in the units of the data.
    random_state : RandomState
    """
    objective, parameterization = problem.objective, problem.parameterization
    scale, dtype = problem.scale, objective.dtype
    if before is not None:
        before = factors_of_rank(before, problem.rank, parameterization)
        before = factors_in_units(before, scale, dtype)
    if before is not None:
        factors = before
    elif estimator.init == "spectral" and not scale.vanishing:
        factors = spectral_start(objective, parameterization, problem.rank)
    else:
        if not scale.vanishing:
            _check_random_start(estimator, problem)
        factors = random_start(
            objective, parameterization, problem.rank, estimator.alpha, random_state
        )
    factors = tuple(part.astype(dtype, copy=False) for part in factors)
    if estimator.early_stopping:
        _clear_unmeasured(factors, problem)
    iterate = Iterate(
        parameterization,
        factors,
        with_capabilities(objective, solver.requires),
        problem.penalty,
    )
    if before is not None and problem.penalty.damping:
        reactivate(iterate)
    return iterate


def _clear_unmeasured(factors: Factors, problem: Problem) -> None:
    """Set to zero what only held-out measurements touch."""
    objective = problem.objective
    support = objective.operator.support(objective.weights)
    support.of_matrix(problem.parameterization.symmetric).clear(factors)


def _check_random_start(estimator: Any, problem: Problem) -> None:
    dtype = problem.objective.dtype
    check_start("alpha", estimator.alpha, dtype)
    if not problem.parameterization.symmetric:
        start = estimator.init_ratio * estimator.alpha
        check_start("init_ratio * alpha", start, dtype)


def make_run(estimator: Any, solver: Solver, problem: Problem) -> Run:
    """Return the run of a solver, with an empty history."""
    penalty, step = problem.penalty, problem.scale.step
    has_gap = penalty.has_duality_gap and solver.knows_gradient
    early_stopping = None
    if estimator.early_stopping:
        early_stopping = EarlyStopping(estimator.n_iter_no_change, estimator.tol)
    # A long first step makes noise as large a part of the factors as of y. Many short
    # steps let the signal outgrow the noise.
    is_short = estimator.early_stopping and solver.small_first_steps
    fixed = None if estimator.step_size == "auto" else estimator.step_size * step
    return Run(
        solver,
        _accelerated_step(estimator, solver, problem),
        StoppingRule(
            estimator.tol,
            problem.diagnostics,
            fits_noise=not penalty.has_duality_gap,
            duality_gap=DualityGap() if has_gap else None,
        ),
        early_stopping,
        estimator.max_iter,
        StepRule(fixed, step if is_short else np.inf),
    )


def _accelerated_step(
    estimator: Any, solver: Solver, problem: Problem
) -> AcceleratedStep:
    if asks_for_published_step(estimator):
        return PublishedStep(estimator.accelerated_step)
    by_rule = (
        estimator.accelerated_step
        and solver.takes_accelerated_step
        and not problem.penalty.depends_on_factors
        and "quadratic" in problem.objective.capabilities
    )
    return CertifiedStep(problem.diagnostics) if by_rule else NoAcceleratedStep()
