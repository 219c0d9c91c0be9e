"""What every measurement kind answers."""

from abc import ABC, abstractmethod


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
    def apply_line(self, F, G, dF, dG):
        """What a step along (dF, dG) does to the measurements.

        A((F + t dF)(G + t dG)^T) = A(F G^T) + t a + t^2 b with
        a = A(dF G^T + F dG^T) and b = A(dF dG^T): returns (a, b).
        """

    @abstractmethod
    def adjoint(self, values):
        """sum_i values_i A_i, to be multiplied by a factor from either side."""


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
