"""The check that a run meets finite numbers only."""

from math import isfinite

import numpy as np

from ..arrays.factors import norm
from .iterate import Iterate


def check_is_finite(iterate: Iterate, iteration: int, *numbers: float) -> None:
    """Raise a ValueError if numbers of an iterate are NaN or infinity.

    Those of very large factors may be.

    Parameters
    ----------
    iterate : Iterate
    iteration : int
        The number of the iteration, for the message.
    *numbers : float
        The value, the norm of the gradient or the like.
    """
    if all(isfinite(number) for number in numbers) or not _are_moderate(iterate):
        return
    raise ValueError(
        f"Iteration {iteration} meets NaN or infinity, though its factors are finite: "
        "check the measurements of X and their adjoint, or the loss, penalty or solver "
        "if it is your own. The functions of lowrank_sense.testing help."
    )


def curvature_along_gradient(iterate: Iterate) -> float:
    """Return the curvature along the gradient, a number of which X has all parts."""
    gradient = iterate.gradient()
    size = gradient[0].dtype.type(norm(gradient) or 1.0)
    return float(iterate.line(tuple(part / size for part in gradient)).curvature)


def _are_moderate(iterate: Iterate) -> bool:
    """Return whether squares of the matrix, and their sums, are far from overflow."""
    largest = max(float(np.max(np.abs(part))) for part in iterate.factors)
    return largest < float(np.finfo(iterate.factors[0].dtype).max) ** (1 / 8)
