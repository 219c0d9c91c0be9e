"""Weights of measurements: a float64 array of shape (m,) with sum one.

Equal weights may be one number that `numpy.broadcast_to` repeats, which takes no
memory. The functions here do not expand it.
"""

from typing import Any

import numpy as np

from .._types import Array


def equal_weights(n_measurements: int) -> Array:
    """Return 1/m for each measurement, as a view of one number."""
    return np.broadcast_to(1 / n_measurements, n_measurements)


def scaled(weights: Array, factor: float) -> Array:
    """Return weights * factor."""
    if are_equal(weights):
        return np.broadcast_to(weights[0] * factor, weights.shape)
    return weights * factor


def weighted(weights: Array, values: Array) -> Array:
    """Return weights * values in the dtype of the values."""
    if are_equal(weights):
        return values * values.dtype.type(weights[0])
    return (weights * values).astype(values.dtype, copy=False)


def mean(weights: Array, values: Array) -> Any:
    """Return sum_i weights_i values_i in the dtype of the values."""
    if are_equal(weights):
        return values.dtype.type(weights[0] * np.sum(values, dtype=np.float64))
    return values.dtype.type(np.dot(weights, values))


def inner(weights: Array, left: Array, right: Array) -> float:
    """Return sum_i weights_i left_i right_i, added in float64."""
    if are_equal(weights):
        return float(weights[0] * _dot(left, right))
    return float(np.dot(weights * left, right))


def _dot(left: Array, right: Array) -> Any:
    if left.dtype == np.float64:
        return np.dot(left, right)
    return np.einsum("i,i", left, right, dtype=np.float64)  # without a copy


def are_equal(weights: Array) -> bool:
    """Return whether the weights are one repeated number."""
    return weights.strides == (0,)
