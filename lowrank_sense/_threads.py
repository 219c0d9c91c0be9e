"""Threads inside a fit: one for BLAS, and a pool for the kernels that read X.

Both keep to the limits of threadpoolctl, of the environment and of joblib's workers.
"""

import os
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import cache
from threading import Lock

from joblib import cpu_count
from threadpoolctl import OpenBLASController, ThreadpoolController

_lock = Lock()
_n_inside = 0
_n_allowed = 1
_limits = None


@contextmanager
def one_blas_thread():
    """Limit BLAS to one thread until the last of the concurrent users leaves.

    The order in which BLAS adds depends on its number of threads; with one thread a
    fit gives the same bits in a parallel worker as in the main process. The products of
    a factor are also too small to gain from more. What BLAS was allowed before is what
    `map_on_threads` may use inside.
    """
    _enter()
    try:
        yield
    finally:
        _leave()


def map_on_threads(function, items, *, parallel):
    """Call `function`, which should release the GIL, on each item.

    The caller works as well, so that a helper that wakes up late costs nothing.
    Concurrent callers share one pool of helpers, one fewer than there are cores.

    Parameters
    ----------
    parallel : bool
        Whether the work is worth a second thread.
    """
    remaining = iter(items)  # a range's iterator hands out each item once

    def work():
        for item in remaining:
            function(item)

    n_helpers = min(_n_allowed, len(items)) - 1 if parallel else 0
    helpers = [_pool().submit(work) for _ in range(n_helpers)]
    try:
        work()
    finally:
        # One that has not begun by now is not needed any more.
        started = [helper for helper in helpers if not helper.cancel()]
        wait(started)
    for helper in started:
        helper.result()


@cache
def _pool():
    """Made when first needed, and anew after a fork: its threads do not survive one."""
    return ThreadPoolExecutor(max(1, cpu_count() - 1), "lowrank_sense")


@cache
def _controller():
    """To look up the libraries takes milliseconds."""
    return ThreadpoolController()


def _threads_allowed(libraries, n_cores):
    """The least of the limits of BLAS and OpenMP, and of the cores.

    Of several libraries of a kind the one with most threads counts: some are built
    for one thread only.
    """
    limits = {}
    for library in libraries:
        kind, n_threads = library["user_api"], library["num_threads"]
        limits[kind] = max(n_threads, limits.get(kind, 1))
    return min([n_cores, *limits.values()])


def _enter():
    global _n_inside, _n_allowed, _limits
    with _lock:
        if _n_inside == 0:
            _n_allowed = _threads_allowed(_controller().info(), cpu_count())
            _limits = _controller().limit(limits=1, user_api="blas")
            # Whichever thread leaves last restores the limits, and may only if no
            # other thread is still in control of them.
            OpenBLASController.clear_controlling_thread()
        _n_inside += 1


def _leave():
    global _n_inside, _n_allowed
    with _lock:
        _n_inside -= 1
        if _n_inside == 0:
            _n_allowed = 1
            _limits.restore_original_limits()
            OpenBLASController.clear_controlling_thread()


def _forget_other_threads():
    """In a forked child, where the threads of the parent that fit are not."""
    global _lock, _n_inside, _n_allowed
    if _n_inside:
        _limits.restore_original_limits()
    _lock, _n_inside, _n_allowed = Lock(), 0, 1
    _pool.cache_clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_other_threads)
