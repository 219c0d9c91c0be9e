"""The rule of accelerated_step=True; the whole grid is in benchmarks/."""

import numpy as np
import pytest

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing
from lowrank_sense.solvers import Iterate

from ..grids import mostly_slow, spread
from ..studies import GD, KINDS, iterations_to, squared_errors

SHAPE, TRUE_RANK = (20, 20), 2
SQUARED_TARGETS = (1e-8, 1e-12, 1e-16)


def iterations(kind, kappa, seed, rank, alpha, step_size, accelerated_step, max_iter):
    X, y, M = make_matrix_sensing(
        400,
        SHAPE,
        TRUE_RANK,
        psd=kind is SymmetricFactorSensing,
        condition_number=kappa,
        random_state=seed,
    )
    model = kind(
        rank,
        alpha,
        accelerated_step,
        solver="gd",
        step_size=step_size,
        tol=0,
        max_iter=max_iter,
        random_state=seed,
    )
    errors = squared_errors(model, X, y, M, stop_below=1e-16) / np.sum(M**2)
    return [iterations_to(errors, target) for target in SQUARED_TARGETS]


SLOWER = (AsymmetricFactorSensing, 0.25, 1, 6)


@pytest.mark.parametrize(
    ("kind", "step_size", "kappa", "rank"),
    mostly_slow(spread(KINDS, [0.25, "auto"], [1, 10], [2, 4, 6], also=[SLOWER]), 9),
)
@pytest.mark.slow
def test_never_much_slower_than_plain_and_independent_of_alpha(
    kind, step_size, kappa, rank, request
):
    seed = 0
    if (kind, step_size, kappa, rank) == SLOWER:
        reason = "499 iterations at alpha = 0.5 against 382 at alpha = 0.02"
        request.applymarker(pytest.mark.xfail(strict=True, reason=reason))
    last = []
    for alpha in (0.5, 0.1, 0.02):
        study = (kind, kappa, seed, rank, alpha, step_size)
        ruled = iterations(*study, accelerated_step=True, max_iter=4000)
        # From there on it is too slow to object.
        enough = int(ruled[-1] / 1.1)
        plain = iterations(*study, accelerated_step=False, max_iter=enough)
        for mine, theirs in zip(ruled, plain, strict=True):
            assert theirs is None or mine <= 1.1 * theirs
        last.append(ruled[-1])
    if rank > TRUE_RANK:
        assert max(last) <= 1.25 * min(last)


HIGHER = (4, 20, "auto", 1)


@pytest.mark.parametrize(
    ("rank", "decibels", "step_size", "seed"),
    mostly_slow(
        spread([2, 4], [40, 20, 10], ["auto", 0.25], range(2), also=[HIGHER]), 7
    ),
)
@pytest.mark.slow
def test_noise_does_not_raise_the_final_loss(rank, decibels, step_size, seed, request):
    if (rank, decibels, step_size, seed) == HIGHER:
        reason = "ends 3 % higher, near another stationary point"
        request.applymarker(pytest.mark.xfail(strict=True, reason=reason))
    X, y, _ = make_matrix_sensing(
        400, SHAPE, TRUE_RANK, noise=10 ** (-decibels / 20), random_state=seed
    )
    losses = []
    for accelerated_step in (True, False):
        model = AsymmetricFactorSensing(
            rank,
            accelerated_step=accelerated_step,
            solver="gd",
            step_size=step_size,
            tol=0,
            max_iter=800,
            random_state=seed,
        )
        losses.append(model.fit(X, y).loss_history_[-1])
    assert losses[0] <= losses[1] * (1 + 1e-9)


@pytest.mark.parametrize("kappa", [1, 10])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.slow
def test_every_accelerated_step_leaves_the_product(kind, kappa, monkeypatch):
    drifts = []
    set_factors = Iterate.set_factors

    def checked(iterate, F, G):
        old_F, old_G = iterate.pair
        set_factors(iterate, F, G)
        M = old_F @ old_G.T
        drifts.append(np.linalg.norm(F @ G.T - M) / np.linalg.norm(M))

    monkeypatch.setattr(Iterate, "set_factors", checked)
    X, y, _ = make_matrix_sensing(
        400,
        SHAPE,
        TRUE_RANK,
        psd=kind is SymmetricFactorSensing,
        condition_number=kappa,
        random_state=0,
    )
    kind(4, **GD).fit(X, y)
    assert drifts
    assert max(drifts) < 1e-14


def test_too_few_measurements_switch_the_rule_off():
    X, y, _ = make_matrix_sensing(60, SHAPE, TRUE_RANK, random_state=0)
    model = AsymmetricFactorSensing(4, tol=1e-2, **GD).fit(X, y)
    assert model.accelerated_iteration_ is None
