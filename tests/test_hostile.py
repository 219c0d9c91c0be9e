"""Hostile numbers: a right answer or a clear warning, never NaN nor an inner error."""

import warnings

import numpy as np
import pytest
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

from .grids import slowly
from .studies import GD, relative_error

CELLS = [
    (kind, measurement)
    for kind in (AsymmetricFactorSensing, SymmetricFactorSensing)
    for measurement in ("matrix", "rank_one", "entry")
]
VALUES = [cell for cell in CELLS if cell[1] != "entry"]
COMPLETION = (AsymmetricFactorSensing, "entry")


def solvers(cells, names=("gd", "cg", "pcg", "als")):
    """Return each cell with each of its solvers."""
    return [
        (kind, measurement, solver)
        for kind, measurement in cells
        for solver in names
        if solver != "als" or (kind, measurement) == COMPLETION
    ]


NAMES = ("kind", "measurement", "solver")


def shape_of(kind):
    return (9, 9) if kind is SymmetricFactorSensing else (8, 10)


def problem(kind, measurement, m=None, rank=2, seed=0, shape=None, **settings):
    """Return a problem without noise, with enough measurements unless m is given."""
    if m is None:
        m = 72 if measurement == "entry" else 160
    return make_matrix_sensing(
        m,
        shape or shape_of(kind),
        rank,
        psd=kind is SymmetricFactorSensing,
        measurement=measurement,
        random_state=seed,
        **settings,
    )


def measured(kind, measurement, X, M):
    if measurement == "matrix":
        return X @ M.ravel()
    left, right = (X, X)
    if kind is AsymmetricFactorSensing:
        left, right = X[:, : len(M)], X[:, len(M) :]
    return np.sum((left @ M) * right, axis=1)


def fitted(kind, measurement, X, y, sample_weight=None, **params):
    """Fit, and check that everything is finite and that warnings are clear.

    Returns
    -------
    model : estimator
    warned : bool
        Whether the user was told that something is not as it should be.
    """
    params = {**GD, "shape": shape_of(kind), "max_iter": 200, **params}
    model = kind(measurement=measurement, **params)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, y, sample_weight)
        results = [model.matrix_, model.predict(X), model.transform(X)]
    for warning in caught:
        assert warning.category in (UserWarning, ConvergenceWarning), warning.message
    fitted_attributes = {k: v for k, v in vars(model).items() if k.endswith("_")}
    for value in (*results, *fitted_attributes.values()):
        if isinstance(value, (float, np.ndarray)):
            assert np.isfinite(value).all()
    assert 0 <= model.effective_rank_ <= model.rank
    return model, bool(caught)


def misfit(model, X, y):
    """Return the norm of the residuals relative to that of y."""
    unit = np.max(np.abs(y))
    return np.linalg.norm((model.predict(X) - y) / unit) / np.linalg.norm(y / unit)


def is_right(model, M, bound=1e-4):
    unit = np.max(np.abs(M))
    return np.max(np.abs(model.matrix_ / unit - M / unit)) < bound


# Units -------------------------------------------------------------------------------


@pytest.mark.parametrize(NAMES, solvers(CELLS))
@pytest.mark.parametrize("unit", [1e150, *slowly(1e-150)])
def test_units_of_y(kind, measurement, solver, unit):
    X, y, M = problem(kind, measurement)
    settings = {"solver": solver, "init": "spectral", "fit_intercept": True}
    model, warned = fitted(kind, measurement, X, unit * y, **settings)
    assert is_right(model, unit * M) or warned


@pytest.mark.parametrize(NAMES, solvers(CELLS, ("pcg", "als")))
@pytest.mark.parametrize("unit", [1e-200, 1e-310])
def test_denormal_y(kind, measurement, solver, unit):
    X, y, M = problem(kind, measurement)
    model, warned = fitted(kind, measurement, X, unit * y, solver=solver)
    assert is_right(model, unit * M) or warned


