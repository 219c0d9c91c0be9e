"""Parts of a user's own module, which nothing registers and nothing patches."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, KFold

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing
from lowrank_sense.losses import LOSSES
from lowrank_sense.measurements import MEASUREMENTS
from lowrank_sense.penalties import PENALTIES
from lowrank_sense.solvers import SOLVERS
from lowrank_sense.testing import (
    check_loss,
    check_measurement,
    check_penalty,
    check_solver,
)

from .parts import (
    Counts,
    HeavyBall,
    LogCosh,
    TaskMeasurement,
    TaskOperator,
    Unequal,
)
from .studies import relative_error

SHAPE = (12, 18)


def sensing(seed=0, **params):
    return make_matrix_sensing(500, SHAPE, 2, random_state=seed, **params)


def with_outliers(seed=0):
    X, y, M = sensing(seed, noise=0.02)
    y[np.random.default_rng(seed).choice(len(y), 25, replace=False)] += 20 * np.std(y)
    return X, y, M


def tasks(seed=0, first=0):
    rng = np.random.default_rng(seed)
    numbers = np.repeat(np.arange(12), 40)
    features = rng.standard_normal((480, 18))
    M = rng.standard_normal((12, 2)) @ rng.standard_normal((2, 18))
    X = np.column_stack([numbers + first, features])
    return X, np.sum(M[numbers] * features, axis=1), M


def sensor(**params):
    params = {"rank": 2, "shape": SHAPE, "random_state": 0} | params
    return AsymmetricFactorSensing(**params)


@pytest.mark.parametrize("seed", range(3))
def test_the_contracts_hold(seed):
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.integers(5, size=40), rng.standard_normal((40, 4))])
    check_measurement(TaskMeasurement, X, random_state=seed)
    check_solver(HeavyBall(), random_state=seed)
    check_loss(LogCosh(0.5), rng.standard_normal(30), random_state=seed)
    check_loss(Counts, rng.poisson(2, 30).astype(float), random_state=seed)
    check_penalty(Unequal(0.3), random_state=seed)


@pytest.mark.parametrize("choice", [TaskMeasurement, TaskMeasurement(3)])
def test_a_measurement_kind(choice):
    X, y, M = tasks(first=getattr(choice, "first", 0))
    model = sensor(measurement=choice, shape=None).fit(X, y)
    assert relative_error(model, M) < 1e-5
    assert model.effective_rank_ == 2
    np.testing.assert_allclose(model.predict(X), y, atol=1e-4)
    np.testing.assert_allclose(model.transform(X).sum(axis=1), model.predict(X))


@pytest.mark.parametrize("solver", ["gd", "cg", "pcg", HeavyBall])
def test_a_measurement_kind_goes_with_all_solvers(solver):
    X, y, M = tasks()
    model = sensor(measurement=TaskMeasurement, solver=solver, fit_intercept=True)
    assert relative_error(model.fit(X, y + 3), M) < 1e-4
    assert model.intercept_ == pytest.approx(3, abs=1e-3)


@pytest.mark.parametrize("kind", ["matrix", "rank_one", "entry"])
@pytest.mark.parametrize("Estimator", [AsymmetricFactorSensing, SymmetricFactorSensing])
def test_a_direction(Estimator, kind):
    psd = Estimator is SymmetricFactorSensing
    m = 150 if kind == "entry" else 400
    X, y, M = make_matrix_sensing(
        m, (14, 14), 2, psd=psd, measurement=kind, random_state=0
    )
    model = Estimator(2, solver=HeavyBall, measurement=kind, random_state=1)
    model.set_params(shape=(14, 14), max_iter=3000).fit(X, y)
    assert model.solver_ == "HeavyBall"
    assert relative_error(model, M) < 1e-4


@pytest.mark.parametrize("solver", ["gd", "cg", "pcg", HeavyBall()])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_loss(solver, dtype):
    X, y, M = with_outliers()
    X, y = X.astype(dtype), y.astype(dtype)
    fits = [
        sensor(loss=loss, solver=solver, tol=1e-4).fit(X, y)
        for loss in ("squared_error", LogCosh)
    ]
    errors = [relative_error(fit, M) for fit in fits]
    assert errors[0] > 1
    assert errors[1] < 0.05
    assert fits[1].matrix_.dtype == dtype
    losses = fits[1].loss_history_
    assert np.all(np.diff(losses) <= np.finfo(dtype).eps * losses[0])


def test_the_loss_history_is_the_loss():
    X, y, _ = with_outliers()
    loss = LogCosh(0.3)
    model = sensor(loss=loss, penalty=0.01).fit(X, y)
    F, G = model.left_factor_, model.right_factor_
    penalty = 0.01 / 2 * (np.sum(F**2) + np.sum(G**2))
    expected = np.mean(loss.value(y, model.predict(X))) + penalty
    assert model.loss_history_[-1] == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("kind", ["matrix", "rank_one", "entry"])
@pytest.mark.parametrize("seed", range(2))
def test_a_loss_in_a_minimum(kind, seed):
    """The value rises in all directions, by differences of the loss itself."""
    rng = np.random.default_rng(seed)
    m, shape = (150, (14, 14)) if kind == "entry" else (300, (10, 12))
    X, y, _ = make_matrix_sensing(
        m, shape, 2, noise=0.1, measurement=kind, random_state=seed
    )
    loss = LogCosh(np.std(y))
    model = sensor(loss=loss, measurement=kind, shape=shape, tol=1e-7).fit(X, y)
    assert model.converged_
    F, G = model.left_factor_, model.right_factor_
    dF, dG = rng.standard_normal(F.shape), rng.standard_normal(G.shape)

    def value(t):
        model.left_factor_, model.right_factor_ = F + t * dF, G + t * dG
        return np.mean(loss.value(y, model.predict(X)))

    there, back = value(1e-3), value(-1e-3)
    assert min(there, back) > value(0)
    assert abs(there - back) < 0.01 * (there + back - 2 * value(0))


@pytest.mark.slow
def test_a_loss_with_a_link():
    rng = np.random.default_rng(0)
    X, z, M = sensing()
    X, z, M = X / 4, z / 4, M
    y = rng.poisson(np.exp(z)).astype(float)
    model = sensor(loss=Counts).fit(X, y)
    assert np.all(model.predict(X) > 0)
    squares = sensor().fit(X, y)
    assert relative_error(model, M) < 0.8 * relative_error(squares, M)
    with pytest.raises(ValueError, match="count -1, which is negative"):
        model.fit(X, y - 1 - y.min())


@pytest.mark.parametrize("kind", ["matrix", "rank_one"])
@pytest.mark.parametrize("seed", range(2))
def test_a_penalty(kind, seed):
    """Of other weights but the same product: the nuclear norm's matrix."""
    X, y, _ = sensing(seed, noise=0.1, measurement=kind)
    params = {"measurement": kind, "solver": "pcg", "rank": 4, "tol": 1e-8}
    mine = sensor(penalty=Unequal(0.05, 0.2), **params).fit(X, y)
    other = sensor(penalty=0.1, **params).fit(X, y)
    assert relative_error(mine, other.matrix_) < 1e-4
    ratio = np.linalg.norm(mine.left_factor_) / np.linalg.norm(mine.right_factor_)
    assert ratio == pytest.approx(2, rel=1e-3)


