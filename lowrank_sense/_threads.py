"""One BLAS thread inside a fit: reproducible sums, and no fight over the cores."""

import threading
from contextlib import contextmanager

from threadpoolctl import threadpool_limits

_lock = threading.Lock()
_n_inside = 0
_limits = None


@contextmanager
def single_threaded_blas():
    """Limit BLAS to one thread until the last of the concurrent users leaves.

    The order in which BLAS adds depends on its number of threads; with one thread a
    fit gives the same bits in a parallel worker as in the main process. The products of
    a factor are also too small to gain from more.
    """
    global _n_inside, _limits
    with _lock:
        if _n_inside == 0:
            _limits = threadpool_limits(1, user_api="blas")
        _n_inside += 1
    try:
        yield
    finally:
        with _lock:
            _n_inside -= 1
            if _n_inside == 0:
                _limits.restore_original_limits()
