"""Arrays of other libraries, under scikit-learn's array API dispatch.

`test_array_api.py` runs this file in a process of its own. Without PyTorch only
array_api_strict is tested, on a device that numpy cannot reach.
"""

import pickle
from itertools import chain

import array_api_strict as strict
import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.callback import ScoringMonitor
from sklearn.model_selection import GridSearchCV
from sklearn.utils.estimator_checks import estimator_checks_generator

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense._devices import beside, on_host
from lowrank_sense.convergence import ConvergenceDisplay, RecoveryMonitor
from lowrank_sense.datasets import make_matrix_sensing
from lowrank_sense.images import N_PROBES
from lowrank_sense.inspection import FactorDisplay
from lowrank_sense.measurements import device

SHAPE = (12, 12)
# The checks of scikit-learn fit X of 10 features.
CHECKED = (2, 5)
# As many as scikit-learn 1.9 has for an estimator.
N_CHECKS = 20
CELLS = [
    (kind, measurement, solver)
    for kind in (AsymmetricFactorSensing, SymmetricFactorSensing)
    for measurement in ("matrix", "rank_one", "entry")
    for solver in ("gd", "pcg", "als")
    if solver != "als" or (kind, measurement) == (AsymmetricFactorSensing, "entry")
]


def on_strict_device(array):
    return strict.asarray(array, device=strict.Device("device1"))


def torch_tensor(array):
    return pytest.importorskip("torch").asarray(array)


LIBRARIES = [on_strict_device, torch_tensor]


def problem(kind, measurement, seed=0, noise=0.0):
    return make_matrix_sensing(
        130 if measurement == "entry" else 400,
        SHAPE,
        2,
        noise=noise,
        psd=kind is SymmetricFactorSensing,
        measurement=measurement,
        random_state=seed,
    )


def close(left, right, rtol=1e-8):
    np.testing.assert_allclose(
        on_host(left), right, rtol=rtol, atol=rtol * np.max(np.abs(right))
    )


# How many iterations there are, and so the shape of the histories, may depend on
# rounding errors; with tol=0 it does not.
CHECKS = [
    pytest.param(model, check, id=f"{model}-{check}")
    for model, check in chain(
        estimator_checks_generator(
            AsymmetricFactorSensing(shape=CHECKED, max_iter=20, tol=0)
        ),
        estimator_checks_generator(
            AsymmetricFactorSensing(measurement="rank_one", max_iter=20, tol=0)
        ),
        estimator_checks_generator(
            SymmetricFactorSensing(measurement="rank_one", max_iter=20, tol=0)
        ),
    )
    if "array_api" in str(check)
]


@pytest.mark.parametrize(("estimator", "check"), CHECKS)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def test_no_check_vanishes():
    assert len(CHECKS) >= 3 * N_CHECKS


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(("kind", "measurement", "solver"), CELLS)
def test_equals_numpy(kind, measurement, solver, library):
    X, y, _ = problem(kind, measurement, noise=0.1)
    weights = np.random.default_rng(0).uniform(0.5, 1.5, len(y))
    model = kind(
        2,
        measurement=measurement,
        solver=solver,
        shape=SHAPE,
        fit_intercept=True,
        early_stopping=True,
        max_iter=15,
        tol=0,
        random_state=0,
    )
    expected = clone(model).fit(X, y, weights)
    with config_context(array_api_dispatch=True):
        there = library(X)
        model.fit(there, library(y), library(weights))
        close(model.matrix_, expected.matrix_)
        close(model.predict(there), expected.predict(X))
        close(model.transform(there), expected.transform(X))
        close(model.validation_history_, expected.validation_history_)
        results = model.predict(there), model.transform(there), model.matrix_
        for array in (*results, *model._factors, model.loss_history_):
            assert isinstance(array, type(there))
            assert array.device == there.device


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("measurement", ["matrix", "rank_one"])
def test_float32_stays(measurement, library):
    X, y, M = problem(AsymmetricFactorSensing, measurement)
    X, y = X.astype(np.float32), y.astype(np.float32)
    model = AsymmetricFactorSensing(
        3, measurement=measurement, shape=SHAPE, tol=1e-4, random_state=0
    )
    with config_context(array_api_dispatch=True):
        model.fit(library(X), library(y))
        for array in (model.left_factor_, model.predict(library(X)), model.matrix_):
            assert on_host(array).dtype == np.float32
        close(model.matrix_, M, 1e-2)


@pytest.mark.parametrize("measurement", ["matrix", "rank_one"])
def test_rows_stay_on_their_device(measurement, monkeypatch):
    """Neither X nor anything that is as large comes to the host."""
    X, y, _ = make_matrix_sensing(
        1000, (40, 40), 2, measurement=measurement, random_state=0
    )
    moved = []

    def noted(array):
        moved.append(array.size)
        return on_host(array)

    monkeypatch.setattr(device, "on_host", noted)
    model = AsymmetricFactorSensing(2, measurement=measurement, shape=(40, 40))
    with config_context(array_api_dispatch=True):
        model.fit(on_strict_device(X), on_strict_device(y))
    # Two columns of measurements, or the random products that tell a norm.
    width = 2 if measurement == "matrix" else N_PROBES
    assert 0 < max(moved) <= width * len(y) < X.size


@pytest.mark.parametrize("library", LIBRARIES)
def test_y_may_be_elsewhere(library):
    X, y, M = problem(AsymmetricFactorSensing, "matrix")
    model = AsymmetricFactorSensing(2, shape=SHAPE, random_state=0)
    with config_context(array_api_dispatch=True):
        for data in ((library(X), y), (X, library(y))):
            close(clone(model).fit(*data, np.ones(len(y))).matrix_, M, 1e-4)


