"""Sums over the blocks of dask arrays."""

from collections.abc import Callable, Sequence
from functools import reduce
from operator import add
from typing import Any, final

import numpy as np

from .._types import Array, Dtype, ImplicitMatrix, Shape
from .implicit import ProductForm

# How many partial sums one task adds up.
FAN_IN = 8


def summed(function: Callable[..., Any], parts: Sequence[Any], *arguments: Any) -> Any:
    """Return the sum over `parts` of function(part, *arguments).

    The function returns a tuple of numbers or arrays. The arguments are sent once. Sums
    are taken in a fixed order, where the parts are.

    Parameters
    ----------
    parts : sequence of Delayed
    """
    from dask import delayed

    shared = delayed(arguments, traverse=False)
    sums = [delayed(_called)(function, part, shared) for part in parts]
    while len(sums) > 1:
        sums = [
            delayed(_added)(sums[start : start + FAN_IN])
            for start in range(0, len(sums), FAN_IN)
        ]
    return sums[0].compute()


def summed_matrix(
    function: Callable[..., ImplicitMatrix],
    parts: Sequence[Any],
    arguments: tuple[Any, ...],
    shape: Shape,
    dtype: Dtype,
    *,
    dense: bool,
) -> ImplicitMatrix:
    """Return the sum over `parts` of the matrices function(part, *arguments).

    Parameters
    ----------
    parts : sequence of Delayed
    arguments : tuple
    shape : tuple of int
    dtype : numpy dtype
    dense : bool
        Whether the matrices are arrays that can be added up.
    """
    if dense:
        return summed(_in_a_tuple, parts, function, *arguments)[0]
    from dask import delayed, persist

    matrices = [delayed(function)(part, *arguments) for part in parts]
    return SummedMatrix(persist(*matrices), shape, dtype)


def blocks_of(array: Any) -> list[Any]:
    """Return the blocks of rows of a dask array as a list of Delayed."""
    return array.to_delayed().ravel().tolist()


@final
class SummedMatrix(ProductForm):
    """Hold a sum of matrices in several places as a product form.

    Parameters
    ----------
    parts : sequence of Delayed
        Matrices of the shape.
    shape : tuple of int
    dtype : numpy dtype
    """

    def __init__(self, parts: Sequence[Any], shape: Shape, dtype: Dtype) -> None:
        super().__init__(dtype, shape)
        self._parts = parts
        # No cached_property: before Python 3.12 all instances share its lock, and a
        # worker that waits for a task may begin another fit.
        self._symmetric: bool | None = None

    def _is_symmetric(self) -> bool:
        """Return whether the first part is symmetric: parts of one kind are alike."""
        from dask import delayed

        if self._symmetric is None:
            self._symmetric = delayed(_is_its_transpose)(self._parts[0]).compute()
        return bool(self._symmetric)

    def _transpose(self) -> Any:
        return self if self._is_symmetric() else super()._transpose()

    def _matmat(self, columns: Array) -> Array:
        return summed(_times, self._parts, np.ascontiguousarray(columns))[0]

    def _rmatmat(self, columns: Array) -> Array:
        return summed(_transposed_times, self._parts, np.ascontiguousarray(columns))[0]


def _called(function: Callable[..., Any], part: Any, arguments: tuple[Any, ...]) -> Any:
    return function(part, *arguments)


def _in_a_tuple(
    part: Any, function: Callable[..., Any], *arguments: Any
) -> tuple[Any, ...]:
    return (function(part, *arguments),)


def _added(sums: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(reduce(add, terms) for terms in zip(*sums, strict=True))


def _is_its_transpose(matrix: ImplicitMatrix) -> bool:
    return matrix.T is matrix


def _times(matrix: ImplicitMatrix, columns: Array) -> tuple[Any, ...]:
    return (matrix @ columns,)


def _transposed_times(matrix: ImplicitMatrix, columns: Array) -> tuple[Any, ...]:
    return (matrix.T @ columns,)
