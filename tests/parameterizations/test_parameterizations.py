"""Factors: where they start, their gradients, and what they are turned into."""

import numpy as np
import pytest

from lowrank_sense.arrays.factors import nearest_psd_factor
from lowrank_sense.parameterizations import (
    AsymmetricParameterization,
    SymmetricParameterization,
)
from lowrank_sense.solvers.accelerated_step import orthonormalize


def loss_and_gradients(A, y):
    """Return the loss of F G^T under dense A_i, and its gradients in F and G."""

    def loss(F, G):
        return np.mean((np.einsum("mij,ij->m", A, F @ G.T) - y) ** 2) / 2

    def gradients(F, G):
        residual = np.einsum("mij,ij->m", A, F @ G.T) - y
        R = np.einsum("m,mij->ij", residual, A) / len(y)
        return R @ G, R.T @ F

    return loss, gradients


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("parameterization", "shape", "factor"),
    [
        # The symmetric step absorbs the factor 2 of the gradient.
        (SymmetricParameterization(), (5, 5), 2.0),
        (AsymmetricParameterization(), (4, 6), 1.0),
    ],
)
def test_gradient_against_finite_differences(parameterization, shape, factor, seed):
    rng = np.random.RandomState(seed)
    A, y = rng.standard_normal((30, *shape)), rng.randn(30)
    loss, gradients = loss_and_gradients(A, y)
    factors = parameterization.initialize(shape, 3, 2.0, rng, np.dtype(float))
    direction = parameterization.initialize(shape, 3, 1.0, rng, np.dtype(float))
    F, G = parameterization.pair(factors)
    gradient = parameterization.gradient(gradients(F, G))

    def along(t):
        moved = [f + t * d for f, d in zip(factors, direction, strict=True)]
        return loss(*parameterization.pair(moved))

    slope = (along(1e-5) - along(-1e-5)) / 2e-5
    pairs = zip(gradient, direction, strict=True)
    expected = factor * sum(np.vdot(g, d) for g, d in pairs)
    assert slope == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("beta", [0.3, 1.0, 2.5])
@pytest.mark.parametrize("seed", range(3))
def test_published_step_leaves_the_product_and_orthonormalizes(beta, seed):
    rng = np.random.default_rng(seed)
    F, G = rng.standard_normal((12, 4)), rng.standard_normal((9, 4))
    new_F, new_G = orthonormalize(F, G, beta)
    scale = np.linalg.norm(F) * np.linalg.norm(G)
    np.testing.assert_allclose(new_F @ new_G.T, F @ G.T, atol=1e-15 * scale)
    np.testing.assert_allclose(new_F.T @ new_F, beta**2 * np.eye(4), atol=1e-13)


@pytest.mark.parametrize("rank", [2, 5])
def test_nearest_psd_factor_is_the_projection(rank):
    rng = np.random.default_rng(0)
    F, G = rng.standard_normal((6, 4)), rng.standard_normal((6, 4))
    M = (F @ G.T + G @ F.T) / 2
    eigenvalues, vectors = np.linalg.eigh(M)
    kept = np.where(np.arange(6) >= 6 - rank, np.maximum(eigenvalues, 0), 0)
    X = nearest_psd_factor(F, G, rank)
    assert X.shape == (6, rank)
    np.testing.assert_allclose(X @ X.T, (vectors * kept) @ vectors.T, atol=1e-13)


def test_nearest_psd_factor_wider_than_the_matrix():
    F = np.eye(2)[:, :1]
    assert nearest_psd_factor(F, F, 4).shape == (2, 4)


def test_start_has_the_scales_of_the_paper():
    F, G = AsymmetricParameterization(1 / 3).initialize(
        (400, 900), 20, 0.5, np.random.RandomState(0), np.dtype(float)
    )
    assert np.std(F) == pytest.approx(0.5 / np.sqrt(400), rel=0.05)
    assert np.std(G) == pytest.approx(0.5 / 3 / np.sqrt(900), rel=0.05)


def test_imbalance_is_nearly_conserved_by_small_steps():
    """d/dt (F^T F - G^T G) = 0 under gradient flow (Xiong, Ding and Du, 2024)."""
    rng = np.random.RandomState(0)
    A, y = rng.standard_normal((60, 5, 6)), rng.randn(60)
    _, gradients = loss_and_gradients(A, y)
    parameterization = AsymmetricParameterization()
    factors = parameterization.initialize((5, 6), 2, 1.0, rng, np.dtype(float))
    start = parameterization.imbalance(factors)
    for _ in range(200):
        gradient = parameterization.gradient(gradients(*factors))
        factors = [f - 1e-3 * g for f, g in zip(factors, gradient, strict=True)]
    assert parameterization.imbalance(factors) == pytest.approx(start, rel=1e-3)
