"""Loops over measured entries: each reads indices and values once."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .._types import Array, Pair
from .jit import jit
from .threads import map_on_threads

# Entries are cut into about this many slices, at the ends of rows. The slices and the
# order of sums are the same for any number of threads.
N_SLICES = 16
# Up to this many entries, the work is done before threads have woken.
SMALL = 20_000


def starts_of(keys: Array, n_keys: int) -> Array:
    """Return where the entries of each key begin once sorted, and the end."""
    starts = np.zeros(n_keys + 1, _index_type(len(keys)))
    np.cumsum(np.bincount(keys, minlength=n_keys), out=starts[1:])
    return starts


def sort_by(keys: Array, starts: Array) -> Array:
    """Return the order that sorts by key, keeping ties in place."""
    order = np.empty(len(keys), _index_type(len(keys)))
    _scatter(keys, starts[:-1].copy(), order)
    return order


def take(values: Array, order: Array) -> Array:
    """Return values[order]."""
    out = np.empty(len(order), values.dtype)
    _on_entries(_take, values, order, out)
    return out


def _index_type(n_entries: int) -> type[np.integer[Any]]:
    """Return the smallest integer type that can count the entries."""
    return np.int32 if n_entries < 2**31 else np.int64


def dots(rows: Array, columns: Array, F: Array, G: Array) -> Array:
    """Return <F[i], G[j]> for entries (i, j) in any order."""
    out = np.empty(len(rows), np.result_type(F, G))
    F, G = np.ascontiguousarray(F), np.ascontiguousarray(G)
    _on_entries(_dots, rows, columns, F, G, out)
    return out


def sorted_dots(starts: Array, columns: Array, F: Array, G: Array) -> Array:
    """Return <F[i], G[j]> for entries sorted by row."""
    out = np.empty(len(columns), np.result_type(F, G))
    F, G = np.ascontiguousarray(F), np.ascontiguousarray(G)
    on_rows(_sorted_dots, starts, columns, F, G, out)
    return out


def line_dots(starts: Array, columns: Array, ends: Pair, changes: Pair) -> Pair:
    """Return <dF[i], G[j]> + <F[i], dG[j]> and <dF[i], dG[j]>.

    The entries are sorted by row.
    """
    # Side by side, so that all an entry needs of a column is one piece of memory.
    left, right = (np.hstack(pair) for pair in zip(ends, changes, strict=True))
    a, b = np.empty((2, len(columns)), left.dtype)
    on_rows(_line_dots, starts, columns, left, right, a, b)
    return a, b


def combine(
    starts: Array, others: Array, order: Array | None, values: Array, factor: Array
) -> Array:
    """Return the sum of value * factor[j] over the entries (i, j) of each row i.

    Parameters
    ----------
    starts : ndarray of shape (n + 1,)
    others : ndarray of shape (m,)
        The j of each entry, sorted by i.
    order : ndarray of shape (m,) or None
        Positions of the sorted entries' values; None if the values are sorted, too.
    values : ndarray of shape (m,)
    factor : ndarray of shape (n', k)

    Returns
    -------
    ndarray of shape (n, k)
    """
    out = np.zeros((len(starts) - 1, factor.shape[1]), factor.dtype)
    factor = np.ascontiguousarray(factor)
    if order is None:
        on_rows(_combine_sorted, starts, others, values, factor, out)
    else:
        on_rows(_combine, starts, others, order, values, factor, out)
    return out


def _on_entries(kernel: Callable[..., None], *arrays: Array) -> None:
    """Call a kernel on slices of the entries, whose number is the last one's length."""
    n_entries = len(arrays[-1])
    edges = np.linspace(0, n_entries, N_SLICES + 1).astype(int)

    def one_slice(number: int) -> None:
        kernel(*arrays, edges[number], edges[number + 1])

    map_on_threads(one_slice, range(N_SLICES), parallel=n_entries > SMALL)


def on_rows(kernel: Callable[..., None], starts: Array, *arrays: Any) -> None:
    """Call a kernel on slices of the rows with about equally many entries."""
    targets = np.linspace(0, starts[-1], N_SLICES + 1)[1:-1]
    edges = [0, *np.searchsorted(starts, targets), len(starts) - 1]

    def one_slice(number: int) -> None:
        kernel(starts, *arrays, edges[number], edges[number + 1])

    map_on_threads(one_slice, range(N_SLICES), parallel=starts[-1] > SMALL)


@jit
def _scatter(keys: Array, places: Array, order: Array) -> None:
    for e in range(len(keys)):
        key = keys[e]
        order[places[key]] = e
        places[key] += 1


@jit
def _take(values: Array, order: Array, out: Array, start: int, stop: int) -> None:
    for e in range(start, stop):
        out[e] = values[order[e]]


@jit
def _dots(
    rows: Array, columns: Array, F: Array, G: Array, out: Array, start: int, stop: int
) -> None:
    for e in range(start, stop):
        i, j = rows[e], columns[e]
        total = F.dtype.type(0)
        for k in range(F.shape[1]):
            total += F[i, k] * G[j, k]
        out[e] = total


@jit
def _sorted_dots(
    starts: Array,
    columns: Array,
    F: Array,
    G: Array,
    out: Array,
    first: int,
    last: int,
) -> None:
    for i in range(first, last):
        for e in range(starts[i], starts[i + 1]):
            j = columns[e]
            total = F.dtype.type(0)
            for k in range(F.shape[1]):
                total += F[i, k] * G[j, k]
            out[e] = total


@jit
def _line_dots(
    starts: Array,
    columns: Array,
    left: Array,
    right: Array,
    a: Array,
    b: Array,
    first: int,
    last: int,
) -> None:
    width = left.shape[1] // 2
    for i in range(first, last):
        for e in range(starts[i], starts[i + 1]):
            j = columns[e]
            first_order = second_order = left.dtype.type(0)
            for k in range(width):
                end, change = right[j, k], right[j, width + k]
                first_order += left[i, width + k] * end + left[i, k] * change
                second_order += left[i, width + k] * change
            a[e], b[e] = first_order, second_order


@jit
def _combine_sorted(
    starts: Array,
    others: Array,
    values: Array,
    factor: Array,
    out: Array,
    first: int,
    last: int,
) -> None:
    for i in range(first, last):
        for e in range(starts[i], starts[i + 1]):
            value, j = values[e], others[e]
            for k in range(factor.shape[1]):
                out[i, k] += value * factor[j, k]


@jit
def _combine(
    starts: Array,
    others: Array,
    order: Array,
    values: Array,
    factor: Array,
    out: Array,
    first: int,
    last: int,
) -> None:
    for i in range(first, last):
        for e in range(starts[i], starts[i + 1]):
            value, j = values[order[e]], others[e]
            for k in range(factor.shape[1]):
                out[i, k] += value * factor[j, k]
