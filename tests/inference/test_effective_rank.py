"""effective_rank_ counts what the data support, with noise and without."""

import numpy as np
import pytest

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

from ..grids import mostly_slow, slowly
from ..studies import KINDS


def data(kind, measurement, m, n, true_rank, seed, **settings):
    X, y, _ = make_matrix_sensing(
        m,
        (n, n),
        true_rank,
        psd=kind is SymmetricFactorSensing,
        measurement=measurement,
        random_state=seed,
        **settings,
    )
    return X, y


def estimator(kind, measurement, n, rank, seed):
    return kind(
        rank,
        solver="auto",
        measurement=measurement,
        shape=(n, n),
        max_iter=200,
        random_state=seed,
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("measurement", ["matrix", "rank_one", "entry"])
@pytest.mark.parametrize("seed", [0, *slowly(1, 2)])
def test_a_weak_component_above_the_noise_counts(kind, measurement, seed):
    """20 dB, kappa = 10, k = 3r: the weakest singular value is .06 of the norm of M."""
    n = 100 if measurement == "entry" else 30
    m = 2 * 9 * (2 * n - 9) if kind is SymmetricFactorSensing else 4 * 9 * (2 * n - 9)
    X, y = data(kind, measurement, m, n, 3, seed, noise=0.1, condition_number=10)
    model = estimator(kind, measurement, n, 9, seed).fit(X, y)
    assert model.stop_reason_ in ("noise", "stationary")
    assert model.effective_rank_ == 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("measurement", "m", "n"),
    mostly_slow(
        [
            ("matrix", 60, 3),
            ("matrix", 800, 40),
            ("rank_one", 60, 3),
            ("rank_one", 800, 40),
            ("entry", 800, 40),
            ("entry", 8000, 100),
        ],
        2,
    ),
)
@pytest.mark.slow
def test_noise_alone_has_no_rank(kind, measurement, m, n):
    ranks = []
    for seed in range(5):
        X, _ = data(kind, measurement, m, n, 1, seed)
        noise = np.random.default_rng(seed).standard_normal(m)
        model = estimator(kind, measurement, n, 2, seed).fit(X, noise)
        ranks.append(model.effective_rank_)
    assert ranks == [0] * 5


@pytest.mark.parametrize("seed", range(5))
def test_phase_retrieval_with_rank_two_has_rank_one(seed):
    A = np.random.default_rng(seed).standard_normal((240, 60))
    y = (A @ np.random.default_rng(seed + 100).standard_normal(60)) ** 2
    model = SymmetricFactorSensing(
        2, solver="pcg", measurement="rank_one", max_iter=2000, random_state=seed
    ).fit(A, y)
    assert model.stop_reason_ == "recovered"
    assert model.effective_rank_ == 1


def test_a_penalty_hides_no_component():
    X, y, _ = make_matrix_sensing(600, (12, 18), 2, noise=0.1, random_state=0)
    for penalty in (1e-3, 1e-2, 3e-2):
        model = AsymmetricFactorSensing(
            6, shape=(12, 18), solver="pcg", penalty=penalty, random_state=0
        ).fit(X, y)
        assert model.effective_rank_ == 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", ["gd", "pcg"])
@pytest.mark.parametrize("tol", [1e-6, *slowly(1e-3)])
@pytest.mark.parametrize("part", [0.2, 0.8])
def test_what_a_strong_penalty_lets_vanish_does_not_count(kind, solver, tol, part):
    """Parts of the penalty from which on the solution is zero, above all noise."""
    n, rank, seed = 20, 6, 0
    X, y = data(kind, "matrix", 600, n, 2, seed, noise=0.1)
    adjoint = (X.T @ y).reshape(n, n) / len(y)
    penalty = part * np.linalg.norm((adjoint + adjoint.T) / 2, 2)
    model = estimator(kind, "matrix", n, rank, seed)
    model.set_params(solver=solver, penalty=penalty, tol=tol).fit(X, y)
    assert model.effective_rank_ == 2


@pytest.mark.parametrize("seed", [0, *slowly(*range(1, 5))])
def test_effective_rank_is_the_true_one(seed):
    X, y, _ = make_matrix_sensing(400, (20, 20), 2, noise=0.05, random_state=seed)
    model = AsymmetricFactorSensing(4, solver="gd", tol=1e-3, random_state=seed)
    assert model.fit(X, y).effective_rank_ == 2
