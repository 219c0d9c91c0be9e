"""Quadratic and bilinear sensing."""

import numpy as np
import pytest
from scipy import sparse

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

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
            r"shape=\(5, 5\) does not fit.* 6 features",
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
