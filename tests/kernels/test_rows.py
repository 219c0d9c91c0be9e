import numpy as np
import pytest
from sklearn.linear_model import Ridge

from lowrank_sense.kernels.rows import CHUNK, solve_rows


def problem(k, dtype=float, seed=0):
    """Return rows of no entries, of fewer than k, and of more than a chunk of them."""
    rng = np.random.default_rng(seed)
    counts = np.array([0, 1, k - 1, k, 40, CHUNK, 3 * CHUNK + 5, 0, 17])
    starts = np.append(0, np.cumsum(counts))
    others = rng.integers(50, size=starts[-1])
    factor, before = rng.standard_normal((50, k)), rng.standard_normal((9, k))
    values = rng.standard_normal(starts[-1])
    return starts, others, *(part.astype(dtype) for part in (values, factor, before))


@pytest.mark.parametrize("k", [1, 2, 5, 12])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("offset", [0.0, 0.7])
def test_each_row_is_a_ridge_regression(k, weighted, offset):
    starts, others, values, factor, before = problem(k)
    m = len(values)
    weights = np.random.default_rng(1).integers(0, 3, m) / m if weighted else None
    w = np.full(m, 1 / m) if weights is None else weights
    rows, sums = solve_rows(
        starts, others, values, weights, factor, before, 0.01, offset
    )
    loss = change = gradient = mean = 0.0
    for i, (row, old) in enumerate(zip(rows, before, strict=True)):
        entries = slice(starts[i], starts[i + 1])
        A, v, u = factor[others[entries]], values[entries] - offset, w[entries]
        if not u.any():
            assert not row.any()
            gradient += np.sum((0.01 * old) ** 2)
            continue
        ridge = Ridge(0.01, fit_intercept=False, tol=1e-12).fit(A, v, u)
        np.testing.assert_allclose(row, ridge.coef_, rtol=1e-8, atol=1e-10)
        residual = A @ row - v
        loss += u @ residual**2 / 2
        mean += u @ residual
        change += u @ (A @ (row - old)) ** 2
        gradient += np.sum((A.T @ (u * (A @ old - v)) + 0.01 * old) ** 2)
    assert sums.loss == pytest.approx(loss)
    assert sums.mean_residual == pytest.approx(mean)
    assert sums.squared_change == pytest.approx(change)
    assert sums.squared_gradient == pytest.approx(gradient)


def test_fewer_entries_than_columns_and_no_damping():
    starts, others, values, factor, before = problem(5)
    rows, sums = solve_rows(starts, others, values, None, factor, 0 * before, 0.0)
    assert np.isfinite(rows).all() and np.isfinite(sums).all()
    for i in (1, 2):
        entries = slice(starts[i], starts[i + 1])
        A = factor[others[entries]]
        np.testing.assert_allclose(A @ rows[i], values[entries], atol=1e-8)
        least = np.linalg.lstsq(A, values[entries])[0]
        assert np.linalg.norm(rows[i]) < 2 * np.linalg.norm(least)


def test_float32_stays_float32():
    arguments = problem(5, np.float32)
    starts, others, values, factor, before = arguments
    rows, _ = solve_rows(starts, others, values, None, factor, before, 1e-3)
    exact, _ = solve_rows(
        starts,
        others,
        *(part.astype(float) for part in (values,)),
        None,
        factor.astype(float),
        before.astype(float),
        1e-3,
    )
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, exact, rtol=1e-3, atol=1e-4)