PARTS = {
    "measurement": TaskMeasurement(),
    "solver": HeavyBall(0.3),
    "loss": LogCosh(0.3),
    "penalty": Unequal(0.01, 0.02),
}


@pytest.mark.parametrize("name", PARTS)
def test_clone_and_pickle(name):
    X, y, _ = tasks() if name == "measurement" else sensing()
    model = sensor(**{name: PARTS[name]}).fit(X, y)
    again = clone(model).fit(X, y)
    np.testing.assert_array_equal(model.matrix_, again.matrix_)
    loaded = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(model.predict(X), loaded.predict(X))
    assert type(getattr(loaded, name)) is type(PARTS[name])


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.slow
def test_in_a_grid_search_in_other_processes(name):
    X, y, _ = tasks() if name == "measurement" else sensing()
    search = GridSearchCV(
        sensor(max_iter=50, tol=1e-3, **{name: PARTS[name]}),
        {name: [type(PARTS[name])(), PARTS[name]]},
        cv=KFold(2, shuffle=True, random_state=0),
        n_jobs=2,
    ).fit(X, y)
    assert search.best_score_ > 0.9
    assert isinstance(search.best_params_[name], type(PARTS[name]))


def test_what_needs_squares_is_refused_in_words():
    X, y, _ = make_matrix_sensing(100, SHAPE, 2, measurement="entry", random_state=0)
    for params in (
        {"solver": "als"},
        {"penalty": "auto"},
        {"fit_intercept": True},
        {"accelerated_step": 3},
    ):
        model = sensor(loss=LogCosh, measurement="entry", **params)
        with pytest.raises(ValueError, match="loss='squared_error'"):
            model.fit(X, y)
    from dask import array

    X, y, _ = sensing()
    with pytest.raises(ValueError, match=r"loss=.*dask array"):
        sensor(loss=LogCosh).fit(array.from_array(X, chunks=(100, -1)), y)


