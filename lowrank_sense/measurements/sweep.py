"""Forward and back in one reading of a dense X, which is all that an iteration costs.

While six rows are in cache they meet two right-hand sides, and their results multiply
them back. The rows are cut into slices that depend on nothing but the shape of X, and
the slices are added in order: the number of threads does not change a bit.
"""

import numpy as np
from numba import njit

from .._threads import map_on_threads

# Rows that are in cache, and in registers, together.
GROUP = 6
# Sums are taken in the dtype of X over so many terms, and those added in float64.
STRIP = 1024
FLUSH = 60
# Every slice of the rows has its own image: few enough of them to weigh nothing.
MAX_SLICES = 16
MIN_SLICE = 16 * GROUP
# What is read faster than threads are woken.
SMALL_BYTES = 2**20

_jit = njit(nogil=True, cache=True, fastmath={"reassoc", "contract", "nsz"})


def can_sweep(X):
    """Whether X is an array that the kernel takes."""
    return (
        isinstance(X, np.ndarray)
        and X.flags.c_contiguous
        and X.flags.aligned
        and X.dtype in (np.float32, np.float64)
        and len(X) >= GROUP
    )


def sweep(X, vectors, offsets, weights):
    """Residuals of two right-hand sides and their images, from one reading of X.

    Parameters
    ----------
    X : C-contiguous ndarray of shape (m, d), float32 or float64
        At least `GROUP` rows.
    vectors : ndarray of shape (2, d)
    offsets : ndarray of shape (2, m)
    weights : ndarray of shape (m,)

    Returns
    -------
    residuals : ndarray of shape (2, m)
        ``X @ vectors[s] - offsets[s]``.
    images : ndarray of shape (2, d)
        ``X.T @ (weights * residuals[s])``.
    """
    X = _read_only(X)  # so that one compiled kernel serves memory maps as well
    vectors = np.ascontiguousarray(vectors, X.dtype)
    offsets, weights = (np.ascontiguousarray(u, np.float64) for u in (offsets, weights))
    slices = _slices(len(X))
    residuals = np.empty(offsets.shape)
    images = np.zeros((len(slices), *vectors.shape))

    def one_slice(number):
        start, stop = slices[number]
        _sweep_rows(
            X, vectors, offsets, weights, start, stop, residuals, images[number]
        )

    map_on_threads(one_slice, range(len(slices)), parallel=X.nbytes > SMALL_BYTES)
    return residuals.astype(X.dtype), images.sum(axis=0).astype(X.dtype)


def _read_only(X):
    view = X.view()
    view.flags.writeable = False
    return view


def _slices(n_rows):
    n_slices = min(max(n_rows // MIN_SLICE, 1), MAX_SLICES)
    edges = np.linspace(0, n_rows // GROUP, n_slices + 1).astype(int) * GROUP
    edges[-1] = n_rows
    return list(zip(edges[:-1], edges[1:], strict=True))


@_jit
def _sweep_rows(X, vectors, offsets, weights, start, stop, residuals, images):
    sums = np.empty((2, GROUP))
    coefficients = np.empty((2, GROUP), X.dtype)
    partial = np.zeros(vectors.shape, X.dtype)
    for i in range(start, stop, GROUP):
        # The last group may meet rows of the one before again, with coefficient zero.
        first = min(i, len(X) - GROUP)
        rows = X[first : first + GROUP]
        _forward(rows, vectors, sums)
        for s in range(2):
            for k in range(GROUP):
                residual = sums[s, k] - offsets[s, first + k]
                is_new = i <= first + k < stop
                if is_new:
                    residuals[s, first + k] = residual
                coefficients[s, k] = weights[first + k] * residual if is_new else 0.0
        _back(rows, coefficients, partial)
        if (i - start) % FLUSH == FLUSH - GROUP:
            _flush(partial, images)
    _flush(partial, images)


@_jit
def _forward(rows, vectors, sums):
    sums[:] = 0.0
    for start in range(0, rows.shape[1], STRIP):
        v = vectors[0, start : start + STRIP]
        w = vectors[1, start : start + STRIP]
        x0 = rows[0, start : start + STRIP]
        x1 = rows[1, start : start + STRIP]
        x2 = rows[2, start : start + STRIP]
        x3 = rows[3, start : start + STRIP]
        x4 = rows[4, start : start + STRIP]
        x5 = rows[5, start : start + STRIP]
        a0 = a1 = a2 = a3 = a4 = a5 = rows.dtype.type(0)
        b0 = b1 = b2 = b3 = b4 = b5 = rows.dtype.type(0)
        for j in range(v.size):
            a0 += x0[j] * v[j]
            b0 += x0[j] * w[j]
            a1 += x1[j] * v[j]
            b1 += x1[j] * w[j]
            a2 += x2[j] * v[j]
            b2 += x2[j] * w[j]
            a3 += x3[j] * v[j]
            b3 += x3[j] * w[j]
            a4 += x4[j] * v[j]
            b4 += x4[j] * w[j]
            a5 += x5[j] * v[j]
            b5 += x5[j] * w[j]
        for s, strip in enumerate(((a0, a1, a2, a3, a4, a5), (b0, b1, b2, b3, b4, b5))):
            for k in range(GROUP):
                sums[s, k] += strip[k]


@_jit
def _back(rows, coefficients, partial):
    p, q = partial[0], partial[1]
    a, b = coefficients[0], coefficients[1]
    x0, a0, b0 = rows[0], a[0], b[0]
    x1, a1, b1 = rows[1], a[1], b[1]
    x2, a2, b2 = rows[2], a[2], b[2]
    x3, a3, b3 = rows[3], a[3], b[3]
    x4, a4, b4 = rows[4], a[4], b[4]
    x5, a5, b5 = rows[5], a[5], b[5]
    for j in range(p.size):
        u, v = p[j], q[j]
        u += a0 * x0[j]
        v += b0 * x0[j]
        u += a1 * x1[j]
        v += b1 * x1[j]
        u += a2 * x2[j]
        v += b2 * x2[j]
        u += a3 * x3[j]
        v += b3 * x3[j]
        u += a4 * x4[j]
        v += b4 * x4[j]
        u += a5 * x5[j]
        v += b5 * x5[j]
        p[j], q[j] = u, v


@_jit
def _flush(partial, images):
    for s in range(2):
        for j in range(partial.shape[1]):
            images[s, j] += partial[s, j]
            partial[s, j] = 0
