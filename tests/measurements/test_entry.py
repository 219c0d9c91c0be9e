"""Matrix completion."""

import uuid

import numpy as np
import pandas as pd
import pytest
from dask import array
from scipy import sparse
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing

from ..studies import GD, KINDS, completion, relative_error


def blocks(X):
    """Return X as a dask array of two blocks."""
    return array.from_array(np.asarray(X), chunks=(2, -1))


def nullable(X):
    return pd.DataFrame(X).astype("Int64")


@pytest.mark.parametrize("solver", ["gd", "cg", "pcg", "als"])
@pytest.mark.parametrize("seed", range(2))
def test_every_solver_completes(solver, seed):
    X, y, M = completion(900, (30, 45), 2, seed)
    model = AsymmetricFactorSensing(
        2, solver=solver, measurement="entry", shape=(30, 45), random_state=seed
    ).fit(X, y)
    assert relative_error(model, M) < 1e-4
    np.testing.assert_allclose(model.transform(X).sum(axis=1), model.predict(X))


@pytest.mark.parametrize("solver", ["gd", "pcg"])
def test_psd_completion(solver):
    X, y, M = completion(700, (40, 40), 2, psd=True)
    model = SymmetricFactorSensing(
        2, solver=solver, measurement="entry", shape=(40, 40), random_state=0
    ).fit(X, y)
    assert relative_error(model, M) < 1e-4


def test_any_integer_or_integer_valued_type_gives_the_same():
    X, y, _ = completion(300, (15, 20), 2)
    model = AsymmetricFactorSensing(2, measurement="entry", max_iter=20, tol=0, **GD)
    fits = [
        model.fit(X.astype(dtype), y).predict(X[::-1].astype(dtype))
        for dtype in (np.int64, np.int32, np.uint8, float, np.float32, object)
    ]
    for other in fits[1:]:
        np.testing.assert_array_equal(other, fits[0])


@pytest.mark.parametrize("solver", ["pcg", "als"])
def test_the_order_of_the_entries_does_not_matter(solver):
    X, y, _ = completion(300, (15, 20), 2)
    weights = np.random.default_rng(0).uniform(size=300)
    order = np.random.default_rng(1).permutation(300)
    model = AsymmetricFactorSensing(
        2, solver=solver, measurement="entry", max_iter=20, tol=0, random_state=0
    )
    M = model.fit(X, y, weights).matrix_
    again = model.fit(X[order], y[order], weights[order]).matrix_
    np.testing.assert_allclose(again, M, atol=1e-10)


@pytest.mark.parametrize("solver", ["pcg", "als"])
def test_an_entry_measured_twice_is_one_of_twice_the_weight(solver):
    X, y, _ = completion(300, (15, 20), 2, noise=0.1)
    twice = np.arange(300) < 50
    model = AsymmetricFactorSensing(
        2, solver=solver, measurement="entry", max_iter=20, tol=0, random_state=0
    )
    M = model.fit(X, y, 1.0 + twice).matrix_
    again = model.fit(np.vstack([X, X[twice]]), np.append(y, y[twice])).matrix_
    np.testing.assert_allclose(again, M, atol=1e-8)


@pytest.mark.parametrize("solver", ["gd", "pcg", "als"])
def test_a_row_never_seen_predicts_the_intercept(solver):
    X, y, _ = completion(400, (20, 20), 2)
    seen = (X[:, 0] != 7) & (X[:, 1] != 3)
    model = AsymmetricFactorSensing(
        2,
        solver=solver,
        measurement="entry",
        shape=(20, 20),
        fit_intercept=True,
        random_state=0,
    ).fit(X[seen], y[seen] + 5)
    unseen = model.predict([[7, 0], [7, 9], [0, 3]])
    np.testing.assert_array_equal(unseen, model.intercept_)