@pytest.mark.parametrize(("kind", "measurement"), VALUES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("also_y", [False, True])
def test_denormal_x(kind, measurement, dtype, also_y):
    """Without denormal y the matrix would overflow, which a ValueError may say."""
    X, y, _ = problem(kind, measurement)
    unit = np.finfo(dtype).tiny / 100
    X, y = ((unit * X).astype(dtype), (unit * y if also_y else y).astype(dtype))
    try:
        model, warned = fitted(kind, measurement, X, y, tol=1e-3)
    except ValueError as error:
        assert "X holds" in str(error)
    else:
        assert misfit(model, X, y) < 1e-2 or warned


@pytest.mark.parametrize(("kind", "measurement"), VALUES)
@pytest.mark.parametrize("unit", [1e-30, 1e30])
def test_units_of_y_in_float32(kind, measurement, unit):
    X, y, M = problem(kind, measurement)
    X, y = X.astype(np.float32), (unit * y).astype(np.float32)
    model, warned = fitted(kind, measurement, X, y, tol=1e-4)
    assert is_right(model, unit * M, 1e-2) or warned


@pytest.mark.parametrize(("kind", "measurement"), CELLS)
def test_loss_that_overflows(kind, measurement):
    X, y, M = problem(kind, measurement)
    try:
        model, warned = fitted(kind, measurement, X, 1e200 * y)
    except ValueError as error:
        assert "y holds" in str(error)
    else:
        assert is_right(model, 1e200 * M) or warned


@pytest.mark.parametrize(("kind", "measurement"), VALUES)
@pytest.mark.parametrize("unit", [1e-140, 1e140])
def test_extreme_units_of_x(kind, measurement, unit):
    X, y, _ = problem(kind, measurement)
    if measurement == "rank_one":
        y = unit * y
    try:
        model, warned = fitted(kind, measurement, unit * X, y)
    except ValueError as error:
        assert "X holds" in str(error)
    else:
        assert misfit(model, unit * X, y) < 1e-4 or warned


# Designs -----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(NAMES, solvers(VALUES))
@pytest.mark.parametrize("init", ["random", "spectral"])
def test_column_of_1e12_is_predicted(kind, measurement, solver, init):
    X, _, M = problem(kind, measurement)
    X[:, 3] *= 1e12
    y = measured(kind, measurement, X, M)
    model, warned = fitted(kind, measurement, X, y, solver=solver, init=init)
    assert misfit(model, X, y) < 1e-5 or warned


@pytest.mark.parametrize(("kind", "measurement"), VALUES)
@pytest.mark.parametrize("axis", [0, 1])
def test_column_or_row_of_1e12_is_recovered(kind, measurement, axis):
    """One entry of M or one measurement outweighs all others."""
    X, _, M = problem(kind, measurement)
    X[(3, slice(None)) if axis == 0 else (slice(None), 3)] *= 1e12
    y = measured(kind, measurement, X, M)
    model, warned = fitted(kind, measurement, X, y)
    assert is_right(model, M) or warned or not model.converged_


@pytest.mark.parametrize(NAMES, solvers(CELLS))
def test_duplicated_rows(kind, measurement, solver):
    X, y, M = problem(kind, measurement)
    X, y = np.vstack([X, X, X]), np.tile(y, 3)
    model, _ = fitted(kind, measurement, X, y, solver=solver, init="spectral")
    assert is_right(model, M)


@pytest.mark.slow
@pytest.mark.parametrize(NAMES, solvers(VALUES))
def test_rank_deficient_design(kind, measurement, solver):
    """X has rank 4, so that most of M is not seen."""
    X, _, M = problem(kind, measurement)
    rng = np.random.default_rng(0)
    X = rng.standard_normal((len(X), 4)) @ rng.standard_normal((4, X.shape[1]))
    y = measured(kind, measurement, X, M)
    model, warned = fitted(kind, measurement, X, y, solver=solver)
    assert misfit(model, X, y) < 1e-5 or warned
    assert model.effective_rank_ == 0 or warned


@pytest.mark.parametrize("solver", ["gd", "cg", "pcg"])
def test_rank_deficient_design_and_y_that_does_not_fit(solver):
    """The factors can reach least squares, and nothing better."""
    kind, measurement = AsymmetricFactorSensing, "matrix"
    _, y, _ = problem(kind, measurement)
    rng = np.random.default_rng(0)
    X = rng.standard_normal((len(y), 4)) @ rng.standard_normal((4, 80))
    model, warned = fitted(kind, measurement, X, y, solver=solver)
    solution = np.linalg.lstsq(X, y, rcond=None)[0]
    least = np.linalg.norm(X @ solution - y) / np.linalg.norm(y)
    assert misfit(model, X, y) == pytest.approx(least, rel=1e-6) or warned


@pytest.mark.parametrize(NAMES, solvers(VALUES))
@pytest.mark.parametrize("axis", [0, *slowly(1)])
def test_zero_row_or_column_of_x(kind, measurement, solver, axis):
    X, _, M = problem(kind, measurement)
    X[(3, slice(None)) if axis == 0 else (slice(None), 3)] = 0
    y = measured(kind, measurement, X, M)
    model, warned = fitted(kind, measurement, X, y, solver=solver, init="spectral")
    assert misfit(model, X, y) < 1e-5 or warned
    if axis == 0:
        assert is_right(model, M) or warned


@pytest.mark.slow
@pytest.mark.parametrize(NAMES, solvers(CELLS))
@pytest.mark.parametrize("agreeing", [True, False])
def test_all_rows_equal(kind, measurement, solver, agreeing):
    X, y, _ = problem(kind, measurement)
    X, y = np.tile(X[:1], (30, 1)), np.tile(y[:1], 30) if agreeing else y[:30]
    model, warned = fitted(kind, measurement, X, y, solver=solver)
    assert model.effective_rank_ == 0
    best = np.mean(y)
    if kind is SymmetricFactorSensing and measurement == "rank_one":
        best = max(best, 0)
    size = np.max(np.abs(y))
    np.testing.assert_allclose(model.predict(X), best, atol=1e-5 * size)
    assert model.converged_ or warned


@pytest.mark.parametrize(NAMES, solvers(CELLS))
@pytest.mark.parametrize("seed", [0, *slowly(1, 2)])
def test_all_rows_equal_leave_nothing_but_the_intercept(
    kind, measurement, solver, seed
):
    X, _, _ = problem(kind, measurement, seed=seed)
    X, y = np.tile(X[:1], (30, 1)), np.random.default_rng(seed).standard_normal(30)
    model, warned = fitted(kind, measurement, X, y, solver=solver, fit_intercept=True)
    np.testing.assert_array_equal(model.matrix_, 0)
    assert model.intercept_ == pytest.approx(np.mean(y))
    assert not warned


def test_a_rank_whose_factors_have_no_room_is_refused():
    X, y, _ = problem(AsymmetricFactorSensing, "matrix")
    with pytest.raises(ValueError, match="rank=1000000000 would take factors of 134"):
        fitted(AsymmetricFactorSensing, "matrix", X, y, rank=10**9)


# Numbers of measurements -------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(NAMES, solvers(CELLS))
@pytest.mark.parametrize("m", [1, 7])
@pytest.mark.parametrize("rank", [2, 6])
def test_far_fewer_measurements_than_degrees_of_freedom(
    kind, measurement, solver, m, rank
):
    X, y, _ = problem(kind, measurement, m)
    model, warned = fitted(
        kind, measurement, X, y, solver=solver, rank=rank, max_iter=400
    )
    assert model.stop_reason_ == "recovered" or warned
    assert misfit(model, X, y) < 1e-5 or warned
    assert model.effective_rank_ == 0


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "measurement"), CELLS)
def test_fewer_measurements_than_degrees_of_freedom(kind, measurement):
    """M has rank 2, and a surplus of rank fits the measurements exactly."""
    for m, rank in ((20, 4), (40, 6), (60, 8), (70, 9)):
        if kind is SymmetricFactorSensing:
            m = m // 2
        X, y, _ = problem(kind, measurement, m)
        model, _ = fitted(kind, measurement, X, y, solver="pcg", rank=rank)
        assert model.effective_rank_ <= 2


