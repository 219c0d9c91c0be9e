"""Bad input: a clear error that names the culprit, and nothing lost."""

import numpy as np
import pandas as pd
import pytest
from dask import array
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import r2_score

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing

from ..studies import KINDS, Callback

X = np.random.default_rng(0).standard_normal((30, 16))
y = X @ np.ones(16)


def replaced(array, value):
    array = array.astype(np.result_type(array, value))
    array.flat[3] = value
    return array


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"rank": 0}, "'rank' parameter.*Got 0"),
        ({"rank": -3}, "'rank' parameter.*Got -3"),
        ({"rank": 2.5}, "'rank' parameter.*Got 2.5"),
        ({"rank": "two"}, "'rank' parameter.*Got 'two'"),
        ({"alpha": 0}, "'alpha' parameter.*Got 0"),
        ({"alpha": -0.1}, "'alpha' parameter.*Got -0.1"),
        ({"alpha": np.nan}, "'alpha' parameter.*Got nan"),
        ({"alpha": np.inf}, "'alpha' parameter.*Got inf"),
        ({"accelerated_step": 0}, "'accelerated_step' parameter.*Got 0"),
        ({"accelerated_step": "yes"}, "'accelerated_step' parameter.*Got 'yes'"),
        ({"solver": "sgd"}, "'solver' parameter.*Got 'sgd'"),
        ({"step_size": 0.0}, "'step_size' parameter.*Got 0.0"),
        ({"step_size": np.inf}, "'step_size' parameter.*Got inf"),
        ({"step_size": "big"}, "'step_size' parameter.*Got 'big'"),
        ({"measurement": "photo"}, "'measurement' parameter.*Got 'photo'"),
        ({"shape": 16}, "'shape' parameter.*Got 16"),
        ({"shape": (4, 5)}, r"shape=\(4, 5\).*20 features.*16 features"),
        ({"shape": (4, 4, 1)}, r"pair of positive integers.*got \(4, 4, 1\)"),
        ({"max_iter": 0}, "'max_iter' parameter.*Got 0"),
        ({"tol": -1}, "'tol' parameter.*Got -1"),
        ({"tol": np.nan}, "'tol' parameter.*Got nan"),
        ({"random_state": "dice"}, "'random_state' parameter.*Got 'dice'"),
    ],
)
def test_parameters(kind, params, message):
    with pytest.raises((ValueError, TypeError), match=message):
        kind(**params).fit(X, y)


@pytest.mark.parametrize("value", [-0.5, np.nan, np.inf])
def test_init_ratio(value):
    with pytest.raises(ValueError, match=f"'init_ratio' parameter.*Got {value}"):
        AsymmetricFactorSensing(init_ratio=value).fit(X, y)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("bad_X", "bad_y", "message"),
    [
        (replaced(X, np.nan), y, "Input X contains NaN"),
        (replaced(X, np.inf), y, "Input X contains infinity"),
        (sparse.csr_array(replaced(X, np.nan)), y, "Input X contains NaN"),
        (X, replaced(y, np.nan), "Input y contains NaN"),
        (X, replaced(y, -np.inf), "Input y contains infinity"),
        (X, y[:-1], r"inconsistent numbers of samples: \[30, 29\]"),
        (X[:0], y[:0], "0 sample"),
        (X[:, :0], y, "0 feature"),
        (X[0], y, "Expected 2D array, got 1D array"),
        (X.reshape(30, 4, 4), y, r"reshape\(len\(X\), -1\) and shape=\(4, 4\)"),
        (X, np.column_stack([y, y]), "y should be a 1d array"),
        (X.astype(np.float32), 1e40 * y, "e.4.*float32.*float64"),
        (X, None, "requires y to be passed"),
        (X + 1j, y, "X cannot be used: Complex data not supported"),
        (X, y + 1j, "y cannot be used: Complex data not supported"),
        (np.full((30, 16), "a"), y, "X cannot be used: could not convert string"),
        (X, np.full(30, "a"), "y cannot be used: could not convert string"),
        (X, [[1, 2], [3]], "y cannot be used: "),
        (X, np.full(30, b"a"), "y cannot be used: "),
        (X, set(y), "y is a set, but has to be an array"),
        (X, dict(enumerate(y)), "y is a dict"),
        (iter(X), y, "X is a generator|X is a .*iterator"),
        (X, np.arange(30).astype("M8[D]"), "y holds dates"),
        (X, np.arange(30).astype("m8[D]"), "y holds dates"),
        (X, pd.Series(pd.date_range("2020", periods=30, tz="UTC")), "y holds dates"),
        (X, list(np.arange(30).astype("M8[D]")), "y holds dates"),
        (X, list(pd.date_range("2020", periods=30)), "y holds dates"),
        (X, np.array(list(np.arange(30).astype("m8[D]")), object), "y holds dates"),
        (X.astype(int).astype("M8[D]"), y, "X holds dates"),
        (X.astype(int).astype("M8[D]").tolist(), y, "X holds dates"),
        (list(np.ma.masked_greater(X, 1)), y, "X is a list of masked arrays"),
        (
            X.reshape(30, 4, 4).tolist(),
            y,
            r"reshape\(len\(X\), -1\) and shape=\(4, 4\)",
        ),
        ((X + 1j).tolist(), y, "X cannot be used: Complex data not supported"),
        (np.ma.masked_greater(X, 1), y, r"X is a masked array.*X\[~mask.any\(axis=1"),
        (X, np.ma.masked_greater(y, 0), r"y is a masked array.*keep X\[~mask\]"),
        (1e200 * X, y, "X holds numbers so large or so small"),
        (X, 1e200 * y, "y holds values as large as"),
    ],
)
def test_data(kind, bad_X, bad_y, message):
    with pytest.raises((ValueError, TypeError), match=message):
        kind().fit(bad_X, bad_y)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["predict", "transform", "score"])
