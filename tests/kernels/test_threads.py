import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from threading import Event, current_thread

import numpy as np
import pytest
from joblib import Parallel, cpu_count, delayed
from threadpoolctl import threadpool_info, threadpool_limits

from lowrank_sense import AsymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing
from lowrank_sense.kernels.fused import SMALL_BYTES
from lowrank_sense.kernels.threads import (
    _threads_allowed,
    map_on_threads,
    one_blas_thread,
)

from ..grids import slowly
from ..studies import GD


def blas_threads():
    return {
        library["num_threads"]
        for library in threadpool_info()
        if library["user_api"] == "blas"
    }


@pytest.fixture
def usual():
    usual = blas_threads()
    if usual == {1}:
        pytest.skip("BLAS has but one thread here")
    return usual


@pytest.mark.parametrize("first_to_leave", ["first", "second"])
def test_limit_lasts_until_the_last_user_leaves(first_to_leave, usual):
    inside = {"first": Event(), "second": Event()}
    leave = {"first": Event(), "second": Event()}

    def use(name):
        with one_blas_thread():
            inside[name].set()
            leave[name].wait(10)

    with ThreadPoolExecutor(2) as pool:
        users = {}
        for name in ("first", "second"):
            users[name] = pool.submit(use, name)
            assert inside[name].wait(10)
        (last_to_leave,) = {"first", "second"} - {first_to_leave}
        leave[first_to_leave].set()
        users[first_to_leave].result()
        assert blas_threads() == {1}
        # The thread of the one who left is still alive, as in a pool it would be.
        leave[last_to_leave].set()
        users[last_to_leave].result()
        assert blas_threads() == usual


def test_limit_is_lifted_after_a_failure(usual):
    with pytest.raises(ValueError, match="shape"):
        AsymmetricFactorSensing(shape=(3, 3)).fit(np.ones((5, 4)), np.ones(5))
    assert blas_threads() == usual


@pytest.mark.parametrize("solver", ["gd", *slowly("pcg")])
@pytest.mark.slow
def test_fits_at_once_have_the_bits_of_fits_alone(solver, usual):
    # Large enough that each fit shares its readings of X out to several threads.
    X, y, _ = make_matrix_sensing(1200, (30, 40), 2, random_state=0)
    assert X.nbytes > SMALL_BYTES

    def fit(seed):
        model = AsymmetricFactorSensing(
            4, solver=solver, shape=(30, 40), tol=0, max_iter=30 * (1 + seed % 2)
        )
        return model.set_params(random_state=seed).fit(X, y).matrix_

    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(fit, range(6)))
    for seed, matrix in enumerate(together):
        np.testing.assert_array_equal(matrix, fit(seed))
    assert blas_threads() == usual


@pytest.mark.parametrize("n_threads", [1, 2])
def test_kernels_respect_the_limits_of_threadpoolctl(n_threads, usual):
    with threadpool_limits(n_threads):
        assert threads_of_a_map() == min(n_threads, cpu_count())
    with threadpool_limits(1, user_api="openmp"):
        assert threads_of_a_map() == 1
    assert threads_of_a_map(parallel=False) == 1


def test_a_library_built_for_one_thread_does_not_limit_the_kernels():
    kinds = (("blas", 8), ("blas", 1), ("openmp", 6))
    libraries = [{"user_api": kind, "num_threads": n} for kind, n in kinds]
    assert _threads_allowed(libraries, n_cores=7) == 6
    assert _threads_allowed(libraries, n_cores=2) == 2


def test_kernels_of_concurrent_fits_share_the_cores(usual):
    """Each fit works on its own thread, and all of them share the helpers."""
    with ThreadPoolExecutor(3, "fit") as fits:
        names = set().union(*fits.map(lambda _: names_of_a_map(), range(6)))
    helpers = {name for name in names if not name.startswith("fit")}
    assert len(helpers) <= max(1, cpu_count() - 1)


def test_kernels_in_parallel_workers_do_not_oversubscribe():
    counts = Parallel(n_jobs=2, backend="loky")(
        delayed(threads_of_a_map)() for _ in range(4)
    )
    assert max(counts) <= max(1, cpu_count() // 2)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_fit_in_a_child_forked_during_a_fit(usual):
    """The threads, the pool and the locks of the parent are not in the child."""
    X, y, _ = make_matrix_sensing(1200, (30, 40), 2, random_state=0)
    model = AsymmetricFactorSensing(4, shape=(30, 40), tol=0, **GD)
    model.set_params(max_iter=20)
    expected = model.fit(X, y).matrix_
    inside, leave = Event(), Event()

    def stay_inside():
        with one_blas_thread():
            inside.set()
            leave.wait(30)

    with ThreadPoolExecutor(1) as pool:
        user = pool.submit(stay_inside)
        assert inside.wait(10)
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(1, mp_context=context) as child:
            matrix = child.submit(fitted_matrix, model, X, y).result(timeout=60)
            allowed = child.submit(threads_of_a_map).result(timeout=60)
        leave.set()
        user.result()
    np.testing.assert_array_equal(matrix, expected)
    assert allowed == min(cpu_count(), max(usual))


def test_failure_in_a_kernel_is_raised(usual):
    def fail(item):
        raise RuntimeError(f"item {item}")

    with one_blas_thread(), pytest.raises(RuntimeError, match="item"):
        map_on_threads(fail, range(4), parallel=True)


def fitted_matrix(model, X, y):
    return model.fit(X, y).matrix_


def names_of_a_map(parallel=True):
    """Return the names of the threads that a map in a fit runs on."""
    names = set()

    def note(item):
        names.add(current_thread().name)
        time.sleep(0.02)

    with one_blas_thread():
        map_on_threads(note, range(12), parallel=parallel)
    return names


def threads_of_a_map(parallel=True):
    return len(names_of_a_map(parallel))
