"""Least squares for each row of a factor, from the entries measured in that row.

The design matrix A of a row holds, for each of its entries, a row of the other factor.
It is bordered by the residuals and by ones. Once the columns of A are eliminated from
the Gram matrix of all these columns, the border holds what is left of the residuals. So
the entries are read once for the solution and for all the sums.
"""

from typing import Any, NamedTuple, final

import numpy as np

from .._types import Array
from .entries import on_rows
from .jit import jit

# Entries that are gathered at a time, few enough to stay in the cache.
CHUNK = 256
# Chunks are filled with zeros to a multiple of this: whole vector registers.
WHOLE = 8
# The sums of a tile of the Gram matrix stay in registers.
TILE = 3
# Rows that are eliminated side by side. The number is passed as an argument, as loops
# of a length known to the compiler would be unrolled instead of vectorized.
LANES = 32
# The pivot of a row without entries.
TINY = 1e-300


@final
class RowSums(NamedTuple):
    """Hold sums over entries of weight w and residual r = prediction + offset - value.

    The loss w r^2 / 2 and the residual w r are taken at the new rows. The squared
    change is w times the square of the change of the prediction. The squared gradient
    is the squared norm of the objective's gradient at the old rows.
    """

    loss: float
    squared_change: float
    squared_gradient: float
    mean_residual: float


def solve_rows(
    starts: Array,
    others: Array,
    values: Array,
    weights: Array | None,
    factor: Array,
    before: Array,
    damping: float,
    offset: float = 0.0,
) -> tuple[Array, RowSums]:
    """Return the best rows of one factor while the other one is held.

    Row f minimizes damping |f|^2 / 2 plus the sum over its entries of
    w (<f, factor[j]> + offset - value)^2 / 2.

    Parameters
    ----------
    starts : ndarray of shape (n + 1,)
        Row i has the entries starts[i]:starts[i + 1].
    others : ndarray of shape (m,)
        The j of each entry.
    values : ndarray of shape (m,)
    weights : ndarray of shape (m,) or None
        At least zero; 1 / m each if None.
    factor : ndarray of shape (n', k)
    before : ndarray of shape (n, k)
        The rows so far. The step from here is solved for, since it loses less to
        rounding than the rows themselves.
    damping : float
        Raised to the rounding error of a row's Gram matrix, so that a row with fewer
        entries than k gets about its solution of least norm.
    offset : float

    Returns
    -------
    rows : ndarray of shape (n, k)
        Zero where a row has no entry of positive weight.
    sums : RowSums
    """
    factor, before = np.ascontiguousarray(factor), np.ascontiguousarray(before)
    rows, sums = np.empty_like(before), np.empty((4, len(before)))
    # In the kernel, equal weights are ones.
    scale = 1.0 if weights is not None else 1.0 / max(len(others), 1)
    eps = float(np.finfo(before.dtype).eps)
    constants = float(damping) / scale, float(offset), eps, LANES
    entries = starts, others, values, weights
    on_rows(_solve_rows, *entries, factor, before, constants, rows, sums)
    loss, change, gradient, residual = (scale * float(s) for s in sums.sum(axis=1))
    return rows, RowSums(loss, change, scale * gradient, residual)


@jit
def _solve_rows(
    starts: Array,
    others: Array,
    values: Array,
    weights: Array | None,
    factor: Array,
    before: Array,
    constants: tuple[float, float, float, int],
    rows: Array,
    sums: Array,
    first: int,
    last: int,
) -> None:
    damping, offset, eps, lanes = constants
    k = factor.shape[1]
    size = (k + 1 + TILE) // TILE * TILE
    # Longer rows, so that they are not all on the same few lines of the cache.
    chunk = np.zeros((size, CHUNK + WHOLE), factor.dtype)
    for start in range(first, last, lanes):
        stop = min(start + lanes, last)
        gram, ridge = np.zeros((size, size, stop - start)), np.zeros(stop - start)
        for i in range(start, stop):
            for e in range(starts[i], starts[i + 1], CHUNK):
                end = min(e + CHUNK, starts[i + 1])
                _gather(others[e:end], values[e:end], factor, before[i], offset, chunk)
                if weights is not None:
                    _weight(weights[e:end], k, chunk)
                _add_gram(chunk, end - e, gram, i - start)
            lane = i - start
            ridge[lane], sums[2, i] = _damp(gram, lane, before[i], damping, eps)
        _eliminate(gram, ridge, k)
        _substitute(gram, k)
        for i in range(start, stop):
            result = _finish(gram, i - start, before[i], ridge[i - start], rows[i])
            sums[0, i], sums[1, i], sums[3, i] = result