@pytest.mark.slow
@pytest.mark.parametrize("solver", ["pcg", "als"])
def test_surplus_of_rank_where_entries_are_not_seen(solver):
    """M has rank 1, and of 900 entries 700 are seen: six per degree of freedom."""
    for seed in range(3):
        X, y, M = make_matrix_sensing(
            700, (30, 30), 1, measurement="entry", random_state=seed
        )
        model, warned = fitted(
            *COMPLETION, X, y, solver=solver, shape=(30, 30), random_state=seed
        )
        assert model.effective_rank_ <= 1
        assert is_right(model, M) or warned


@pytest.mark.slow
@pytest.mark.parametrize(NAMES, solvers(CELLS))
@pytest.mark.parametrize("init", ["random", "spectral"])
def test_rank_larger_than_the_matrix(kind, measurement, solver, init):
    X, y, M = problem(kind, measurement)
    model, warned = fitted(
        kind, measurement, X, y, solver=solver, init=init, rank=13, max_iter=50
    )
    assert misfit(model, X, y) < 1e-5 or warned
    assert model.singular_values_.shape == (13,)
    if measurement != "entry":
        assert is_right(model, M, 1e-3) or warned
        assert model.effective_rank_ <= 2


@pytest.mark.parametrize(NAMES, solvers(CELLS))
def test_one_measurement_is_the_intercept(kind, measurement, solver):
    X, y, _ = problem(kind, measurement, 1)
    model, _ = fitted(kind, measurement, X, y, solver=solver, fit_intercept=True)
    np.testing.assert_array_equal(model.predict(X), y)
    assert not np.any(model.matrix_)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "measurement", "shape"),
    [
        (*cell, shape)
        for cell in CELLS
        for shape in ((1, 1), (1, 7), (7, 1))
        if cell[0] is AsymmetricFactorSensing or shape == (1, 1)
    ],
)
@pytest.mark.parametrize("rank", [1, 3])
def test_smallest_shapes(kind, measurement, shape, rank):
    m = 20
    if measurement == "entry":
        m = max(shape)
    X, y, M = problem(kind, measurement, m, rank=1, shape=shape)
    for rows in (slice(None), slice(1)):
        model, _ = fitted(kind, measurement, X[rows], y[rows], shape=shape, rank=rank)
        assert misfit(model, X[rows], y[rows]) < 1e-5
    model, _ = fitted(kind, measurement, X, y, shape=shape, rank=rank)
    assert is_right(model, M)


