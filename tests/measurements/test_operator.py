"""X as a linear operator."""

import numpy as np
import pytest
from scipy.sparse.linalg import LinearOperator, aslinearoperator
from sklearn.model_selection import cross_val_score

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing

from ..studies import relative_error


@pytest.mark.parametrize("solver", ["gd", "cg", "pcg"])
@pytest.mark.parametrize("settings", [{}, {"fit_intercept": True}, {"penalty": 0.01}])
def test_the_same_as_the_array(solver, settings, rectangular):
    X, y, _ = rectangular
    model = AsymmetricFactorSensing(
        3, solver=solver, shape=(12, 18), max_iter=15, tol=0, random_state=0, **settings
    )
    expected = model.fit(X, y).matrix_
    operator = aslinearoperator(X)
    np.testing.assert_allclose(model.fit(operator, y).matrix_, expected, atol=1e-8)
    np.testing.assert_allclose(model.predict(operator), model.predict(X))
    np.testing.assert_allclose(model.transform(operator), model.transform(X))
    assert model.score(operator, y) == pytest.approx(model.score(X, y))


def test_symmetric_with_weights_and_early_stopping(psd):
    X, y, M = psd
    weights = np.random.default_rng(0).uniform(size=len(y))
    model = SymmetricFactorSensing(3, early_stopping=True, random_state=0)
    model.fit(aslinearoperator(X), y, weights)
    assert relative_error(model, M) < 1e-3


def test_a_pylops_operator():
    import pylops  # which imports PyTorch

    """Every second sample of a blurred image of rank one."""
    n1, n2 = 24, 30
    blur = pylops.signalprocessing.Convolve2D(
        (n1, n2), h=np.outer([0.2, 1, 0.2], [0.1, 1, 0.1]), offset=(1, 1)
    )
    keep = np.random.default_rng(0).permutation(n1 * n2)[: n1 * n2 // 2]
    operator = pylops.Restriction(n1 * n2, np.sort(keep)) @ blur
    M = np.outer(np.sin(np.arange(n1)), np.cos(np.arange(n2) / 2))
    y = operator @ M.ravel()
    model = AsymmetricFactorSensing(
        1, solver="pcg", shape=(n1, n2), tol=1e-8, random_state=0
    ).fit(operator, y)
    assert relative_error(model, M) < 1e-5


def test_float32_stays_float32(rectangular):
    X, y, M = rectangular
    operator = aslinearoperator(X.astype(np.float32))
    model = AsymmetricFactorSensing(2, shape=(12, 18), random_state=0)
    model.fit(operator, y.astype(np.float32))
    assert model.left_factor_.dtype == np.float32
    assert relative_error(model, M) < 1e-3


def operator_of(X, **functions):
    settings = {"matvec": lambda u: X @ u, "rmatvec": lambda v: X.T @ v} | functions
    return LinearOperator(X.shape, dtype=X.dtype, **settings)


@pytest.mark.parametrize(
    ("rmatvec", "match"),
    [
        (
            lambda v: np.ones(216),
            r"adjoint .* does not belong to it.*Check its rmatvec",
        ),
        (lambda v: np.full(216, np.nan), r"does not belong to it"),
        (None, r"without an adjoint: define its rmatvec"),
    ],
)
def test_wrong_adjoint(rmatvec, match, rectangular):
    X, y, _ = rectangular
    operator = operator_of(X, rmatvec=rmatvec)
    with pytest.raises(ValueError, match=match):
        AsymmetricFactorSensing(shape=(12, 18)).fit(operator, y)


def test_what_an_operator_cannot_be(rectangular):
    X, y, _ = rectangular
    model = AsymmetricFactorSensing(shape=(12, 18), max_iter=2, tol=0)
    with pytest.raises(ValueError, match="Complex data not supported"):
        model.fit(aslinearoperator(X.astype(complex)), y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        model.fit(aslinearoperator(X), y[:-1])
    with pytest.raises(ValueError, match="for measurement='matrix', not 'rank_one'"):
        AsymmetricFactorSensing(measurement="rank_one").fit(aslinearoperator(X), y)
    model.fit(aslinearoperator(X), y)
    with pytest.raises(ValueError, match=r"X has 215 features, but .* expecting 216"):
        model.predict(aslinearoperator(X[:, 1:]))


def test_cross_validation_over_an_operator_is_refused(rectangular):
    X, y, _ = rectangular
    model = AsymmetricFactorSensing(shape=(12, 18))
    with pytest.raises(TypeError, match="LinearOperator"):
        cross_val_score(model, aslinearoperator(X), y)
