"""Many fits at once, parallel searches after a fit, and fits that are interrupted."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from joblib import parallel_backend
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from threadpoolctl import threadpool_info

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing
from lowrank_sense.kernels import threads
from lowrank_sense.kernels.fused import SMALL_BYTES

from .studies import GD

# Longer than any of these fits takes, and shorter than a user waits for a deadlock.
PATIENCE = 120


def problem(kind, measurement, n_measurements=300):
    psd = kind is SymmetricFactorSensing
    shape = (20, 20) if psd else (18, 22)
    X, y, _ = make_matrix_sensing(
        n_measurements, shape, 2, psd=psd, measurement=measurement, random_state=0
    )
    model = kind(3, measurement=measurement, shape=shape, max_iter=15, tol=0, **GD)
    return model, X, y


@pytest.mark.slow
def test_eight_threads_fit_at_once():
    """All kinds and solvers among each other, each with the bits of a fit alone."""
    tasks = []
    for kind in (AsymmetricFactorSensing, SymmetricFactorSensing):
        for measurement in ("matrix", "rank_one", "entry"):
            model, X, y = problem(kind, measurement)
            solvers = ["gd", "cg", "pcg"]
            if kind is AsymmetricFactorSensing and measurement == "entry":
                solvers.append("als")
            tasks += [(clone(model).set_params(solver=s), X, y) for s in solvers]
    # One that is read by several threads.
    model, X, y = problem(AsymmetricFactorSensing, "matrix", 1500)
    assert X.nbytes > SMALL_BYTES
    tasks.append((model, X, y))
    ready = threading.Barrier(8)

    def fit_all(thread):
        ready.wait(PATIENCE)
        order = np.roll(np.arange(len(tasks)), 3 * thread)
        return {
            number: clone(tasks[number][0]).fit(*tasks[number][1:]).loss_history_
            for number in order
        }

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(fit_all, range(8), timeout=PATIENCE))
    for number, (model, X, y) in enumerate(tasks):
        alone = model.fit(X, y).loss_history_
        for histories in together:
            np.testing.assert_array_equal(histories[number], alone)


def test_one_fitted_estimator_predicts_in_eight_threads():
    model, X, y = problem(AsymmetricFactorSensing, "rank_one")
    model.fit(X, y)
    expected = model.predict(X), model.transform(X)
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            for method, result in zip(("predict", "transform"), expected, strict=True):
                for other in pool.map(getattr(model, method), [X] * 8):
                    np.testing.assert_array_equal(other, result)


@pytest.mark.slow
@pytest.mark.parametrize(
    "backend",
    [
        "loky",
        "threading",
        pytest.param(
            "multiprocessing",
            marks=[
                pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
                pytest.mark.slow,
            ],
        ),
    ],
)
def test_grid_search_after_a_fit(backend):
    """The fit before leaves threads and locks that a fork would copy."""
    model, X, y = problem(AsymmetricFactorSensing, "matrix", 1500)
    model.set_params(max_iter=8).fit(X, y)
    search = GridSearchCV(model, {"rank": [2, 4], "solver": ["gd", "pcg"]}, cv=2)
    expected = clone(search).fit(X, y)
    with parallel_backend(backend, n_jobs=2):
        within(PATIENCE, search.fit, X, y)
    name = "mean_test_score"
    np.testing.assert_array_equal(search.cv_results_[name], expected.cv_results_[name])
    np.testing.assert_array_equal(
        search.best_estimator_.matrix_, expected.best_estimator_.matrix_
    )
    # And the parent is as it was.
    before = model.matrix_
    np.testing.assert_array_equal(model.fit(X, y).matrix_, before)


def within(seconds, function, *args):
    """Call the function; a deadlock fails the test and does not hang it."""

    def give_up(number, frame):
        raise TimeoutError(f"no result after {seconds} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        return function(*args)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


class InterruptingAt:
    """A callback that raises KeyboardInterrupt at some event of a fit."""

    def __init__(self, event, iteration):
        self.event, self.iteration = event, iteration
        self.n_seen = 0

    def setup(self, estimator, context):
        self._interrupt("setup")

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        self._interrupt(f"begin {context.task_name}")

    def on_fit_task_end(self, estimator, context):
        self._interrupt(f"end {context.task_name}")

    def _interrupt(self, event):
        self.n_seen += event == self.event
        if event == self.event and self.n_seen >= self.iteration:
            raise KeyboardInterrupt


EVENTS = [
    ("setup", 1),
    ("begin fit", 1),
    ("begin iteration", 1),
    ("end iteration", 12),
    ("end fit", 1),
]


@pytest.mark.parametrize(
    ("kind", "measurement", "solver"),
    [
        (AsymmetricFactorSensing, "matrix", "gd"),
        (AsymmetricFactorSensing, "entry", "als"),
        (SymmetricFactorSensing, "rank_one", "pcg"),
    ],
)
@pytest.mark.parametrize(("event", "iteration"), EVENTS)
def test_interrupt_from_a_callback(kind, measurement, solver, event, iteration):
    model, X, y = problem(kind, measurement)
    model.set_params(solver=solver)
    limits = threadpool_info()
    model.set_callbacks(InterruptingAt(event, iteration))
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    assert not any(name.endswith("_") for name in vars(model))
    with pytest.raises(NotFittedError):
        model.predict(X)
    assert threadpool_info() == limits

    model.set_callbacks().fit(X, y)
    before = {name: np.copy(value) for name, value in vars(model).items()}
    model.set_callbacks(InterruptingAt(event, iteration))
    with pytest.raises(KeyboardInterrupt):
        model.fit(X[::2], -y[::2])
    model.set_callbacks()
    assert vars(model).keys() == before.keys()
    for name, value in before.items():
        np.testing.assert_array_equal(getattr(model, name), value)
    assert threadpool_info() == limits


@pytest.mark.slow
def test_an_interrupted_fit_spares_the_others():
    """They go on in their threads, with the bits that they have alone."""
    model, X, y = problem(AsymmetricFactorSensing, "matrix", 1500)
    expected = model.fit(X, y).matrix_

    def fit(number):
        copy = clone(model)
        if number % 2:
            return copy.fit(X, y).matrix_
        copy.set_callbacks(InterruptingAt("end iteration", number + 1))
        with pytest.raises(KeyboardInterrupt):
            copy.fit(X, y)
        return expected

    with ThreadPoolExecutor(8) as pool:
        for matrix in pool.map(fit, range(16), timeout=PATIENCE):
            np.testing.assert_array_equal(matrix, expected)


@pytest.mark.parametrize("when", ["entering", "leaving"])
@pytest.mark.parametrize("first", [True, False])
def test_signal_while_blas_is_being_limited(when, first, monkeypatch):
    """It is rare there, but BLAS would keep to one thread for good."""
    model, X, y = problem(AsymmetricFactorSensing, "matrix")
    before = threadpool_info()
    if all(library["num_threads"] == 1 for library in before):
        pytest.skip("BLAS has but one thread here")
    allow = threads._allow

    def interrupted(threads):
        entering = all(n == 1 for _, n in threads)
        if entering == (when == "entering"):
            monkeypatch.undo()
            if not first:
                allow(threads[:1])
            signal.raise_signal(signal.SIGINT)
        allow(threads)

    monkeypatch.setattr(threads, "_allow", interrupted)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    model.fit(X, y)
    assert threadpool_info() == before


# Fits for good until it is interrupted, then says how it is and fits again.
INTERRUPTED = """
import sys
import numpy as np
from threadpoolctl import threadpool_info
from lowrank_sense import AsymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

