"""The compilation of kernels."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def jit(function: Function) -> Function:
    """Compile on the first call, and cache the code for later processes if possible.

    Compiled code runs without the GIL and adds in whichever order is fast.
    """
    options: Any = {"nogil": True, "fastmath": {"reassoc", "contract", "nsz"}}
    try:
        compiled = njit(function, cache=True, **options)
    except RuntimeError:  # there is nowhere to write the cache
        return njit(function, **options)
    cache: Any = getattr(compiled, "_cache", None)  # none where Numba is switched off
    if cache is not None:
        cache.save_overload = _if_possible(cache.save_overload)
    return compiled


def _if_possible(save: Callable[..., None]) -> Callable[..., None]:
    """Return a function that saves compiled code unless the disk is full."""

    def saved(*arguments: Any) -> None:
        with suppress(OSError):
            save(*arguments)

    return saved