# Values ------------------------------------------------------------------------------


@pytest.mark.parametrize(NAMES, solvers(CELLS))
@pytest.mark.parametrize("fit_intercept", [False, True])
def test_constant_y_is_the_intercept(kind, measurement, solver, fit_intercept):
    """Zero without an intercept, and any number with one."""
    X, y, _ = problem(kind, measurement)
    y = np.full_like(y, 3.0 if fit_intercept else 0.0)
    model, warned = fitted(
        kind, measurement, X, y, solver=solver, fit_intercept=fit_intercept
    )
    assert not warned
    assert not np.any(model.matrix_)
    assert model.intercept_ == y[0]
    assert model.converged_
    assert model.effective_rank_ == 0


@pytest.mark.parametrize("measurement", ["rank_one", "entry"])
def test_zero_y_and_a_large_symmetric_matrix(measurement):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((50, 310))
    if measurement == "entry":
        X = rng.integers(0, 310, (50, 2))
    model, warned = fitted(
        SymmetricFactorSensing, measurement, X, np.zeros(50), shape=(310, 310)
    )
    assert not np.any(model.matrix_)
    assert not warned


@pytest.mark.parametrize("kind", [AsymmetricFactorSensing, SymmetricFactorSensing])
def test_zero_y_with_an_automatic_penalty(kind):
    X, y, _ = problem(kind, "entry")
    for solver in ("gd", "cg", "pcg"):
        model, warned = fitted(kind, "entry", X, 0 * y, penalty="auto", solver=solver)
        assert not np.any(model.matrix_)
        assert not warned


@pytest.mark.slow
@pytest.mark.parametrize(NAMES, solvers(CELLS))
@pytest.mark.parametrize("sign", [1, -1])
def test_constant_y_without_an_intercept(kind, measurement, solver, sign):
    X, y, _ = problem(kind, measurement)
    model, warned = fitted(
        kind, measurement, X, np.full_like(y, 3.0 * sign), solver=solver, max_iter=80
    )
    assert misfit(model, X, np.full_like(y, 3.0 * sign)) <= 1
    assert model.converged_ or warned


