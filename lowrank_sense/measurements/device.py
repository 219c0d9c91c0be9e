"""X as an array of another library that stays on its device."""

from typing import Any, final

import numpy as np

from .._compat import get_namespace_and_device, move_to
from .._types import Array, Dtype, Shape
from ..arrays.backends import to_numpy
from .base import Measurement
from .operator import Operator


@final
class DeviceMeasurement(Measurement):
    """Read another kind of measurements from an array on a device.

    Indices are not multiplied, and are brought to the host.

    Parameters
    ----------
    kind : Measurement
    """

    def __init__(self, kind: Measurement) -> None:
        self._kind = kind

    def infer_shape(self, shape: Any, X: Any, *, symmetric: bool) -> Shape:
        return self._kind.infer_shape(shape, self._rows(X), symmetric=symmetric)

    def operator(self, X: Any, shape: Shape) -> Operator:
        return self._kind.operator(self._rows(X), shape)

    def for_fit(self, X: Any, shape: Shape, dtype: Dtype) -> tuple[Operator, Any]:
        return self._kind.for_fit(self._rows(X), shape, dtype)

    def _rows(self, X: Any) -> Any:
        return DeviceRows(X) if self._kind.reads_values else to_numpy(X)


@final
class DeviceRows:
    """Multiply a matrix on a device by arrays on the host.

    X stays on its device. Only factors, measurements and adjoints travel, which are
    smaller by the number of features or of rows of X.

    Parameters
    ----------
    array : array of shape (m, n_features)
        An array of any library that keeps to the array API standard.
    """

    ndim = 2

    def __init__(self, array: Any) -> None:
        self._array = array
        self._xp, _, self._device = get_namespace_and_device(array)
        single = array.dtype == self._xp.float32
        self.dtype = np.dtype(np.float32 if single else np.float64)
        self.shape = tuple(array.shape)

    @property
    def T(self) -> "DeviceRows":
        return DeviceRows(self._array.T)

    def __matmul__(self, other: Array) -> Array:
        other = other.astype(self.dtype, copy=False)
        there = move_to(other, xp=self._xp, device=self._device)
        return to_numpy(self._array @ there)

    def power(self, exponent: int) -> "DeviceRows":
        """Return the powers of the entries, as a sparse array does."""
        return DeviceRows(self._array**exponent)

    def __getitem__(self, index: Any) -> "DeviceRows":
        return DeviceRows(self._array[index])
