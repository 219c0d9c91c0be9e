"""penalty="auto": the rank of a matrix that is to be completed is found out."""

import numpy as np
import pytest

from lowrank_sense import AsymmetricFactorSensing

from ..grids import mostly_slow, slowly, spread
from ..studies import GD, completion, relative_error


@pytest.mark.parametrize("kappa", [10, *slowly(1)])
@pytest.mark.parametrize("noise", [0.0, *slowly(0.1)])
@pytest.mark.parametrize("solver", ["pcg", "als"])
def test_surplus_of_rank_with_penalty_auto(solver, kappa, noise):
    """k = 2r, 4r: twice the iterations of k = r, and its error within 2 %."""
    X, y, M = completion(
        60_000, (800, 800), 3, noise=noise, condition_number=kappa, seed=kappa
    )
    fits = {
        rank: AsymmetricFactorSensing(
            rank,
            solver=solver,
            measurement="entry",
            penalty="auto",
            random_state=0,
        ).fit(X, y)
        for rank in (3, 6, 12)
    }
    exact = AsymmetricFactorSensing(
        3, solver=solver, measurement="entry", random_state=0
    ).fit(X, y)
    for model in fits.values():
        assert model.n_iter_ <= 2 * fits[3].n_iter_
        assert model.effective_rank_ == 3
        if noise:
            assert relative_error(model, M) < 1.02 * relative_error(exact, M)
        else:
            assert relative_error(model, M) < 1e-5


@pytest.mark.parametrize(
    ("solver", "kappa", "seed"),
    mostly_slow(spread(["pcg", "als"], [1, 10], range(3)), 5),
)
@pytest.mark.slow
def test_penalty_auto_with_few_and_noisy_entries(solver, kappa, seed):
    """Five entries per degree of freedom, twenty per row: no gap shows where to cut."""
    X, y, M = completion(
        17_865, (600, 600), 3, noise=0.1, condition_number=kappa, seed=seed
    )
    model = AsymmetricFactorSensing(
        12, solver=solver, measurement="entry", penalty="auto", random_state=seed
    ).fit(X, y)
    assert model.effective_rank_ == 3
    assert relative_error(model, M) < 1.02 * relative_error(known_rank(X, y, M), M)


def known_rank(X, y, M):
    """Return the fit of rank 3 next to M, which few starts find without a penalty."""
    model = AsymmetricFactorSensing(3, solver="als", measurement="entry", shape=M.shape)
    model.set_params(max_iter=1, tol=0).fit(X, y)
    model.left_factor_ = np.linalg.qr(M[:, :3])[0]
    model.right_factor_ = M.T @ model.left_factor_
    model.set_params(warm_start=True, max_iter=100, tol=1e-6).fit(X, y)
    assert model.stop_reason_ == "stationary"
    return model


@pytest.mark.slow
def test_penalty_auto_waits_for_a_weak_component():
    """Gradient descent finds the last one long after the loss seems at rest."""
    X, y, M = completion(14_875, (300, 300), 5, noise=0.1, condition_number=10)
    model = AsymmetricFactorSensing(5, measurement="entry", penalty="auto", **GD).fit(
        X, y
    )
    assert model.effective_rank_ == 5
    assert relative_error(model, M) < 0.06
