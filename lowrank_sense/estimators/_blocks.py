"""The checks of dask arrays, whose blocks are looked at where they are."""

from typing import Any

import numpy as np
from sklearn.utils.validation import check_consistent_length, column_or_1d

from .._compat import is_distributed
from .._types import Array, Dtype
from ..measurements import Measurement


def check_design(X: Any) -> None:
    """Raise a ValueError if X is no table of real numbers, as far as dask knows."""
    if X.ndim != 2:
        raise ValueError(
            f"Expected 2D array, got X of {X.ndim} dimension(s): pass one row for each "
            "measurement."
        )
    check_is_real("X", X)


def check_is_real(name: str, array: Any) -> None:
    """Raise a ValueError if an array is complex."""
    if np.issubdtype(array.dtype, np.complexfloating):
        raise ValueError(f"Complex data not supported: {name} has dtype {array.dtype}.")


def numbers_of(X: Any, kind: Measurement) -> Any:
    """Return X in checked blocks of whole rows, as floats if its values are read."""
    dtype = X.dtype
    if kind.reads_values and dtype not in (np.float32, np.float64):
        dtype = np.dtype(np.float64)
    return _checked(X.rechunk({1: -1}), "X", dtype, X.shape[1:])


def loaded(name: str, array: Any) -> Any:
    """Load each block once, where it is, and return those that have rows.

    Raises
    ------
    ValueError
        If the array has no rows, or holds NaN or infinity.
    """
    array = array.persist()
    if np.isnan(array.shape[0]):
        array = array.compute_chunk_sizes()
    sizes = tuple(size for size in array.chunks[0] if size)
    if not sizes:
        raise ValueError(f"{name} has 0 samples, but at least one is needed.")
    if len(sizes) < len(array.chunks[0]):
        array = array.rechunk({0: sizes})
    if array.dtype.kind == "f" and not bool(np.isfinite(array).all()):
        raise ValueError(f"Input {name} contains NaN or infinity.")
    return array


def target_like(X: Any, y: Any) -> Any:
    """Return y as float32 or float64, in the blocks of rows of X.

    Parameters
    ----------
    X : dask array of shape (m, n_features)
    y : dask array of shape (m,) or (m, 1), or ndarray of shape (m,)
    """
    from dask import array

    if not is_distributed(y):
        y = array.from_array(y, chunks=-1)
    if y.ndim == 2 and y.shape[1] == 1:
        column_or_1d(np.empty((2, 1)), warn=True)  # scikit-learn's warning
        y = y[:, 0]
    if y.ndim != 1:
        raise ValueError(f"y must be one-dimensional, got {y.ndim} dimension(s).")
    check_is_real("y", y)
    dtype = y.dtype if y.dtype == np.float32 else np.dtype(np.float64)
    y = loaded("y", _checked(y, "y", dtype, ()))
    check_consistent_length(X, y)
    return y.rechunk((X.chunks[0],)).persist()


def _checked(array: Any, name: str, dtype: Dtype, rest: tuple[int, ...]) -> Any:
    meta = np.empty((0,) * array.ndim, dtype)
    return array.map_blocks(
        _block_of_numbers, name, rest, dtype, dtype=dtype, meta=meta
    )


def _block_of_numbers(block: Any, name: str, rest: Any, dtype: Dtype) -> Array:
    """Return a block that a kernel can take.

    Raises
    ------
    ValueError
        If it is not an array of real numbers of the shape that dask expects.
    """
    if not isinstance(block, np.ndarray) or np.ma.is_masked(block):
        found = "masked values" if np.ma.is_masked(block) else type(block).__name__
        raise ValueError(
            f"A block of {name} is no numpy array but {found}: convert the blocks, for "
            f"example by {name}.map_blocks(lambda block: block.toarray()) if they are "
            "sparse, and drop what is masked."
        )
    if block.dtype.kind not in "biuf" or block.shape[1:] != tuple(rest):
        raise ValueError(
            f"A block of {name} has the dtype {block.dtype} and the shape "
            f"{block.shape}, but real numbers of shape {(len(block), *rest)} are "
            "needed."
        )
    # A block that came over a network may begin at any byte.
    return np.require(np.asarray(block), dtype, requirements="A")