def test_numpy_is_not_disturbed():
    X, y, _ = problem(AsymmetricFactorSensing, "matrix")
    model = AsymmetricFactorSensing(3, shape=SHAPE, random_state=0)
    expected = clone(model).fit(X, y)
    with config_context(array_api_dispatch=True):
        model.fit(X, y)
    np.testing.assert_array_equal(model.predict(X), expected.predict(X))


@pytest.mark.parametrize("library", LIBRARIES)
def test_away_from_the_device(library):
    """A fit on a device is of use elsewhere, where that is asked for."""
    X, y, _ = problem(SymmetricFactorSensing, "rank_one")
    model = SymmetricFactorSensing(measurement="rank_one", random_state=0)
    expected = clone(model).fit(X, y)
    with config_context(array_api_dispatch=True):
        model.fit(library(X), library(y))
        close(model.leading_vector_, expected.leading_vector_)
        with pytest.raises(ValueError, match="must use the same namespace"):
            model.predict(X)
    close(model.predict(X), expected.predict(X))
    close(model.leading_vector_, expected.leading_vector_)


@pytest.mark.parametrize("library", LIBRARIES)
def test_warm_start(library):
    X, y, _ = problem(AsymmetricFactorSensing, "matrix")
    model = AsymmetricFactorSensing(2, shape=SHAPE, warm_start=True, random_state=0)
    with config_context(array_api_dispatch=True):
        first = model.fit(library(X), library(y)).n_iter_
        assert model.fit(library(X), library(y)).n_iter_ < first / 2


@pytest.mark.parametrize("library", LIBRARIES)
def test_callbacks_and_displays(library, close_figures):
    X, y, M = problem(AsymmetricFactorSensing, "matrix")
    model = AsymmetricFactorSensing(2, solver="gd", shape=SHAPE, random_state=0)
    monitor = RecoveryMonitor(M, stop_below=1e-5)
    with config_context(array_api_dispatch=True):
        model.set_callbacks(monitor).fit(library(X), library(y))
    assert model.stop_reason_ == "callback"
    assert monitor.errors[-1] < 1e-5 < monitor.errors[-2]
    ConvergenceDisplay.from_estimator(model, show_rate=True)
    display = FactorDisplay.from_estimator(model, reference=M)
    close(display.matrix, M, 1e-2)


def test_torch_in_a_search_and_through_a_pickle():
    torch = pytest.importorskip("torch")
    X, y, M = problem(AsymmetricFactorSensing, "matrix")
    model = AsymmetricFactorSensing(shape=SHAPE, random_state=0)
    with config_context(array_api_dispatch=True):
        X, y = torch.asarray(X), torch.asarray(y)
        search = GridSearchCV(model, {"rank": [1, 2]}, cv=3).fit(X, y)
        again = pickle.loads(pickle.dumps(search.best_estimator_))
        assert again.rank == 2
        close(again.matrix_, M, 1e-4)
        assert torch.equal(again.predict(X), search.predict(X))


@pytest.mark.parametrize("library", [np.asarray, *LIBRARIES])
def test_callbacks_that_predict(library):
    X, y, _ = problem(AsymmetricFactorSensing, "matrix")
    model = AsymmetricFactorSensing(2, shape=SHAPE, random_state=0).fit(X, y)
    monitor = ScoringMonitor(scoring="r2")
    with config_context(array_api_dispatch=True):
        model.set_callbacks(monitor).fit(library(X), library(y))
    (log,) = monitor.get_logs("all")
    assert log.data[-1]["r2"] > 1 - 1e-6


def test_dask_beside_dispatch():
    array = pytest.importorskip("dask.array")
    X, y, _ = problem(AsymmetricFactorSensing, "matrix")
    model = AsymmetricFactorSensing(2, shape=SHAPE, random_state=0)
    expected = clone(model).fit(X, y).matrix_
    weights = np.ones(len(y))
    with config_context(array_api_dispatch=True):
        close(model.fit(array.from_array(X), y, weights).matrix_, expected)
        for data in ((X, array.from_array(y)), (on_strict_device(X), y)):
            model.fit(*data, array.from_array(weights))
            close(model.matrix_, expected)


def test_tensors_that_are_not_plain():
    """Those with gradients or half precision are accepted, others refused by name."""
    torch = pytest.importorskip("torch")
    X, y, M = problem(AsymmetricFactorSensing, "matrix")
    X, y = torch.asarray(X), torch.asarray(y)
    model = AsymmetricFactorSensing(2, shape=SHAPE, random_state=0)
    with config_context(array_api_dispatch=True):
        model.fit(X.clone().requires_grad_(), y.clone().requires_grad_())
        close(model.matrix_, M, 1e-4)
        assert model.fit(X.half(), y.half()).left_factor_.dtype == torch.float64
        with pytest.raises(ValueError, match="Complex data not supported: X"):
            model.fit(X + 1j, y)
        with pytest.raises(ValueError, match="y cannot be used: Complex"):
            model.fit(X, y + 1j)
        with pytest.raises(
            TypeError, match=r"X is a tensor of layout torch.sparse_csr"
        ):
            model.fit(X.to_sparse_csr(), y)


@pytest.mark.parametrize("library", LIBRARIES)
def test_bad_input_is_named(library):
    X, y, _ = problem(AsymmetricFactorSensing, "matrix")
    model = AsymmetricFactorSensing(shape=SHAPE)
    with config_context(array_api_dispatch=True):
        X[3, 5] = np.nan
        with pytest.raises(ValueError, match="Input X contains NaN"):
            model.fit(library(X), library(y))
        X[3, 5] = 0
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            model.fit(library(X), library(y[:-1]))
        with pytest.raises(ValueError, match="y holds values as large as"):
            model.fit(library(X), library(1e200 * y))
    assert beside(X, y) is y
