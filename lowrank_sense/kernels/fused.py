"""The fused forward-adjoint product: forward and back in one reading of a dense X.

While six rows are in cache, they are multiplied by two right-hand sides, and then
multiplied back by the results. The rows are cut into slices that depend only on the
shape of X, and the slices are added in order. So results are the same to the last bit
for any number of threads.
"""

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from .._types import Array
from .jit import jit
from .threads import map_on_threads

# Rows that are in cache, and in registers, together. The loops over them are written
# out below, as not every such loop would be vectorized.
GROUP = 6
# Sums over this many terms are taken in the dtype of X, and then added in float64.
STRIP = 1024
FLUSH = 20 * GROUP
# Every slice of the rows has adjoints of its own: few enough to cost nothing.
MAX_SLICES = 16
MIN_SLICE = 16 * GROUP
# Up to this size, X is read before threads have woken.
SMALL_BYTES = 2**22


def can_fuse(X: Any) -> bool:
    """Return whether X is an array that the kernel takes."""
    return bool(
        isinstance(X, np.ndarray)
        and X.flags.c_contiguous
        and X.flags.aligned
        and X.dtype in (np.float32, np.float64)
        and len(X) >= GROUP
    )


def fused_product(
    X: Array, vectors: Array, offsets: Array, weights: Array
) -> tuple[Array, Array]:
    """Return residuals of two right-hand sides and their adjoints.

    X is read once.

    Parameters
    ----------
    X : C-contiguous ndarray of shape (m, d), float32 or float64
        X with at least `GROUP` rows.
    vectors : ndarray of shape (2, d)
    offsets : ndarray of shape (2, m)
    weights : ndarray of shape (m,)

    Returns
    -------
    residuals : ndarray of shape (2, m)
        ``X @ vectors[s] - offsets[s]``.
    adjoints : ndarray of shape (2, d)
        ``X.T @ (weights * residuals[s])``.
    """
    X = _read_only(X)  # so that one compiled kernel serves memory maps as well
    vectors = np.ascontiguousarray(vectors, X.dtype)
    offsets, weights = (np.ascontiguousarray(u, np.float64) for u in (offsets, weights))
    slices = _slices(len(X))
    residuals = np.empty(offsets.shape)
    adjoints = np.zeros((len(slices), *vectors.shape))

    def one_slice(number: int) -> None:
        start, stop = slices[number]
        _fused_rows(
            X, vectors, offsets, weights, start, stop, residuals, adjoints[number]
        )

    map_on_threads(one_slice, range(len(slices)), parallel=X.nbytes > SMALL_BYTES)
    return residuals.astype(X.dtype), adjoints.sum(axis=0).astype(X.dtype)


def _read_only(X: Array) -> Array:
    view = X.view()
    view.flags.writeable = False
    return view


@cache
def _slices(n_rows: int) -> tuple[tuple[int, int], ...]:
    n_slices = min(max(n_rows // MIN_SLICE, 1), MAX_SLICES)
    edges = np.linspace(0, n_rows // GROUP, n_slices + 1).astype(int) * GROUP
    edges[-1] = n_rows
    return tuple(pairwise(edges))


@jit
def _fused_rows(
    X: Array,
    vectors: Array,
    offsets: Array,
    weights: Array,
    start: int,
    stop: int,
    residuals: Array,
    adjoints: Array,
) -> None:
    sums = np.empty((2, GROUP))
    coefficients = np.empty((2, GROUP), X.dtype)
    partial = np.zeros(vectors.shape, X.dtype)
    for i in range(start, stop, GROUP):
        # The last group may repeat rows of the group before, with coefficient zero.
        first = min(i, len(X) - GROUP)
        rows = X[first : first + GROUP]
        sums[:] = 0
        for left in range(0, rows.shape[1], STRIP):
            right = min(left + STRIP, rows.shape[1])
            _forward(rows, vectors, np.uintp(left), np.uintp(right), sums)
        for s in range(2):
            for k in range(GROUP):
                residual = sums[s, k] - offsets[s, first + k]
                is_new = i <= first + k < stop
                if is_new:
                    residuals[s, first + k] = residual
                coefficients[s, k] = weights[first + k] * residual if is_new else 0.0
        _back(rows, coefficients, partial)
        if (i - start) % FLUSH == FLUSH - GROUP:
            adjoints += partial
            partial[:] = 0
    adjoints += partial


@jit
def _forward(
    rows: Array, vectors: Array, left: np.uintp, right: np.uintp, sums: Array
) -> None:
    """Multiply the columns `left` to `right` by both right-hand sides.

    Column numbers are unsigned. Signed ones could count from the end, which would keep
    the loop from being vectorized.
    """
    a0 = b0 = rows.dtype.type(0)
    a1 = b1 = rows.dtype.type(0)
    a2 = b2 = rows.dtype.type(0)
    a3 = b3 = rows.dtype.type(0)
    a4 = b4 = rows.dtype.type(0)
    a5 = b5 = rows.dtype.type(0)
    for j in range(left, right):
        v, w = vectors[0, j], vectors[1, j]
        a0 += rows[0, j] * v
        b0 += rows[0, j] * w
        a1 += rows[1, j] * v
        b1 += rows[1, j] * w
        a2 += rows[2, j] * v
        b2 += rows[2, j] * w
        a3 += rows[3, j] * v
        b3 += rows[3, j] * w
        a4 += rows[4, j] * v
        b4 += rows[4, j] * w
        a5 += rows[5, j] * v
        b5 += rows[5, j] * w
    for k, a in enumerate((a0, a1, a2, a3, a4, a5)):
        sums[0, k] += a
    for k, b in enumerate((b0, b1, b2, b3, b4, b5)):
        sums[1, k] += b


@jit
def _back(rows: Array, coefficients: Array, partial: Array) -> None:
    """Add both combinations of the rows to `partial`."""
    a0, a1, a2, a3, a4, a5 = coefficients[0]
    b0, b1, b2, b3, b4, b5 = coefficients[1]
    for j in range(rows.shape[1]):
        v, w = partial[0, j], partial[1, j]
        v += a0 * rows[0, j]
        w += b0 * rows[0, j]
        v += a1 * rows[1, j]
        w += b1 * rows[1, j]
        v += a2 * rows[2, j]
        w += b2 * rows[2, j]
        v += a3 * rows[3, j]
        w += b3 * rows[3, j]
        v += a4 * rows[4, j]
        w += b4 * rows[4, j]
        v += a5 * rows[5, j]
        w += b5 * rows[5, j]
        partial[0, j], partial[1, j] = v, w
