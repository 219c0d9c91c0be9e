"""The fitted attributes of a solution: the one place where units are undone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, final

import numpy as np

from .._types import Factors
from ..arrays.factors import pad_columns, product_svd, singular_maps
from ..problem import Problem
from ..solution import History, Solution
from ..solvers import Iterate
from ._data import Data

# What a fit leaves for `transform`.
OF_MAPS = ("_singular_maps", "_maps_of")


@final
class SameArrays:
    """Remember arrays, to tell whether others are these very ones."""

    def __init__(self, arrays: Factors) -> None:
        self._arrays = arrays

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SameArrays):
            return NotImplemented
        pairs = zip(self._arrays, other._arrays, strict=True)
        return all(np.array_equal(one, another) for one, another in pairs)

    __hash__ = None  # type: ignore[assignment]

    def are(self, arrays: Factors) -> bool:
        """Return whether the arrays are those remembered."""
        pairs = zip(self._arrays, arrays, strict=True)
        return all(one is other for one, other in pairs)


def matrix_found(
    problem: Problem, iterate: Iterate, rank: int
) -> tuple[Factors, float]:
    """Return the factors and the intercept of an iterate, in the units of the data."""
    factors = problem.factors_in_data_units(iterate.final_factors(rank), rank)
    intercept = problem.intercept(factors[0], factors[-1])
    return problem.of_whole_matrix(factors), intercept


def matrix_attributes(
    names: tuple[str, ...], factors: Factors, intercept: float
) -> dict[str, Any]:
    """Return the fitted attributes that `predict` needs."""
    return dict(zip(names, factors, strict=True)) | {"intercept_": intercept}


def solution_attributes(
    names: tuple[str, ...], solution: Solution, problem: Problem, data: Data
) -> dict[str, Any]:
    """Return all fitted attributes of a solution.

    Raises
    ------
    ValueError
        If the loss overflows in the units of the data.
    """
    factors = solution.factors
    pair = factors[0], factors[-1]
    U, s, V = product_svd(*pair)
    singular_values = pad_columns(s[np.newaxis], factors[0].shape[1])[0]
    return {
        **matrix_attributes(names, factors, solution.intercept),
        "stop_reason_": str(solution.stop_reason),
        "converged_": solution.stop_reason.converged,
        **history_attributes(solution.history, problem, data),
        "singular_values_": singular_values,
        "_singular_maps": singular_maps(pair, U, s, V),
        "effective_rank_": solution.effective_rank,
    }


def history_attributes(
    history: History, problem: Problem, data: Data
) -> dict[str, Any]:
    """Return the fitted attributes of the iterations so far, in units of the data.

    Raises
    ------
    ValueError
        If the loss overflows in the units of the data.
    """
    scale = problem.scale
    with np.errstate(over="ignore"):
        losses = scale.loss * np.array(history.loss) + data.unexplained
    if not np.isfinite(losses).all():
        raise ValueError(
            "y holds values so large that the loss overflows at the start of this "
            "fit: scale y."
        )
    gradient_unit = scale.loss / np.sqrt(scale.signal)
    attributes = {
        "n_iter_": history.n_iter,
        "adjoint_norm_": scale.adjoint_norm,
        "loss_history_": losses,
        "gradient_norm_history_": gradient_unit * np.array(history.gradient_norm),
        "step_size_history_": np.array(history.step_size) / scale.step,
        "validation_history_": None,
        "accelerated_iteration_": history.accelerated_iteration,
    }
    if history.validation:
        validation = scale.loss * np.array(history.validation)
        attributes["validation_history_"] = validation + data.unexplained_held_out
    if not problem.parameterization.symmetric:
        attributes["imbalance_history_"] = scale.signal * np.array(history.imbalance)
    return attributes


@contextmanager
def kept_on_failure(estimator: Any) -> Iterator[None]:
    """Restore the fitted attributes if a fit fails."""
    before = fitted_attributes(estimator) | _private_attributes(estimator)
    try:
        yield
    except BaseException:
        for name in fitted_attributes(estimator) | _private_attributes(estimator):
            delattr(estimator, name)
        for name, value in before.items():
            setattr(estimator, name, value)
        raise


def fitted_attributes(estimator: Any) -> dict[str, Any]:
    """Return the attributes whose names end with an underscore."""
    return {
        name: value
        for name, value in vars(estimator).items()
        if name.endswith("_") and not name.startswith("_")
    }


def _private_attributes(estimator: Any) -> dict[str, Any]:
    """Return what `transform` needs beside the fitted attributes."""
    return {name: value for name, value in vars(estimator).items() if name in OF_MAPS}
