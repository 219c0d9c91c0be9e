"""Arrays of other libraries, which scikit-learn's array API dispatch lets through."""

from typing import Any

import numpy as np
from sklearn import config_context, get_config

from .._compat import (
    get_namespace_and_device,
    is_array_api_obj,
    is_distributed,
    move_to,
)
from .._types import Array


def is_foreign(array: Any) -> bool:
    """Return whether dispatch is on and an array belongs to another library."""
    return get_config()["array_api_dispatch"] and _is_of_other_library(array)


def to_numpy(array: Any) -> Any:
    """Convert an array of dask or of another library to numpy."""
    if is_distributed(array):
        return np.asarray(array)
    if not _is_of_other_library(array):
        return array
    if hasattr(array, "detach"):  # PyTorch may track its gradients
        array = array.detach().cpu()
    try:
        return np.asarray(array)
    except (RuntimeError, TypeError):  # not on the CPU
        with config_context(array_api_dispatch=True):
            return move_to(array, xp=np, device="cpu")


def move_to_like(other: Any, array: Any) -> Array:
    """Move a numpy array to the library and the device of another array."""
    if not is_foreign(other):
        return array
    xp, _, device = get_namespace_and_device(other)
    return move_to(array, xp=xp, device=device)


def move_all_to_like(other: Any, attributes: dict[str, Any]) -> dict[str, Any]:
    """Move a dictionary's numpy arrays to the library and device of another array."""
    return {
        name: move_to_like(other, value) if isinstance(value, np.ndarray) else value
        for name, value in attributes.items()
    }


def _is_of_other_library(array: Any) -> bool:
    if isinstance(array, (np.ndarray, np.generic)) or is_distributed(array):
        return False
    return is_array_api_obj(array)
