"""The rule of accelerated_step=True; the whole grid is in benchmarks/."""

import numpy as np
import pytest

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing
from lowrank_sense.parameterizations import (
    AsymmetricParameterization,
    SymmetricParameterization,
)
from lowrank_sense.solvers import certified_rank
from lowrank_sense.solvers.descent import Iterate

from ..studies import iterations_to, squared_errors

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
        step_size=step_size,
        tol=0,
        max_iter=max_iter,
        random_state=seed,
    )
    errors = squared_errors(model, X, y, M, stop_below=1e-16) / np.sum(M**2)
    return [iterations_to(errors, target) for target in SQUARED_TARGETS]


@pytest.mark.parametrize("kind", [AsymmetricFactorSensing, SymmetricFactorSensing])
@pytest.mark.parametrize("step_size", ["auto", 0.25])
@pytest.mark.parametrize("kappa", [1, 10])
@pytest.mark.parametrize("rank", [2, 4, 6])
@pytest.mark.parametrize("seed", range(2))
def test_never_much_slower_than_plain_and_independent_of_alpha(
    kind, step_size, kappa, rank, seed
):
    last = []
    for alpha in (0.5, 0.1, 0.02):
        study = (kind, kappa, seed, rank, alpha, step_size)
        ruled = iterations(*study, accelerated_step=True, max_iter=4000)
        plain = iterations(*study, accelerated_step=False, max_iter=ruled[-1])
        for mine, theirs in zip(ruled, plain, strict=True):
            assert theirs is None or mine <= 1.1 * theirs
        last.append(ruled[-1])
    if rank > TRUE_RANK:
        assert max(last) <= 1.35 * min(last)


@pytest.mark.parametrize("step_size", ["auto", 0.25])
@pytest.mark.parametrize("decibels", [40, 20, 10])
@pytest.mark.parametrize("rank", [2, 4])
def test_noise_does_not_raise_the_final_loss(rank, decibels, step_size):
    for seed in range(2):
        X, y, _ = make_matrix_sensing(
            400, SHAPE, TRUE_RANK, noise=10 ** (-decibels / 20), random_state=seed
        )
        losses = []
        for accelerated_step in (True, False):
            model = AsymmetricFactorSensing(
                rank,
                accelerated_step=accelerated_step,
                step_size=step_size,
                tol=0,
                max_iter=800,
                random_state=seed,
            )
            losses.append(model.fit(X, y).loss_history_[-1])
        assert losses[0] <= losses[1] * (1 + 1e-9)


@pytest.mark.parametrize("kappa", [1, 10])
@pytest.mark.parametrize("kind", [AsymmetricFactorSensing, SymmetricFactorSensing])
def test_every_modification_leaves_the_product(kind, kappa, monkeypatch):
    drifts = []
    replace = Iterate.replace

    def checked(iterate, factors):
        F, G = iterate.pair
        replace(iterate, factors)
        new_F, new_G = iterate.pair
        drift = np.linalg.norm(new_F @ new_G.T - F @ G.T)
        drifts.append((drift / np.linalg.norm(F @ G.T), iterate.objective.error))

    monkeypatch.setattr(Iterate, "replace", checked)
    X, y, _ = make_matrix_sensing(
        400,
        SHAPE,
        TRUE_RANK,
        psd=kind is SymmetricFactorSensing,
        condition_number=kappa,
        random_state=0,
    )
    kind(4, random_state=0).fit(X, y)
    assert drifts
    for drift, error in drifts:
        # Returning to one symmetric factor drops an antisymmetric part that is smaller
        # than the error; all else is exact.
        lifted_back = kind is SymmetricFactorSensing
        assert drift < (error if lifted_back else 0) + 1e-14


def test_certified_rank_is_weyls():
    s = np.array([1.0, 0.5, 0.1])
    assert certified_rank(s, 0.2) == 2
    assert certified_rank(s, 2.0) == 0
    assert certified_rank(np.array([1.0, 1e-16]), 0.0) == 1


@pytest.mark.parametrize("seed", range(5))
def test_effective_rank_is_the_true_one(seed):
    X, y, _ = make_matrix_sensing(400, SHAPE, TRUE_RANK, noise=0.05, random_state=seed)
    model = AsymmetricFactorSensing(4, tol=1e-3, random_state=seed)
    assert model.fit(X, y).effective_rank_ == TRUE_RANK


def test_too_few_measurements_switch_the_rule_off():
    X, y, _ = make_matrix_sensing(60, SHAPE, TRUE_RANK, random_state=0)
    model = AsymmetricFactorSensing(4, tol=1e-2, random_state=0).fit(X, y)
    assert model.accelerated_iteration_ is None


def test_an_iterate_that_is_lifted_and_returns_keeps_its_parts():
    class Objective:
        def symmetrized(self):
            return Objective()

        def restart(self, F, G):
            pass

    single, objective = SymmetricParameterization(), Objective()
    X = np.eye(3)[:, :2]
    iterate = Iterate(single, (X,), objective)
    iterate.replace((X, X))
    assert iterate.lifted
    assert isinstance(iterate.parameterization, AsymmetricParameterization)
    iterate.replace((X,))
    assert not iterate.lifted
    assert iterate.parameterization is single
    assert iterate.objective is objective
