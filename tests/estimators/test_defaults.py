"""What is new in release 0.2: the default solver, and shapes that are not guessed."""

import numpy as np
import pytest

from lowrank_sense import AsymmetricFactorSensing

from ..studies import KINDS, ONE_SEED, completion

pytestmark = pytest.mark.xfail(reason="from release 0.2 on", strict=False)


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


def test_penalty_auto_is_no_accelerated_step():
    X, y, _ = completion(900, (30, 45), 2)
    model = AsymmetricFactorSensing(
        4, solver="gd", measurement="entry", penalty="auto", **ONE_SEED
    )
    assert model.fit(X, y).accelerated_iteration_ is None