class WrongAdjoint(TaskOperator):
    def adjoint(self, values):
        return -super().adjoint(values)


class WrongShape(TaskOperator):
    def apply(self, F, G):
        return super().apply(F, G)[:, np.newaxis]


class WrongTasks(TaskMeasurement):
    def __init__(self, operator=WrongAdjoint):
        super().__init__()
        self.made = operator

    def operator(self, X, shape):
        return self.made(X, shape, self.first)


@pytest.mark.parametrize(
    ("operator", "message"),
    [
        (WrongAdjoint, "adjoint is not the adjoint of apply.*check_measurement"),
        (WrongShape, r"apply returns ndarray of shape \(480, 1\)"),
        (lambda *args: None, "makes NoneType of X"),
    ],
)
def test_a_wrong_kind_is_found_out(operator, message):
    X, y, _ = tasks()
    kind = WrongTasks(operator)
    with pytest.raises(ValueError, match=f"measurement=WrongTasks.*{message}"):
        sensor(measurement=kind).fit(X, y)
    with pytest.raises(AssertionError):
        check_measurement(kind, X[:40], (12, 18))


class NotANumber(LogCosh):
    def gradient(self, y, z):
        return np.nan * z


class Column(LogCosh):
    def curvature(self, y, z):
        return 1.0


class WrongSlope(LogCosh):
    def gradient(self, y, z):
        return -super().gradient(y, z)


@pytest.mark.parametrize(
    ("loss", "message"),
    [(NotANumber, "gradient returns NaN"), (Column, r"curvature returns shape \(\)")],
)
def test_a_wrong_loss_is_found_out(loss, message):
    X, y, _ = sensing()
    with pytest.raises(ValueError, match=f"loss=.*{message}.*check_loss"):
        sensor(loss=loss).fit(X, y)


@pytest.mark.parametrize("loss", [NotANumber, Column, WrongSlope])
def test_check_loss_fails_in_words(loss):
    with pytest.raises(AssertionError, match=r"gradient|curvature"):
        check_loss(loss, np.linspace(-1, 1, 9))


class Needy(LogCosh):
    def __init__(self, delta):
        super().__init__(delta)


def test_a_class_that_needs_arguments_is_to_be_an_instance():
    X, y, _ = sensing()
    with pytest.raises(
        ValueError, match=r"loss=Needy cannot be made.*pass an instance"
    ):
        sensor(loss=Needy).fit(X, y)
    sensor(loss=Needy(0.5), max_iter=2, tol=0).fit(X, y)


def test_als_minimizes_only_what_it_can():
    """A penalty that is no squared norm of the factors is left to other solvers."""
    X, y, _ = make_matrix_sensing(
        180, SHAPE, 2, noise=0.1, measurement="entry", random_state=0
    )
    model = sensor(measurement="entry", penalty=Unequal(0.001, 0.004))
    assert model.fit(X, y).solver_ == "pcg"
    with pytest.raises(ValueError, match=r"solver='als'.*penalty="):
        model.set_params(solver="als").fit(X, y)
    assert model.set_params(solver="auto", penalty=0.002).fit(X, y).solver_ == "als"


class Fourth(LogCosh):
    """(z - y)^4 / 4, whose slopes vanish faster than the residual."""

    def value(self, y, z):
        return (z - y) ** 4 / 4

    def gradient(self, y, z):
        return (z - y) ** 3

    def curvature(self, y, z):
        return 3 * (z - y) ** 2


@pytest.mark.parametrize("seed", range(3))
def test_recovered_is_said_of_the_matrix_not_of_the_loss(seed):
    X, y, M = sensing(seed)
    model = sensor(loss=Fourth, solver="pcg", tol=1e-4).fit(X, y)
    assert model.stop_reason_ == "recovered"
    assert relative_error(model, M) < 1e-3


@pytest.mark.parametrize("name", PARTS)
def test_what_is_no_part_is_refused(name):
    X, y, _ = sensing()
    with pytest.raises(ValueError, match=f"The '{name}' parameter"):
        sensor(**{name: object()}).fit(X, y)
    with pytest.raises(ValueError, match=f"The '{name}' parameter"):
        sensor(**{name: "unheard of"}).fit(X, y)


def test_the_package_knows_nothing_of_these_parts():
    assert set(MEASUREMENTS) == {"matrix", "rank_one", "entry"}
    assert set(SOLVERS) == {"gd", "cg", "pcg", "als"}
    assert set(LOSSES) == {"squared_error"}
    assert set(PENALTIES) == {"auto"}
