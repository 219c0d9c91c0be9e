"""The interface of a pointwise loss."""

from abc import ABC, abstractmethod
from typing import ClassVar

from .._types import Array


class Loss(ABC):
    r"""Measure how far a predictor z is from a measured number y, by l(y, z).

    The predictor of measurement i is :math:`z_i = \langle A_i, M \rangle + b`. A fit
    minimizes :math:`\sum_i w_i\, l(y_i, z_i)` plus the penalty. A subclass defines
    `value`, `gradient` and `curvature`, each an array of the shape and dtype of z.

    Attributes
    ----------
    quadratic : bool
        Whether :math:`l(y, z) = (z - y)^2 / 2`. Such a loss is a quartic along a line,
        its residuals follow a recurrence, and centering eliminates an intercept.

    See Also
    --------
    lowrank_sense.testing.check_loss : Compares slope and curvature with differences.

    Examples
    --------
    The pseudo-Huber loss, :math:`l(y, z) = \sqrt{1 + (z - y)^2} - 1`:

    >>> import numpy as np
    >>> from lowrank_sense.losses import Loss
    >>> from lowrank_sense.testing import check_loss
    >>> class PseudoHuber(Loss):
    ...     def value(self, y, z):
    ...         return np.sqrt(1 + (z - y) ** 2) - 1
    ...
    ...     def gradient(self, y, z):
    ...         return (z - y) / np.sqrt(1 + (z - y) ** 2)
    ...
    ...     def curvature(self, y, z):
    ...         return (1 + (z - y) ** 2) ** -1.5
    >>> check_loss(PseudoHuber, np.linspace(-2, 2, 9))
    """

    quadratic: ClassVar[bool] = False

    @abstractmethod
    def value(self, y: Array, z: Array) -> Array:
        """Return l(y, z), which is at least zero.

        Parameters
        ----------
        y : ndarray of shape (m,)
            The measurements.
        z : ndarray of shape (m,)
            The predictors.

        Returns
        -------
        values : ndarray of shape (m,)
            The loss of each measurement.
        """

    @abstractmethod
    def gradient(self, y: Array, z: Array) -> Array:
        """Return the derivative of l with respect to z.

        Parameters
        ----------
        y : ndarray of shape (m,)
            The measurements.
        z : ndarray of shape (m,)
            The predictors.

        Returns
        -------
        slopes : ndarray of shape (m,)
            The derivative for each measurement.
        """

    @abstractmethod
    def curvature(self, y: Array, z: Array) -> Array:
        """Return the second derivative of l with respect to z, at least zero.

        It sets the units of a fit and its first trial steps. Its mean at z = 0 has to
        be positive.

        Parameters
        ----------
        y : ndarray of shape (m,)
            The measurements.
        z : ndarray of shape (m,)
            The predictors.

        Returns
        -------
        curvatures : ndarray of shape (m,)
            The second derivative for each measurement.
        """

    def inverse_link(self, z: Array) -> Array:
        """Return the prediction of y for the predictor z.

        Parameters
        ----------
        z : ndarray of shape (m,)
            The predictors.

        Returns
        -------
        predictions : ndarray of shape (m,)
            The predictors themselves, unless a loss replaces this method.
        """
        return z

    def check_target(self, y: Array) -> None:
        """Raise a ValueError if y holds values that the loss is not made for.

        Parameters
        ----------
        y : ndarray of shape (m,)
            The measurements.
        """
        return
