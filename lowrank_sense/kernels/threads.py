"""Threads inside a fit: one for BLAS, and a pool for the kernels that read X.

Both respect the limits of threadpoolctl, of the environment and of joblib's workers.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from threading import Condition, Lock
from typing import Any, final
from weakref import WeakSet

from joblib import cpu_count
from threadpoolctl import OpenBLASController, ThreadpoolController

_lock = Lock()
# Weak references, so that a user whose exit was interrupted does not block the others.
_users: WeakSet["_User"] = WeakSet()
_n_allowed = 1
# The libraries and how many threads they had, until these are restored.
_before: list[tuple[Any, int]] | None = None


@final
class _User:
    """Stand for one caller that needs BLAS to keep to one thread."""


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit BLAS to one thread until the last of the concurrent users leaves.

    The order in which BLAS adds depends on its number of threads. With one thread, a
    fit gives the same bits in a parallel worker as in the main process, and products
    with a factor are too small to gain from more. Inside, `map_on_threads` may use as
    many threads as BLAS was allowed before.
    """
    user = _User()
    try:
        _enter(user)
        yield
    finally:
        _leave(user)


def map_on_threads(
    function: Callable[[int], None], items: Sequence[int], *, parallel: bool
) -> None:
    """Call `function`, which should release the GIL, on each item.

    The caller works as well, so a helper that wakes up late costs nothing. Concurrent
    callers share one pool of helpers, with one fewer than there are cores. Where no
    helper can be had, the caller works alone.

    Parameters
    ----------
    parallel : bool
        Whether the work is worth a second thread.
    """
    job = _Job(function, items)
    n_helpers = min(_n_allowed, len(items)) - 1 if parallel else 0
    for _ in range(n_helpers):
        try:
            _pool().submit(job.help)
        except RuntimeError:  # no thread can be had: the limit, or the end of Python
            # The pool has kept the job, and the arrays with it, in its queue.
            _pool.cache_clear()
            break
    job.finish()


@final
class _Job:
    """Hand out items to the caller and to helpers, until none is left."""

    def __init__(self, function: Callable[[int], None], items: Sequence[int]) -> None:
        self._function = function
        self._remaining = iter(items)  # a range's iterator hands out each item once
        self._change = Condition()
        self._n_helping = 0
        self._is_over = False
        self._errors: list[BaseException] = []

    def help(self) -> None:
        """Work as a helper, unless the caller needs none any more."""
        with self._change:
            if self._is_over:
                return
            self._n_helping += 1
        try:
            self._work()
        except BaseException as error:
            self._errors.append(error)
        finally:
            with self._change:
                self._n_helping -= 1
                self._change.notify_all()

    def finish(self) -> None:
        """Work as the caller, and wait for the helpers that have begun."""
        try:
            self._work()
        finally:
            with self._change:
                self._is_over = True
                self._change.wait_for(lambda: self._n_helping == 0)
        if self._errors:
            raise self._errors[0]

    def _work(self) -> None:
        for item in self._remaining:
            self._function(item)


@cache
def _pool() -> ThreadPoolExecutor:
    """Make the pool when it is first needed, and again after a fork.

    Threads do not survive a fork.
    """
    return ThreadPoolExecutor(max(1, cpu_count() - 1), "lowrank_sense")


@cache
def _controller() -> ThreadpoolController:
    """Look up the libraries once, which takes milliseconds."""
    return ThreadpoolController()


def _threads_allowed(libraries: Iterable[dict[str, Any]], n_cores: int) -> int:
    """Return the least of the limits of BLAS and OpenMP and the number of cores.

    Of several libraries of a kind, the one with the most threads counts: some are built
    for one thread only.
    """
    limits: dict[str, int] = {}
    for library in libraries:
        kind, n_threads = library["user_api"], library["num_threads"]
        limits[kind] = max(n_threads, limits.get(kind, 1))
    return min([n_cores, *limits.values()])


def _enter(user: _User) -> None:
    global _n_allowed, _before
    with _lock:
        first = not _users
        _users.add(user)
        if first and _before is None:
            _n_allowed = _threads_allowed(_controller().info(), cpu_count())
            blas = _controller().select(user_api="blas").lib_controllers
            _before = [(library, library.num_threads) for library in blas]
        if first:
            _allow([(library, 1) for library, _ in _before or ()])


def _leave(user: _User) -> None:
    with _lock:
        _users.discard(user)
        if not _users:
            _give_back()


def _give_back() -> None:
    global _n_allowed, _before
    _allow(_before or ())
    _n_allowed, _before = 1, None


def _allow(threads: Iterable[tuple[Any, int]]) -> None:
    for library, n_threads in threads:
        library.set_num_threads(n_threads)
    # Whichever thread leaves last restores the limits, which it may do only if no other
    # thread still controls them.
    OpenBLASController.clear_controlling_thread()


def _forget_other_threads() -> None:
    """Begin anew in a forked child, which lacks the parent's fitting threads."""
    global _lock
    _lock = Lock()
    _users.clear()
    _give_back()
    _pool.cache_clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_other_threads)
