"""Dask arrays: the iterates of numpy, on real workers, also when one of them dies."""

import os
import signal
from contextlib import contextmanager
from queue import Queue
from threading import Thread

import dask
import distributed
import joblib
import numpy as np
import pandas as pd
import pytest
from dask import array
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import DataConversionWarning
from sklearn.model_selection import GridSearchCV, KFold

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

from ..grids import mostly_slow, spread
from ..studies import KINDS, Callback, relative_error

MEASUREMENTS = ["matrix", "rank_one", "entry"]
# Seconds until fits that wait for one another are given up.
PATIENCE = 90


@pytest.fixture(scope="module")
def client():
    """Start two workers, processes forked off one that has imported the package."""
    with (
        forked_workers(),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@contextmanager
def forked_workers():
    with dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"}):
        context = distributed.utils.get_mp_context()
        context.set_forkserver_preload(["distributed", "lowrank_sense"])
        yield


@pytest.fixture
def one_process():
    """Run the same tasks one after the other in this process."""
    with dask.config.set(scheduler="synchronous"):
        yield


def problem(kind, measurement, seed=0, noise=0.0):
    symmetric = kind is SymmetricFactorSensing
    shape = (16, 16) if symmetric else (16, 20)
    m = 250 if measurement == "entry" else 600
    return make_matrix_sensing(
        m,
        shape,
        2,
        psd=symmetric,
        measurement=measurement,
        noise=noise,
        random_state=seed,
    )


def estimator(kind, measurement, M, **params):
    defaults = {"rank": 4, "solver": "pcg", "max_iter": 20, "tol": 0}
    return kind(
        measurement=measurement, shape=M.shape, random_state=0, **(defaults | params)
    )


def blocks(X, size=160):
    return array.from_array(X, chunks=(size, -1))


PARAMS = [
    {"solver": "gd"},
    {"solver": "cg", "fit_intercept": True},
    {"penalty": 1e-3},
    {"early_stopping": True, "max_iter": 40, "n_iter_no_change": 3},
    {"init": "spectral", "tol": 1e-4, "max_iter": 100},
]


@pytest.mark.parametrize(
    ("kind", "measurement", "params"),
    mostly_slow(spread(KINDS, MEASUREMENTS, PARAMS), 7),
    ids=lambda value: " ".join(value) if isinstance(value, dict) else None,
)
def test_iterates_are_those_of_numpy(kind, measurement, params, one_process):
    X, y, M = problem(kind, measurement, noise=0.05)
    y = y + 0.3
    model = estimator(kind, measurement, M, **params)
    expected = model.fit(X, y)
    loss, found = expected.loss_history_, expected.matrix_
    n_iter, reason = expected.n_iter_, expected.stop_reason_
    model.fit(blocks(X), array.from_array(y, chunks=110))
    assert (model.n_iter_, model.stop_reason_) == (n_iter, reason)
    np.testing.assert_allclose(model.loss_history_, loss, rtol=1e-8)
    assert relative_error(model, found) < 1e-10
    assert model.effective_rank_ == expected.effective_rank_


@pytest.mark.parametrize("measurement", MEASUREMENTS)
@pytest.mark.slow
def test_weights_and_a_numpy_y(measurement, one_process):
    X, y, M = problem(AsymmetricFactorSensing, measurement)
    weights = np.random.default_rng(0).uniform(0, 2, len(y))
    model = estimator(AsymmetricFactorSensing, measurement, M, fit_intercept=True)
    found = model.fit(X, y, sample_weight=weights).matrix_
    model.fit(blocks(X), y, sample_weight=weights)
    assert relative_error(model, found) < 1e-10


@pytest.mark.parametrize("measurement", MEASUREMENTS)
def test_predictions_are_dask_arrays_that_wait(measurement, one_process):
    X, y, M = problem(AsymmetricFactorSensing, measurement)
    model = estimator(AsymmetricFactorSensing, measurement, M).fit(X, y)
    for method in (model.predict, model.transform):
        waiting = method(blocks(X))
        assert isinstance(waiting, array.Array)
        assert waiting.chunks[0] == blocks(X).chunks[0]
        np.testing.assert_allclose(waiting.compute(), method(X), atol=1e-12)
    assert model.score(blocks(X), y) == pytest.approx(model.score(X, y))


@pytest.mark.slow
def test_on_threads():
    X, y, M = problem(AsymmetricFactorSensing, "matrix")
    model = estimator(AsymmetricFactorSensing, "matrix", M)
    found = model.fit(X, y).matrix_
    with dask.config.set(scheduler="threads"):
        assert relative_error(model.fit(blocks(X), y), found) < 1e-10


def test_float32_stays_float32(one_process):
    X, y, M = problem(AsymmetricFactorSensing, "matrix")
    model = estimator(AsymmetricFactorSensing, "matrix", M, max_iter=40)
    model.fit(blocks(X.astype(np.float32)), y)
    assert model.left_factor_.dtype == np.float32
    assert relative_error(model, M) < 1e-5


class KillAWorker(Callback):
    """Kills the process of a worker after some iterations."""

    def __init__(self, client, iteration):
        self.client, self.iteration = client, iteration
        self.killed = None

    def on_fit_task_end(self, estimator, context):
        if context.task_name == "iteration" and context.task_id == self.iteration:
            pids = self.client.run(os.getpid)
            self.killed = next(iter(pids.values()))
            os.kill(self.killed, signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.parametrize("measurement", ["matrix", "entry"])
def test_a_fit_survives_the_death_of_a_worker(measurement, client):
    X, y, M = problem(AsymmetricFactorSensing, measurement)
    model = estimator(AsymmetricFactorSensing, measurement, M, max_iter=12)
    found = model.fit(X, y).matrix_
    killer = KillAWorker(client, 7)
    model.set_callbacks(killer).fit(blocks(X, 200), y)
    assert killer.killed is not None
    assert model.n_iter_ == 12
    assert relative_error(model, found) < 1e-10


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X, y: (X[:, 0], y), "2D array"),
        (lambda X, y: (X + 1j, y), "Complex data not supported"),
        (lambda X, y: (X, y * np.nan), "y contains NaN"),
        (lambda X, y: (X * np.inf, y), "X contains NaN or infinity"),
        (lambda X, y: (X, y[:-1]), "inconsistent numbers of samples"),
        (lambda X, y: (X, array.from_array(np.column_stack([y, y]))), "y must be one"),
        (lambda X, y: (X[:0], y[:0]), "X has 0 samples"),
        (lambda X, y: (X.map_blocks(sparse.csr_array), y), "A block of X .*csr_array"),
        (lambda X, y: (array.ma.masked_greater(X, 2), y), "X .*masked values"),
        (lambda X, y: (X, array.ma.masked_greater(array.from_array(y), 1)), "y .*mask"),
        (lambda X, y: (X.map_blocks(lambda b: None, dtype=float), y), "X .*NoneType"),
        (lambda X, y: (X.map_blocks(lambda b: b + 1j, dtype=float), y), "X .*complex"),
        (lambda X, y: (X.map_blocks(lambda b: b[:, 1:], dtype=float), y), "X .*shape"),
        (lambda X, y: (X[:, :-1], y), "needs X to have"),
        (lambda X, y: (said(X, ((99,), (320,))), y), r"X .*dask was told \(99, 3"),
        (lambda X, y: (X, said(array.from_array(y), ((599,),))), "y .*told"),
        (lambda X, y: (said(X, ((600,), (np.nan,))), y), "unknown number of col"),
        (lambda X, y: (X.astype(str), y), r"X has dtype <U.*X.astype\(float\)"),
        (lambda X, y: (X, array.from_array(y).astype(object)), "y has dtype object"),
        (lambda X, y: (X, array.from_array(y).astype("M8[s]")), "y holds dates"),
    ],
)
def test_bad_input(change, message, one_process):
    X, y, M = problem(AsymmetricFactorSensing, "matrix")
    X, y = change(blocks(X), y)
    model = estimator(AsymmetricFactorSensing, "matrix", M)
    with pytest.raises(ValueError, match=message):
        model.fit(X, y)
    assert not hasattr(model, "left_factor_")


