import numpy as np
import pytest

from lowrank_sense.measurements import LeastSquares, Scale
from lowrank_sense.measurements.matrix import MatrixMeasurement
from lowrank_sense.parameterizations import (
    AsymmetricParameterization,
    SymmetricParameterization,
)
from lowrank_sense.solvers import Iterate

N = 6
UNITS = Scale(operator=1.0, signal=1.0, step=1.0, excess=0.0)
PARAMETERIZATIONS = [SymmetricParameterization(), AsymmetricParameterization()]


def iterate_at(parameterization, factors, M):
    """Every entry of M is measured: A is an isometry."""
    m = N * N
    X = N * np.eye(m)
    measurement = MatrixMeasurement(X, (N, N))
    weights = np.full(m, 1 / m)
    objective = LeastSquares(measurement, X @ M.ravel(), weights, UNITS)
    iterate = Iterate(parameterization, factors, objective)
    iterate.refresh()
    return iterate


def basis(seed=0):
    rng = np.random.default_rng(seed)
    return np.linalg.qr(rng.standard_normal((N, N)))[0]


def factors_of(parameterization, Q, s):
    X = Q[:, : len(s)] * np.sqrt(s)
    return (X,) * (1 if isinstance(parameterization, SymmetricParameterization) else 2)


@pytest.mark.parametrize("parameterization", PARAMETERIZATIONS)
@pytest.mark.parametrize("seed", range(3))
def test_growth_is_zero_at_a_minimum(parameterization, seed):
    """The best approximation of rank 2, by Eckart and Young."""
    Q = basis(seed)
    M = (Q[:, :4] * [1.0, 0.5, 0.4, 0.1]) @ Q[:, :4].T
    factors = factors_of(parameterization, Q, [1.0, 0.5])
    assert iterate_at(parameterization, factors, M).growth() < 1e-14


@pytest.mark.parametrize("parameterization", PARAMETERIZATIONS)
@pytest.mark.parametrize("seed", range(3))
def test_growth_at_a_saddle_is_the_size_of_the_hidden_signal(parameterization, seed):
    Q = basis(seed)
    M = (Q[:, :2] * [1.0, 0.3]) @ Q[:, :2].T
    columns = Q[:, [0, 3]]
    factors = factors_of(parameterization, columns, [1.0, 1e-9])
    iterate = iterate_at(parameterization, factors, M)
    assert iterate.growth() == pytest.approx(0.3, rel=1e-6)


def test_negative_eigenvalues_are_no_signal_of_a_psd_matrix():
    Q = basis()
    M = (Q[:, :2] * [1.0, -0.3]) @ Q[:, :2].T
    parameterization = SymmetricParameterization()
    factors = factors_of(parameterization, Q[:, [0, 3]], [1.0, 1e-9])
    assert iterate_at(parameterization, factors, M).growth() < 1e-14


@pytest.mark.parametrize("rank", [1, N])
def test_growth_of_the_smallest_and_the_largest_rank(rank):
    Q = basis()
    s = np.linspace(1.0, 0.5, N)
    parameterization = AsymmetricParameterization()
    factors = factors_of(parameterization, Q, s[:rank])
    assert iterate_at(parameterization, factors, (Q * s) @ Q.T).growth() < 1e-14
    s[rank - 1] = 1e-9
    M = (Q * np.linspace(1.0, 0.5, N)) @ Q.T
    factors = factors_of(parameterization, Q, s[:rank])
    assert iterate_at(parameterization, factors, M).growth() > 0.4


def test_lift_and_return():
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


def test_unlift_tells_how_far_the_matrix_moved():
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
