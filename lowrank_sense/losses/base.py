"""What every pointwise loss answers."""

from abc import ABC, abstractmethod
from typing import ClassVar

from .._types import Array


class Loss(ABC):
    r"""A pointwise loss l(y, z) of a measured number y and its predictor z.

    The predictor of measurement i is :math:`z_i = \langle A_i, M \rangle + b`. A fit
    minimizes :math:`\sum_i w_i\, l(y_i, z_i)` and the penalty. A subclass says how l,
    its slope and its curvature depend on z, each an array of the shape and dtype of z.

    Attributes
    ----------
    quadratic : bool
        Whether l is (z - y)^2 / 2. Along a line it is a quartic then, residuals follow
        a recurrence, and an intercept is eliminated by centering.

    See Also
    --------
    lowrank_sense.testing.check_loss : Compares slope and curvature with differences.
    """

    quadratic: ClassVar[bool] = False

    @abstractmethod
    def value(self, y: Array, z: Array) -> Array:
        """Return l(y, z), at least zero.

        Parameters
        ----------
        y : ndarray of shape (m,)
        z : ndarray of shape (m,)

        Returns
        -------
        values : ndarray of shape (m,)
        """

    @abstractmethod
    def gradient(self, y: Array, z: Array) -> Array:
        """Return the derivative of l with respect to z.

        Parameters
        ----------
        y : ndarray of shape (m,)
        z : ndarray of shape (m,)

        Returns
        -------
        slopes : ndarray of shape (m,)
        """

    @abstractmethod
    def curvature(self, y: Array, z: Array) -> Array:
        """Return the second derivative of l with respect to z, at least zero.

        It sets the units of a fit and its first trial steps. At z = 0 its mean has to
        be positive.

        Parameters
        ----------
        y : ndarray of shape (m,)
        z : ndarray of shape (m,)

        Returns
        -------
        curvatures : ndarray of shape (m,)
        """

    def inverse_link(self, z: Array) -> Array:
        """Return what is predicted of y where the predictor is z.

        Parameters
        ----------
        z : ndarray of shape (m,)

        Returns
        -------
        predictions : ndarray of shape (m,)
            z itself, unless a loss says otherwise.
        """
        return z

    def check_target(self, y: Array) -> None:
        """Raise a ValueError if y holds values that the loss is not made for.

        Parameters
        ----------
        y : ndarray of shape (m,)
        """
        return
