"""Bad input: a clear error that names the culprit, and nothing lost."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.exceptions import NotFittedError

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing

from .studies import Callback

KINDS = [AsymmetricFactorSensing, SymmetricFactorSensing]

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
        (X.reshape(30, 4, 4), y, "Found array with dim 3"),
        (X, np.column_stack([y, y]), "y should be a 1d array"),
        (X.astype(np.float32), 1e40 * y, "e.4.*float32.*float64"),
        (X, None, "requires y to be passed"),
        (X + 1j, y, "Complex data not supported"),
        (X, y + 1j, "Complex data not supported"),
        (np.full((30, 16), "a"), y, "could not convert string to float"),
        (X, np.full(30, "a"), "could not convert string to float"),
    ],
)
def test_data(kind, bad_X, bad_y, message):
    with pytest.raises((ValueError, TypeError), match=message):
        kind().fit(bad_X, bad_y)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.zeros(30), "zero"),
        (np.full(30, -1.0), "[Nn]egative"),
        (replaced(np.ones(30), np.nan), "sample_weight contains NaN"),
        (np.ones(29), "sample_weight"),
    ],
)
def test_sample_weight(kind, weights, message):
    with pytest.raises(ValueError, match=message):
        kind().fit(X, y, sample_weight=weights)


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