@pytest.mark.parametrize("form", [np.asarray, np.ndarray.tolist, array.from_array])
def test_new_matrices_that_are_not_flat(kind, method, form):
    model = kind(max_iter=2, tol=0).fit(X, y)
    arguments = (y,) if method == "score" else ()
    with pytest.raises(ValueError, match=r"reshape\(len\(X\), -1\)"):
        getattr(model, method)(form(X.reshape(30, 4, 4)), *arguments)


def test_lists_are_arrays():
    model = AsymmetricFactorSensing(max_iter=2, tol=0, random_state=0)
    expected = clone(model).fit(X, y, np.arange(30)).matrix_
    M = model.fit(X.tolist(), tuple(y), list(range(30))).matrix_
    np.testing.assert_array_equal(M, expected)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.zeros(30), "zero"),
        (np.full(30, -1.0), "[Nn]egative"),
        (list(np.ones(30, "m8[D]")), "sample_weight holds dates"),
        (replaced(np.ones(30), np.nan), "sample_weight contains NaN"),
        (np.ones(29), "sample_weight"),
        (
            np.ma.masked_array(np.ones(30), np.arange(30) < 3),
            "sample_weight is a masked",
        ),
    ],
)
def test_sample_weight(kind, weights, message):
    with pytest.raises(ValueError, match=message):
        kind().fit(X, y, sample_weight=weights)


def test_complex_data_are_not_printed():
    for arguments in ((X + 1j, y), (X, y + 1j)):
        with pytest.raises(ValueError) as raised:
            AsymmetricFactorSensing().fit(*arguments)
        assert len(str(raised.value)) < 120


def test_symmetric_needs_a_square():
    with pytest.raises(ValueError, match=r"15 features.*square.*Asymmetric"):
        SymmetricFactorSensing().fit(X[:, :15], y)
    with pytest.raises(ValueError, match=r"shape=\(2, 8\) is not square"):
        SymmetricFactorSensing(shape=(2, 8)).fit(X, y)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["predict", "transform", "get_feature_names_out"])
def test_before_fit(kind, method):
    argument = [] if method == "get_feature_names_out" else [X]
    with pytest.raises(NotFittedError, match="not fitted"):
        getattr(kind(), method)(*argument)
    with pytest.raises(AttributeError):
        _ = kind().matrix_


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["predict", "transform"])
def test_new_data(kind, method):
    model = kind(max_iter=2, tol=0).fit(X, y)
    with pytest.raises(ValueError, match=r"X has 9 features.*expecting 16 features"):
        getattr(model, method)(X[:, :9])
    with pytest.raises(ValueError, match="Input X contains NaN"):
        getattr(model, method)(replaced(X, np.nan))


class Interrupting(Callback):
    """A callback that fails in the middle of a fit."""

    def on_fit_task_end(self, estimator, context):
        raise KeyboardInterrupt


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reason", ["data", "parameter", "interrupt"])
def test_a_failed_fit_leaves_the_earlier_one(kind, reason):
    model = kind(random_state=0, max_iter=50, tol=0).fit(X, y)
    before = {name: np.copy(value) for name, value in vars(model).items()}
    predictions = model.predict(X)
    if reason == "data":
        with pytest.raises(ValueError, match="NaN"):
            model.fit(np.ones((5, 9)), [1, 2, 3, 4, np.nan])
    elif reason == "parameter":
        with pytest.raises(ValueError, match="shape"):
            model.set_params(shape=(3, 3)).fit(np.ones((5, 4)), np.ones(5))
        model.set_params(shape=None)
    else:
        model.set_callbacks(Interrupting())
        with pytest.raises(KeyboardInterrupt):
            model.fit(np.ones((5, 9)), np.ones(5))
        model.set_callbacks()
    assert vars(model).keys() == before.keys()
    np.testing.assert_array_equal(model.predict(X), predictions)
    assert model.n_features_in_ == 16


