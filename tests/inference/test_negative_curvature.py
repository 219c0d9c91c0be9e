"""The test of a saddle point: whether descent could still leave where it rests."""

import numpy as np
import pytest

from lowrank_sense.inference.certificates import negative_curvature
from lowrank_sense.parameterizations import (
    AsymmetricParameterization,
    SymmetricParameterization,
)

from ..points import N, basis, factors_of, iterate_at

PARAMETERIZATIONS = [SymmetricParameterization(), AsymmetricParameterization()]


@pytest.mark.parametrize("parameterization", PARAMETERIZATIONS)
@pytest.mark.parametrize("seed", range(3))
def test_it_is_zero_at_a_minimum(parameterization, seed):
    """The best approximation of rank 2, by Eckart and Young."""
    Q = basis(seed)
    M = (Q[:, :4] * [1.0, 0.5, 0.4, 0.1]) @ Q[:, :4].T
    factors = factors_of(parameterization, Q, [1.0, 0.5])
    assert negative_curvature(iterate_at(parameterization, factors, M)) < 1e-14


@pytest.mark.parametrize("parameterization", PARAMETERIZATIONS)
@pytest.mark.parametrize("seed", range(3))
def test_at_a_saddle_it_is_the_size_of_the_hidden_signal(parameterization, seed):
    Q = basis(seed)
    M = (Q[:, :2] * [1.0, 0.3]) @ Q[:, :2].T
    columns = Q[:, [0, 3]]
    factors = factors_of(parameterization, columns, [1.0, 1e-9])
    iterate = iterate_at(parameterization, factors, M)
    assert negative_curvature(iterate) == pytest.approx(0.3, rel=1e-6)


def test_negative_eigenvalues_are_no_signal_in_a_psd_matrix():
    Q = basis()
    M = (Q[:, :2] * [1.0, -0.3]) @ Q[:, :2].T
    parameterization = SymmetricParameterization()
    factors = factors_of(parameterization, Q[:, [0, 3]], [1.0, 1e-9])
    assert negative_curvature(iterate_at(parameterization, factors, M)) < 1e-14


@pytest.mark.parametrize("rank", [1, N])
def test_with_the_smallest_and_the_largest_rank(rank):
    Q = basis()
    s = np.linspace(1.0, 0.5, N)
    parameterization = AsymmetricParameterization()
    factors = factors_of(parameterization, Q, s[:rank])
    iterate = iterate_at(parameterization, factors, (Q * s) @ Q.T)
    assert negative_curvature(iterate) < 1e-14
    s[rank - 1] = 1e-9
    M = (Q * np.linspace(1.0, 0.5, N)) @ Q.T
    factors = factors_of(parameterization, Q, s[:rank])
    assert negative_curvature(iterate_at(parameterization, factors, M)) > 0.4