def said(values, chunks):
    """Return one block of another size than dask is told."""
    whole = dask.delayed(values.compute())
    sizes = tuple(sum(sides) for sides in chunks)
    found = array.from_delayed(whole, sizes, values.dtype)
    found._chunks = tuple((sum(sides),) for sides in chunks)
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("measurement", MEASUREMENTS)
def test_blocks_without_rows_and_of_unknown_size(kind, measurement, one_process):
    X, y, M = problem(kind, measurement)
    model = estimator(kind, measurement, M, max_iter=5)
    expected = model.fit(X, y).matrix_
    m = len(y)
    gaps = array.from_array(X, chunks=((100, 0, m - 100, 0), -1))
    assert relative_error(model.fit(gaps, y), expected) < 1e-10
    np.testing.assert_allclose(np.asarray(model.predict(gaps)), model.predict(X))
    n_loads = [0]

    def counted(block):
        n_loads[0] += len(block) > 0
        return block[block[:, 0] > -np.inf]

    # The size of each block is known only once it is loaded.
    filtered = blocks(X, 100).map_blocks(counted, dtype=X.dtype, meta=X[:0])
    filtered._chunks = ((np.nan,) * filtered.numblocks[0], filtered.chunks[1])
    model.fit(filtered, y)
    assert n_loads[0] == filtered.numblocks[0]
    assert relative_error(model, expected) < 1e-10
    predicted = np.asarray(model.predict(filtered).compute())
    np.testing.assert_allclose(predicted, model.predict(X))


