"""What repeated measurements are worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np

from .._types import Array

# Rounding error of a measurement, in units of that of the largest one.
ROUNDINGS = 100


@final
@dataclass(frozen=True)
class Repeats:
    """Hold how many measurements differ, and how far repetition adds up noise.

    A row that is drawn twice is one measurement of twice the weight, as a bootstrap
    makes them.

    Attributes
    ----------
    n_distinct : int
        Number of pairs (A_i, y_i) that differ, among those of positive weight.
    amplification : float
        The sum of squared weights, with repeated rows as one, over the same sum with
        each row for itself: by this factor the noise of repeated rows exceeds that of
        as many separate ones.
    """

    n_distinct: int
    amplification: float = 1.0


def find_repeats(values: Any, y: Any, weights: Array) -> Repeats:
    """Find repeated rows by their measurements of a random matrix, and their y.

    Parameters
    ----------
    values : ndarray of shape (m,)
        Measurements of a random matrix, which differ where the A_i do.
    y : ndarray of shape (m,)
    weights : ndarray of shape (m,)
    """
    used = np.flatnonzero(weights)
    rounding = ROUNDINGS * np.finfo(values.dtype).eps * np.max(np.abs(values))
    ordered = np.sort(values[used])
    if len(used) < 2 or np.min(np.diff(ordered)) > rounding:
        return Repeats(len(used))
    # Of equal y, equal values lie side by side, whatever their rounding errors.
    values, y, weights = values[used], y[used], weights[used]
    order = np.lexsort((values, y))
    values, y, weights = values[order], y[order], weights[order]
    differs = (np.diff(values) > rounding) | (np.diff(y) != 0)
    starts = np.flatnonzero(np.append(True, differs))
    sums = np.add.reduceat(weights, starts)
    amplification = float(np.sum(sums**2) / np.sum(weights**2))
    return Repeats(len(starts), amplification)
