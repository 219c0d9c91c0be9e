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
        (lambda v: np.full(216, np.nan), r"whose rmatvec returns NaN"),
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


class Buffered(LinearOperator):
    """Return the same array at each call, with another content."""

    def __init__(self, X):
        super().__init__(X.dtype, X.shape)
        self._X, self._there, self._back = X, *(np.empty(n, X.dtype) for n in X.shape)

    def _matvec(self, u):
        return np.dot(self._X, u.ravel(), out=self._there)

    def _rmatvec(self, v):
        return np.dot(self._X.T, v.ravel(), out=self._back)


class Remembering:
    """Multiply by X or its transpose, and return read-only results from a cache."""

    def __init__(self, X):
        self._X, self._known = X, {}

    def __call__(self, u):
        key = u.tobytes()
        if key not in self._known:
            self._known[key] = np.asarray(self._X @ u)
            self._known[key].flags.writeable = False
        return self._known[key]


def one_dimensional(X):
    """Return a product that a column of shape (n, 1) would break."""
    return lambda u: np.array([float(sum(row * u)) for row in X])


OPERATORS = {
    "buffered": Buffered,
    "read-only": lambda X: operator_of(
        X, matvec=Remembering(X), rmatvec=Remembering(X.T)
    ),
    "read-only matrices": lambda X: operator_of(
        X, matvec=Remembering(X), rmatvec=Remembering(X.T), matmat=Remembering(X)
    ),
    "one-dimensional": lambda X: operator_of(
        X, matvec=one_dimensional(X), rmatvec=lambda v: np.einsum("ij,i", X, v)
    ),
}


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("solver", ["gd", "cg", "pcg"])
@pytest.mark.parametrize("fit_intercept", [False, True])
def test_how_an_operator_returns_its_results(name, solver, fit_intercept, rectangular):
    X, y, _ = rectangular
    model = AsymmetricFactorSensing(
        2,
        solver=solver,
        shape=(12, 18),
        max_iter=10,
        tol=0,
        fit_intercept=fit_intercept,
        random_state=0,
    )
    expected, components = model.fit(X, y).matrix_, model.transform(X)
    operator = OPERATORS[name](X)
    np.testing.assert_allclose(model.fit(operator, y).matrix_, expected, atol=1e-8)
    np.testing.assert_allclose(model.transform(operator), components, atol=1e-7)


def test_a_matmat_that_mixes_its_columns(rectangular):
    X, y, _ = rectangular
    operator = operator_of(X, matmat=lambda U: X @ np.repeat(U[:, -1:], U.shape[1], 1))
    with pytest.raises(ValueError, match="check its matmat"):
        AsymmetricFactorSensing(shape=(12, 18)).fit(operator, y)


@pytest.mark.parametrize("kind", [AsymmetricFactorSensing, SymmetricFactorSensing])
@pytest.mark.parametrize("solver", ["gd", "cg", "pcg"])
@pytest.mark.parametrize("side", ["matvec", "rmatvec"])
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_is_not_finite_in_the_middle_of_a_run(kind, solver, side, wrong, psd):
    X, y, _ = psd
    n_calls, model = [0], kind(2, solver=solver, random_state=0)
    model.fit(X, y)
    before = model.matrix_

    def product(u):
        n_calls[0] += 1
        values = (X if side == "matvec" else X.T) @ u
        return values * wrong if n_calls[0] > 9 else values

    operator = operator_of(X, **{side: product})
    with pytest.raises(ValueError, match=f"whose {side} returns NaN or infinity"):
        model.fit(operator, y)
    np.testing.assert_array_equal(model.matrix_, before)
    if side == "matvec":
        with pytest.raises(ValueError, match="matvec returns NaN or infinity"):
            model.predict(operator)
