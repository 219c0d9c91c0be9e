"""The checks of dask arrays, whose blocks are looked at where they are."""

from typing import Any

import numpy as np
from sklearn.utils.validation import check_consistent_length, column_or_1d

from .._compat import is_distributed
from .._types import Array, Dtype
from ..measurements import Measurement
from ._forms import LABELS, NUMBERS, check_has_no_dates, holds_numbers


def check_design(X: Any, kind: Measurement) -> None:
    """Raise a ValueError if X is no table of real numbers, as far as dask knows."""
    if X.ndim != 2:
        raise ValueError(
            f"Expected 2D array, got X of {X.ndim} dimension(s): pass one row for each "
            "measurement."
        )
    _check_has_rows("X", X.shape[0])
    if np.isnan(X.shape[1]):
        raise ValueError(
            "X has an unknown number of columns: give the shape of its blocks to dask, "
            "or call X.compute_chunk_sizes()."
        )
    if not kind.reads_values and not holds_numbers(X):
        raise ValueError(LABELS)
    _check_holds_reals("X", X)


def check_is_real(name: str, array: Any) -> None:
    """Raise a ValueError if an array is complex."""
    if np.issubdtype(array.dtype, np.complexfloating):
        raise ValueError(f"Complex data not supported: {name} has dtype {array.dtype}.")


def numbers_of(X: Any, kind: Measurement) -> Any:
    """Return X in checked blocks of whole rows, as floats if its values are read."""
    dtype = X.dtype
    if kind.reads_values and dtype not in (np.float32, np.float64):
        dtype = np.dtype(np.float64)
    return _checked(X.rechunk({1: -1}), "X", dtype)


def column_of_numbers(y: Any) -> Any:
    """Return y of shape (m,) or (m, 1) in checked blocks, as float32 or float64."""
    if y.ndim == 2 and y.shape[1] == 1:
        column_or_1d(np.empty((2, 1)), warn=True)  # scikit-learn's warning
        y = y[:, 0]
    if y.ndim != 1:
        raise ValueError(f"y must be one-dimensional, got {y.ndim} dimension(s).")
    check_has_no_dates("y", y)
    _check_holds_reals("y", y)
    dtype = y.dtype if y.dtype == np.float32 else np.dtype(np.float64)
    return _checked(y, "y", dtype)


def loaded(X: Any, y: Any) -> tuple[Any, Any]:
    """Load each block once, where it is, and return y in the blocks of X.

    What X and y are made from is loaded once, too. Blocks without rows are dropped.

    Parameters
    ----------
    X : dask array of shape (m, n_features)
    y : dask array or ndarray of shape (m,)

    Raises
    ------
    ValueError
        If an array has no rows, or holds NaN or infinity, or the lengths differ.
    """
    import dask
    from dask import array

    if not is_distributed(y):
        y = array.from_array(y, chunks=-1)
    X, y = dask.persist(X, y)
    X, y = _with_rows("X", X), _with_rows("y", y)
    check_consistent_length(X, y)
    return X, y.rechunk((X.chunks[0],)).persist()


def in_one_place(values: Any) -> Any:
    """Return a dask array as what its blocks are made of; others as they are."""
    return values.compute() if is_distributed(values) else values


def _with_rows(name: str, array: Any) -> Any:
    """Return the blocks that have rows, once these are known to be finite."""
    if np.isnan(array.shape[0]):
        array = array.compute_chunk_sizes()
    _check_has_rows(name, array.shape[0])
    sizes = tuple(size for size in array.chunks[0] if size)
    if len(sizes) < len(array.chunks[0]):
        array = array.rechunk({0: sizes})
    if array.dtype.kind == "f" and not bool(np.isfinite(array).all()):
        raise ValueError(f"Input {name} contains NaN or infinity.")
    return array


def _check_has_rows(name: str, n_rows: float) -> None:
    if n_rows == 0:
        raise ValueError(f"{name} has 0 samples, but at least one is needed.")


def _check_holds_reals(name: str, array: Any) -> None:
    check_is_real(name, array)
    if not holds_numbers(array):
        raise ValueError(
            f"{name} has dtype {array.dtype}, but has to hold numbers: convert it by "
            f"{name}.astype(float)."
        )


def _checked(array: Any, name: str, dtype: Dtype) -> Any:
    meta = np.empty((0,) * array.ndim, dtype)
    chunks = array.chunks
    return array.map_blocks(
        _block_of_numbers, name, chunks, dtype, dtype=dtype, meta=meta
    )


def _block_of_numbers(
    block: Any, name: str, chunks: Any, dtype: Dtype, block_id: tuple[int, ...]
) -> Array:
    """Return a block that a kernel can take.

    Raises
    ------
    ValueError
        If it is not an array of real numbers of the shape that dask expects.
    """
    where = f"A block of {name} (number {block_id[0]})"
    values = _as_numbers(block, name, where)
    expected = tuple(sizes[i] for sizes, i in zip(chunks, block_id, strict=True))
    if len(expected) != values.ndim or any(
        found != size and not np.isnan(size)
        for found, size in zip(values.shape, expected, strict=True)
    ):
        raise ValueError(
            f"{where} has the shape {values.shape}, but dask was told {expected}: "
            "correct it there, with nan for a number of rows that is not known."
        )
    # A block that came over a network may begin at any byte.
    return np.require(values, dtype, requirements="A")


def _as_numbers(block: Any, name: str, where: str) -> Array:
    """Return a block as an array of real numbers, in words if it is something else."""
    if np.ma.is_masked(block):
        raise ValueError(
            f"{where} holds masked values, which are not known: drop these rows of X, "
            "y and sample_weight."
        )
    if hasattr(block, "todense"):
        raise ValueError(
            f"{where} is a {type(block).__name__}, but has to be dense: pass "
            f"{name}.map_blocks(lambda block: block.toarray())."
        )
    values = np.asarray(block)
    if values.dtype.kind not in NUMBERS:
        raise ValueError(
            f"{where} is a {type(block).__name__} of dtype {values.dtype}, but has to "
            "be an array of real numbers: convert it by map_blocks."
        )
    return values
