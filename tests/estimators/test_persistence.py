"""Estimators that are written to a file, and read from one."""

import pickle
import warnings
from copy import deepcopy
from functools import cache

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

from ..grids import slowly
from ..studies import KINDS

MODELS = [
    kind(measurement=measurement, max_iter=20, tol=0, random_state=0, **params)
    for kind, params in (
        (AsymmetricFactorSensing, {"rank": 3, "shape": (8, 9)}),
        (SymmetricFactorSensing, {"rank": 3, "early_stopping": True}),
    )
    for measurement in ("matrix", "rank_one", "entry")
]
MODELS.append(clone(MODELS[2]).set_params(solver="als", penalty="auto"))


def name_of(model):
    return f"{type(model).__name__}-{model.measurement}-{model.solver}"


def skops_io():
    """Import late what takes seconds, so that only those who need it wait."""
    import skops.io

    return skops.io


def by_pickle(model, tmp_path):
    return pickle.loads(pickle.dumps(model))


def by_joblib(model, tmp_path):
    joblib.dump(model, tmp_path / "model.joblib")
    return joblib.load(tmp_path / "model.joblib")


def by_joblib_memory_map(model, tmp_path):
    joblib.dump(model, tmp_path / "model.joblib")
    return joblib.load(tmp_path / "model.joblib", mmap_mode="r")


def by_skops(model, tmp_path):
    skops = skops_io()
    data = skops.dumps(model)
    return skops.loads(data, trusted=skops.get_untrusted_types(data=data))


@cache
def fitted(model, dtype=np.float64):
    psd = isinstance(model, SymmetricFactorSensing)
    X, y, _ = make_matrix_sensing(
        60,
        (9, 9) if psd else (8, 9),
        2,
        psd=psd,
        noise=0.05,
        measurement=model.measurement,
        random_state=0,
    )
    if model.measurement != "entry":
        X = X.astype(dtype)
    model = clone(model).fit(X, y.astype(dtype))
    return model, X, y.astype(dtype)


@pytest.mark.parametrize(
    "copied", [by_pickle, *slowly(by_joblib, by_joblib_memory_map), by_skops]
)
@pytest.mark.parametrize("dtype", [np.float64, *slowly(np.float32)])
@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_round_trip(model, dtype, copied, tmp_path):
    model, X, y = fitted(model, dtype)
    again = copied(model, tmp_path)
    assert type(again) is type(model)
    assert again.get_params() == model.get_params()
    assert vars(again).keys() == vars(model).keys()
    for name in ("predict", "transform"):
        expected, result = getattr(model, name)(X), getattr(again, name)(X)
        assert result.dtype == expected.dtype
        np.testing.assert_array_equal(result, expected)
    for name, value in vars(model).items():
        np.testing.assert_array_equal(getattr(again, name), value)
    # What was read can be fitted again, and warm.
    np.testing.assert_array_equal(again.fit(X, y).matrix_, model.matrix_)
    again = copied(model, tmp_path).set_params(warm_start=True)
    assert np.isfinite(again.fit(X, y).matrix_).all()


@pytest.mark.parametrize("copied", [by_pickle, by_joblib, by_skops])
@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_round_trip_of_an_unfitted_estimator(model, copied, tmp_path):
    again = copied(model, tmp_path)
    assert vars(again).keys() == vars(model).keys()
    assert again.get_params() == model.get_params()


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_skops_trusts_all_but_the_estimator(model):
    model, _, _ = fitted(model)
    own = [f"{type(model).__module__}.{type(model).__qualname__}"]
    skops = skops_io()
    assert skops.get_untrusted_types(data=skops.dumps(model)) == own
    if model.measurement != "entry":
        pipeline = make_pipeline(StandardScaler(), model)
        assert skops.get_untrusted_types(data=skops.dumps(pipeline)) == own


def test_skops_does_not_load_what_is_not_trusted():
    model, _, _ = fitted(MODELS[0])
    with pytest.raises(TypeError, match="AsymmetricFactorSensing"):
        skops_io().loads(skops_io().dumps(model))


def test_pickle_holds_nothing_of_the_data():
    """Of the run it holds the factors and the histories, nothing else."""
    model, X, _ = fitted(MODELS[0])
    histories = [value for name, value in vars(model).items() if "history" in name]
    n_numbers = sum(np.size(value) for value in [*histories, *model._factors])
    assert len(pickle.dumps(model)) < 8 * n_numbers + 4000 < X.nbytes


# Parameters and attributes that an older release might not have had.
NEWER = ["penalty", "early_stopping", "solver_", "validation_history_"]


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_state_of_an_older_release_predicts(model):
    model, X, _ = fitted(model)
    state = model.__getstate__()
    older = type(model).__new__(type(model))
    older.__setstate__({k: v for k, v in state.items() if k not in NEWER})
    np.testing.assert_array_equal(older.predict(X), model.predict(X))
    np.testing.assert_array_equal(older.transform(X), model.transform(X))


@pytest.mark.parametrize("model", MODELS[:2], ids=name_of)
def test_state_of_another_release_warns(model):
    model, X, _ = fitted(model)
    state = model.__getstate__()
    (version,) = (name for name in state if name.endswith("_version"))
    older = type(model).__new__(type(model))
    with pytest.warns(InconsistentVersionWarning, match=type(model).__name__):
        older.__setstate__({**state, version: "0.0.1"})
    np.testing.assert_array_equal(older.predict(X), model.predict(X))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pickle.loads(pickle.dumps(model))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("measurement", ["matrix", "rank_one", "entry"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_components_are_found_once(kind, measurement, dtype):
    """In fit: what transform needs travels with a pickle, and only the factors grow."""
    X, y, M = make_matrix_sensing(
        60 if measurement == "entry" else 160,
        (9, 9),
        2,
        condition_number=3,
        measurement=measurement,
        psd=kind is SymmetricFactorSensing,
        random_state=0,
    )
    X = X if measurement == "entry" else X.astype(dtype)
    model = kind(4, measurement=measurement, shape=M.shape, random_state=0)
    model.fit(X, y.astype(dtype))
    F, G = model._pair
    U, s, V = np.linalg.svd(F @ G.T)
    for rows in (slice(None), slice(1)):  # many measurements, and one
        found = model.transform(X[rows])
        for j in range(2):
            component, root = deepcopy(model), np.sqrt(s[j])
            sides = (root * U[:, [j]], root * V[[j]].T)
            for name, side in zip(model._factor_names, sides, strict=False):
                setattr(component, name, side)
            np.testing.assert_allclose(
                found[:, j], component.predict(X[rows]), atol=1e-3 * s[0]
            )
    for copy in (pickle.loads(pickle.dumps(model)), deepcopy(model)):
        assert copy._maps_are_known()
        np.testing.assert_array_equal(copy.transform(X), model.transform(X))


def test_other_factors_have_other_components():
    X, y, _ = make_matrix_sensing(160, (9, 9), 2, random_state=0)
    model = AsymmetricFactorSensing(3, random_state=0).fit(X, y)
    before = model.transform(X)
    model.left_factor_ = 2 * model.left_factor_
    np.testing.assert_allclose(model.transform(X), 2 * before, atol=1e-10)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_allclose(again.transform(X), 2 * before, atol=1e-10)
