"""Measurements less their mean, which is what an intercept leaves to explain."""

import numpy as np

from .base import LinearMap
from .weights import mean

# Rounding errors of a mean, in units of the largest value.
ROUNDINGS = 100


class CenteredMeasurement(LinearMap):
    """<A_i - A_mean, M> with A_mean = sum_i w_i A_i, and nothing of it formed.

    The intercept that minimizes the loss is the mean of y - A(M). With it put in, the
    loss is that of centered y and centered measurements. Images are those of residuals
    that are centered, for which A_mean drops out.

    Parameters
    ----------
    measurement : Measurement
    weights : ndarray of shape (m,)
        Nonnegative, of sum one.
    """

    def __init__(self, measurement, weights):
        self.measurement = measurement
        self.shape = measurement.shape
        self.dtype = measurement.dtype
        self.n_measurements = measurement.n_measurements
        self._weights = weights
        self._mean_image = None

    def apply(self, F, G):
        values = self.measurement.apply(F, G)
        centered = values - mean(self._weights, values)
        # Where all measurements are alike nothing is left, and no rounding errors.
        rounding = ROUNDINGS * np.finfo(values.dtype).eps * np.max(np.abs(values))
        return np.where(np.abs(centered) > rounding, centered, values.dtype.type(0))

    def adjoint(self, values):
        return self.measurement.adjoint(values)

    def exposure(self, weights):
        return self.measurement.exposure(weights)

    def pull_back(self, image, F, G):
        return self.measurement.pull_back(image, F, G)

    def line(self, F, G, dF, dG, weights):
        line = self.measurement.line(F, G, dF, dG, weights)

        def mean_image():
            if self._mean_image is None:
                self._mean_image = self.adjoint(weights.astype(self.dtype))
            return self._mean_image

        return line.centered(self._weights, mean_image)
