"""solver="als": alternating least squares."""

import numpy as np
import pytest

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing

from ..studies import completion


def test_als_descends_and_knows_its_gradient():
    X, y, _ = completion(800, (30, 40), 3, noise=0.2)
    model = AsymmetricFactorSensing(
        3, solver="als", measurement="entry", tol=0, max_iter=30, random_state=0
    ).fit(X, y)
    assert np.all(np.diff(model.loss_history_) <= 1e-15)
    residual = model.predict(X) - y
    assert model.loss_history_[-1] == pytest.approx(np.mean(residual**2) / 2)
    gradient = np.zeros_like(model.matrix_)
    np.add.at(gradient, (X[:, 0], X[:, 1]), residual / len(y))
    expected = np.hypot(
        np.linalg.norm(gradient @ model.right_factor_),
        np.linalg.norm(gradient.T @ model.left_factor_),
    )
    assert len(model.gradient_norm_history_) == model.n_iter_ + 1
    assert model.gradient_norm_history_[-1] == pytest.approx(expected, rel=1e-6)
    again = model.set_params(max_iter=31).fit(X, y)
    assert again.gradient_norm_history_[30] == pytest.approx(expected, rel=1e-6)


def test_als_with_early_stopping_and_float32():
    X, y, _ = completion(3000, (60, 70), 2, noise=0.3)
    model = AsymmetricFactorSensing(
        6, solver="als", measurement="entry", early_stopping=True, random_state=0
    ).fit(X, y.astype(np.float32))
    history, n_iter = model.validation_history_, model.n_iter_
    best = int(np.argmin(history))
    assert best < n_iter == len(history) - 1
    assert model.left_factor_.dtype == np.float32
    predictions = model.predict(X)
    model.set_params(max_iter=best, tol=0).fit(X, y.astype(np.float32))
    assert model.validation_history_[-1] == history[best]
    np.testing.assert_array_equal(model.predict(X), predictions)


@pytest.mark.parametrize(
    ("model", "match"),
    [
        (SymmetricFactorSensing(measurement="entry", solver="als"), "solver='als' is"),
        (
            AsymmetricFactorSensing(solver="als"),
            "measurement='matrix'.*use solver='pcg'",
        ),
        (AsymmetricFactorSensing(penalty="auto"), "penalty='auto' is for measurement"),
    ],
)
def test_what_is_only_for_entries(model, match):
    with pytest.raises(ValueError, match=match):
        model.fit(np.ones((10, 4)), np.ones(10))
