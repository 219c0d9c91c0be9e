"""What moves: the factors, and going from one to two of them and back."""

import numpy as np
import pytest

from lowrank_sense.parameterizations import (
    SymmetricParameterization,
)

from ..points import N, basis, factors_of, iterate_at


def test_split_into_two_factors_and_merge():
    Q = basis()
    M = (Q[:, :2] * [1.0, 0.5]) @ Q[:, :2].T
    single = SymmetricParameterization()
    iterate = iterate_at(single, factors_of(single, Q, [0.9, 0.2]), M)
    (X,) = iterate.factors
    objective, loss = iterate.objective, iterate.objective.loss
    iterate.refactor(2 * X, X / 2)
    assert iterate.lifted
    assert iterate.objective.loss == pytest.approx(loss)
    assert iterate.unlift() == pytest.approx(0, abs=1e-12)
    assert not iterate.lifted
    assert iterate.parameterization is single
    assert iterate.objective is objective
    assert iterate.objective.loss == pytest.approx(loss)


def test_merging_tells_how_far_the_matrix_moved():
    Q = basis()
    single = SymmetricParameterization()
    iterate = iterate_at(single, factors_of(single, Q, [0.9, 0.2]), np.eye(N))
    F, G = Q[:, :2] * [1.0, 0.3], Q[:, :2] * [1.0, -0.3]
    iterate.refactor(F, G)
    assert iterate.unlift() == pytest.approx(0.3**2)


def test_restore_puts_everything_back():
    Q = basis()
    single = SymmetricParameterization()
    iterate = iterate_at(single, factors_of(single, Q, [0.9, 0.2]), np.eye(N))
    state, loss = iterate.state(), iterate.objective.loss
    iterate.refactor(Q[:, :2], Q[:, 2:4])
    iterate.restore(state)
    assert not iterate.lifted
    assert iterate.objective.loss == loss