@pytest.mark.parametrize("measurement", MEASUREMENTS)
def test_what_x_and_y_are_made_from_is_loaded_once(measurement, one_process):
    X, y, M = problem(AsymmetricFactorSensing, measurement)
    model = estimator(AsymmetricFactorSensing, measurement, M, max_iter=5)
    expected = model.fit(X, y).matrix_
    score = model.score(X, y)
    loads = []

    def load(start, stop):
        loads.append(start)
        return np.column_stack([X[start:stop], y[start:stop]])

    # Filtered tables: the sizes are not known, and some parts have no rows.
    stops = [0, 80, 80, 160, len(y), len(y)]
    table = array.concatenate(
        [
            array.from_delayed(
                dask.delayed(load)(*part), (np.nan, X.shape[1] + 1), np.float64
            )
            for part in zip([0, *stops], stops, strict=False)
        ]
    )
    model.fit(table[:, :-1], table[:, -1])
    assert sorted(loads) == [0, 0, 80, 80, 160, len(y)]
    assert relative_error(model, expected) < 1e-10
    assert model.score(table[:, :-1], table[:, -1]) == pytest.approx(score)
    waiting = model.transform(table[:, :-1])
    np.testing.assert_allclose(waiting.compute(), model.transform(X), atol=1e-12)


def test_blocks_of_pandas(one_process):
    X, y, M = problem(AsymmetricFactorSensing, "matrix")
    model = estimator(AsymmetricFactorSensing, "matrix", M, max_iter=5)
    expected = model.fit(X, y).matrix_
    frames = blocks(X).map_blocks(pd.DataFrame, dtype=float, meta=X[:0])
    assert relative_error(model.fit(frames, y), expected) < 1e-10


