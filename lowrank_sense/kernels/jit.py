"""The compilation of kernels."""

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def jit(function: Function) -> Function:
    """Compile on the first call, and cache the code for later processes if possible.

    Compiled code runs without the GIL and adds in whichever order is fast.
    """
    options: Any = {"nogil": True, "fastmath": {"reassoc", "contract", "nsz"}}
    try:
        return njit(function, cache=True, **options)
    except RuntimeError:  # there is nowhere to write the cache
        return njit(function, **options)
