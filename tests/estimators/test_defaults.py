"""Defaults, and which parameters go together."""

import numpy as np
import pytest

from lowrank_sense import AsymmetricFactorSensing

from ..studies import KINDS, ONE_SEED, completion


@pytest.mark.parametrize("kind", KINDS)
def test_solver_is_chosen_by_default(kind):
    assert kind().solver == "auto"


@pytest.mark.parametrize(
    ("measurement", "n_features"),
    [("matrix", 2), ("matrix", 12), ("rank_one", 3), ("rank_one", 11)],
)
def test_shape_of_a_rectangle_has_to_be_given(measurement, n_features):
    X, y = np.random.default_rng(0).standard_normal((10, n_features)), np.ones(10)
    model = AsymmetricFactorSensing(1, measurement=measurement, max_iter=1, tol=0)
    with pytest.raises(ValueError, match=f"{n_features} features.*shape"):
        model.fit(X, y)
    n1 = n_features // 2
    shape = (2, n_features // 2) if measurement == "matrix" else (n1, n_features - n1)
    assert model.set_params(shape=shape).fit(X, y).matrix_.shape == shape


def test_published_step_is_not_for_als():
    X, y, _ = completion(300, (15, 20), 2)
    model = AsymmetricFactorSensing(
        2, accelerated_step=5, solver="als", measurement="entry"
    )
    with pytest.raises(ValueError, match="accelerated_step"):
        model.fit(X, y)


def test_auto_takes_the_published_step_that_is_asked_for():
    X, y, _ = completion(900, (30, 45), 2)
    model = AsymmetricFactorSensing(4, measurement="entry", **ONE_SEED)
    assert model.fit(X, y).solver_ == "als"
    model.set_params(accelerated_step=5).fit(X, y)
    assert (model.solver_, model.accelerated_iteration_) == ("pcg", 5)


@pytest.mark.parametrize("penalty", [0.0, 1e-3, "auto"])
@pytest.mark.parametrize("solver", ["gd", "pcg"])
def test_the_accelerated_step_does_not_depend_on_the_penalty(penalty, solver):
    """By its number it is taken under any; the rule leaves the surplus to a penalty."""
    X, y, _ = completion(900, (30, 45), 2)
    model = AsymmetricFactorSensing(
        4, solver=solver, measurement="entry", penalty=penalty, **ONE_SEED
    )
    model.set_params(accelerated_step=3, max_iter=6, tol=0).fit(X, y)
    assert model.accelerated_iteration_ == 3
    if penalty:
        model.set_params(accelerated_step=True, max_iter=100).fit(X, y)
        assert model.accelerated_iteration_ is None