@pytest.mark.parametrize("measurement", MEASUREMENTS)
def test_a_mask_is_an_error_wherever_it_is(measurement, one_process):
    X, y, M = problem(AsymmetricFactorSensing, measurement)
    model = estimator(AsymmetricFactorSensing, measurement, M, max_iter=5).fit(X, y)
    masked = array.ma.masked_array(blocks(X), blocks(X) == X[5, 1])
    column = array.ma.masked_array(array.from_array(y), array.arange(len(y)) == 5)
    with pytest.raises(ValueError, match=r"X .*masked"):
        model.predict(masked).compute()
    for design in (X, blocks(X)):
        with pytest.raises(ValueError, match=r"y .*masked"):
            model.score(design, column)
        with pytest.raises(ValueError, match=r"y .*masked"):
            clone(model).fit(design, column)
        with pytest.raises(ValueError, match=r"sample_weight .*masked"):
            clone(model).fit(design, y, sample_weight=abs(column))
    with pytest.raises(ValueError, match=r"X .*masked"):
        clone(model).fit(masked, y)


def test_labels_in_blocks_are_refused_in_words(one_process):
    X, y, M = problem(AsymmetricFactorSensing, "entry")
    model = estimator(AsymmetricFactorSensing, "entry", M)
    with pytest.raises(ValueError, match=r"X holds labels.*OrdinalEncoder"):
        model.fit(blocks(X).astype(str), y)


def test_the_shape_of_entries_is_found_in_blocks(one_process):
    X, y, M = problem(AsymmetricFactorSensing, "entry")
    model = estimator(AsymmetricFactorSensing, "entry", M, max_iter=5)
    expected = model.fit(X, y).matrix_
    model.set_params(shape=None).fit(blocks(X), y)
    assert relative_error(model, expected[: X[:, 0].max() + 1]) < 1e-8


def test_y_as_a_column_warns_as_for_numpy(one_process):
    X, y, M = problem(AsymmetricFactorSensing, "matrix")
    model = estimator(AsymmetricFactorSensing, "matrix", M, max_iter=5)
    expected = model.fit(X, y).matrix_
    with pytest.warns(DataConversionWarning, match="column-vector"):
        model.fit(blocks(X), array.from_array(y)[:, np.newaxis])
    assert relative_error(model, expected) < 1e-10


def fitted_matrix(model, X, y):
    return model.fit(X, y).matrix_


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "measurement"), spread(KINDS, MEASUREMENTS))
def test_concurrent_fits_inside_workers_end(kind, measurement, client):
    """Before Python 3.12 one lock of functools stopped all of them."""
    X, y, M = problem(kind, measurement)
    model = estimator(kind, measurement, M, max_iter=3)
    expected = fitted_matrix(model, X, y)
    fits = [
        client.submit(fitted_matrix, model, blocks(X, 300), y, pure=False)
        for _ in range(4)
    ]
    for fit in fits:
        found = fit.result(timeout=PATIENCE)
        assert np.linalg.norm(found - expected) < 1e-10 * np.linalg.norm(expected)


@pytest.mark.slow
@pytest.mark.parametrize("measurement", ["matrix", "entry"])
def test_a_grid_search_of_blocks_on_workers_ends(measurement, client):
    X, y, M = problem(AsymmetricFactorSensing, measurement, noise=0.05)
    search = GridSearchCV(
        estimator(AsymmetricFactorSensing, measurement, M, max_iter=3),
        {"rank": [2, 4]},
        cv=KFold(2, shuffle=True, random_state=0),
    )
    expected = search.fit(X, y).cv_results_["mean_test_score"]
    done = Queue()

    def fit():
        with joblib.parallel_config("dask"):  # for this thread only
            done.put(search.fit(blocks(X, 300), y).cv_results_["mean_test_score"])

    Thread(target=fit, daemon=True).start()
    np.testing.assert_allclose(done.get(timeout=PATIENCE), expected, rtol=1e-8)


def test_als_and_other_widths_are_refused(one_process):
    X, y, M = problem(AsymmetricFactorSensing, "entry")
    model = estimator(AsymmetricFactorSensing, "entry", M, solver="als")
    with pytest.raises(ValueError, match="dask array: use solver='pcg'"):
        model.fit(blocks(X), y)
    model.set_params(solver="auto").fit(blocks(X), y)
    assert model.solver_ == "pcg"
    with pytest.raises(ValueError, match="X has 1 features"):
        model.predict(blocks(X)[:, :1])
