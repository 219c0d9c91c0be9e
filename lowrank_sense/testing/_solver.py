"""The check of a solver on a small problem."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from .._types import Factors
from ..measurements.matrix import MatrixOperator
from ..objectives import LeastSquares
from ..parameterizations import (
    AsymmetricParameterization,
    Parameterization,
    SymmetricParameterization,
)
from ..penalties import NoPenalty
from ..solvers import SOLVERS, Iterate, Solver, StepRule
from ._promises import PLAIN, check, holds


@check
def check_solver(solver: str | type[Solver] | Solver, *, random_state: int = 0) -> None:
    """Check that a solver lowers the loss, keeps the dtype, and keeps no state.

    The solver runs on a small problem without noise, with one factor and with two, in
    float64 and in float32. A solver that requires a capability, such as a row-separable
    objective, cannot be checked.

    Parameters
    ----------
    solver : str, Solver class or instance
        The solver to check.
    random_state : int, default=0
        Seed of the problem.

    Raises
    ------
    AssertionError
        If the solver breaks a promise.

    See Also
    --------
    check_measurement : Checks a measurement kind.

    Examples
    --------
    >>> from lowrank_sense.testing import check_solver
    >>> check_solver("pcg")
    """
    solver = SOLVERS.make(solver)
    holds(not solver.requires, f"it requires {set(solver.requires)}, not checked here")
    for parameterization in (SymmetricParameterization(), AsymmetricParameterization()):
        for dtype in (np.float64, np.float32):
            make = _problem(parameterization, dtype, random_state)
            losses, factors = _losses(solver, make())
            again, _ = _losses(solver, make())
            holds(losses == again, "a second run differs: the solver keeps a state")
            rounding = float(np.finfo(dtype).eps) * losses[0]
            rises = [v for u, v in pairwise(losses) if v > u + rounding]
            holds(not rises, f"the loss rises to {rises[:1]}")
            holds(losses[-1] < 0.5 * losses[0], "the loss hardly falls in 30 steps")
            holds(all(part.dtype == dtype for part in factors), "the dtype changes")


def _problem(
    parameterization: Parameterization, dtype: Any, seed: int
) -> Callable[[], Iterate]:
    """Return a function that makes an iterate at the start of a problem of rank 2."""
    random_state = np.random.RandomState(seed)
    n, m = 8, 120
    X = random_state.standard_normal((m, n * n)).astype(dtype)
    root = random_state.standard_normal((n, 2)).astype(dtype) / np.sqrt(n)
    root = root.astype(dtype)
    operator = MatrixOperator(X, (n, n))
    y, weights = operator.apply(root, root), np.full(m, 1 / m)
    factors = parameterization.initialize((n, n), 2, 0.5, random_state, np.dtype(dtype))

    def make() -> Iterate:
        objective = LeastSquares(operator, y, weights, PLAIN)
        return Iterate(parameterization, factors, objective, NoPenalty())

    return make


def _losses(solver: Solver, iterate: Iterate) -> tuple[list[float], Factors]:
    """Return the losses of 30 steps, and the factors after them."""
    iterate.refresh()
    losses, memory = [float(iterate.value)], None
    for _ in range(30):
        step, memory = solver.step(iterate, memory, StepRule())
        if step.size == 0:
            break
        losses.append(float(iterate.value))
    return losses, iterate.factors