def test_uneven_sampling_costs_little():
    """Half of the rows are seen ten times as often: pcg hardly takes longer."""
    rng = np.random.default_rng(0)
    n, r = 200, 3
    M = np.linalg.qr(rng.standard_normal((n, r)))[0]
    M = M @ np.linalg.qr(rng.standard_normal((n, r)))[0].T
    n_iter = []
    for odds in (1, 10):
        frequent = np.where(np.arange(n) < n // 2, odds, 1)
        p = frequent / frequent.sum()
        X = np.column_stack([rng.choice(n, 20_000, p=p) for _ in range(2)])
        model = AsymmetricFactorSensing(
            r, solver="pcg", measurement="entry", shape=(n, n), random_state=0
        ).fit(X, M[X[:, 0], X[:, 1]])
        assert relative_error(model, M) < 1e-4
        n_iter.append(model.n_iter_)
    assert n_iter[1] < 2 * n_iter[0]


def test_names_in_a_pipeline_and_a_grid_search():
    X, y, _ = completion(900, (30, 40), 2, noise=0.05)
    frame = pd.DataFrame({"user": X[:, 0], "item": X[:, 1]}).map("n{:03d}".format)
    encoder = OrdinalEncoder(handle_unknown="error")
    model = AsymmetricFactorSensing(
        solver="pcg", measurement="entry", shape=(30, 40), random_state=0
    )
    pipeline = make_pipeline(encoder, model)
    assert cross_val_score(pipeline, frame, y, cv=3).min() > 0.9
    grid = {"asymmetricfactorsensing__rank": [1, 2]}
    search = GridSearchCV(pipeline, grid, cv=3).fit(frame, y)
    assert search.best_params_ == {"asymmetricfactorsensing__rank": 2}


@pytest.mark.parametrize(
    ("X", "shape", "match"),
    [
        ([[0, 1], [-1, 2]], None, r"row index -1, which stands for unknown"),
        ([[0, 1], [5, 2]], (5, 5), r"row index 5, but the matrix has rows 0 to 4"),
        ([[0, 1], [1, 7]], (5, 5), r"column index 7.* pass shape=\(n1, n2\)"),
        (
            [[0, 1], [1, 1.5]],
            (5, 5),
            r"1\.5 as a column index, which is not an integer",
        ),
        ([[0, 1, 2], [1, 1, 2]], (5, 5), r"3 feature\(s\)"),
        ([[0, np.nan], [1, 1]], (5, 5), r"NaN"),
        ([[0, 1], [1, 1e300]], None, r"column index"),
    ],
)
def test_bad_indices(X, shape, match):
    with pytest.raises(ValueError, match=match):
        AsymmetricFactorSensing(measurement="entry", shape=shape).fit(X, [1.0, 2.0])


def test_predicting_outside_the_shape():
    X, y, _ = completion(300, (15, 20), 2)
    model = AsymmetricFactorSensing(measurement="entry", random_state=0).fit(X, y)
    with pytest.raises(ValueError, match=r"row index 15.* pass shape"):
        model.predict([[15, 0]])
    with pytest.raises(ValueError, match=r"column index -2.*-1 stands for an unknown"):
        model.predict([[0, -2]])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", [np.asarray, np.float32, pd.DataFrame, blocks])
def test_minus_one_is_unknown(kind, form):
    """Such an entry is predicted by the intercept alone."""
    X, y, _ = completion(300, (20, 20), 2, psd=kind is SymmetricFactorSensing)
    model = kind(2, measurement="entry", fit_intercept=True, random_state=0)
    model.fit(X, y + 5)
    unknown = np.array([[-1, 3], [3, 3], [3, -1], [-1, -1]])
    predicted = np.asarray(model.predict(form(unknown)))
    np.testing.assert_array_equal(predicted[[0, 2, 3]], model.intercept_)
    assert predicted[1] == pytest.approx(model.predict(unknown[1:2])[0])
    components = np.asarray(model.transform(form(unknown)))
    np.testing.assert_array_equal(components[[0, 2, 3]], 0)
    np.testing.assert_allclose(components.sum(axis=1) + model.intercept_, predicted)
    y = np.array([1.0, 2.0, 3.0, 4.0])
    assert model.score(form(unknown), y) == pytest.approx(r2_score(y, predicted))
    with pytest.raises(ValueError, match=r"-1, which stands for unknown in predict"):
        model.fit(form(unknown), y)


def test_unknown_names_in_a_pipeline():
    X, y, _ = completion(700, (30, 40), 2)
    frame = pd.DataFrame({"user": X[:, 0], "item": X[:, 1]}).map("n{:03d}".format)
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    model = AsymmetricFactorSensing(measurement="entry", random_state=0)
    pipeline = make_pipeline(encoder, model).fit(frame[:600], y[:600])
    new = pd.DataFrame({"user": ["n000", "new"], "item": ["n001", "n001"]})
    assert pipeline.predict(new)[1] == 0
    known = pipeline.predict(new)[0]
    codes = pipeline[0].transform(new[:1])
    assert known == pytest.approx(model.matrix_[tuple(codes.astype(int)[0])])


TEXT = pd.DataFrame({"user": ["a", "b"], "item": ["c", "d"]})
LABELS = [
    TEXT,
    TEXT.astype("category"),
    TEXT.astype("string"),
    TEXT.to_numpy(),
    TEXT.to_numpy().astype(str),
    TEXT.to_numpy().tolist(),
    pd.DataFrame({"day": pd.period_range("2020", periods=2, freq="D"), "item": [0, 1]}),
    pd.DataFrame({"day": pd.date_range("2020", periods=2), "item": [0, 1]}),
    np.array([["2020-01-01", "2020-01-02"]] * 2, dtype="M8[D]"),
    pd.DataFrame({"day": pd.date_range("2020", periods=2), "item": [0, 1]}, dtype="O"),
    [[uuid.UUID(int=5), 0], [uuid.UUID(int=7), 1]],
]


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("kind", KINDS)
def test_labels_as_indices(kind, labels):
    model = kind(measurement="entry", random_state=0)
    with pytest.raises(ValueError, match=r"X holds labels.*OrdinalEncoder\(\)"):
        model.fit(labels, [1.0, 2.0])
    model.fit([[0, 1], [1, 0]], [1.0, 2.0])
    with pytest.raises(ValueError, match=r"X holds labels|feature names"):
        model.predict(labels)


def test_categories_of_numbers_are_numbers():
    X, y, _ = completion(200, (15, 20), 2)
    model = AsymmetricFactorSensing(measurement="entry", random_state=0)
    expected = model.fit(X, y).matrix_
    frame = pd.DataFrame(X).astype("category")
    np.testing.assert_array_equal(model.fit(frame, y).matrix_, expected)


@pytest.mark.parametrize("largest", [10**7, 10**9, 2**40, 1e300])
@pytest.mark.parametrize("kind", KINDS)
def test_ids_that_are_labels(kind, largest):
    with pytest.raises(ValueError, match=r"a table of 2 entries.*OrdinalEncoder"):
        kind(measurement="entry").fit([[0, 1], [largest, 0]], [1.0, 2.0])


def test_a_shape_beyond_the_memory():
    model = AsymmetricFactorSensing(
        20, measurement="entry", shape=(2**31 - 1, 2**31 - 1)
    )
    with pytest.raises(ValueError, match=r"shape=.* with rank=20 takes .* GiB"):
        model.fit([[0, 1], [10**9, 0]], [1.0, 2.0])


def test_a_table_with_gaps_is_no_list_of_entries():
    M = np.arange(12.0).reshape(3, 4)
    M[1, 2] = np.nan
    model = AsymmetricFactorSensing(measurement="entry", random_state=0)
    for table in (M, M.tolist(), pd.DataFrame(M)):
        with pytest.raises(ValueError, match=r"X = np.argwhere\(~np.isnan\(M\)\)"):
            model.fit(table, np.zeros(3))
    X, y = np.argwhere(~np.isnan(M)), M[~np.isnan(M)]
    expected = model.fit(X, y).matrix_
    with pytest.raises(ValueError, match=r"X = np.argwhere\(~np.isnan\(M\)\)"):
        model.predict(M)
    for layout in (sparse.csr_array, sparse.coo_matrix):
        table = layout(np.nan_to_num(M) + (M == 0) * 1e-300)
        with pytest.raises(ValueError, match=r"np.stack\(M.coords, axis=1\)"):
            model.fit(table, np.zeros(3))
        with pytest.raises(ValueError, match=r"np.stack\(M.coords, axis=1\)"):
            model.predict(table)
        table = sparse.coo_array(table)
        model.fit(np.stack(table.coords, axis=1), table.data)
        np.testing.assert_allclose(model.matrix_, expected, atol=1e-8)


@pytest.mark.parametrize(("dtype", "n"), [(np.float16, 3000), (np.float32, 2**25)])
def test_indices_that_their_dtype_rounds(dtype, n):
    X = np.array([[0, 1], [n - 100, 0]], dtype)
    model = AsymmetricFactorSensing(1, measurement="entry", shape=(n, 2))
    with pytest.raises(ValueError, match=r"row indices .* are rounded.*integers"):
        model.fit(X, [1.0, 2.0])


@pytest.mark.parametrize("form", [np.asarray, pd.DataFrame, nullable])
def test_an_index_that_is_missing(form):
    X = np.array([[0, 1], [1, np.nan], [1, 0]])
    model = AsymmetricFactorSensing(measurement="entry", random_state=0)
    with pytest.raises(ValueError, match=r"X holds NaN.*drop the rows"):
        model.fit(form(X), np.ones(3))
    model.fit([[0, 1], [1, 0]], [1.0, 2.0])
    with pytest.raises(ValueError, match=r"X holds NaN.*drop the rows"):
        model.predict(np.asarray(form(X)))


def test_matrix_that_is_too_large_to_form():
    n = 10**5
    rng = np.random.default_rng(0)
    X, y = rng.integers(n, size=(1000, 2)), rng.standard_normal(1000)
    model = AsymmetricFactorSensing(
        1, measurement="entry", shape=(n, n), max_iter=1, tol=0, **GD
    ).fit(X, y)
    assert model.predict(X).shape == (1000,)
    with pytest.raises(ValueError, match=r"75 GiB.*predict.*factors"):
        model.matrix_  # noqa: B018
