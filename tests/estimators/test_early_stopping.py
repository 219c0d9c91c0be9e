"""early_stopping=True: what is held out, and which iterate is returned."""

import numpy as np
import pytest

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

from ..studies import KINDS, relative_error


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


@pytest.mark.slow
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
            solver="gd",
            early_stopping=True,
            accelerated_step=False,
            random_state=seed,
        ).fit(X, y)
        exact = kind(2, solver="pcg", random_state=seed).fit(X, y)
        ratios.append(relative_error(early, M) / relative_error(exact, M))
    assert np.median(ratios) < 1.1


def test_nothing_left_to_fit():
    X, y = np.ones((1, 4)), np.ones(1)
    with pytest.raises(ValueError, match=r"validation_fraction=0\.1 leaves none of 1"):
        AsymmetricFactorSensing(early_stopping=True).fit(X, y)
