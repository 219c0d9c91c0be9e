"""Weights of measurements: a float64 array of shape (m,), of sum one.

Equal weights may be one number that `numpy.broadcast_to` repeats, which takes no
memory; here they are not expanded.
"""

import numpy as np

from .entry_kernels import taken


def equal_weights(n_measurements):
    """1/m for each measurement, as a view of one number."""
    return np.broadcast_to(1 / n_measurements, n_measurements)


def scaled(weights, factor):
    """weights * factor."""
    if are_equal(weights):
        return np.broadcast_to(weights[0] * factor, weights.shape)
    return weights * factor


def reordered(values, order):
    """values[order], of weights or of anything else; None stands for no change."""
    if values is None or order is None or are_equal(values):
        return values
    return taken(values, order)


def weighted(weights, values):
    """weights * values in the dtype of the values."""
    if are_equal(weights):
        return values * values.dtype.type(weights[0])
    return (weights * values).astype(values.dtype, copy=False)


def mean(weights, values):
    """sum_i weights_i values_i, a number of the dtype of the values."""
    if are_equal(weights):
        return values.dtype.type(weights[0] * np.sum(values, dtype=np.float64))
    return values.dtype.type(np.dot(weights, values))


def inner(weights, left, right):
    """sum_i weights_i left_i right_i, added in float64."""
    if are_equal(weights):
        return float(weights[0] * _dot(left, right))
    return float(np.dot(weights * left, right))


def _dot(left, right):
    if left.dtype == np.float64:
        return np.dot(left, right)
    return np.einsum("i,i", left, right, dtype=np.float64)  # without a copy


def are_equal(weights):
    """Whether they are one number that is repeated."""
    return weights.strides == (0,)
