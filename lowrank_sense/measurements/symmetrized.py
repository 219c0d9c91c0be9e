"""The measurements of a symmetric problem that runs with two factors."""

import numpy as np

from .base import Line, LinearMap


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

    def adjoint(self, values):
        seen, skew = self.split(values)
        return _symmetric(self.measurement.adjoint(seen)) + _skew(skew)

    def residual(self, F, G, target, weights):
        seen_target, skew_target = self.split(target)
        seen_weights, skew_weights = self.split(weights)
        seen, image = self.measurement.residual(
            *_symmetric_pair(F, G), seen_target, seen_weights
        )
        skew = _skew(F @ G.T) - skew_target
        residual = np.concatenate([seen, skew.ravel()])
        return residual, _total(image, skew_weights, skew)

    def line(self, F, G, dF, dG, weights):
        seen_weights, skew_weights = self.split(weights)
        seen = self.measurement.line(
            *_symmetric_pair(F, G), *_symmetric_pair(dF, dG), seen_weights
        )
        return SymmetrizedLine(self, seen, (F, G, dF, dG), skew_weights)

    def split(self, values):
        """What belongs to the measurements, and to the antisymmetric part (n, n)."""
        m = self.measurement.n_measurements
        return values[:m], values[m:].reshape(self.shape)


class SymmetrizedLine(Line):
    """A line of the symmetric part and what happens to the antisymmetric one."""

    def __init__(self, measurement, seen, ends, skew_weights):
        F, G, dF, dG = ends
        self._measurement, self._seen = measurement, seen
        self._skew_weights = skew_weights
        self.a = np.concatenate([seen.a, _skew(dF @ G.T + F @ dG.T).ravel()])
        self.b = np.concatenate([seen.b, _skew(dF @ dG.T).ravel()])

    def image(self, t, before, residual):
        seen, skew = self._measurement.split(residual)
        image = self._seen.image(t, before, seen)
        return _total(image, self._skew_weights, skew)


def _total(image, skew_weights, skew):
    """The symmetric part of the image, whatever its other part, and that of `skew`."""
    return _symmetric(image) + _skew((skew_weights * skew).astype(image.dtype))


def _symmetric_pair(F, G):
    """Two factors of the symmetric part of F G^T."""
    return np.hstack([F, G]) / 2, np.hstack([G, F])


def _symmetric(M):
    return (M + M.T) / 2


def _skew(M):
    return (M - M.T) / 2
