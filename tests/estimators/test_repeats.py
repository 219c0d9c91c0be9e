"""Repeated measurements are measurements of a larger weight."""

import numpy as np
import pytest
from sklearn.ensemble import BaggingRegressor
from sklearn.model_selection import ShuffleSplit, cross_val_score

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

from ..grids import slowly
from ..studies import KINDS

SOLVERS = ["gd", "cg", "pcg", "als"]
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def bootstrap(kind, measurement, seed=0, m=None, noise=0.1):
    """Return X, y, M, and a bootstrap of the rows."""
    X, y, M = make_matrix_sensing(
        m or (380 if measurement == "entry" else 400),
        (20, 20) if measurement == "entry" else (10, 10),
        2,
        measurement=measurement,
        psd=kind is SymmetricFactorSensing,
        noise=noise,
        random_state=seed,
    )
    return X, y, M, np.random.default_rng(seed).integers(0, len(y), len(y))


def both(kind, measurement, seed=0, **params):
    """Return the fits of a bootstrap and of its weights."""
    X, y, M, b = bootstrap(kind, measurement, seed)
    params = {"rank": 3, "random_state": 0, "max_iter": 100, **params}
    model = kind(measurement=measurement, shape=M.shape, **params)
    repeated = model.fit(X[b], y[b])
    weights = np.bincount(b, minlength=len(y))
    weighted = kind(measurement=measurement, shape=M.shape, **params)
    return repeated, weighted.fit(X, y, weights)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"penalty": "auto"},
        {"penalty": 0.02},
        {"fit_intercept": True},
        {"init": "spectral"},
    ],
)
@pytest.mark.parametrize("seed", [0, *slowly(1, 2)])
def test_repeated_entries_are_weights(kind, solver, options, seed):
    if solver == "als" and kind is SymmetricFactorSensing:
        pytest.skip("als is for F G^T")
    repeated, weighted = both(kind, "entry", seed, solver=solver, **options)
    assert repeated.n_iter_ == weighted.n_iter_
    assert repeated.effective_rank_ == weighted.effective_rank_
    assert repeated.stop_reason_ == weighted.stop_reason_
    size = np.max(np.abs(weighted.matrix_))
    np.testing.assert_allclose(
        repeated.matrix_, weighted.matrix_, atol=1e-5 * size, rtol=1e-5
    )
    np.testing.assert_allclose(
        repeated.loss_history_[:5], weighted.loss_history_[:5], rtol=1e-8
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("measurement", ["matrix", "rank_one"])
@pytest.mark.parametrize("solver", ["gd", "pcg", "auto"])
@pytest.mark.parametrize("seed", [0, *slowly(1, 2)])
def test_repeated_rows_count_as_weights(kind, measurement, solver, seed):
    """They are not merged, but counted once, so that nothing depends on it."""
    repeated, weighted = both(kind, measurement, seed, solver=solver)
    assert repeated.solver_ == weighted.solver_
    assert repeated.effective_rank_ == weighted.effective_rank_ == 2
    size = np.max(np.abs(weighted.matrix_))
    np.testing.assert_allclose(repeated.matrix_, weighted.matrix_, atol=1e-3 * size)


def test_the_bootstrap_of_an_automatic_penalty():
    """The rank was 4 and the error 55,000 when repeated rows counted as many."""
    rng = np.random.default_rng(0)
    M = rng.normal(size=(40, 2)) @ rng.normal(size=(2, 30))
    X = np.column_stack(np.divmod(rng.choice(1200, 700, replace=False), 30))
    y = M[X[:, 0], X[:, 1]] + 0.1 * rng.normal(size=700)
    for seed in range(5):
        b = np.random.default_rng(seed).integers(0, 700, 700)
        model = AsymmetricFactorSensing(
            4, solver="als", measurement="entry", penalty="auto", shape=(40, 30)
        ).fit(X[b], y[b])
        assert model.effective_rank_ in (2, 3)
        assert np.linalg.norm(model.matrix_ - M) < 0.2 * np.linalg.norm(M)


@pytest.mark.parametrize("kind", KINDS)
def test_the_loss_is_that_of_the_rows_that_were_given(kind):
    """Different y of the same entry leave a loss that no matrix explains."""
    X, y, M, _ = bootstrap(kind, "entry", noise=0.0)
    X, y = np.vstack([X, X]), np.hstack([y + 0.1, y - 0.1])
    model = kind(
        2, measurement="entry", shape=M.shape, solver="pcg", random_state=0
    ).fit(X, y)
    expected = np.mean((model.predict(X) - y) ** 2) / 2
    assert model.loss_history_[-1] == pytest.approx(expected)
    assert model.loss_history_[-1] == pytest.approx(0.005, rel=1e-3)
    assert model.stop_reason_ == "stationary"
    assert np.linalg.norm(model.matrix_ - M) < 1e-4 * np.linalg.norm(M)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_mean_of_repeated_entries_is_fitted(dtype):
    X, y, M, _ = bootstrap(AsymmetricFactorSensing, "entry", noise=0.0)
    rng = np.random.default_rng(1)
    weights = rng.uniform(1, 2, 2 * len(y))
    noise = rng.standard_normal(len(y))
    # Weighted with a and b, the noise of both is zero in the mean.
    y = np.hstack([y + noise / weights[: len(y)], y - noise / weights[len(y) :]])
    model = AsymmetricFactorSensing(
        2, measurement="entry", shape=M.shape, random_state=0
    ).fit(np.vstack([X, X]), y.astype(dtype), weights)
    assert model.left_factor_.dtype == dtype
    assert np.linalg.norm(model.matrix_ - M) < 1e-3 * np.linalg.norm(M)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("measurement", ["matrix", "rank_one", "entry"])
def test_bagging_and_bootstrap_cross_validation(kind, measurement):
    X, y, M, b = bootstrap(kind, measurement)
    model = kind(
        3,
        measurement=measurement,
        shape=M.shape,
        penalty="auto" if measurement == "entry" else 0.0,
        random_state=0,
        max_iter=100,
    )
    bagged = BaggingRegressor(model, n_estimators=5, random_state=0).fit(X, y)
    assert bagged.score(X, y) > 0.95
    matrices = [each.matrix_ for each in bagged.estimators_]
    errors = [np.linalg.norm(each - M) / np.linalg.norm(M) for each in matrices]
    assert max(errors) < 0.35
    assert np.linalg.norm(np.mean(matrices, axis=0) - M) < 0.25 * np.linalg.norm(M)
    scores = cross_val_score(
        model, X[b], y[b], cv=ShuffleSplit(3, test_size=0.2, random_state=0)
    )
    assert min(scores) > 0.9


def test_early_stopping_holds_out_all_repetitions():
    X, y, M, _ = bootstrap(AsymmetricFactorSensing, "entry")
    model = AsymmetricFactorSensing(
        3, measurement="entry", shape=M.shape, early_stopping=True, random_state=0
    )
    once = model.fit(X, y).validation_history_
    tripled = model.fit(np.tile(X, (3, 1)), np.tile(y, 3)).validation_history_
    np.testing.assert_allclose(tripled, once, rtol=1e-6)