@jit
def _gather(
    others: Array, values: Array, factor: Array, row: Array, offset: float, chunk: Array
) -> None:
    """Fill columns of a chunk with the row of the factor, the residual, and one."""
    k, n = len(row), len(others)
    shift = factor.dtype.type(offset)
    # Four at a time, so that waits for memory and for sums overlap.
    whole = n // 4 * 4
    for p in range(0, whole, 4):
        j0, j1, j2, j3 = others[p], others[p + 1], others[p + 2], others[p + 3]
        r0, r1 = shift - values[p], shift - values[p + 1]
        r2, r3 = shift - values[p + 2], shift - values[p + 3]
        for a in range(k):
            x0, x1, x2, x3 = factor[j0, a], factor[j1, a], factor[j2, a], factor[j3, a]
            r0, r1 = r0 + row[a] * x0, r1 + row[a] * x1
            r2, r3 = r2 + row[a] * x2, r3 + row[a] * x3
            chunk[a, p], chunk[a, p + 1] = x0, x1
            chunk[a, p + 2], chunk[a, p + 3] = x2, x3
        chunk[k, p], chunk[k, p + 1], chunk[k, p + 2], chunk[k, p + 3] = r0, r1, r2, r3
    for p in range(whole, n):
        chunk[k, p] = shift - values[p]
        for a in range(k):
            chunk[a, p] = factor[others[p], a]
            chunk[k, p] += row[a] * chunk[a, p]
    for p in range(n):
        chunk[k + 1, p] = 1
    for p in range(n, n + -n % WHOLE):
        for a in range(k + 2):
            chunk[a, p] = 0


@jit
def _weight(weights: Array, k: int, chunk: Array) -> None:
    """Multiply columns by the root of their weight."""
    for p in range(len(weights)):
        chunk[k + 1, p] = np.sqrt(weights[p])
    for a in range(k + 1):
        for p in range(len(weights)):
            chunk[a, p] *= chunk[k + 1, p]


@jit
def _add_gram(chunk: Array, n: int, gram: Array, lane: int) -> None:
    """Add the lower triangle of a chunk's Gram matrix."""
    n = (n + WHOLE - 1) // WHOLE * WHOLE
    for a in range(0, len(chunk), TILE):
        for b in range(0, a + 1, TILE):
            s00 = s01 = s02 = s10 = s11 = s12 = s20 = s21 = s22 = chunk.dtype.type(0)
            for p in range(n):
                x0, x1, x2 = chunk[a, p], chunk[a + 1, p], chunk[a + 2, p]
                y0, y1, y2 = chunk[b, p], chunk[b + 1, p], chunk[b + 2, p]
                s00, s01, s02 = s00 + x0 * y0, s01 + x0 * y1, s02 + x0 * y2
                s10, s11, s12 = s10 + x1 * y0, s11 + x1 * y1, s12 + x1 * y2
                s20, s21, s22 = s20 + x2 * y0, s21 + x2 * y1, s22 + x2 * y2
            tile = (s00, s01, s02), (s10, s11, s12), (s20, s21, s22)
            for c in range(TILE):
                for d in range(TILE):
                    gram[a + c, b + d, lane] += tile[c][d]


@jit
def _damp(
    gram: Array, lane: int, row: Array, damping: float, eps: float
) -> tuple[Any, Any]:
    """Damp a Gram matrix; return the damping and the objective's squared gradient."""
    k = len(row)
    trace = squared_gradient = 0.0
    for a in range(k):
        trace += gram[a, a, lane]
        squared_gradient += (gram[k, a, lane] + damping * row[a]) ** 2
    ridge = max(damping, eps * trace)
    for a in range(k):
        gram[a, a, lane] += ridge
        gram[k, a, lane] += ridge * row[a]
    return ridge, squared_gradient


@jit
def _eliminate(gram: Array, least: Array, k: int) -> None:
    """Replace the first k columns by Cholesky factors with inverse pivots.

    The border becomes the right-hand sides times the factor's inverse, and the corner
    becomes their Schur complement.
    """
    for c in range(k + 1):
        for a in range(c, k + 2):
            for b in range(c):
                for lane in range(len(least)):
                    gram[a, c, lane] -= gram[a, b, lane] * gram[c, b, lane]
            if a == c < k:
                for lane in range(len(least)):
                    pivot = max(gram[c, c, lane], least[lane], TINY)
                    gram[c, c, lane] = 1 / np.sqrt(pivot)
            elif c < k:
                for lane in range(len(least)):
                    gram[a, c, lane] *= gram[c, c, lane]


@jit
def _substitute(gram: Array, k: int) -> None:
    """Store row k times the inverse of the Cholesky factor in column k."""
    for c in range(k - 1, -1, -1):
        for lane in range(gram.shape[2]):
            gram[c, k, lane] = gram[k, c, lane]
        for b in range(c + 1, k):
            for lane in range(gram.shape[2]):
                gram[c, k, lane] -= gram[b, c, lane] * gram[b, k, lane]
        for lane in range(gram.shape[2]):
            gram[c, k, lane] *= gram[c, c, lane]


@jit
def _finish(
    gram: Array, lane: int, before: Array, ridge: float, row: Array
) -> tuple[Any, Any, Any]:
    """Take the step; return the loss, the squared change and the residual after it."""
    k = len(row)
    seen = gram[k + 1, k + 1, lane] > 0
    change = shrinkage = 0.0
    for a in range(k):
        step = gram[a, k, lane]
        row[a] = before[a] - step if seen else 0
        change += gram[k, a, lane] ** 2 - ridge * step**2
        shrinkage += step * (2 * before[a] - step)
    loss = max(gram[k, k, lane] + ridge * shrinkage, 0) / 2
    return loss, max(change, 0), gram[k + 1, k, lane]
