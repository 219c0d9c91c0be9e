import numpy as np
import pytest
from scipy import sparse
from threadpoolctl import threadpool_limits

from lowrank_sense._threads import one_blas_thread
from lowrank_sense.measurements.sweep import GROUP, MIN_SLICE, STRIP, can_sweep, sweep

# The rounding of a sum of terms as large as those here, in units of the precision.
ROUNDING = {np.float64: 1e-13, np.float32: 1e-5}


def problem(m, d, dtype, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((m, d)).astype(dtype)
    vectors = rng.standard_normal((2, d)).astype(dtype) / np.sqrt(d)
    return X, vectors, rng.standard_normal((2, m)), rng.uniform(size=m) / m


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "m", [GROUP, GROUP + 1, 2 * GROUP - 1, 100, 2 * MIN_SLICE - 1, 20 * MIN_SLICE + 5]
)
@pytest.mark.parametrize("d", [1, 30, STRIP + 3])
def test_agrees_with_two_products(m, d, dtype):
    if m * d > 2e6:
        m //= 10
    X, vectors, offsets, weights = problem(m, d, dtype)
    residuals, adjoints = sweep(X, vectors, offsets, weights)
    assert residuals.dtype == adjoints.dtype == dtype
    exact = X.astype(np.float64)
    expected = (exact @ vectors.T.astype(np.float64)).T - offsets
    np.testing.assert_allclose(residuals, expected, atol=ROUNDING[dtype])
    np.testing.assert_allclose(
        adjoints, (weights * expected) @ exact, atol=ROUNDING[dtype]
    )


def test_long_sums_in_float32_lose_no_digits():
    """What a plain float32 sum of so many terms would lose."""
    m, d = 40_000, 50
    X = np.ones((m, d), np.float32)
    _, adjoints = sweep(X, np.zeros((2, d)), np.full((2, m), -0.1), np.ones(m))
    np.testing.assert_allclose(adjoints, 0.1 * m, rtol=2e-6)
    m, d = 6, 400_000
    X = np.full((m, d), 0.1, np.float32)
    residuals, _ = sweep(X, np.ones((2, d)), np.zeros((2, m)), np.ones(m))
    np.testing.assert_allclose(residuals, np.float64(np.float32(0.1)) * d, rtol=2e-6)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("seed", range(3))
def test_number_of_threads_does_not_change_a_bit(dtype, seed, monkeypatch):
    data = problem(3001, 500, dtype, seed)
    results = []
    monkeypatch.setattr("lowrank_sense.measurements.sweep.SMALL_BYTES", 0)
    for n_threads in (1, 2, 4):
        with threadpool_limits(n_threads), one_blas_thread():
            results.append(sweep(*data))
    for residuals, adjoints in results[1:]:
        np.testing.assert_array_equal(residuals, results[0][0])
        np.testing.assert_array_equal(adjoints, results[0][1])


def test_memory_map_is_read_as_it_is(tmp_path):
    X, *rest = problem(500, 300, np.float64)
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    assert can_sweep(mapped)
    for mine, other in zip(sweep(mapped, *rest), sweep(X, *rest), strict=True):
        np.testing.assert_array_equal(mine, other)
    assert X.flags.writeable


X = np.ones((10, 4))


@pytest.mark.parametrize(
    "other",
    [
        np.asfortranarray(X),
        X[:, ::2],
        X[: GROUP - 1],
        X.astype(int),
        sparse.csr_array(X),
        np.frombuffer(b"\0" + X.tobytes(), offset=1).reshape(X.shape),
    ],
    ids=["F", "strided", "short", "int", "sparse", "unaligned"],
)
def test_takes_no_other_array(other):
    assert can_sweep(X)
    assert not can_sweep(other)
