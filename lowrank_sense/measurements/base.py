"""The interface of a measurement kind."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from .._types import Dtype, Shape
from .operator import Operator


class Measurement(ABC):
    r"""Describe how the rows of X stand for measurement matrices :math:`A_i`.

    A kind is made without data. For data it makes an `Operator`.

    Attributes
    ----------
    reads_values : bool
        Whether X holds numbers to compute with, which set the dtype of a fit. Otherwise
        X holds indices of any dtype, and y sets the dtype of a fit.
    accepts_sparse : bool
        Whether X may be a sparse matrix: csr, csc or coo.
    dense_adjoint : bool
        Whether adjoints are arrays, which dask can add up, and not sparse or product
        forms.
    features_are_entries : bool
        Whether the features are the entries of :math:`A_i` in C order, so that
        predictions are linear in them.
    measures_entries : bool
        Whether each :math:`A_i` picks one entry.
    accepts_linear_operator : bool
        Whether X may be a LinearOperator whose rows are the :math:`A_i`.

    See Also
    --------
    lowrank_sense.measurements.Operator : The linear map that a kind makes from X.
    lowrank_sense.testing.check_measurement : Checks a kind and its operators.

    Examples
    --------
    Row i of X is :math:`x_i`, and :math:`A_i` is :math:`\operatorname{diag}(x_i)`:

    >>> import numpy as np
    >>> from scipy import sparse
    >>> from lowrank_sense.measurements import Measurement, Operator
    >>> from lowrank_sense.testing import check_measurement
    >>> class DiagonalMeasurement(Measurement):
    ...     def infer_shape(self, shape, X, *, symmetric):
    ...         return X.shape[1], X.shape[1]
    ...
    ...     def operator(self, X, shape):
    ...         return DiagonalOperator(X, shape)
    >>> class DiagonalOperator(Operator):
    ...     def __init__(self, X, shape):
    ...         super().__init__(shape, len(X), X.dtype)
    ...         self.X = X
    ...
    ...     def apply(self, F, G):
    ...         return self.X @ np.sum(F * G, axis=1)
    ...
    ...     def adjoint(self, values):
    ...         return sparse.diags_array(self.X.T @ values)
    >>> X = np.random.default_rng(0).standard_normal((20, 5))
    >>> check_measurement(DiagonalMeasurement, X)
    """

    reads_values: ClassVar[bool] = True
    accepts_sparse: ClassVar[bool] = False
    dense_adjoint: ClassVar[bool] = False
    features_are_entries: ClassVar[bool] = False
    measures_entries: ClassVar[bool] = False
    accepts_linear_operator: ClassVar[bool] = False

    def objection(self, X: Any) -> str | None:
        """Return what is wrong with the form of X, in words, or None.

        Parameters
        ----------
        X : array-like
            X as the user passes it.

        Returns
        -------
        objection : str or None
            The message of an error that names X and says what to pass.
        """
        shape = getattr(X, "shape", ())
        if len(shape) != 3:
            return None
        return (
            f"X has 3 dimensions, {tuple(shape)}, but must have one row for each "
            f"measurement: pass X.reshape(len(X), -1) and shape={tuple(shape[1:])}."
        )

    @abstractmethod
    def infer_shape(self, shape: Any, X: Any, *, symmetric: bool) -> Shape:
        """Return (n1, n2), from the estimator's `shape` and from X.

        Parameters
        ----------
        shape : tuple of int or None
            The parameter of the estimator.
        X : array of shape (m, n_features)
            The rows that measure.
        symmetric : bool
            Whether the matrix sought is symmetric.

        Returns
        -------
        shape : tuple of int
            The shape (n1, n2) of the matrix.

        Raises
        ------
        ValueError
            If the shape does not fit X, or cannot be told from X.
        """

    @abstractmethod
    def operator(self, X: Any, shape: Shape) -> Operator:
        """Return the measurements that the rows of X make, in their order.

        Parameters
        ----------
        X : array of shape (m, n_features)
            The rows that measure.
        shape : tuple of int
            The shape (n1, n2) of the matrix.

        Returns
        -------
        operator : Operator
            The measurements.
        """

    def for_fit(self, X: Any, shape: Shape, dtype: Dtype) -> tuple[Operator, Any]:
        """Return the measurements in the best form for a fit, and their order.

        Parameters
        ----------
        X : array of shape (m, n_features)
            The rows that measure.
        shape : tuple of int
            The shape (n1, n2) of the matrix.
        dtype : numpy dtype
            The dtype of y.

        Returns
        -------
        operator : Operator
            The measurements.
        order : ndarray of shape (m,) or None
            The row of X that each measurement belongs to; None if measurements are in
            the order of X.
        """
        return self.operator(X, shape), None