X, y, _ = make_matrix_sensing(1500, (18, 22), 2, noise=0.1, random_state=0)
model = AsymmetricFactorSensing(3, shape=(18, 22), tol=0, random_state=0)
model.set_params(max_iter=20)
expected = {{s: model.set_params(solver=s).fit(X, y).matrix_ for s in ("gd", "pcg")}}
limits = threadpool_info()
attributes = set(vars(model))
for number in range({n_signals}):
    solver = ("gd", "pcg")[number % 2]
    model.set_params(solver=solver)
    try:
        print("ready", flush=True)
        while True:
            model.set_params(max_iter=100_000).fit(X, y)
    except KeyboardInterrupt:
        pass
    assert set(vars(model)) == attributes
    assert threadpool_info() == limits, "limits"
    # As it was before: after the short fit, or after a long one that came to its end.
    assert model.n_iter_ == len(model.step_size_history_)
    assert np.isfinite(model.predict(X)).all()
    again = model.set_params(max_iter=20).fit(X, y).matrix_
    assert np.array_equal(again, expected[solver]), "bits"
print("healthy", flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_interrupt_by_signals():
    """Ctrl-C at any moment of a fit, several times in one process."""
    n_signals = 8
    script = INTERRUPTED.format(n_signals=n_signals)
    delays = np.random.default_rng(0).uniform(0.01, 0.3, n_signals)
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        watch = threading.Timer(PATIENCE, process.kill)
        watch.start()
        try:
            for delay in delays:
                if process.stdout.readline() != "ready\n":
                    break
                threading.Event().wait(delay)
                process.send_signal(signal.SIGINT)
            output, errors = process.communicate()
        finally:
            watch.cancel()
    assert output == "healthy\n", errors
    assert process.returncode == 0
