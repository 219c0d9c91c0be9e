"""Tall-skinny products, of a tall matrix and a thin one, on several threads."""

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from .._types import Array
from .threads import map_on_threads

# The rows are cut into slices that depend only on their number, and sums over slices
# are taken in order. So results are the same to the last bit for any number of threads.
MIN_SLICE = 2048
MAX_SLICES = 16
# Up to this size, the rows are read before threads have woken.
SMALL_BYTES = 2**21


def forward(rows: Any, factor: Array) -> Array:
    """Return rows @ factor for rows (m, n) and a factor (n, k)."""
    if not isinstance(rows, np.ndarray):
        return rows @ factor
    product = np.empty((len(rows), factor.shape[1]), np.result_type(rows, factor))

    def one_slice(number: int) -> None:
        np.matmul(rows[slices[number]], factor, out=product[slices[number]])

    slices = _slices(len(rows))
    map_on_threads(one_slice, range(len(slices)), parallel=_large(rows))
    return product


def back(rows: Any, values: Array) -> Array:
    """Return rows.T @ values for rows (m, n) and values (m, k)."""
    if not isinstance(rows, np.ndarray):
        return rows.T @ values
    slices = _slices(len(rows))
    products: list[Any] = [None] * len(slices)

    def one_slice(number: int) -> None:
        products[number] = rows[slices[number]].T @ values[slices[number]]

    map_on_threads(one_slice, range(len(slices)), parallel=_large(rows))
    return np.sum(products, axis=0)


def squared_norms(rows: Any) -> Array:
    """Return the squared norm of each row."""
    if not isinstance(rows, np.ndarray):
        return rows.power(2) @ np.ones(rows.shape[1], rows.dtype)
    return np.einsum("ij,ij->i", rows, rows)


def sums_of_squares(rows: Any, weights: Array) -> Array:
    """Return the weighted sum of squares of each column."""
    if not isinstance(rows, np.ndarray):
        return rows.power(2).T @ weights.astype(rows.dtype)
    return np.einsum("i,ij,ij->j", weights, rows, rows)


def _large(rows: Array) -> bool:
    return rows.size * rows.itemsize > SMALL_BYTES


@cache
def _slices(n_rows: int) -> tuple[slice, ...]:
    n_slices = min(max(n_rows // MIN_SLICE, 1), MAX_SLICES)
    edges = np.linspace(0, n_rows, n_slices + 1).astype(int).tolist()
    return tuple(slice(*pair) for pair in pairwise(edges))
