from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from lowrank_sense import AsymmetricFactorSensing
from lowrank_sense._threads import one_blas_thread
from lowrank_sense.datasets import make_matrix_sensing


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


def test_fits_at_once_have_the_bits_of_fits_alone(usual):
    X, y, _ = make_matrix_sensing(400, (20, 20), 2, random_state=0)

    def fit(seed):
        model = AsymmetricFactorSensing(4, tol=0, max_iter=60 * (1 + seed % 2))
        return model.set_params(random_state=seed).fit(X, y).matrix_

    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(fit, range(6)))
    for seed, matrix in enumerate(together):
        np.testing.assert_array_equal(matrix, fit(seed))
    assert blas_threads() == usual
