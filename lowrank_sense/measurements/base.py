"""What every measurement kind answers."""

from abc import ABC, abstractmethod

import numpy as np


class LinearMap(ABC):
    """A linear map A from matrices to measurements, A(M)_i = <A_i, M>, for a solver.

    Attributes
    ----------
    shape : tuple of int
        (n1, n2), the shape of the matrices that it measures.
    n_measurements : int
    dtype : numpy dtype
        Of the measurements, and so of the factors.
    """

    @abstractmethod
    def apply(self, F, G):
        """<A_i, F G^T>, an ndarray of shape (m,)."""

    @abstractmethod
    def adjoint(self, values):
        """sum_i values_i A_i, to be multiplied by a factor from either side."""

    def residual(self, F, G, target, weights):
        """A(F G^T) - target and its image sum_i weights_i residual_i A_i."""
        residual = self.apply(F, G) - target
        return residual, self.adjoint(_weighted(weights, residual))

    def forward_and_back(self, F, G, values, weights):
        """A(F G^T), its image and that of `values`: A* of weights times either."""
        measured = self.apply(F, G)
        images = [self.adjoint(_weighted(weights, u)) for u in (measured, values)]
        return measured, *images

    def line(self, F, G, dF, dG, weights):
        """The `Line` from F G^T along (dF, dG), with the weights of its images."""
        a = self.apply(np.hstack([dF, F]), np.hstack([G, dG]))
        return PlainLine(self, a, self.apply(dF, dG), weights)


class Line(ABC):
    """How the residual and its image move along a direction.

    A((F + t dF)(G + t dG)^T) = A(F G^T) + t a + t^2 b with
    a = A(dF G^T + F dG^T) and b = A(dF dG^T).

    Attributes
    ----------
    a, b : ndarray of shape (m,)
    """

    @abstractmethod
    def image(self, t, before, residual):
        """The image after a step t, from that before and from the new residual."""


class PlainLine(Line):
    """A line whose images are computed from scratch."""

    def __init__(self, measurement, a, b, weights):
        self.a, self.b = a, b
        self._measurement, self._weights = measurement, weights

    def image(self, t, before, residual):
        return self._measurement.adjoint(_weighted(self._weights, residual))


class Measurement(LinearMap):
    """A measurement kind: a linear map that knows how to read it off X.

    A subclass is constructed from X and a shape.
    """

    @staticmethod
    @abstractmethod
    def infer_shape(shape, n_features, *, symmetric):
        """(n1, n2) from the parameter `shape` and the width of X, or a ValueError."""

    @abstractmethod
    def apply_each(self, F, G):
        """<A_i, f_j g_j^T> for each pair of columns, an ndarray of shape (m, k)."""


def _weighted(weights, values):
    return (weights * values).astype(values.dtype, copy=False)
