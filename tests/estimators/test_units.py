"""Scale equivariance: other units of X, y and the weights change nothing else."""

import numpy as np
import pytest
from sklearn.base import clone

from lowrank_sense import AsymmetricFactorSensing

from ..grids import mostly_slow, spread
from ..studies import GD, KINDS, ONE_SEED, relative_error, small


@pytest.mark.parametrize(
    ("kind", "step_size", "rank"), mostly_slow(spread(KINDS, ["auto", 0.25], [2, 4]), 4)
)
def test_equivariance(kind, step_size, rank):
    X, y, _ = small(kind, condition_number=3)
    params = {"step_size": step_size, "max_iter": 3000, **GD}
    base = kind(rank, **params).fit(X, y)
    for c in (1e-6, 3e-3, 7.0, 1e6):
        for scaled, unit in (
            (kind(rank, **params).fit(X, c * y), c),
            (kind(rank, **params).fit(c * X, y), 1 / c),
        ):
            assert scaled.n_iter_ == base.n_iter_
            assert scaled.accelerated_iteration_ == base.accelerated_iteration_
            np.testing.assert_allclose(scaled.matrix_ / unit, base.matrix_, atol=1e-8)
            np.testing.assert_allclose(
                scaled.step_size_history_, base.step_size_history_, rtol=1e-3
            )


def test_extreme_units_of_y():
    X, y, M = small(AsymmetricFactorSensing)
    for c in (1e-150, 1e150):
        model = AsymmetricFactorSensing(**ONE_SEED).fit(X, c * y)
        np.testing.assert_allclose(model.matrix_ / c, M, atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_equivariance_with_noise_and_weights(kind):
    X, y, _ = small(kind, noise=0.1)
    weights = np.random.default_rng(0).uniform(size=len(y))
    base = kind(4, max_iter=60, tol=0, **GD).fit(X, y, weights)
    for c in (1e-6, 1e6):
        scaled = clone(base).fit(X, c * y, c * weights)
        np.testing.assert_allclose(scaled.matrix_ / c, base.matrix_, atol=1e-8)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_units_of_x(dtype):
    X, y, _ = small(AsymmetricFactorSensing)
    X = X.astype(dtype)
    model = AsymmetricFactorSensing(4, tol=1e-4, **GD)
    expected = model.fit(X, y).n_iter_
    exponent = 15 if dtype == np.float32 else 100
    for c in (2.0**-exponent, 2.0**exponent):
        assert model.fit(dtype(c) * X, y).n_iter_ == expected
        assert model.accelerated_iteration_ is not None


def test_extreme_weights():
    X, y, M = small(AsymmetricFactorSensing)
    model = AsymmetricFactorSensing(**ONE_SEED)
    model.fit(X, y, sample_weight=np.full(len(y), 1e308))
    assert relative_error(model, M) < 1e-5
