"""The order of the measurements in a fit."""

from typing import Any

from .._types import Array
from ..arrays.weights import are_equal
from ..kernels.entries import take


def reordered(values: Any, order: Array | None) -> Any:
    """Return values[order] of weights or other values; None means no change."""
    if values is None or order is None or are_equal(values):
        return values
    return take(values, order)
