"""X as a dask array: blocks of rows that stay where they are."""

from collections.abc import Callable
from typing import Any, final

import numpy as np

from .._types import Array, Dtype, ImplicitMatrix, SamplingCounts, Shape
from ..arrays.blocks import blocks_of, summed, summed_matrix
from .base import Measurement
from .operator import Operator
from .restricted import RestrictedMeasurement
from .support import Support


@final
class DistributedMeasurement(Measurement):
    """Read another kind of measurements from a dask array.

    Parameters
    ----------
    kind : Measurement
    """

    def __init__(self, kind: Measurement) -> None:
        self._kind = kind

    def infer_shape(self, shape: Any, X: Any, *, symmetric: bool) -> Shape:
        return self._kind.infer_shape(shape, X, symmetric=symmetric)

    def operator(self, X: Any, shape: Shape) -> Operator:
        dtype = X.dtype if self._kind.reads_values else np.dtype(np.float64)
        return BlockOperator(self._kind, X, shape, dtype)

    def for_fit(self, X: Any, shape: Shape, dtype: Dtype) -> tuple[Operator, Any]:
        """Return the measurements, with the dtype of X or of y."""
        dtype = X.dtype if self._kind.reads_values else dtype
        return BlockOperator(self._kind, X, shape, dtype), None


@final
class BlockOperator(Operator):
    """Return measurements as dask arrays, in the blocks of X.

    A fit makes such arrays only before and after the run: see
    `lowrank_sense.objectives.distributed`.

    Parameters
    ----------
    kind : Measurement
        The kind of the rows of a block.
    X : dask array of shape (m, n_features)
        X in blocks of whole rows.
    shape : tuple of int
        (n1, n2).
    dtype : numpy dtype
    """

    def __init__(self, kind: Measurement, X: Any, shape: Shape, dtype: Dtype) -> None:
        super().__init__(shape, X.shape[0], dtype)
        self.kind = kind
        self.X = X
        # X as a list of Delayed.
        self.blocks = blocks_of(X)

    @property
    def looks_for_repeats(self) -> bool:
        return False

    def apply(self, F: Array, G: Array) -> Any:
        return self._mapped(_apply, F, G)

    def components(self, F: Array, G: Array) -> Any:
        return self._mapped(_components, F, G, (F.shape[1],))

    def _mapped(
        self,
        function: Callable[..., Array],
        F: Array,
        G: Array,
        rest_of_shape: tuple[int, ...] = (),
    ) -> Any:
        from dask import array, delayed

        shared = delayed((self.kind, self.shape, F, G), traverse=False)
        pieces = [
            array.from_delayed(
                delayed(function)(X, shared), (size, *rest_of_shape), self.dtype
            )
            for X, size in zip(self.blocks, self.X.chunks[0], strict=True)
        ]
        return array.concatenate(pieces)

    def adjoint(self, values: Any) -> ImplicitMatrix:
        pairs = list(zip(self.blocks, blocks_of(values), strict=True))
        return self.summed(_adjoint, pairs, self.kind, self.shape)

    def summed(
        self, function: Callable[..., ImplicitMatrix], parts: Any, *arguments: Any
    ) -> ImplicitMatrix:
        """Return the sum of the adjoints function(part, *arguments) over parts."""
        return summed_matrix(
            function,
            parts,
            arguments,
            self.shape,
            self.dtype,
            dense=self.kind.dense_adjoint,
        )

    def sampling_counts(self, weights: Array) -> SamplingCounts:
        starts = np.cumsum(self.X.chunks[0])[:-1]
        pairs = list(zip(self.blocks, np.split(weights, starts), strict=True))
        rows, columns = summed(_sampling_counts, pairs, self.kind, self.shape)
        if not np.ndim(rows):
            return None, None
        return rows, columns

    def support(self, weights: Array) -> Support:
        starts = np.cumsum(self.X.chunks[0])[:-1]
        pairs = list(zip(self.blocks, np.split(weights, starts), strict=True))
        rows, columns = summed(_touched, pairs, self.kind, self.shape)
        return Support(rows > 0, columns > 0)

    def restricted(self, support: Support) -> Operator:
        kind = RestrictedMeasurement(self.kind, support)
        return BlockOperator(kind, self.X, support.shape, self.dtype)


def _apply(X: Any, arguments: tuple[Measurement, Shape, Array, Array]) -> Array:
    kind, shape, F, G = arguments
    if not len(X):  # a kind need not know of blocks without rows
        return np.zeros(0, F.dtype)
    return kind.operator(X, shape).apply(F, G)


def _components(X: Any, arguments: tuple[Measurement, Shape, Array, Array]) -> Array:
    kind, shape, F, G = arguments
    if not len(X):
        return np.zeros((0, F.shape[1]), F.dtype)
    return kind.operator(X, shape).components(F, G)


def _sampling_counts(
    pair: tuple[Any, Array], kind: Measurement, shape: Shape
) -> tuple[Any, ...]:
    """Return how strongly a block measures rows and columns, or zeros."""
    X, weights = pair
    counts = kind.operator(X, shape).sampling_counts(weights)
    return tuple(0.0 if part is None else part for part in counts)


def _touched(
    pair: tuple[Any, Array], kind: Measurement, shape: Shape
) -> tuple[Array, Array]:
    """Return ones for the rows and columns that a block measures, else zeros."""
    X, weights = pair
    support = kind.operator(X, shape).support(weights)
    return support.rows.astype(np.intp), support.columns.astype(np.intp)


def _adjoint(
    pair: tuple[Any, Array], kind: Measurement, shape: Shape
) -> ImplicitMatrix:
    X, values = pair
    return kind.operator(X, shape).adjoint(values)
