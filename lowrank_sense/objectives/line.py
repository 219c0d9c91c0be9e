"""The value of an objective along a direction, and the best step."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from math import isfinite
from typing import final

import numpy as np

from .._types import Array

# The line search of a general loss: the largest number of evaluations, and the fraction
# of the first slope that the last one may have.
MAX_EVALUATIONS = 30
FLAT = 0.1
# A trial step grows at most by this factor.
GROWTH = 4.0


class LineModel(ABC):
    """Describe how the value along a direction changes with the step t."""

    @property
    @abstractmethod
    def curvature(self) -> float:
        """Return half of the second derivative at t = 0."""

    @abstractmethod
    def plus(self, polynomial: Array) -> "LineModel":
        """Return the model with c1 t + c2 t^2 + c3 t^3 + c4 t^4 added."""

    @abstractmethod
    def best_step(self, longest: float = np.inf) -> float:
        """Return the step t > 0 that lowers the value most, or zero if none does.

        No step is longer than `longest`.
        """


@final
class Quartic(LineModel):
    """Minimize c1 t + c2 t^2 + c3 t^3 + c4 t^4, the change of squares, exactly.

    Parameters
    ----------
    coefficients : ndarray of shape (4,)
        (c1, c2, c3, c4).
    """

    def __init__(self, coefficients: Array) -> None:
        self.coefficients = coefficients

    @property
    def curvature(self) -> float:
        return self.coefficients[1]

    def plus(self, polynomial: Array) -> LineModel:
        return Quartic(self.coefficients + polynomial)

    def best_step(self, longest: float = np.inf) -> float:
        c1, c2, c3, c4 = self.coefficients.tolist()  # numbers of Python are faster
        if not c1 < 0:
            return 0.0
        unit = _typical_step(c1, c2, c4)
        if not isfinite(unit) or unit == 0:
            return 0.0
        # In units of a typical step and its decrease, the coefficients are moderate in
        # any units of the problem.
        q1, q2, q3, q4 = (c / -c1 for c in (c1, c2 * unit, c3 * unit**2, c4 * unit**3))

        def change(t: float) -> float:
            return t * (q1 + t * (q2 + t * (q3 + t * q4)))

        roots = _real_parts_of_roots([4 * q4, 3 * q3, 2 * q2, q1])
        candidates = [min(t, longest / unit) for t in roots if t > 0]
        best = min(candidates, key=change, default=0.0)
        return best * unit if change(best) < 0 else 0.0


def _real_parts_of_roots(polynomial: list[float]) -> list[float]:
    """Return the real parts of the roots, as `numpy.roots` finds them.

    The eigenvalues of the companion matrix without the checks of `numpy.roots`, which
    take longer than the eigenvalues.
    """
    leading, *rest = polynomial
    if leading == 0 or rest[-1] == 0:
        roots: list[float] = np.roots(polynomial).real.tolist()
        return roots
    companion = np.eye(len(rest), k=-1)
    companion[0] = [-c / leading for c in rest]
    eigenvalues: list[float] = np.linalg.eigvals(companion).real.tolist()
    return eigenvalues


def _typical_step(c1: float, c2: float, c4: float) -> float:
    """Return where the linear term first meets the quadratic or the quartic one."""
    candidates = []
    if c2 > 0:
        candidates.append(-c1 / (2 * c2))
    if c4 > 0:
        candidates.append((-c1 / (4 * c4)) ** (1 / 3))
    return min(candidates, default=0.0)


@final
class PointwiseLine(LineModel):
    """Minimize the change of a general loss by Newton's method.

    Parameters
    ----------
    evaluate : callable
        Returns the value, its slope and its second derivative at a step t.
    polynomial : ndarray of shape (4,)
        Coefficients of c1 t + c2 t^2 + c3 t^3 + c4 t^4, which is added to the value.
    """

    def __init__(
        self,
        evaluate: Callable[[float], tuple[float, float, float]],
        polynomial: Array | None = None,
    ) -> None:
        self._evaluate = evaluate
        self._polynomial = np.zeros(4) if polynomial is None else polynomial

    @property
    def curvature(self) -> float:
        return self._at(0.0)[2] / 2

    def plus(self, polynomial: Array) -> LineModel:
        return PointwiseLine(self._evaluate, self._polynomial + polynomial)

    def best_step(self, longest: float = np.inf) -> float:
        """Return a step where the slope is about zero and the value is lower.

        Newton's steps are kept between a step with a negative slope and one with a
        positive slope. A step that does not lower the value counts as too long.
        """
        start, first_slope, bend = self._at(0.0)
        if not first_slope < 0:
            return 0.0
        t = min(-first_slope / bend if bend > 0 else 1.0, longest)
        shortest, too_long, best, lowest = 0.0, np.inf, 0.0, start
        for _ in range(MAX_EVALUATIONS):
            value, slope, bend = self._at(t)
            if value < lowest:
                best, lowest = t, value
            falls = value <= start and slope < 0
            if value < start and abs(slope) <= -FLAT * first_slope:
                break
            if falls and t >= longest:
                break
            shortest, too_long = (
                (t, too_long) if falls else (shortest, min(too_long, t))
            )
            t = min(_newton(t, slope, bend, shortest, too_long), longest)
        return best

    def _at(self, t: float) -> tuple[float, float, float]:
        c1, c2, c3, c4 = self._polynomial
        value, slope, bend = self._evaluate(t)
        return (
            value + t * (c1 + t * (c2 + t * (c3 + t * c4))),
            slope + c1 + t * (2 * c2 + t * (3 * c3 + t * 4 * c4)),
            bend + 2 * c2 + t * (6 * c3 + t * 12 * c4),
        )


def _newton(
    t: float, slope: float, bend: float, shortest: float, too_long: float
) -> float:
    """Return Newton's next step, or a safe one between the bounds."""
    proposed = t - slope / bend if bend > 0 else np.inf
    if too_long == np.inf:
        return float(np.clip(proposed, 1.1 * t, GROWTH * t))
    if shortest < proposed < too_long:
        return proposed
    return (shortest + too_long) / 2
