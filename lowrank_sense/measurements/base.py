"""What every measurement kind answers."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from .._types import Dtype, Shape
from .operator import Operator


class Measurement(ABC):
    """A measurement kind: how X is read.

    A kind is made without data; for data it makes an `Operator`.

    Attributes
    ----------
    reads_values : bool
        Whether X holds numbers to compute with, which set the dtype of a fit. Else it
        holds indices, of any dtype, and y sets it.
    accepts_sparse : bool
        Whether X may be a sparse matrix: csr, csc or coo.
    dense_adjoint : bool
        Whether adjoints are arrays, not sparse or product forms: dask adds them up.
    measures_entries : bool
        Whether each A_i picks one entry.
    accepts_linear_operator : bool
        Whether X may be a LinearOperator whose rows are the A_i.
    """

    reads_values: ClassVar[bool] = True
    accepts_sparse: ClassVar[bool] = False
    dense_adjoint: ClassVar[bool] = False
    measures_entries: ClassVar[bool] = False
    accepts_linear_operator: ClassVar[bool] = False

    @abstractmethod
    def infer_shape(self, shape: Any, X: Any, *, symmetric: bool) -> Shape:
        """Return (n1, n2), from the estimator's `shape` and from X.

        Parameters
        ----------
        shape : tuple of int or None
        X : array of shape (m, n_features)
        symmetric : bool
            Whether the matrix sought is symmetric.

        Raises
        ------
        ValueError
            If the shape does not fit X, or cannot be told from it.
        """

    @abstractmethod
    def operator(self, X: Any, shape: Shape) -> Operator:
        """Return the measurements that the rows of X make, in their order."""

    def for_fit(self, X: Any, shape: Shape, dtype: Dtype) -> tuple[Operator, Any]:
        """Return the measurements in the best form for a fit, and their order.

        Parameters
        ----------
        X : array of shape (m, n_features)
        shape : tuple of int
        dtype : numpy dtype
            The dtype of y.

        Returns
        -------
        operator : Operator
        order : ndarray of shape (m,) or None
            Which row of X each measurement belongs to; None if they are in the order
            of X.
        """
        return self.operator(X, shape), None
