from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from lowrank_sense import AsymmetricFactorSensing
from lowrank_sense._threads import single_threaded_blas
from lowrank_sense.datasets import make_matrix_sensing


def blas_threads():
    return [
        library["num_threads"]
        for library in threadpool_info()
        if library["user_api"] == "blas"
    ]


def test_limit_lasts_until_the_last_user_leaves():
    with threadpool_limits(2, user_api="blas"):
        outer = single_threaded_blas()
        inner = single_threaded_blas()
        outer.__enter__()
        inner.__enter__()
        outer.__exit__(None, None, None)
        assert set(blas_threads()) == {1}
        inner.__exit__(None, None, None)
        assert set(blas_threads()) == {2}


def test_two_fits_at_once_are_those_of_one_after_the_other():
    X, y, _ = make_matrix_sensing(400, (20, 20), 2, random_state=0)
    barrier = Barrier(2)

    def fit(seed, together):
        if together:
            barrier.wait()
        return AsymmetricFactorSensing(4, random_state=seed).fit(X, y).matrix_

    before = blas_threads()
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(fit, range(2), [True] * 2))
    for seed in range(2):
        np.testing.assert_array_equal(together[seed], fit(seed, together=False))
    assert blas_threads() == before
