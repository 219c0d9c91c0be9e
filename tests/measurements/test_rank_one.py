"""Quadratic and bilinear sensing."""

import numpy as np
import pytest
from dask import array
from scipy import sparse

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing
from lowrank_sense.testing import check_measurement

from ..grids import mostly_slow, slowly, spread
from ..studies import GD, KINDS, relative_error

LIMITS = {SymmetricFactorSensing: 80, AsymmetricFactorSensing: 200}


def problem(m, n, rank, psd, seed, **settings):
    return make_matrix_sensing(
        m, (n, n), rank, psd=psd, measurement="rank_one", random_state=seed, **settings
    )


# The random start passes a saddle point, which takes 235 and 278 iterations.
SLOW = [(AsymmetricFactorSensing, kappa, 2, 3) for kappa in (1, 10)]
CELLS = [
    pytest.param(*cell, marks=pytest.mark.xfail(strict=True) if cell in SLOW else [])
    for cell in spread(LIMITS, (1, 10), (1, 2), range(10), part=3, also=SLOW)
]


@pytest.mark.parametrize(("kind", "kappa", "surplus", "seed"), mostly_slow(CELLS, 14))
def test_iterations_of_pcg(kind, kappa, surplus, seed):
    n, r = 200, 3
    psd = kind is SymmetricFactorSensing
    X, y, M = problem(5 * n * r, n, r, psd, 100 + seed, condition_number=kappa)
    model = kind(
        surplus * r,
        solver="pcg",
        measurement="rank_one",
        max_iter=LIMITS[kind],
        random_state=seed,
    ).fit(X, y)
    assert model.stop_reason_ == "recovered"
    assert relative_error(model, M) < 1e-4


@pytest.mark.parametrize("kind", LIMITS)
@pytest.mark.parametrize("solver", ["gd", "cg", "pcg"])
def test_every_solver_recovers(kind, solver):
    psd = kind is SymmetricFactorSensing
    X, y, M = problem(400, 16, 2, psd, 3)
    model = kind(4, solver=solver, measurement="rank_one", random_state=0).fit(X, y)
    assert relative_error(model, M) < 1e-4
    np.testing.assert_allclose(model.transform(X).sum(axis=1), model.predict(X))


def test_rectangle_and_where_to_cut():
    rng = np.random.default_rng(0)
    A, B = rng.standard_normal((300, 5)), rng.standard_normal((300, 9))
    M = rng.standard_normal((5, 2)) @ rng.standard_normal((2, 9))
    y = np.einsum("mi,ij,mj->m", A, M, B)
    model = AsymmetricFactorSensing(2, measurement="rank_one", shape=(5, 9), **GD).fit(
        np.hstack([A, B]), y
    )
    assert relative_error(model, M) < 1e-5


@pytest.mark.parametrize("kind", LIMITS)
def test_sparse_rows_give_the_same(kind):
    psd = kind is SymmetricFactorSensing
    X, y, _ = problem(300, 12, 2, psd, 5)
    X[np.random.default_rng(0).uniform(size=X.shape) < 0.3] = 0
    model = kind(2, measurement="rank_one", max_iter=20, tol=0, **GD)
    dense = model.fit(X, y).matrix_
    for layout in (sparse.csr_array, sparse.csc_array, sparse.coo_array):
        np.testing.assert_allclose(model.fit(layout(X), y).matrix_, dense, atol=1e-10)


@pytest.mark.parametrize("seed", [0, 1, 2, *slowly(*range(3, 10))])
def test_phase_retrieval_by_a_surplus_of_rank(seed):
    """rank=2 finds a vector from 4 n magnitudes, where rank=1 hardly ever does."""
    rng = np.random.default_rng(seed)
    n = 100
    vector, X = rng.standard_normal(n), rng.standard_normal((4 * n, n))
    y = (X @ vector) ** 2
    model = SymmetricFactorSensing(
        2, solver="pcg", measurement="rank_one", random_state=seed
    ).fit(X, y)
    found = model.leading_vector_
    found = found * np.sign(found @ vector)
    np.testing.assert_allclose(found, vector, atol=1e-3 * np.linalg.norm(vector))


def test_distances_of_points():
    """d_ij^2 = (e_i - e_j)^T M (e_i - e_j), M the Gram matrix of centered points."""
    rng = np.random.default_rng(0)
    points = rng.standard_normal((30, 2))
    points -= points.mean(axis=0)
    i, j = np.triu_indices(30, 1)
    chosen = rng.choice(len(i), 250, replace=False)
    i, j = i[chosen], j[chosen]
    rows = np.tile(np.arange(250), 2)
    X = sparse.csr_array(
        (np.repeat([1.0, -1.0], 250), (rows, np.concatenate([i, j]))), (250, 30)
    )
    y = np.sum((points[i] - points[j]) ** 2, axis=1)
    model = SymmetricFactorSensing(
        3, solver="pcg", measurement="rank_one", random_state=0
    ).fit(X, y)
    # The measurements do not see where the origin is.
    center = np.eye(30) - 1 / 30
    np.testing.assert_allclose(
        center @ model.matrix_ @ center, points @ points.T, atol=1e-3
    )


