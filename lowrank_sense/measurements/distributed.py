"""X as a dask array: blocks of rows that stay where they are."""

from functools import cached_property

import numpy as np

from .base import LinearMap
from .distributed_least_squares import DistributedLeastSquares
from .reduction import blocks_of, summed, summed_image


class DistributedKind:
    """A kind of measurements, made by the rows of dask arrays.

    Parameters
    ----------
    kind : class
        A subclass of `Measurement`.
    """

    def __init__(self, kind):
        self._kind = kind
        self.infer_shape = kind.infer_shape

    def __call__(self, X, shape):
        return DistributedMeasurement(self._kind, X, shape, X.dtype)

    def for_fit(self, X, shape, dtype):
        """See `Measurement.for_fit`. The blocks of X are loaded already."""
        dtype = X.dtype if self._kind.reads_values else dtype
        return DistributedMeasurement(self._kind, X, shape, dtype), None


class DistributedMeasurement(LinearMap):
    """Measurements whose values are dask arrays, in the blocks of X.

    In a fit there are such arrays only before and after the run: see
    `DistributedLeastSquares`.

    Parameters
    ----------
    kind : class
        A subclass of `Measurement`.
    X : dask array of shape (m, n_features)
        In blocks of whole rows.
    shape : tuple of int
        (n1, n2).
    dtype : numpy dtype
    """

    objective = DistributedLeastSquares

    def __init__(self, kind, X, shape, dtype):
        self.kind = kind
        self.X = X
        self.shape = shape
        self.dtype = np.dtype(dtype)
        self.n_measurements = X.shape[0]

    @cached_property
    def blocks(self):
        """X as a list of Delayed."""
        return blocks_of(self.X)

    def apply(self, F, G):
        return self._mapped(_apply, F, G)

    def apply_each(self, F, G):
        return self._mapped(_apply_each, F, G, (F.shape[1],))

    def _mapped(self, function, F, G, rest_of_shape=()):
        from dask import array, delayed

        shared = delayed((self.kind, self.shape, F, G), traverse=False)
        pieces = [
            array.from_delayed(
                delayed(function)(X, shared), (size, *rest_of_shape), self.dtype
            )
            for X, size in zip(self.blocks, self.X.chunks[0], strict=True)
        ]
        return array.concatenate(pieces)

    def adjoint(self, values):
        pairs = list(zip(self.blocks, blocks_of(values), strict=True))
        return summed_image(_adjoint, pairs, (self.kind, self.shape), self)

    def exposure(self, weights):
        starts = np.cumsum(self.X.chunks[0])[:-1]
        pairs = list(zip(self.blocks, np.split(weights, starts), strict=True))
        seen = summed(_seen, pairs, self.kind, self.shape)
        if not np.ndim(seen[0]):
            return None, None
        return tuple(part / weights.sum() for part in seen)


def _apply(X, arguments):
    kind, shape, F, G = arguments
    return kind(X, shape).apply(F, G)


def _apply_each(X, arguments):
    kind, shape, F, G = arguments
    return kind(X, shape).apply_each(F, G)


def _seen(pair, kind, shape):
    """How often rows and columns are seen by a block; zeros where that is even."""
    X, weights = pair
    exposure = kind(X, shape).exposure(weights)
    return tuple(0.0 if part is None else part * weights.sum() for part in exposure)


def _adjoint(pair, kind, shape):
    X, values = pair
    return kind(X, shape).adjoint(values)
