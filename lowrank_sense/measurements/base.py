"""What every measurement kind answers."""

from abc import ABC, abstractmethod

import numpy as np

from .least_squares import LeastSquares
from .weights import mean, weighted


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

    # The loss that is made of it.
    objective = LeastSquares
    # Whether the rows of a factor have least squares problems of their own.
    rows_are_apart = False

    @abstractmethod
    def apply(self, F, G):
        """<A_i, F G^T>, an ndarray of shape (m,)."""

    @abstractmethod
    def adjoint(self, values):
        """The image sum_i values_i A_i, to be multiplied by a factor from either side.

        An array, a sparse matrix or a product form: see `lowrank_sense.images`.
        """

    def residual(self, F, G, target, weights):
        """A(F G^T) - target and its image sum_i weights_i residual_i A_i."""
        residual = self.apply(F, G) - target
        return residual, self.adjoint(weighted(weights, residual))

    def forward_and_back(self, F, G, values, weights):
        """A(F G^T), its image and that of `values`: A* of weights times either."""
        measured = self.apply(F, G)
        images = [self.adjoint(weighted(weights, u)) for u in (measured, values)]
        return measured, *images

    def pull_back(self, image, F, G):
        """R G and R^T F for the image R of a residual at these factors."""
        return image @ G, image.T @ F

    def exposure(self, weights):
        """How often rows and columns are seen, relative to the mean: two arrays.

        None, None where every row and column is seen about as often.
        """
        return None, None

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

    def moved(self, t):
        """t a + t^2 b, in the memory of a and b, which there are no more."""
        step, second = self.a, self.b
        del self.a, self.b
        step *= step.dtype.type(t)
        second *= second.dtype.type(t * t)
        step += second
        return step

    @abstractmethod
    def image(self, t, before, residual, F, G):
        """The image after a step t, from that before and from the new residual.

        Parameters
        ----------
        t : float
        before : image
        residual : ndarray of shape (m,)
        F, G : ndarray
            The new factors.
        """

    @abstractmethod
    def centered(self, weights, mean_image):
        """The line of the measurements less their mean; the residuals are, too.

        Parameters
        ----------
        weights : ndarray of shape (m,)
            Of the mean.
        mean_image : callable
            Returns the image of ones, with the weights of all images.
        """


class PlainLine(Line):
    """A line whose images are computed from scratch."""

    def __init__(self, measurement, a, b, weights):
        self.a, self.b = a, b
        self._measurement, self._weights = measurement, weights

    def image(self, t, before, residual, F, G):
        return self._measurement.adjoint(weighted(self._weights, residual))

    def centered(self, weights, mean_image):
        self.a, self.b = (u - mean(weights, u) for u in (self.a, self.b))
        return self


class Measurement(LinearMap):
    """A measurement kind: a linear map that knows how to read it off X.

    A subclass is constructed from X and a shape.
    """

    # Whether X holds numbers to compute with, which set the dtype of the fit; else it
    # holds indices, of any dtype, and y does.
    reads_values = True
    # Whether an image is an array of shape (n1, n2), and not sparse or a product form.
    forms_image = False

    @staticmethod
    @abstractmethod
    def infer_shape(shape, X, *, symmetric):
        """(n1, n2) from the parameter `shape` and from X, or a ValueError."""

    @classmethod
    def for_fit(cls, X, shape, dtype):
        """The measurements that X makes, in the best form for a fit, and their order.

        Returns
        -------
        measurement : LinearMap
        order : ndarray of shape (m,) or None
            Which row of X each measurement is of; None if they are in the order of X.
        """
        return cls(X, shape), None

    @abstractmethod
    def apply_each(self, F, G):
        """<A_i, f_j g_j^T> for each pair of columns, an ndarray of shape (m, k)."""