def test_a_failed_first_fit_leaves_an_unfitted_estimator():
    model = AsymmetricFactorSensing()
    with pytest.raises(ValueError, match="NaN"):
        model.fit(X, replaced(y, np.nan))
    with pytest.raises(NotFittedError):
        model.predict(X)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["predict", "transform"])
def test_measurements_that_overflow(kind, method):
    model = kind(max_iter=2, tol=0, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match=r"X holds numbers so large.*overflow float64"):
        getattr(model, method)(np.full_like(X, 1e308))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("unit", [1e-200, 1.0, 1e150])
def test_score_is_the_same_in_all_units(kind, unit):
    model = kind(max_iter=5, tol=0, random_state=0)
    noisy = y + np.random.default_rng(1).standard_normal(30)
    weights = np.linspace(1, 2, 30)
    expected = r2_score(noisy, model.fit(X, y).predict(X), sample_weight=weights)
    score = model.fit(X, unit * y).score(X, unit * noisy, weights)
    assert score == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize(
    ("bad_y", "weights", "message"),
    [
        (replaced(y, np.nan), None, "Input y contains NaN"),
        (y + 1j, None, "y cannot be used: Complex"),
        (None, None, "requires y to be passed"),
        (y[:-1], None, r"inconsistent numbers of samples: \[30, 29\]"),
        (y, np.full(30, -1.0), "sample_weight"),
        (y, np.full(30, "a"), "sample_weight cannot be used: "),
        (1e-200 * y, None, "y holds values no larger than .*in other units"),
    ],
)
def test_score(bad_y, weights, message):
    model = AsymmetricFactorSensing(max_iter=2, tol=0).fit(X, y)
    with pytest.raises((ValueError, TypeError), match=message):
        model.score(X, bad_y, weights)


@pytest.mark.parametrize("measurement", ["bad", {}, None])
def test_measurement_set_after_the_fit(measurement):
    model = AsymmetricFactorSensing(max_iter=2, tol=0).fit(X, y)
    model.set_params(measurement=measurement)
    with pytest.raises(ValueError, match=r"measurement=.* is none of 'matrix'"):
        model.predict(X)


@pytest.mark.parametrize(
    ("params", "dtype", "message"),
    [
        ({"alpha": 1e9}, np.float64, r"alpha = 1\.0e\+09 is .*from 1e-60 to 1e\+05"),
        ({"alpha": 1e-200}, np.float64, r"alpha = 1\.0e-200 is a start"),
        ({"alpha": 1e3}, np.float32, r"alpha = .*float32.* 1e-16 to 3e\+02"),
        ({"init_ratio": 1e-100}, np.float64, r"init_ratio \* alpha = 1\.0e-101 is"),
    ],
)
def test_starts_that_lead_nowhere(params, dtype, message):
    with pytest.raises(ValueError, match=message):
        AsymmetricFactorSensing(**params).fit(X.astype(dtype), y)


def test_a_warm_start_in_other_units():
    """Factors that are far too large are refused, and zero ones are not used."""
    model = AsymmetricFactorSensing(solver="pcg", warm_start=True, random_state=0)
    expected = clone(model).fit(X, y).matrix_
    with pytest.raises(ValueError, match="warm_start=True would go on from factors"):
        model.fit(X, y).fit(X, 1e-100 * y)
    np.testing.assert_allclose(model.fit(X, 0 * y).matrix_, 0)
    np.testing.assert_allclose(model.fit(X, y).matrix_, expected, rtol=1e-6)


def test_a_design_whose_products_vanish_is_said_to_be_one():
    with pytest.warns(UserWarning, match="nothing can be recovered") as caught:
        AsymmetricFactorSensing(measurement="rank_one").fit(1e-310 * X, y)
    assert caught[0].filename == __file__


def test_strings_of_numbers_are_numbers():
    model = AsymmetricFactorSensing(max_iter=2, tol=0, random_state=0)
    expected = clone(model).fit(X, y).matrix_
    text = X.astype(str).astype(object), y.astype(str)
    np.testing.assert_array_equal(model.fit(*text).matrix_, expected)


def test_a_start_that_is_not_used_may_be_of_any_size():
    model = AsymmetricFactorSensing(alpha=1e-200)
    assert model.fit(X, 0 * y).converged_
    assert model.set_params(init="spectral").fit(X, y).converged_
