"""What nothing measures is zero, and counts nowhere."""

import numpy as np
import pytest
from dask import array
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.linalg import aslinearoperator

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

from ..grids import slowly
from ..parts import LogCosh
from ..studies import KINDS

N = 9
MEASURED = ["matrix", "rank_one", "entry"]
HISTORIES = ("loss_history_", "gradient_norm_history_", "step_size_history_")


def data(kind, measurement, seed=0, noise=0.1, n_entries=60):
    """Return X and y of an N x N matrix of rank two."""
    X, y, _ = make_matrix_sensing(
        n_entries if measurement == "entry" else 150,
        (N, N),
        2,
        measurement=measurement,
        psd=kind is SymmetricFactorSensing,
        noise=noise,
        random_state=seed,
    )
    return X, y


def spread_out(kind, measurement, X, labels, n):
    """Return X of an n x n matrix whose rows and columns `labels` are those of X."""
    if measurement == "entry":
        return labels[X.astype(int)]
    if measurement == "rank_one":
        sides = np.split(X, X.shape[1] // N, axis=1)
        wider = [np.zeros((len(X), n)) for _ in sides]
        for part, side in zip(wider, sides, strict=True):
            part[:, labels] = side
        return np.hstack(wider)
    A = np.zeros((len(X), n, n))
    A[:, labels[:, np.newaxis], labels] = X.reshape(-1, N, N)
    return A.reshape(len(X), -1)


def fitted(kind, measurement, X, y, n, **params):
    params = {"rank": 3, "random_state": 0, "max_iter": 300, "tol": 1e-4, **params}
    return kind(measurement=measurement, shape=(n, n), **params).fit(X, y)


OPTIONS = [
    {},
    {"solver": "gd"},
    {"fit_intercept": True},
    {"penalty": 0.01},
    {"init": "spectral"},
    {"early_stopping": True},
    {"accelerated_step": False, "solver": "gd", "step_size": 0.25},
]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("measurement", MEASURED)
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("seed", [0, *slowly(1, 2)])
def test_unseen_rows_and_columns_change_nothing(kind, measurement, options, seed):
    X, y = data(kind, measurement, seed)
    labels = np.sort(np.random.default_rng(seed).choice(14, N, replace=False))
    wide = spread_out(kind, measurement, X, labels, 14)
    model = fitted(kind, measurement, X, y, N, **options)
    other = fitted(kind, measurement, wide, y, 14, **options)
    assert (other.solver_, other.effective_rank_) == (
        model.solver_,
        model.effective_rank_,
    )
    assert other.n_iter_ == pytest.approx(model.n_iter_, rel=0.05)
    size = np.max(np.abs(model.matrix_))
    inside = other.matrix_[np.ix_(labels, labels)]
    np.testing.assert_allclose(inside, model.matrix_, atol=1e-4 * size)
    assert np.count_nonzero(other.matrix_) <= N * N
    for name in HISTORIES:  # rounding errors grow with the iterations
        mine, others = (getattr(each, name)[:30] for each in (model, other))
        np.testing.assert_allclose(others, mine, rtol=1e-4, atol=1e-12 * mine[0])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@settings(max_examples=25, deadline=None)
@given(st.permutations(range(2 * N)), st.sampled_from(MEASURED), st.sampled_from(KINDS))
def test_labels_do_not_matter(labels, measurement, kind):
    """Another order of rows and columns starts elsewhere, and ends at the same M."""
    X, y = data(kind, measurement, noise=0.0, n_entries=78)
    labels = np.array(labels[:N])
    wide = spread_out(kind, measurement, X, labels, 2 * N)
    params = {"rank": 2, "tol": 1e-7, "max_iter": 2000, "solver": "pcg"}
    model = fitted(kind, measurement, X, y, N, **params)
    other = fitted(kind, measurement, wide, y, 2 * N, **params)
    assert other.effective_rank_ == model.effective_rank_
    np.testing.assert_allclose(
        other.matrix_[np.ix_(labels, labels)], model.matrix_, atol=1e-4
    )


@pytest.mark.parametrize("solver", ["als", "pcg", "auto"])
def test_gaps_in_the_ids_of_noisy_entries(solver):
    rng = np.random.default_rng(0)
    M = rng.normal(size=(40, 2)) @ rng.normal(size=(2, 30))
    X = np.column_stack(np.divmod(rng.choice(1200, 700, replace=False), 30))
    y = M[X[:, 0], X[:, 1]] + 0.1 * rng.normal(size=700)
    model = AsymmetricFactorSensing(
        4, solver=solver, measurement="entry", penalty="auto", random_state=0
    )
    expected = model.fit(X, y).predict(X)
    assert model.effective_rank_ == 2
    n_iter = model.n_iter_
    for gaps, shape in ((10, None), ((3, 70), None), (1, (500, 40))):
        model.set_params(shape=shape).fit(X * np.array(gaps), y)
        assert model.effective_rank_ == 2
        assert model.n_iter_ == n_iter
        np.testing.assert_array_equal(model.predict(X * np.array(gaps)), expected)


FORMS = [
    np.asarray,
    np.asfortranarray,
    np.float32,
    sparse.csr_array,
    aslinearoperator,
    lambda X: array.from_array(X, chunks=(100, -1)),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("solver", ["gd", "pcg"])
def test_a_row_of_zeros_is_zero(form, solver):
    rng = np.random.default_rng(0)
    A = rng.normal(size=(300, 6, 5))
    A[:, 0] = 0
    A[:, :, 3] = 0
    M = rng.normal(size=(6, 2)) @ rng.normal(size=(2, 5))
    X = A.reshape(300, -1)
    for seed in range(2):
        model = AsymmetricFactorSensing(
            3, solver=solver, shape=(6, 5), random_state=seed
        ).fit(form(X), X @ M.ravel())
        assert model.converged_
        np.testing.assert_array_equal(model.matrix_[0], 0)
        np.testing.assert_array_equal(model.matrix_[:, 3], 0)
        seen = np.ix_(range(1, 6), [0, 1, 2, 4])
        np.testing.assert_allclose(model.matrix_[seen], M[seen], atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array, np.float32])
def test_a_column_of_zeros_in_rank_one(kind, form):
    X, y = data(kind, "rank_one", noise=0.0)
    wide = spread_out(kind, "rank_one", X, np.arange(1, N + 1), N + 2)
    model = fitted(kind, "rank_one", form(wide), y, N + 2)
    for outside in (0, N + 1):
        np.testing.assert_array_equal(model.matrix_[outside], 0)
        np.testing.assert_array_equal(model.matrix_[:, outside], 0)
    np.testing.assert_allclose(model.predict(form(wide)), y, atol=1e-3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("measurement", MEASURED)
def test_what_only_held_out_measurements_touch_is_zero(kind, measurement):
    """Held-out measurements tell when to stop, not what M is."""
    X, y = data(kind, measurement)
    wide = spread_out(kind, measurement, X, np.arange(N), N + 1)
    extra = spread_out(kind, measurement, X[:1], np.arange(1, N + 1), N + 1)
    if measurement == "entry":
        extra = np.array([[N, N]])
    for seed in range(20):
        model = fitted(
            kind,
            measurement,
            np.vstack([extra, wide]),
            np.append(y[0], y),
            N + 1,
            solver="gd",
            early_stopping=True,
            random_state=seed,
            max_iter=5,
        )
        if not model.matrix_[N].any():
            break
    np.testing.assert_array_equal(model.matrix_[N], 0)


def test_a_warm_start_goes_on_where_the_same_is_measured():
    X, y = data(AsymmetricFactorSensing, "entry")
    model = fitted(
        AsymmetricFactorSensing, "entry", X + 3, y, N + 5, warm_start=True, tol=1e-8
    )
    n_iter = model.n_iter_
    assert model.fit(X + 3, y).n_iter_ < n_iter
    np.testing.assert_array_equal(model.matrix_[:3], 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("measurement", MEASURED)
def test_gaps_in_the_blocks_of_dask(kind, measurement):
    """No block touches all that is measured, and together they leave gaps."""
    X, y = data(kind, measurement, noise=0.0)
    wide = spread_out(kind, measurement, X, np.arange(2, N + 2), N + 4)
    expected = fitted(kind, measurement, wide, y, N + 4, solver="pcg")
    blocks = array.from_array(wide, chunks=(20, -1))
    model = fitted(kind, measurement, blocks, y, N + 4, solver="pcg")
    assert model.n_iter_ == pytest.approx(expected.n_iter_, abs=2)
    np.testing.assert_allclose(model.matrix_, expected.matrix_, atol=1e-3)
    assert np.count_nonzero(model.matrix_) <= N * N


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("measurement", MEASURED)
@pytest.mark.parametrize("loss", ["squared_error", LogCosh])
@pytest.mark.parametrize("gone", [0, N])
def test_what_only_weight_zero_touches_is_zero(kind, measurement, loss, gone):
    """Losses that are not squared keep such measurements, but not as unknowns."""
    X, y = data(kind, measurement, noise=0.0)
    wide = spread_out(kind, measurement, X, np.delete(np.arange(N + 1), gone), N + 1)
    extra = np.random.default_rng(0).standard_normal((1, wide.shape[1]))
    if measurement == "entry":
        extra = np.array([[gone, gone]])
    weights = np.append(0.0, np.ones(len(y)))
    params = {"loss": loss, "solver": "pcg"}
    model = fitted(kind, measurement, wide, y, N + 1, **params)
    other = kind(**model.get_params())
    other.fit(np.vstack([extra, wide]), np.append(1e3, y), weights)
    np.testing.assert_array_equal(other.matrix_[gone], 0)
    np.testing.assert_allclose(other.matrix_, model.matrix_, atol=1e-3)
