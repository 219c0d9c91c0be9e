"""The theory's regression suite: the five systems, each against its own rate.

Rates are those of ||M_T - M*||_F^2 with sigma_1 = 1 and the paper's fixed step.
"""

import numpy as np
import pytest
from scipy import sparse

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.convergence import estimate_rate
from lowrank_sense.datasets import make_matrix_sensing

from ..grids import mostly_slow, slowly, spread
from ..studies import iterations_to, linear_rate, squared_errors

STEP = 0.25
# Squared errors below that part of ||M||_F^2 say nothing of a rate.
ROUNDING = 1e-26
SHAPES = [(20, 20), (10, 40), (40, 10), (16, 32)]
ALPHAS = [0.5, 0.2, 0.1, 0.05, 0.02]


def problem(shape, rank, seed, psd=False, measurements_per_dof=10):
    m = measurements_per_dof * max(shape) * rank
    return make_matrix_sensing(m, shape, rank, psd=psd, random_state=seed)


def symmetric(rank, alpha, n_iter, seed, **params):
    params = {"accelerated_step": False, **params}
    return SymmetricFactorSensing(
        rank,
        alpha,
        solver="gd",
        step_size=STEP,
        max_iter=n_iter,
        tol=0,
        random_state=seed,
        **params,
    )


def asymmetric(rank, alpha, n_iter, shape, seed, **params):
    params = {"accelerated_step": False, **params}
    return AsymmetricFactorSensing(
        rank,
        alpha,
        solver="gd",
        step_size=STEP,
        shape=shape,
        max_iter=n_iter,
        tol=0,
        random_state=seed,
        **params,
    )


@pytest.mark.parametrize("seed", [0, *slowly(1)])
@pytest.mark.parametrize("alpha", [0.5, 0.1, 0.02])
def test_system_1_symmetric_exact_rank_is_linear(alpha, seed):
    X, y, M = problem((20, 20), 2, seed, psd=True)
    errors = squared_errors(symmetric(2, alpha, 600, seed), X, y, M, ROUNDING)
    assert errors[-1] < 1e-20
    linear_rate(errors)


@pytest.mark.parametrize("seed", [0, *slowly(1)])
@pytest.mark.parametrize(
    ("n", "true_rank", "rank"), mostly_slow([(20, 2, 4), (24, 5, 20)], 2)
)
def test_system_2_symmetric_surplus_rank_is_sublinear(n, true_rank, rank, seed):
    X, y, M = problem((n, n), true_rank, seed, psd=True)
    errors = squared_errors(symmetric(rank, 0.5, 3000, seed), X, y, M)
    rate = estimate_rate(errors, first_iteration=1)
    assert rate.kind == "sublinear"
    assert 1.5 <= rate.value <= 2.4


@pytest.mark.parametrize(
    ("alpha", "shape", "seed"),
    mostly_slow(spread([0.5, 0.1, 0.02], SHAPES, range(2)), 5),
)
def test_system_3_asymmetric_exact_rank_is_linear(alpha, shape, seed):
    X, y, M = problem(shape, 2, seed)
    errors = squared_errors(asymmetric(2, alpha, 600, shape, seed), X, y, M, ROUNDING)
    assert errors[-1] < 1e-20
    linear_rate(errors)


@pytest.mark.slow
@pytest.mark.parametrize(("shape", "seed"), list(zip(SHAPES, range(4), strict=True)))
def test_system_4_asymmetric_surplus_rank_depends_on_alpha_squared(shape, seed):
    X, y, M = problem(shape, 2, seed)
    alphas = [0.5, 0.35, 0.25, 0.18]
    rates = []
    for alpha in alphas:
        model = asymmetric(4, alpha, 3000, shape, seed)
        errors = squared_errors(model, X, y, M, stop_below=1e-20)
        rates.append(linear_rate(errors))
    slope = np.polyfit(np.log(alphas), np.log(rates), 1)[0]
    assert 1.6 <= slope <= 2.4


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_system_4_with_a_large_surplus(seed):
    """k = 20, r = 5, every entry measured: the isometry that random ones approach."""
    n = 80
    _, _, M = make_matrix_sensing(1, (n, n), 5, random_state=seed)
    X = sparse.csr_array(n * sparse.eye(n * n))
    y = X @ M.ravel()
    alphas = [0.7, 0.5, 0.35]
    rates = []
    for alpha in alphas:
        model = asymmetric(20, alpha, 4000, (n, n), seed)
        errors = squared_errors(model, X, y, M, stop_below=1e-20)
        rates.append(linear_rate(errors))
    slope = np.polyfit(np.log(alphas), np.log(rates), 1)[0]
    assert 1.6 <= slope <= 2.4


# A near-isometry at rank 20 takes more measurements than one at rank 5.
PROBLEMS_OF_SYSTEM_5 = [(shape, 2, 4, 10) for shape in SHAPES]
PROBLEMS_OF_SYSTEM_5 += [((24, 24), 5, 20, 20)]


@pytest.mark.parametrize(
    ("case", "seed", "accelerated_step"),
    mostly_slow(spread(PROBLEMS_OF_SYSTEM_5, range(2), [100, True]), 10),
)
def test_system_5_accelerated_step_makes_the_rate_independent_of_alpha(
    case, seed, accelerated_step
):
    shape, true_rank, rank, measurements_per_dof = case
    X, y, M = problem(shape, true_rank, seed, measurements_per_dof=measurements_per_dof)
    rates = []
    for alpha in ALPHAS:
        model = asymmetric(
            rank, alpha, 420, shape, seed, accelerated_step=accelerated_step
        )
        errors = squared_errors(model, X, y, M, ROUNDING)
        after = errors[model.accelerated_iteration_ :]
        assert iterations_to(after, 1e-14) <= 300
        rates.append(linear_rate(after))
    assert max(rates) <= 1.25 * min(rates)


@pytest.mark.parametrize(
    ("seed", "case", "accelerated_step", "symmetric_measurements"),
    mostly_slow(
        spread(range(2), [(20, 2, 4), (24, 5, 20)], [100, True], [False, True]), 8
    ),
)
def test_system_5_symmetric_goes_on_with_two_factors(
    seed, case, accelerated_step, symmetric_measurements
):
    n, true_rank, rank = case
    X, _, M = problem((n, n), true_rank, seed, psd=True)
    if symmetric_measurements:
        matrices = X.reshape(-1, n, n)
        X = ((matrices + matrices.transpose(0, 2, 1)) / 2).reshape(X.shape)
    y = X @ M.ravel()
    model = symmetric(rank, 0.1, 500, seed, accelerated_step=accelerated_step)
    errors = squared_errors(model, X, y, M, ROUNDING)
    assert errors[-1] < 1e-20
    linear_rate(errors[model.accelerated_iteration_ :])
    assert np.linalg.eigvalsh(model.matrix_).min() > -1e-12
    sublinear = symmetric(rank, 0.1, 500, seed).fit(X, y)
    assert np.sum((sublinear.matrix_ - M) ** 2) > 1e-8
