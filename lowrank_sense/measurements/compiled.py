"""How kernels are compiled."""

from numba import njit


def jit(function):
    """Compile on the first call, and cache that for later processes if possible.

    Without the GIL, and with sums in whichever order is fast.
    """
    options = {"nogil": True, "fastmath": {"reassoc", "contract", "nsz"}}
    try:
        return njit(function, cache=True, **options)
    except RuntimeError:  # nowhere to write to
        return njit(function, **options)
