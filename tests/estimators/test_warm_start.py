"""warm_start=True: a fit that goes on from the one before."""

import numpy as np
import pytest

from lowrank_sense import AsymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

from ..studies import GD, KINDS, relative_error


@pytest.mark.parametrize("kind", KINDS)
def test_warm_start_goes_on_where_it_was(kind):
    X, y, _ = make_matrix_sensing(
        300, (12, 12), 2, psd=True, noise=0.1, random_state=20
    )
    settings = {"tol": 0, "accelerated_step": False, **GD}
    long = kind(3, max_iter=30, **settings).fit(X, y)
    short = kind(3, max_iter=12, warm_start=True, **settings).fit(X, y)
    short.set_params(max_iter=18).fit(X, y)
    np.testing.assert_allclose(short.matrix_, long.matrix_, rtol=1e-8)
    np.testing.assert_allclose(short.loss_history_, long.loss_history_[12:], rtol=1e-8)


def test_warm_start_does_not_mind_other_units():
    X, y, M = make_matrix_sensing(300, (12, 12), 2, random_state=20)
    model = AsymmetricFactorSensing(2, warm_start=True, random_state=0).fit(X, y)
    model.fit(10 * X, y)
    assert relative_error(model, M / 10) < 1e-5


@pytest.mark.slow
@pytest.mark.parametrize("solver", ["cg", "pcg"])
@pytest.mark.parametrize("noise", [0.1, 0.3])
def test_a_warm_path_of_penalties_costs_less_than_half(solver, noise):
    X, y, _ = make_matrix_sensing(400, (15, 15), 2, noise=noise, random_state=20)
    n_iter = {}
    for warm_start in (False, True):
        model = AsymmetricFactorSensing(
            15, solver=solver, warm_start=warm_start, tol=1e-3, random_state=0
        )
        n_iter[warm_start] = sum(
            model.set_params(penalty=penalty).fit(X, y).n_iter_
            for penalty in np.geomspace(0.3, 0.01, 30)
        )
    assert n_iter[True] < n_iter[False] / 2


@pytest.mark.parametrize(
    ("change", "match"),
    [({"rank": 4}, r"rank=4"), ({"shape": (9, 16)}, r"shape \(9, 16\)")],
)
def test_warm_start_with_other_factors_is_refused(change, match):
    X, y, _ = make_matrix_sensing(300, (12, 12), 2, random_state=20)
    model = AsymmetricFactorSensing(3, warm_start=True, random_state=0).fit(X, y)
    before = model.matrix_
    with pytest.raises(ValueError, match=match):
        model.set_params(**change).fit(X, y)
    np.testing.assert_array_equal(model.matrix_, before)


@pytest.mark.parametrize("solver", ["cg", "pcg"])
def test_components_that_a_penalty_held_down_come_back(solver):
    X, y, _ = make_matrix_sensing(400, (15, 15), 2, noise=0.1, random_state=20)
    model = AsymmetricFactorSensing(6, solver=solver, warm_start=True, random_state=0)
    model.set_params(penalty=0.5).fit(X, y)
    assert model.singular_values_[2] < 1e-6
    model.set_params(penalty=0.02).fit(X, y)
    assert model.singular_values_[5] > 1e-3
    cold = AsymmetricFactorSensing(
        6, solver=solver, penalty=0.02, tol=1e-8, random_state=1
    ).fit(X, y)
    assert relative_error(model, cold.matrix_) < 1e-5
