"""How kernels are compiled."""

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def jit(function: Function) -> Function:
    """Compile on the first call, and cache that for later processes if possible.

    Compiled code runs without the GIL and adds in whichever order is fast.
    """
    options: Any = {"nogil": True, "fastmath": {"reassoc", "contract", "nsz"}}
    try:
        return njit(function, cache=True, **options)
    except RuntimeError:  # nowhere to write to
        return njit(function, **options)
