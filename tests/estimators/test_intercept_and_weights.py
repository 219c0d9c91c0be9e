"""Intercept, weights, early stopping and warm starts."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

from ..studies import relative_error

KINDS = [AsymmetricFactorSensing, SymmetricFactorSensing]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", ["gd", "pcg"])
@pytest.mark.parametrize("offset", [0.5, 1e4])
def test_intercept_is_recovered(kind, solver, offset):
    X, y, M = make_matrix_sensing(400, (12, 12), 2, psd=True, random_state=30)
    X = X + 0.5  # so that the measurements have a mean of their own
    y = X @ M.ravel() + offset
    model = kind(3, solver=solver, fit_intercept=True, random_state=0).fit(X, y)
    assert relative_error(model, M) < 1e-4
    assert model.intercept_ == pytest.approx(offset, rel=1e-4)
    np.testing.assert_allclose(model.predict(X), y, atol=1e-4)
    np.testing.assert_allclose(
        model.transform(X).sum(axis=1) + model.intercept_, model.predict(X)
    )


@pytest.mark.parametrize("layout", ["C", "F"])
def test_intercept_with_weights_is_that_of_a_weighted_regression(layout):
    rng = np.random.default_rng(0)
    X, y = np.asarray(rng.standard_normal((60, 12)) + 1, order=layout), rng.random(60)
    weights = rng.integers(0, 4, 60).astype(float)
    model = AsymmetricFactorSensing(
        3, solver="pcg", shape=(3, 4), fit_intercept=True, tol=1e-10, random_state=0
    ).fit(X, y, weights)
    reference = LinearRegression().fit(X, y, weights)
    np.testing.assert_allclose(model.matrix_.ravel(), reference.coef_, rtol=1e-6)
    assert model.intercept_ == pytest.approx(reference.intercept_, rel=1e-6)


def test_y_that_is_constant():
    X = np.random.default_rng(0).standard_normal((40, 9))
    model = AsymmetricFactorSensing(fit_intercept=True).fit(X, np.full(40, 3.0))
    assert model.intercept_ == 3.0
    assert not model.matrix_.any()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", ["gd", "pcg"])
def test_early_stopping_returns_the_best_iterate(kind, solver):
    X, y, _ = make_matrix_sensing(
        300, (12, 12), 2, psd=True, noise=0.5, random_state=20
    )
    model = kind(
        8, solver=solver, early_stopping=True, n_iter_no_change=7, random_state=0
    ).fit(X, y)
    history = model.validation_history_
    assert model.stop_reason_ == "early"
    assert len(history) == model.n_iter_ + 1
    best = int(np.argmin(history))
    assert best < model.n_iter_
    # The loss of what was held out is that of no more iterations than the best.
    again = kind(
        8,
        solver=solver,
        early_stopping=True,
        max_iter=best,
        tol=0,
        n_iter_no_change=10**6,
        random_state=0,
    ).fit(X, y)
    assert again.validation_history_[-1] == pytest.approx(history[best])
    np.testing.assert_allclose(again.matrix_, model.matrix_, atol=1e-8)


def test_early_stopping_holds_out_what_it_says():
    X, y, _ = make_matrix_sensing(400, (10, 10), 2, noise=0.3, random_state=20)
    model = AsymmetricFactorSensing(
        6, early_stopping=True, validation_fraction=0.25, random_state=0
    ).fit(X, y)
    best = np.argmin(model.validation_history_)
    residuals = (model.predict(X) - y) ** 2 / 2
    # 2 losses, one sum: together they are that of all measurements.
    held_out, fitted = model.validation_history_[best], model.loss_history_[best]
    assert 0.25 * held_out + 0.75 * fitted == pytest.approx(residuals.mean())


@pytest.mark.parametrize("psd", [False, True])
def test_early_stopping_is_as_good_as_the_true_rank(psd):
    """k > r, noise, small alpha: within 10 % of the error of k = r, run to its end."""
    kind = SymmetricFactorSensing if psd else AsymmetricFactorSensing
    ratios = []
    for seed in range(10):
        X, y, M = make_matrix_sensing(
            1200, (20, 20), 2, psd=psd, noise=0.3, random_state=200 + seed
        )
        early = kind(
            6,
            alpha=1e-3,
            early_stopping=True,
            accelerated_step=False,
            random_state=seed,
        ).fit(X, y)
        exact = kind(2, random_state=seed).fit(X, y)
        ratios.append(relative_error(early, M) / relative_error(exact, M))
    assert np.median(ratios) < 1.1


@pytest.mark.parametrize("kind", KINDS)
def test_warm_start_goes_on_where_it_was(kind):
    X, y, _ = make_matrix_sensing(
        300, (12, 12), 2, psd=True, noise=0.1, random_state=20
    )
    settings = {"tol": 0, "accelerated_step": False, "random_state": 0}
    long = kind(3, max_iter=30, **settings).fit(X, y)
    short = kind(3, max_iter=12, warm_start=True, **settings).fit(X, y)
    short.set_params(max_iter=18).fit(X, y)
    np.testing.assert_allclose(short.matrix_, long.matrix_, rtol=1e-8)
    np.testing.assert_allclose(short.loss_history_, long.loss_history_[12:], rtol=1e-8)


def test_warm_start_does_not_mind_other_units():
    X, y, M = make_matrix_sensing(300, (12, 12), 2, random_state=20)
    model = AsymmetricFactorSensing(2, warm_start=True, random_state=0).fit(X, y)
    model.fit(10 * X, y)
    assert relative_error(model, M / 10) < 1e-5


@pytest.mark.parametrize("solver", ["cg", "pcg"])
@pytest.mark.parametrize("noise", [0.1, 0.3])
def test_a_warm_path_of_penalties_costs_less_than_half(solver, noise):
    X, y, _ = make_matrix_sensing(400, (15, 15), 2, noise=noise, random_state=20)
    n_iter = {}
    for warm_start in (False, True):
        model = AsymmetricFactorSensing(
            15, solver=solver, warm_start=warm_start, tol=1e-3, random_state=0
        )
        n_iter[warm_start] = sum(
            model.set_params(penalty=penalty).fit(X, y).n_iter_
            for penalty in np.geomspace(0.3, 0.01, 30)
        )
    assert n_iter[True] < n_iter[False] / 2


@pytest.mark.parametrize(
    ("change", "match"),
    [({"rank": 4}, r"rank=4"), ({"shape": (9, 16)}, r"shape \(9, 16\)")],
)
def test_warm_start_with_other_factors_is_refused(change, match):
    X, y, _ = make_matrix_sensing(300, (12, 12), 2, random_state=20)
    model = AsymmetricFactorSensing(3, warm_start=True, random_state=0).fit(X, y)
    before = model.matrix_
    with pytest.raises(ValueError, match=match):
        model.set_params(**change).fit(X, y)
    np.testing.assert_array_equal(model.matrix_, before)


def test_nothing_left_to_fit():
    X, y = np.ones((1, 4)), np.ones(1)
    with pytest.raises(ValueError, match=r"validation_fraction=0\.1 leaves none of 1"):
        AsymmetricFactorSensing(early_stopping=True).fit(X, y)
