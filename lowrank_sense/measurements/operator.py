"""The interface of an operator."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from .._types import (
    Array,
    Dtype,
    ImplicitMatrix,
    Pair,
    SamplingCounts,
    Shape,
    SortedBySide,
)
from ..arrays.weights import weighted
from .line import MeasuredLine, PlainLine
from .repeats import Groups
from .support import Support, support_of


class Operator(ABC):
    r"""Map matrices to measurements, :math:`\mathcal{A}(M)_i = \langle A_i, M \rangle`.

    A subclass defines `apply` and `adjoint`. The other methods follow from these two,
    and may be replaced by faster ones with the same results.

    Parameters
    ----------
    shape : tuple of int
        The shape (n1, n2) of the matrices that are measured.
    n_measurements : int
        The number m of measurements.
    dtype : numpy dtype
        The dtype of the measurements, and so of the factors: float32 or float64.

    Attributes
    ----------
    is_centered : bool
        Whether the mean is subtracted from the measurements.

    See Also
    --------
    lowrank_sense.measurements.Measurement : Makes an operator from X.
    lowrank_sense.testing.check_measurement : Compares all methods with `apply`.

    Examples
    --------
    The operator of entries, and its adjoint:

    >>> import numpy as np
    >>> from lowrank_sense.measurements import MEASUREMENTS
    >>> X = np.array([[0, 0], [1, 2]])
    >>> operator = MEASUREMENTS.make("entry").operator(X, (2, 3))
    >>> operator.apply(np.array([[1.0], [2.0]]), np.array([[3.0], [4.0], [5.0]]))
    array([ 3., 10.])
    >>> operator.adjoint(np.array([1.0, -1.0])).toarray()
    array([[ 1.,  0.,  0.],
           [ 0.,  0., -1.]])
    """

    is_centered: ClassVar[bool] = False

    def __init__(self, shape: Shape, n_measurements: int, dtype: Dtype) -> None:
        self.shape = shape
        self.n_measurements = n_measurements
        self.dtype = np.dtype(dtype)
        if self.dtype not in (np.float32, np.float64):
            raise ValueError(
                f"{type(self).__name__} has dtype={self.dtype}, but measurements are "
                "float32 or float64: where X holds indices, take the dtype of y, which "
                "for_fit is given."
            )

    @abstractmethod
    def apply(self, F: Array, G: Array) -> Array:
        r"""Measure :math:`F G^\top`.

        Parameters
        ----------
        F : ndarray of shape (n1, k)
            The left factor.
        G : ndarray of shape (n2, k)
            The right factor.

        Returns
        -------
        values : ndarray of shape (m,)
            The measurements :math:`\langle A_i, F G^\top \rangle`.
        """

    @abstractmethod
    def adjoint(self, values: Array) -> ImplicitMatrix:
        r"""Return the adjoint :math:`\mathcal{A}^*(v) = \sum_i v_i A_i` of values v.

        Parameters
        ----------
        values : ndarray of shape (m,)
            One number for each measurement.

        Returns
        -------
        matrix : ndarray, sparse array or LinearOperator of shape (n1, n2)
            The adjoint, which multiplies factors from either side.
        """

    def components(self, F: Array, G: Array) -> Array:
        r"""Measure :math:`f_j g_j^\top` for each pair of columns.

        Parameters
        ----------
        F : ndarray of shape (n1, k)
            The left factor, with columns :math:`f_j`.
        G : ndarray of shape (n2, k)
            The right factor, with columns :math:`g_j`.

        Returns
        -------
        values : ndarray of shape (m, k)
            The measurements of the components, which sum to `apply`.
        """
        columns = range(F.shape[1])
        return np.column_stack([self.apply(F[:, [j]], G[:, [j]]) for j in columns])

    def mixed_components(self, F: Array, G: Array, left: Array, right: Array) -> Array:
        """Measure the components of F left and G right, for small square matrices.

        Parameters
        ----------
        F : ndarray of shape (n1, k)
            The left factor.
        G : ndarray of shape (n2, k)
            The right factor.
        left, right : ndarray of shape (k, k')
            What mixes the columns of F and those of G.

        Returns
        -------
        values : ndarray of shape (m, k')
            The same as ``components(F @ left, G @ right)``, for a few measurements
            without a product with whole factors.
        """
        return self.components(F @ left, G @ right)

    def residual(
        self, F: Array, G: Array, target: Array, weights: Array
    ) -> tuple[Array, ImplicitMatrix]:
        r"""Return the residual of `apply` to a target, and its weighted adjoint.

        Parameters
        ----------
        F : ndarray of shape (n1, k)
            The left factor.
        G : ndarray of shape (n2, k)
            The right factor.
        target : ndarray of shape (m,)
            The values to subtract.
        weights : ndarray of shape (m,)
            The weights of the adjoint.

        Returns
        -------
        residual : ndarray of shape (m,)
            :math:`r = \mathcal{A}(F G^\top)` minus the target.
        matrix : implicit matrix of shape (n1, n2)
            :math:`\sum_i w_i r_i A_i`.
        """
        residual = self.apply(F, G) - target
        return residual, self.adjoint(weighted(weights, residual))

    def forward_and_back(
        self, F: Array, G: Array, values: Array, weights: Array
    ) -> tuple[Array, ImplicitMatrix, ImplicitMatrix]:
        r"""Return what `apply` does, and the weighted adjoints of that and of `values`.

        Parameters
        ----------
        F : ndarray of shape (n1, k)
            The left factor.
        G : ndarray of shape (n2, k)
            The right factor.
        values : ndarray of shape (m,)
            One number for each measurement.
        weights : ndarray of shape (m,)
            The weights of the adjoints.

        Returns
        -------
        measured : ndarray of shape (m,)
            The measurements of :math:`F G^\top`.
        of_measured : implicit matrix of shape (n1, n2)
            The weighted adjoint of the measurements.
        of_values : implicit matrix of shape (n1, n2)
            The weighted adjoint of the values.
        """
        measured = self.apply(F, G)
        of_measured, of_values = (
            self.adjoint(weighted(weights, u)) for u in (measured, values)
        )
        return measured, of_measured, of_values

    def factor_gradient(self, matrix: ImplicitMatrix, F: Array, G: Array) -> Pair:
        r"""Return the products of an adjoint R with both factors.

        Parameters
        ----------
        matrix : implicit matrix of shape (n1, n2)
            R, as `adjoint` has returned it.
        F : ndarray of shape (n1, k)
            The left factor.
        G : ndarray of shape (n2, k)
            The right factor.

        Returns
        -------
        left : ndarray of shape (n1, k)
            :math:`R G`.
        right : ndarray of shape (n2, k)
            :math:`R^\top F`.
        """
        return matrix @ G, matrix.T @ F

    def sampling_counts(self, weights: Array) -> SamplingCounts:
        r"""Return how strongly rows and columns are measured.

        The strength of row p is :math:`\sum_i w_i \|(A_i)_{p \cdot}\|^2`. For entries
        this is how often the row is measured.

        Parameters
        ----------
        weights : ndarray of shape (m,)
            The weights of the measurements.

        Returns
        -------
        rows : ndarray of shape (n1,) or None
            The strengths of rows; None if they are taken to be equal.
        columns : ndarray of shape (n2,) or None
            The strengths of columns; None if they are taken to be equal.
        """
        return None, None

    def apply_along(self, F: Array, G: Array, dF: Array, dG: Array) -> Pair:
        r"""Measure the change along a direction, to first and to second order.

        Parameters
        ----------
        F : ndarray of shape (n1, k)
            The left factor.
        G : ndarray of shape (n2, k)
            The right factor.
        dF : ndarray of shape (n1, k)
            The direction of the left factor.
        dG : ndarray of shape (n2, k)
            The direction of the right factor.

        Returns
        -------
        a : ndarray of shape (m,)
            :math:`\mathcal{A}(dF\, G^\top + F\, dG^\top)`, a new array.
        b : ndarray of shape (m,)
            :math:`\mathcal{A}(dF\, dG^\top)`, a new array.
        """
        # Copied, since a run overwrites them, and apply may return a cache.
        first = np.array(self.apply(np.hstack([dF, F]), np.hstack([G, dG])))
        return first, np.array(self.apply(dF, dG))

    def plain_line(
        self, F: Array, G: Array, dF: Array, dG: Array, weights: Array
    ) -> MeasuredLine:
        """Return the line along a direction, with adjoints from scratch.

        Parameters
        ----------
        F : ndarray of shape (n1, k)
            The left factor.
        G : ndarray of shape (n2, k)
            The right factor.
        dF : ndarray of shape (n1, k)
            The direction of the left factor.
        dG : ndarray of shape (n2, k)
            The direction of the right factor.
        weights : ndarray of shape (m,)
            The weights of the adjoints.

        Returns
        -------
        line : MeasuredLine
            The measurements along the direction.
        """
        return PlainLine(self, *self.apply_along(F, G, dF, dG), weights)

    def line(
        self, F: Array, G: Array, dF: Array, dG: Array, weights: Array
    ) -> MeasuredLine:
        """Return the line along a direction, with cheaper adjoints if possible.

        Parameters
        ----------
        F : ndarray of shape (n1, k)
            The left factor.
        G : ndarray of shape (n2, k)
            The right factor.
        dF : ndarray of shape (n1, k)
            The direction of the left factor.
        dG : ndarray of shape (n2, k)
            The direction of the right factor.
        weights : ndarray of shape (m,)
            The weights of the adjoints.

        Returns
        -------
        line : MeasuredLine
            The measurements along the direction. The adjoints of residuals follow a
            recurrence if that is cheaper.
        """
        return self.plain_line(F, G, dF, dG, weights)

    def entries_by_row(self, values: Array, weights: Array | None) -> SortedBySide:
        """Return the entries of each row.

        Parameters
        ----------
        values : ndarray of shape (m,)
            One number for each measurement.
        weights : ndarray of shape (m,) or None
            The weights of the measurements; None if they are equal.

        Returns
        -------
        entries : tuple of ndarray
            Starts of the rows, then columns, values and weights in the order of rows.

        Raises
        ------
        NotImplementedError
            If the measurements are not entries in one place.
        """
        raise NotImplementedError

    def entries_by_column(self, values: Array, weights: Array | None) -> SortedBySide:
        """Return the entries of each column.

        Parameters
        ----------
        values : ndarray of shape (m,)
            One number for each measurement.
        weights : ndarray of shape (m,) or None
            The weights of the measurements; None if they are equal.

        Returns
        -------
        entries : tuple of ndarray
            Starts of the columns, then rows, values and weights in the order of
            columns.

        Raises
        ------
        NotImplementedError
            If the measurements are not entries in one place.
        """
        raise NotImplementedError

    def support(self, weights: Array) -> Support:
        """Return which rows and columns of the matrix are measured at all.

        Parameters
        ----------
        weights : ndarray of shape (m,)
            The weights of the measurements; zero removes one.

        Returns
        -------
        support : Support
            The rows and columns that some :math:`A_i` touches.
        """
        random_state = np.random.RandomState(0)
        values = random_state.standard_normal(self.n_measurements) * (weights > 0)
        return support_of(self.adjoint(values.astype(self.dtype)))

    def restricted(self, support: Support) -> "Operator":
        """Return the measurements of a matrix that is zero outside a support.

        Parameters
        ----------
        support : Support
            The rows and columns that remain.

        Returns
        -------
        operator : Operator
            The measurements of the part inside, which has a smaller shape.
        """
        from .restricted import RestrictedOperator  # is an Operator itself

        return RestrictedOperator(self, support)

    def distinct(self, weights: Array) -> "tuple[Operator, Groups] | None":
        """Return the measurements that differ, and which rows repeat each of them.

        Parameters
        ----------
        weights : ndarray of shape (m,)
            The weights of the measurements; zero removes one.

        Returns
        -------
        operator, groups : Operator and Groups, or None
            None if nothing is repeated or removed, or if it cannot be told cheaply.
        """
        return None

    @property
    def looks_for_repeats(self) -> bool:
        """Return whether rows may be repeated, and `apply` can show it in one place."""
        return True

    @property
    def row_separable(self) -> bool:
        """Return whether each row of a factor has its own least squares problem."""
        return False

    @property
    def uncentered(self) -> "Operator":
        """Return the same measurements with their mean."""
        return self

    def centered(self, weights: Array) -> "Operator":
        """Return the measurements minus their weighted mean.

        Parameters
        ----------
        weights : ndarray of shape (m,)
            The weights of the mean, with sum one.

        Returns
        -------
        operator : Operator
            The centered measurements.
        """
        from .centered import CenteredOperator  # is an Operator itself

        return CenteredOperator(self, weights)
