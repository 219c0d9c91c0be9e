"""X as an array of another library, which stays on its device."""

import numpy as np
from sklearn.utils._array_api import get_namespace_and_device, move_to

from .._devices import on_host


class DeviceKind:
    """A kind of measurements, made by the rows of an array on a device.

    Indices, which are not multiplied, are brought to the host.

    Parameters
    ----------
    kind : class
        A subclass of `Measurement`.
    """

    def __init__(self, kind):
        self._kind = kind

    def infer_shape(self, shape, X, *, symmetric):
        """See `Measurement.infer_shape`."""
        return self._kind.infer_shape(shape, self._rows(X), symmetric=symmetric)

    def for_fit(self, X, shape, dtype):
        """See `Measurement.for_fit`."""
        return self._kind.for_fit(self._rows(X), shape, dtype)

    def __call__(self, X, shape):
        return self._kind(self._rows(X), shape)

    def _rows(self, X):
        return DeviceRows(X) if self._kind.reads_values else on_host(X)


class DeviceRows:
    """A matrix on a device, to be multiplied by arrays that are not there.

    What is large stays: factors, measurements and images travel, which are as many
    times smaller than X as it has features or rows.

    Parameters
    ----------
    array : array of shape (m, n_features)
        Of any library that keeps to the array API standard.
    """

    ndim = 2

    def __init__(self, array):
        self._array = array
        self._xp, _, self._device = get_namespace_and_device(array)
        single = array.dtype == self._xp.float32
        self.dtype = np.dtype(np.float32 if single else np.float64)
        self.shape = tuple(array.shape)

    @property
    def T(self):
        return DeviceRows(self._array.T)

    def __matmul__(self, other):
        other = other.astype(self.dtype, copy=False)
        return on_host(self._array @ move_to(other, xp=self._xp, device=self._device))

    def __getitem__(self, index):
        return DeviceRows(self._array[index])