@pytest.mark.parametrize(
    ("kind", "shape", "n_features", "match"),
    [
        (
            SymmetricFactorSensing,
            (5, 5),
            6,
            r"shape=\(5, 5\) needs rows a_i of 5 .* 6 features",
        ),
        (SymmetricFactorSensing, (5, 6), 5, r"not square"),
        (AsymmetricFactorSensing, (3, 4), 8, r"3 \+ 4 = 7 features, but X has 8"),
        (AsymmetricFactorSensing, (3,), 8, r"pair of positive integers"),
        (AsymmetricFactorSensing, None, 1, r"1 feature\(s\)"),
    ],
)
def test_shapes_that_do_not_fit(kind, shape, n_features, match):
    X = np.ones((10, n_features))
    with pytest.raises(ValueError, match=match):
        kind(measurement="rank_one", shape=shape).fit(X, np.ones(10))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("solver", ["pcg", "auto"])
def test_columns_of_different_scales(kind, form, solver):
    """The strengths of rows and columns precondition as those of entries do."""
    n, rng = 10, np.random.default_rng(0)
    units = np.logspace(0, 3, n)
    symmetric = kind is SymmetricFactorSensing
    left = rng.standard_normal((600, n)) * units
    right = left if symmetric else rng.standard_normal((600, n)) * units
    B, C = rng.standard_normal((2, n, 2)) / units[:, np.newaxis]
    M = B @ (B if symmetric else C).T
    X = left if symmetric else np.hstack([left, right])
    y = np.einsum("ij,jk,ik->i", left, M, right)
    model = kind(2, measurement="rank_one", solver=solver, random_state=0)
    model.fit(form(X), y)
    assert model.n_iter_ < 150
    scaled = units[:, np.newaxis] * (model.matrix_ - M) * units
    assert np.max(np.abs(scaled)) < 1e-4 * np.max(np.abs(y))


def comparisons(m, n, seed=0, form=np.asarray, dtype=np.float64):
    """Return rows [a_i, b_i] and y_i = a_i^T M b_i, with M positive semi-definite."""
    rng = np.random.default_rng(seed)
    B = rng.standard_normal((n, 2)) / np.sqrt(n)
    X = rng.standard_normal((m, 2 * n)).astype(dtype)
    M = B @ B.T
    y = np.einsum("ij,jk,ik->i", X[:, :n], M, X[:, n:]).astype(dtype)
    return form(X), y, M


@pytest.mark.parametrize("solver", ["gd", "cg", "pcg"])
@pytest.mark.parametrize(
    "form",
    [np.asarray, sparse.csr_array, lambda X: array.from_array(X, chunks=(100, -1))],
)
@pytest.mark.parametrize("seed", range(2))
def test_two_vectors_measure_a_symmetric_matrix(solver, form, seed):
    X, y, M = comparisons(400, 12, seed, form)
    model = SymmetricFactorSensing(
        3, measurement="rank_one", shape=(12, 12), solver=solver, random_state=0
    ).fit(X, y)
    assert relative_error(model, M) < 1e-4
    np.testing.assert_allclose(np.asarray(model.predict(X)), y, atol=1e-3)
    components = np.asarray(model.transform(X))
    np.testing.assert_allclose(components.sum(axis=1), y, atol=1e-3)


def test_two_vectors_with_weights_noise_and_in_float32():
    X, y, M = comparisons(600, 10, dtype=np.float32)
    weights = np.random.default_rng(1).integers(0, 3, 600)
    wrong = y + 100 * (weights == 0).astype(np.float32) + np.float32(0.5)
    model = SymmetricFactorSensing(
        2, measurement="rank_one", shape=(10, 10), fit_intercept=True, random_state=0
    ).fit(X, wrong, weights)
    assert model.factor_.dtype == np.float32
    assert model.intercept_ == pytest.approx(0.5, abs=1e-3)
    assert relative_error(model, M) < 1e-3


def test_relative_comparisons_of_distances():
    """d(i, j) - d(k, l) = (u - v)^T M (u + v), for u = x_i - x_j and v = x_k - x_l."""
    rng = np.random.default_rng(0)
    points, B = rng.standard_normal((50, 6)), rng.standard_normal((6, 2))
    i, j, k, l = rng.integers(0, 50, (4, 400))  # noqa: E741
    u, v = points[i] - points[j], points[k] - points[l]
    y = np.sum((u @ B) ** 2, axis=1) - np.sum((v @ B) ** 2, axis=1)
    model = SymmetricFactorSensing(
        3, measurement="rank_one", shape=(6, 6), random_state=0
    ).fit(np.hstack([u - v, u + v]), y)
    assert relative_error(model, B @ B.T) < 1e-4


def test_without_a_shape_a_row_is_one_vector():
    X, y, _ = comparisons(400, 4)
    model = SymmetricFactorSensing(2, measurement="rank_one", random_state=0)
    assert model.fit(X, y).factor_.shape == (8, 2)
    model.set_params(shape=(5, 5))
    with pytest.raises(ValueError, match=r"a_i of 5 features.*\[a_i, b_i\] of 10"):
        model.fit(X, y)


def test_the_kind_keeps_its_promises_for_two_vectors():
    X, _, _ = comparisons(40, 5)
    check_measurement("rank_one", X, shape=(5, 5), symmetric=True)
