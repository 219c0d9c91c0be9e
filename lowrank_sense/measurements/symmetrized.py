"""The measurements of a symmetric problem that runs with two factors."""

import numpy as np

from .base import LinearMap


class SymmetrizedMeasurement(LinearMap):
    """Another measurement followed by the antisymmetric part of the matrix.

    Measurements with symmetric A_i never see the antisymmetric part of F G^T. Asking
    that it be zero costs no reading of the data and makes the operator near-isotropic
    again on all matrices, not only on symmetric ones.
    """

    def __init__(self, measurement):
        self.measurement = measurement
        self.shape = measurement.shape
        self.dtype = measurement.dtype
        self.n_measurements = measurement.n_measurements + self.shape[0] ** 2

    def apply(self, F, G):
        return np.concatenate([self.measurement.apply(F, G), _skew(F @ G.T).ravel()])

    def apply_line(self, F, G, dF, dG):
        a, b = self.measurement.apply_line(F, G, dF, dG)
        skew_a = _skew(dF @ G.T + F @ dG.T).ravel()
        skew_b = _skew(dF @ dG.T).ravel()
        return np.concatenate([a, skew_a]), np.concatenate([b, skew_b])

    def adjoint(self, values):
        m = self.measurement.n_measurements
        return self.measurement.adjoint(values[:m]) + _skew(
            values[m:].reshape(self.shape)
        )


def _skew(M):
    return (M - M.T) / 2
