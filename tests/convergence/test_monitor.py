"""RecoveryMonitor, alone and inside scikit-learn's compositions."""

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from lowrank_sense import AsymmetricFactorSensing
from lowrank_sense.convergence import RecoveryMonitor

from ..studies import GD, relative_error

SHAPE = (12, 18)


def monitored(M, n_iter=5, **params):
    monitor = RecoveryMonitor(M)
    model = AsymmetricFactorSensing(shape=SHAPE, max_iter=n_iter, tol=0, **GD, **params)
    return monitor, model.set_callbacks(monitor)


def test_errors_end_with_that_of_the_fit(rectangular):
    X, y, M = rectangular
    monitor, model = monitored(M)
    model.fit(X, y)
    assert len(monitor.errors) == model.n_iter_
    assert monitor.errors[-1] == pytest.approx(relative_error(model, M))


def test_stops_below_a_relative_error(rectangular):
    X, y, M = rectangular
    monitor = RecoveryMonitor(M, stop_below=0.01)
    model = AsymmetricFactorSensing(shape=SHAPE, **GD)
    model.set_callbacks(monitor).fit(X, y)
    assert model.stop_reason_ == "callback"
    assert monitor.errors[-1] < 0.01 <= monitor.errors[-2]
    assert len(monitor.errors) == model.n_iter_


def test_errors_are_those_of_the_last_fit(rectangular):
    X, y, M = rectangular
    monitor, model = monitored(M)
    assert monitor.errors == []
    model.fit(X, y)
    first = monitor.errors
    model.set_params(alpha=0.5).fit(X, y)
    assert len(monitor.errors) == len(first) == 5
    assert monitor.errors != first
    assert len(monitor.get_logs("all")) == 2


def test_weighted_fit(rectangular):
    X, y, M = rectangular
    monitor, model = monitored(M)
    model.fit(X, y, sample_weight=np.linspace(0, 1, len(y)))
    assert monitor.errors[-1] == pytest.approx(relative_error(model, M))


def test_in_a_pipeline(rectangular):
    X, y, M = rectangular
    monitor, model = monitored(M)
    pipeline = make_pipeline(FunctionTransformer(), model).fit(X, y)
    assert len(monitor.errors) == 5
    assert monitor.errors[-1] == pytest.approx(relative_error(pipeline[-1], M))


@pytest.mark.parametrize("n_jobs", [None, pytest.param(2, marks=pytest.mark.slow)])
def test_in_a_search_over_a_pipeline(n_jobs, rectangular):
    X, y, M = rectangular
    monitor, model = monitored(M)
    search = GridSearchCV(
        make_pipeline(FunctionTransformer(), model),
        {"asymmetricfactorsensing__alpha": [0.1, 0.5]},
        cv=3,
        n_jobs=n_jobs,
    ).fit(X, y)
    best = search.best_estimator_[-1]
    assert monitor.errors[-1] == pytest.approx(relative_error(best, M))
    curves = {}
    for row in monitor.get_logs().data:
        if row["task_name"] == "iteration":
            curves.setdefault(row["parent_task_id_path"], []).append(
                row["relative_error"]
            )
    assert [len(curve) for curve in curves.values()] == [5] * (2 * 3 + 1)
    assert monitor.errors in curves.values()


def test_a_matrix_of_another_shape_is_refused(rectangular):
    X, y, M = rectangular
    _, model = monitored(M.T)
    with pytest.raises(ValueError, match=r"\(18, 12\).*\(12, 18\)"):
        model.fit(X, y)
