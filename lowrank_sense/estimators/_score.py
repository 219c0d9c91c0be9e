"""The score of predictions."""

import numpy as np
from sklearn.metrics import r2_score

from .._types import Array
from ._checks import LARGEST_Y


def r2_in_any_units(y: Array, predicted: Array, sample_weight: Array | None) -> float:
    """Return R^2, even where the squares of y under- or overflow.

    Parameters
    ----------
    y, predicted : ndarray of shape (m,)
    sample_weight : ndarray of shape (m,) or None

    Raises
    ------
    ValueError
        If the predictions are so much larger than y that R^2 overflows.
    """
    y, predicted = (u.astype(np.float64, copy=False) for u in (y, predicted))
    unit = float(np.max(np.abs(y))) or 1.0
    with np.errstate(over="ignore"):
        predicted = predicted / unit
    if np.max(np.abs(predicted)) > LARGEST_Y:
        raise ValueError(
            f"y holds values no larger than {unit:.1e}, so small that R^2 of these "
            "predictions overflows: scale y if it is in other units than in fit."
        )
    return float(r2_score(y / unit, predicted, sample_weight=sample_weight))
