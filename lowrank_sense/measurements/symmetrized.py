"""The measurements of a symmetric problem that runs with two factors."""

import numpy as np

from .base import LinearMap


class SymmetrizedMeasurement(LinearMap):
    """Another measurement of the symmetric part of F G^T, then the antisymmetric part.

    Measurements with symmetric A_i never see the antisymmetric part. Asking that it be
    zero costs no reading of the data and makes the operator near-isotropic on all
    matrices, whatever the A_i; as the two parts do not meet in the loss, a symmetric
    limit stays one also with noise.
    """

    def __init__(self, measurement):
        self.measurement = measurement
        self.shape = measurement.shape
        self.dtype = measurement.dtype
        self.n_measurements = measurement.n_measurements + self.shape[0] ** 2

    def apply(self, F, G):
        symmetric = self.measurement.apply(*_symmetric_pair(F, G))
        return np.concatenate([symmetric, _skew(F @ G.T).ravel()])

    def apply_line(self, F, G, dF, dG):
        a, b = self.measurement.apply_line(
            *_symmetric_pair(F, G), *_symmetric_pair(dF, dG)
        )
        skew_a = _skew(dF @ G.T + F @ dG.T).ravel()
        skew_b = _skew(dF @ dG.T).ravel()
        return np.concatenate([a, skew_a]), np.concatenate([b, skew_b])

    def adjoint(self, values):
        m = self.measurement.n_measurements
        image = self.measurement.adjoint(values[:m])
        return (image + image.T) / 2 + _skew(values[m:].reshape(self.shape))


def _symmetric_pair(F, G):
    """Two factors of the symmetric part of F G^T."""
    return np.hstack([F, G]) / 2, np.hstack([G, F])


def _skew(M):
    return (M - M.T) / 2
