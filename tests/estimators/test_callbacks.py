"""sklearn.callback: bars, monitors, stopping, and what they cost."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.convergence import RecoveryMonitor, StopWhen
from lowrank_sense.datasets import make_matrix_sensing
from lowrank_sense.estimators import _base

from ..studies import GD, KINDS


class Recorder:
    """Records the calls it gets, and stops the fit after some iterations."""

    def __init__(self, stop_after=None):
        self.stop_after = stop_after
        self.events = []

    def setup(self, estimator, context):
        self.events.append("setup")

    def teardown(self, estimator, context):
        self.events.append("teardown")

    def on_fit_task_begin(self, estimator, context, *, X=None):
        self.events.append(f"begin {context.task_name}")

    def on_fit_task_end(self, estimator, context):
        self.events.append(f"end {context.task_name}")
        return self.events.count("end iteration") == self.stop_after


@pytest.mark.parametrize("kind", KINDS)
def test_hooks_are_called_in_order(kind, psd):
    X, y, _ = psd
    recorder = Recorder()
    model = kind(max_iter=3, tol=0).set_callbacks(recorder).fit(X, y)
    inner = ["begin iteration", "end iteration"] * model.n_iter_
    assert recorder.events == ["setup", "begin fit", *inner, "end fit", "teardown"]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_every_iteration_that_begins_ends(psd):
    X, y, _ = psd
    for params in ({"step_size": 5.0}, {"step_size": "auto", "max_iter": 3000}):
        recorder = Recorder()
        model = SymmetricFactorSensing(1, 0.5, False, solver="gd", tol=0, **params)
        model.set_callbacks(recorder).fit(X.astype(np.float32), y)
        assert model.stop_reason_ in ("diverged", "stationary")
        begun = recorder.events.count("begin iteration")
        assert begun == recorder.events.count("end iteration") == model.n_iter_ + 1


def test_a_callback_that_returns_true_stops_the_fit(psd):
    X, y, _ = psd
    recorder = Recorder(stop_after=5)
    model = SymmetricFactorSensing(random_state=0).set_callbacks(recorder).fit(X, y)
    assert model.n_iter_ == 5
    assert model.stop_reason_ == "callback"
    assert not model.converged_


def test_teardown_after_a_failed_fit(psd):
    X, y, _ = psd
    recorder = Recorder()
    model = AsymmetricFactorSensing(shape=(3, 3)).set_callbacks(recorder)
    with pytest.raises(ValueError, match="shape"):
        model.fit(X, y)
    assert recorder.events == ["setup", "teardown"]


@pytest.mark.parametrize("kind", KINDS)
def test_factors_are_copied_only_when_asked_for(kind, psd, monkeypatch):
    X, y, M = psd
    copies = []
    original = _base.matrix_found

    def counted(*args):
        copies.append(1)
        return original(*args)

    monkeypatch.setattr(_base, "matrix_found", counted)
    kind(max_iter=9, tol=0).set_callbacks(Recorder()).fit(X, y)
    assert len(copies) == 1
    kind(max_iter=9, tol=0).set_callbacks(RecoveryMonitor(M)).fit(X, y)
    assert len(copies) == 1 + 9 + 2


@pytest.mark.parametrize("kind", KINDS)
def test_fitted_estimator_of_a_callback_is_that_of_a_shorter_fit(kind, psd):
    X, y, M = psd
    monitor = RecoveryMonitor(M)
    model = kind(4, tol=0, max_iter=25, random_state=0)
    clone(model).set_callbacks(monitor).fit(X, y)
    for n in (1, 10, 25):
        shorter = clone(model).set_params(max_iter=n).fit(X, y)
        error = np.linalg.norm(shorter.matrix_ - M) / np.linalg.norm(M)
        assert monitor.errors[n - 1] == pytest.approx(error)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("weighted", [False, True])
def test_scoring_monitor(kind, weighted, psd):
    X, y, _ = psd
    monitor = ScoringMonitor(scoring="r2")
    model = kind(max_iter=12, tol=0, random_state=0).set_callbacks(monitor)
    weights = np.linspace(0, 1, len(y)) if weighted else None
    model.fit(X, y, sample_weight=weights)
    log = monitor.get_logs().data_as_pandas
    scores = log.loc[log["task_name"] == "iteration", "r2"]
    assert len(scores) == 12
    assert scores.iloc[-1] == pytest.approx(model.score(X, y, sample_weight=weights))


def test_progress_bar_over_iterations(psd, capsys):
    X, y, _ = psd
    model = AsymmetricFactorSensing(max_iter=30, tol=0, random_state=0)
    model.set_callbacks(ProgressBar()).fit(X, y)
    shown = capsys.readouterr().out
    assert "AsymmetricFactorSensing" in shown
    assert "100%" in shown


def test_progress_bar_in_a_pipeline(psd, capsys):
    X, y, _ = psd
    model = make_pipeline(
        FunctionTransformer(), SymmetricFactorSensing(max_iter=5, tol=0)
    )
    model.set_callbacks(ProgressBar()).fit(X, y)
    assert "SymmetricFactorSensing" in capsys.readouterr().out


def test_verbose_prints_a_line_every_so_often(psd, capsys):
    X, y, _ = psd
    model = SymmetricFactorSensing(verbose=1, tol=0, max_iter=100, **GD)
    model.fit(X, y)
    assert len(capsys.readouterr().out.splitlines()) == 19
    model.set_params(max_iter=120).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    iterations = [int(line.split()[2].rstrip(":")) for line in lines]
    assert iterations == [*range(1, 10), *range(10, 100, 10), 100, 120]
    assert lines[0].startswith("[SymmetricFactorSensing] iteration 1: loss ")
    assert float(lines[-1].split()[-1]) == pytest.approx(model.loss_history_[-1])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("measurement", ["matrix", "rank_one", "entry"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_stop_when_a_condition_holds(kind, measurement, early_stopping):
    X, y, M = make_matrix_sensing(
        150,
        (15, 15),
        2,
        measurement=measurement,
        psd=kind is SymmetricFactorSensing,
        random_state=0,
    )
    states = []

    def condition(state):
        losses = state.loss_history_
        states.append((state.n_iter_, losses[-1], state.score(X, y)))
        assert len(losses) == state.n_iter_ + 1
        return len(states) == 4

    model = kind(
        2,
        measurement=measurement,
        shape=M.shape,
        early_stopping=early_stopping,
        solver="pcg",
        random_state=0,
    )
    model.set_callbacks(StopWhen(condition)).fit(X, y)
    assert model.stop_reason_ == "callback"
    assert not model.converged_
    assert [n_iter for n_iter, *_ in states] == [1, 2, 3, 4]
    losses = [loss for _, loss, _ in states]
    np.testing.assert_array_equal(losses, model.loss_history_[1:])
    if not early_stopping:  # which ends with the best iterate
        assert states[-1][2] == pytest.approx(model.score(X, y))


def loss_is_small(state):
    return state.loss_history_[-1] < 1e-2


def test_stop_when_in_a_search_in_other_processes(psd):
    X, y, _ = psd
    model = SymmetricFactorSensing(random_state=0)
    model.set_callbacks(StopWhen(loss_is_small))
    search = GridSearchCV(model, {"rank": [1, 2]}, cv=2, n_jobs=2).fit(X, y)
    assert search.best_estimator_.stop_reason_ == "callback"
