"""One BLAS thread inside a fit: reproducible sums, and no fight over the cores."""

from contextlib import contextmanager
from functools import cache
from threading import Lock

from threadpoolctl import OpenBLASController, ThreadpoolController

_lock = Lock()
_n_inside = 0
_limits = None


@contextmanager
def one_blas_thread():
    """Limit BLAS to one thread until the last of the concurrent users leaves.

    The order in which BLAS adds depends on its number of threads; with one thread a
    fit gives the same bits in a parallel worker as in the main process. The products of
    a factor are also too small to gain from more.
    """
    _enter()
    try:
        yield
    finally:
        _leave()


@cache
def _controller():
    """To look up the libraries takes milliseconds."""
    return ThreadpoolController()


def _enter():
    global _n_inside, _limits
    with _lock:
        if _n_inside == 0:
            _limits = _controller().limit(limits=1, user_api="blas")
            # Whichever thread leaves last restores the limits, and may only if no
            # other thread is still in control of them.
            OpenBLASController.clear_controlling_thread()
        _n_inside += 1


def _leave():
    global _n_inside
    with _lock:
        _n_inside -= 1
        if _n_inside == 0:
            _limits.restore_original_limits()
            OpenBLASController.clear_controlling_thread()
