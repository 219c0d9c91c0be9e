"""The check of a penalty against finite differences."""

import numpy as np

from ..arrays.factors import inner
from ..penalties import Penalty, make_penalty
from ._promises import PLAIN, RANK, ROUGH, STEP, SURE, check, holds, same


@check
def check_penalty(
    penalty: float | str | type[Penalty] | Penalty, *, random_state: int = 0
) -> None:
    """Check the gradient and the line of a penalty against differences of its value.

    Parameters
    ----------
    penalty : float, str, Penalty class or instance
        The penalty to check.
    random_state : int, default=0
        Seed of the factors.

    Raises
    ------
    AssertionError
        If the penalty breaks a promise.

    See Also
    --------
    check_loss : Checks a loss.

    Examples
    --------
    >>> from lowrank_sense.testing import check_penalty
    >>> check_penalty(0.5)
    """
    term = make_penalty(penalty).begin(PLAIN, SURE)
    rng = np.random.default_rng(random_state)
    F, dF = rng.standard_normal((2, 6, RANK))
    G, dG = rng.standard_normal((2, 5, RANK))

    def change(t: float) -> float:
        return term.value((F + t * dF, G + t * dG)) - term.value((F, G))

    c1, c2 = term.line((F, G), (dF, dG)) or (0.0, 0.0)
    for t in (0.5, -1.0):
        same(c1 * t + c2 * t * t, change(t), "line is not the change of value")
    gradient = term.gradient((F, G)) or (0 * F, 0 * G)
    slope = (change(STEP) - change(-STEP)) / (2 * STEP)
    same(
        inner(gradient, (dF, dG)),
        slope,
        "gradient is not the derivative of value",
        ROUGH,
    )
    holds(term.value((F, G)) >= 0, "value is negative")
    holds(term.damping >= 0, "damping is negative")
