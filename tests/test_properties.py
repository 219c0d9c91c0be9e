"""What holds of every fit: equivariances, descent, and what weights mean."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import ortho_group

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def few_examples(n):
    """Draw few examples, the same in every run: a fit is slow and deterministic."""
    return settings(
        max_examples=n,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


class Problem(NamedTuple):
    """A small problem of rank 2, and the estimator for it."""

    kind: type
    measurement: str
    seed: int
    noise: float

    @property
    def shape(self):
        return (8, 8) if self.kind is SymmetricFactorSensing else (7, 9)

    def data(self):
        """X, y and M, with measurements enough."""
        return make_matrix_sensing(
            {"matrix": 150, "rank_one": 180, "entry": 58}[self.measurement],
            self.shape,
            2,
            psd=self.kind is SymmetricFactorSensing,
            noise=self.noise,
            measurement=self.measurement,
            random_state=self.seed,
        )

    def model(self, **params):
        defaults = {"solver": "gd", "shape": self.shape, "random_state": self.seed}
        return self.kind(measurement=self.measurement, **{**defaults, **params})

    def iterates(self, **params):
        """A model that runs so many iterations that rounding errors stay small."""
        return self.model(**{"tol": 0, "max_iter": 15, **params})

    def limits(self, **params):
        """A model that runs to where the start does not matter any more."""
        params = {"solver": "cg", "init": "spectral", "tol": 1e-7, **params}
        return self.model(**{"max_iter": 2000, **params})


def problems(*measurements, kinds=(AsymmetricFactorSensing, SymmetricFactorSensing)):
    return st.builds(
        Problem,
        kind=st.sampled_from(kinds),
        measurement=st.sampled_from(measurements or ("matrix", "rank_one", "entry")),
        seed=st.integers(0, 9999),
        noise=st.sampled_from([0.0, 0.05]),
    )


def units():
    return st.floats(-30, 30).map(lambda exponent: 10.0**exponent)


SOLVERS = st.sampled_from(["gd", "cg", "pcg"])
STARTS = st.sampled_from(["random", "spectral"])


def assert_same(matrix, expected, bound):
    """Compare up to a part of the largest entry."""
    size = np.max(np.abs(expected))
    np.testing.assert_allclose(matrix / size, expected / size, rtol=0, atol=bound)


@given(problem=problems(), c=units(), solver=SOLVERS, init=STARTS)
@few_examples(25)
@pytest.mark.slow
def test_scaling_y_scales_the_matrix(problem, c, solver, init):
    X, y, _ = problem.data()
    model = problem.iterates(solver=solver, init=init, fit_intercept=True)
    expected = model.fit(X, y).matrix_.copy()
    intercept = model.intercept_
    assert_same(model.fit(X, c * y).matrix_ / c, expected, 1e-7)
    assert model.intercept_ / c == pytest.approx(intercept, abs=1e-7)


@pytest.mark.slow
@given(problem=problems("matrix", "rank_one"), c=units(), solver=SOLVERS, init=STARTS)
@few_examples(25)
def test_scaling_x_scales_the_matrix_back(problem, c, solver, init):
    X, y, _ = problem.data()
    model = problem.iterates(solver=solver, init=init)
    expected = model.fit(X, y).matrix_.copy()
    power = 2 if problem.measurement == "rank_one" else 1
    assert_same(model.fit(c * X, y).matrix_ * c**power, expected, 1e-7)


def turned(problem, X, rng):
    """Return X that measures U^T M V as X measures M, and U and V."""
    n1, n2 = problem.shape
    U = ortho_group.rvs(n1, random_state=rng)
    symmetric = problem.kind is SymmetricFactorSensing
    V = U if symmetric else ortho_group.rvs(n2, random_state=rng)
    if problem.measurement == "matrix":
        A = X.reshape(-1, n1, n2)
        return (U.T @ A @ V).reshape(X.shape), U, V
    if symmetric:
        return X @ U, U, V
    return np.hstack([X[:, :n1] @ U, X[:, n1:] @ V]), U, V


@pytest.mark.slow
@given(problem=problems("matrix", "rank_one"))
@few_examples(20)
def test_orthogonal_change_of_basis(problem):
    X, y, _ = problem.data()
    X_turned, U, V = turned(problem, X, np.random.RandomState(problem.seed))
    model = problem.limits()
    expected = U.T @ model.fit(X, y).matrix_ @ V
    assert_same(model.fit(X_turned, y).matrix_, expected, 1e-4)


@pytest.mark.slow
@given(problem=problems("entry"))
@few_examples(15)
def test_permutation_of_rows_and_columns(problem):
    X, y, _ = problem.data()
    rng = np.random.default_rng(problem.seed)
    rows = rng.permutation(problem.shape[0])
    symmetric = problem.kind is SymmetricFactorSensing
    columns = rows if symmetric else rng.permutation(problem.shape[1])
    model = problem.limits()
    expected = model.fit(X, y).matrix_.copy()
    model.fit(np.column_stack([rows[X[:, 0]], columns[X[:, 1]]]), y)
    assert_same(model.matrix_[np.ix_(rows, columns)], expected, 1e-4)


@given(problem=problems(), solver=SOLVERS, init=STARTS, weighted=st.booleans())
@few_examples(25)
@pytest.mark.slow
def test_permutation_of_measurements(problem, solver, init, weighted):
    X, y, _ = problem.data()
    rng = np.random.default_rng(problem.seed)
    weights = rng.uniform(size=len(y)) if weighted else np.ones(len(y))
    order = rng.permutation(len(y))
    model = problem.iterates(solver=solver, init=init)
    expected = model.fit(X, y, weights).matrix_.copy()
    assert_same(model.fit(X[order], y[order], weights[order]).matrix_, expected, 1e-7)


def transposed(problem, X):
    n1, n2 = problem.shape
    if problem.measurement == "matrix":
        return X.reshape(-1, n1, n2).transpose(0, 2, 1).reshape(X.shape)
    if problem.measurement == "rank_one":
        return np.hstack([X[:, n1:], X[:, :n1]])
    return X[:, ::-1]


@pytest.mark.slow
@given(problem=problems(kinds=[AsymmetricFactorSensing]))
@few_examples(15)
def test_transposed_problem_has_the_transposed_matrix(problem):
    X, y, _ = problem.data()
    expected = problem.limits().fit(X, y).matrix_.T
    model = problem.limits(shape=problem.shape[::-1])
    assert_same(model.fit(transposed(problem, X), y).matrix_, expected, 1e-4)


@pytest.mark.slow
@given(
    problem=problems(),
    solver=st.sampled_from(["gd", "cg", "pcg", "als"]),
    init=STARTS,
    rank=st.integers(1, 10),
    alpha=st.sampled_from([1e-3, 0.1, 1.0]),
    penalty=st.sampled_from([0.0, 1e-3, 0.1]),
    fit_intercept=st.booleans(),
)
@few_examples(60)
def test_loss_never_rises(problem, solver, init, rank, alpha, penalty, fit_intercept):
    if (problem.kind, problem.measurement) != (AsymmetricFactorSensing, "entry"):
        solver = "pcg" if solver == "als" else solver
    X, y, _ = problem.data()
    model = problem.model(
        solver=solver,
        init=init,
        rank=rank,
        alpha=alpha,
        penalty=penalty,
        fit_intercept=fit_intercept,
        tol=0,
        max_iter=60,
    ).fit(X, y)
    losses = model.loss_history_
    if problem.kind is SymmetricFactorSensing:
        losses = losses[:-1]  # the last one may be that of the nearest psd matrix
    # Rows with hardly more entries than the rank are solved for with fewer digits.
    rounding = (1e-18 if solver == "als" else 1e-26) * losses[0]
    assert np.all(losses[1:] <= losses[:-1] * (1 + 1e-10) + rounding)


@pytest.mark.slow
@given(problem=problems(), rank=st.integers(1, 10), fit_intercept=st.booleans())
@few_examples(25)
def test_predict_is_the_sum_of_transform(problem, rank, fit_intercept):
    X, y, _ = problem.data()
    half = len(y) // 2
    model = problem.iterates(rank=rank, fit_intercept=fit_intercept)
    model.fit(X[:half], y[:half])
    components = model.transform(X)
    assert components.shape == (len(y), rank)
    np.testing.assert_allclose(
        components.sum(axis=1) + model.intercept_,
        model.predict(X),
        rtol=0,
        atol=1e-10 * (np.abs(components).sum(axis=1).max() + abs(model.intercept_)),
    )


@given(problem=problems(), solver=SOLVERS, init=STARTS, fit_intercept=st.booleans())
@few_examples(25)
@pytest.mark.slow
def test_integer_weights_are_repetitions(problem, solver, init, fit_intercept):
    X, y, _ = problem.data()
    weights = np.random.default_rng(problem.seed).integers(0, 4, len(y))
    repeated = np.repeat(np.arange(len(y)), weights)
    # The rule of the accelerated step knows how many measurements there are.
    model = problem.iterates(
        solver=solver, init=init, fit_intercept=fit_intercept, accelerated_step=False
    )
    expected = model.fit(X[repeated], y[repeated]).matrix_.copy()
    assert_same(model.fit(X, y, weights).matrix_, expected, 1e-7)


@pytest.mark.slow
@given(problem=problems(), solver=SOLVERS, part=st.floats(0.01, 0.99))
@few_examples(20)
def test_two_stacked_parts_of_the_weights_are_the_whole(problem, solver, part):
    X, y, _ = problem.data()
    weights = np.random.default_rng(problem.seed).uniform(size=len(y))
    model = problem.iterates(solver=solver, accelerated_step=False)
    expected = model.fit(X, y, weights).matrix_.copy()
    stacked = np.vstack([X, X]), np.append(y, y)
    model.fit(*stacked, np.append(part * weights, (1 - part) * weights))
    assert_same(model.matrix_, expected, 1e-7)


@pytest.mark.slow
@given(problem=problems(), init=STARTS)
@few_examples(20)
def test_float32_agrees_with_float64(problem, init):
    X, y, _ = problem.data()
    model = problem.limits(init=init, tol=1e-4)
    expected = model.fit(X, y).matrix_.copy()
    if problem.measurement != "entry":
        X = X.astype(np.float32)
    single = model.fit(X, y.astype(np.float32)).matrix_
    assert single.dtype == np.float32
    assert_same(single, expected, 2e-2 if problem.measurement == "entry" else 2e-3)