@pytest.mark.parametrize("solver", ["gd", "cg", "pcg"])
def test_spectral_start_where_the_adjoint_is_negative_definite(solver):
    """a^T M a = -3 of no psd M; the best is zero."""
    cell = SymmetricFactorSensing, "rank_one"
    X, y, _ = problem(*cell)
    y = np.full_like(y, -3.0)
    model, _ = fitted(*cell, X, y, solver=solver, init="spectral")
    np.testing.assert_allclose(model.matrix_, 0, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(NAMES, solvers(CELLS))
@pytest.mark.parametrize("size", [1e12, 1e150])
def test_one_enormous_y(kind, measurement, solver, size):
    X, y, _ = problem(kind, measurement)
    y[4] = size
    model, warned = fitted(kind, measurement, X, y, solver=solver, max_iter=80)
    assert misfit(model, X, y) < 1
    assert model.converged_ or warned


@pytest.mark.slow
@pytest.mark.parametrize(NAMES, solvers(VALUES))
def test_condition_number_of_a_million(kind, measurement, solver):
    X, y, M = problem(kind, measurement, condition_number=1e6)
    model, warned = fitted(kind, measurement, X, y, solver=solver, tol=1e-7)
    assert is_right(model, M, 1e-5) or warned
    if solver == "pcg":
        model, warned = fitted(kind, measurement, X, y, solver=solver, tol=1e-9)
        assert not warned
        assert relative_error(model, M) < 1e-7
        assert model.singular_values_[1] == pytest.approx(1e-6, rel=0.1)


@pytest.mark.parametrize(NAMES, solvers(sorted(set(CELLS) - set(VALUES), key=str)))
def test_condition_number_of_a_million_from_entries(kind, measurement, solver):
    X, y, M = problem(kind, measurement, 700, shape=(30, 30), condition_number=1e6)
    model, warned = fitted(kind, measurement, X, y, solver=solver, shape=(30, 30))
    assert is_right(model, M, 1e-5) or warned


@pytest.mark.parametrize(("kind", "measurement"), CELLS)
def test_extreme_weights(kind, measurement):
    X, y, M = problem(kind, measurement)
    denormal = np.full(len(y), 5e-324)
    model, warned = fitted(kind, measurement, X, y, denormal, init="spectral")
    assert is_right(model, M) or warned
    one = np.full(len(y), 1e-300)
    one[0] = 1
    model, warned = fitted(kind, measurement, X, y, one)
    assert misfit(model, X[:1], y[:1]) < 1e-5 or warned


# Parameters --------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "measurement"), CELLS)
@pytest.mark.parametrize("alpha", [1e-12, 1e-200, 1e200])
def test_extreme_alpha(kind, measurement, alpha):
    X, y, M = problem(kind, measurement)
    try:
        model, warned = fitted(kind, measurement, X, y, alpha=alpha)
    except ValueError as error:
        assert "alpha" in str(error)
    else:
        assert is_right(model, M) or warned


@pytest.mark.slow
@pytest.mark.parametrize(NAMES, solvers(VALUES))
@pytest.mark.parametrize("alpha", [1e-12, 1e-8])
def test_small_alpha_in_float32(kind, measurement, solver, alpha):
    """A conjugate direction that dwarfs the gradient loses its slope to rounding."""
    X, y, M = problem(kind, measurement)
    X, y = X.astype(np.float32), y.astype(np.float32)
    settings = {"solver": solver, "alpha": alpha, "tol": 1e-5}
    model, _ = fitted(kind, measurement, X, y, **settings)
    assert is_right(model, M, 1e-3)


def test_a_penalty_beyond_which_nothing_remains_of_many_entries():
    """A*(y) is as large as the matrix here, in units of the problem."""
    X, y = np.zeros((50, 2), int), np.ones(50)
    settings = {"penalty": 2.0, "solver": "pcg", "shape": (2000, 2000)}
    model, _ = fitted(*COMPLETION, X, y, **settings)
    assert model.singular_values_[0] < 1e-6


@pytest.mark.parametrize("layout", ["csr", "csc", "coo"])
def test_one_sparse_number(layout):
    X = getattr(sparse, f"{layout}_array")([[2.0]])
    model, _ = fitted(AsymmetricFactorSensing, "matrix", X, [3.0], rank=1, shape=(1, 1))
    assert model.matrix_[0, 0] == pytest.approx(1.5)


def test_one_entry_off_the_diagonal_of_a_symmetric_matrix():
    """Its singular vectors may be those of the entry across, which is not seen."""
    X, y = np.tile([[1, 0]], (5, 1)), np.full(5, 1e150)
    model, _ = fitted(SymmetricFactorSensing, "entry", X, y, shape=(6, 6))
    assert misfit(model, X, y) < 1e-5


@pytest.mark.slow
@pytest.mark.parametrize(NAMES, solvers(CELLS, ("cg", "pcg", "als")))
@pytest.mark.parametrize("penalty", [1e-200, 1e12, 1e200])
def test_extreme_penalty(kind, measurement, solver, penalty):
    X, y, _ = problem(kind, measurement)
    model, warned = fitted(kind, measurement, X, y, solver=solver, penalty=penalty)
    if penalty > 1:
        assert np.max(np.abs(model.matrix_)) < 1e-5 or warned
    else:
        assert misfit(model, X, y) < 1e-5 or warned
