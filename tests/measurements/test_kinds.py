"""What every measurement kind promises, and the dense one as the reference."""

import numpy as np
import pytest
from scipy import sparse

from lowrank_sense.arrays.implicit import to_array
from lowrank_sense.arrays.weights import equal_weights
from lowrank_sense.inference.scale import Scale
from lowrank_sense.measurements import MEASUREMENTS
from lowrank_sense.measurements.matrix import MatrixMeasurement, MatrixOperator
from lowrank_sense.objectives import LeastSquares, SymmetrizedObjective
from lowrank_sense.testing import check_measurement

M1, M2, K = 7, 5, 3
UNITS = Scale(operator=2.0, signal=3.0, step=1.0, excess=0.0)


def rank_one(rng, n_measurements=40):
    X = rng.standard_normal((n_measurements, M1 + M2))
    return X, np.einsum("mi,mj->mij", X[:, :M1], X[:, M1:])


def sparse_rank_one(rng, n_measurements=40):
    X, _ = rank_one(rng, n_measurements)
    X[rng.uniform(size=X.shape) < 0.5] = 0
    return sparse.csr_array(X), np.einsum("mi,mj->mij", X[:, :M1], X[:, M1:])


def entry(rng, n_measurements=40):
    X = np.column_stack([rng.integers(n, size=n_measurements) for n in (M1 - 1, M2)])
    A = np.zeros((n_measurements, M1, M2))
    A[np.arange(n_measurements), X[:, 0], X[:, 1]] = 1
    return X, A


def matrix(rng, n_measurements=40):
    A = rng.standard_normal((n_measurements, M1, M2))
    return A.reshape(n_measurements, -1), A


PROBLEMS = {
    "rank_one": (rank_one, "rank_one"),
    "sparse rank_one": (sparse_rank_one, "rank_one"),
    "entry": (entry, "entry"),
    "matrix": (matrix, "matrix"),
}


@pytest.fixture(params=PROBLEMS)
def problem(request):
    """Return a measurement kind, X and all the A_i."""
    make, kind = PROBLEMS[request.param]
    return MEASUREMENTS.make(kind), *make(np.random.default_rng(0))


def factors(seed, k=K, shape=(M1, M2)):
    rng = np.random.default_rng(100 + seed)
    return [rng.standard_normal((n, k)) for n in shape]


def fitted(kind, X, shape, dtype=np.float64):
    """The measurements in the form for a fit, and what puts values in their order."""
    operator, order = kind.for_fit(X, shape, np.dtype(dtype))
    return operator, (lambda values: values if order is None else values[order])


def test_apply_is_the_inner_product_with_each_matrix(problem):
    kind, X, A = problem
    F, G = factors(0)
    expected = np.einsum("mij,ij->m", A, F @ G.T)
    np.testing.assert_allclose(
        kind.operator(X, (M1, M2)).apply(F, G), expected, atol=1e-12
    )
    model, in_order = fitted(kind, X, (M1, M2))
    np.testing.assert_allclose(model.apply(F, G), in_order(expected), atol=1e-12)


def test_components_sum_to_the_whole(problem):
    kind, X, _ = problem
    F, G = factors(0)
    model = kind.operator(X, (M1, M2))
    each = model.components(F, G)
    np.testing.assert_allclose(each[:, 1], model.apply(F[:, [1]], G[:, [1]]))
    np.testing.assert_allclose(each.sum(axis=1), model.apply(F, G), atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_adjoint_passes_the_dot_test(problem, seed):
    kind, X, A = problem
    model, in_order = fitted(kind, X, (M1, M2))
    F, G = factors(seed)
    values = np.random.default_rng(seed).standard_normal(len(A))
    adjoint = model.adjoint(values)
    left = values @ model.apply(F, G)
    assert left == pytest.approx(np.sum((adjoint @ G) * F), rel=1e-12)
    assert left == pytest.approx(np.sum((adjoint.T @ F) * G), rel=1e-12)
    expected = np.einsum("m,mij->ij", values, in_order(A))
    np.testing.assert_allclose(to_array(adjoint), expected, atol=1e-12)
    np.testing.assert_allclose(to_array(adjoint.T), expected.T, atol=1e-12)


def loss_of(kind, X, y, weights, centered=False):
    operator, in_order = fitted(kind, X, (M1, M2))
    y, weights = in_order(y), in_order(weights)
    if centered:
        operator = operator.centered(weights)
        y = y - weights @ y
    return LeastSquares(operator, y, weights, UNITS)


@pytest.mark.parametrize("centered", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_descends_like_the_dense_kind(problem, centered, weighted):
    """Loss, gradients and line along three steps, to 1e-10."""
    kind, X, A = problem
    rng = np.random.default_rng(1)
    y, weights = rng.standard_normal(len(A)), equal_weights(len(A))
    if weighted:
        weights = rng.uniform(size=len(A))
        weights /= weights.sum()
    dense = np.asfortranarray(A.reshape(len(A), -1))
    mine = loss_of(kind, X, y, weights, centered)
    reference = loss_of(MatrixMeasurement(), dense, y, weights, centered)
    F, G = factors(0)
    for one in (mine, reference):
        one.restart(F, G)
    for step in range(3):
        dF, dG = factors(step + 1)
        np.testing.assert_allclose(
            mine.line(F, G, dF, dG).coefficients,
            reference.line(F, G, dF, dG).coefficients,
            rtol=1e-10,
        )
        F, G = F + 0.1 * dF, G + 0.1 * dG
        for one in (mine, reference):
            one.advance(0.1, F, G)
        assert mine.value == pytest.approx(reference.value, rel=1e-10)
        assert mine.change == pytest.approx(reference.change, rel=1e-10)
        np.testing.assert_allclose(
            to_array(mine.matrix_gradient),
            reference.matrix_gradient,
            rtol=1e-10,
            atol=1e-12,
        )
        for part, other in zip(
            mine.factor_gradient(F, G), reference.factor_gradient(F, G), strict=True
        ):
            np.testing.assert_allclose(part, other, rtol=1e-10, atol=1e-12)


def test_gradient_against_finite_differences(problem):
    kind, X, A = problem
    y = np.random.default_rng(1).standard_normal(len(A))
    loss = loss_of(kind, X, y, equal_weights(len(A)))
    F, G = factors(0)
    dF, dG = factors(1)
    losses = []
    for t in (-1e-5, 1e-5):
        loss.restart(F + t * dF, G + t * dG)
        losses.append(loss.value)
    loss.restart(F, G)
    left, right = loss.factor_gradient(F, G)
    slope = np.sum(left * dF) + np.sum(right * dG)
    assert slope == pytest.approx((losses[1] - losses[0]) / 2e-5, rel=1e-7)


@pytest.mark.parametrize("kind", ["rank_one", "entry"])
@pytest.mark.parametrize("split", [False, True])
def test_symmetric_matrices_like_the_dense_kind(kind, split):
    rng = np.random.default_rng(0)
    n, m = 6, 40
    if kind == "rank_one":
        X = rng.standard_normal((m, n))
        A = np.einsum("mi,mj->mij", X, X)
    else:
        X = rng.integers(n, size=(m, 2))
        A = np.zeros((m, n, n))
        A[np.arange(m), X[:, 0], X[:, 1]] = 1
    y = rng.standard_normal(m)
    operator, in_order = fitted(MEASUREMENTS.make(kind), X, (n, n))
    dense = MatrixOperator(np.asfortranarray(A.reshape(m, -1)), (n, n))
    pair = [
        LeastSquares(operator, in_order(y), equal_weights(m), UNITS),
        LeastSquares(dense, y, equal_weights(m), UNITS),
    ]
    if split:
        pair = [SymmetrizedObjective(one) for one in pair]
    F, dF = factors(0, shape=(n, n))
    G, dG = factors(1, shape=(n, n)) if split else (F, dF)
    for one in pair:
        one.restart(F, G)
    lines = [one.line(F, G, dF, dG).coefficients for one in pair]
    np.testing.assert_allclose(*lines, rtol=1e-10)
    G = F = F + 0.1 * dF
    if split:
        G = factors(1, shape=(n, n))[0] + 0.1 * dG
    for one in pair:
        one.advance(0.1, F, G)
    assert pair[0].value == pytest.approx(pair[1].value, rel=1e-10)
    mine, reference = (one.factor_gradient(F, G) for one in pair)
    np.testing.assert_allclose(sum(mine), sum(reference), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", ["rank_one", "entry"])
def test_float32_stays_float32(kind):
    X, A = PROBLEMS[kind][0](np.random.default_rng(0))
    X = X.astype(np.float32)
    F, G = (part.astype(np.float32) for part in factors(0))
    model, _ = fitted(MEASUREMENTS.make(kind), X, (M1, M2), np.float32)
    values = model.apply(F, G)
    adjoint = model.adjoint(values)
    line = model.line(F, G, F, G, equal_weights(len(A)))
    assert values.dtype == line.a.dtype == line.b.dtype == np.float32
    assert all(
        part.dtype == np.float32 for part in model.factor_gradient(adjoint, F, G)
    )


def test_sampling_counts_of_rows_and_columns_of_entries():
    X = np.array([[0, 1], [0, 0], [2, 1], [0, 1]])
    model, _ = fitted(MEASUREMENTS.make("entry"), X, (3, 2))
    rows, columns = model.sampling_counts(equal_weights(4))
    np.testing.assert_allclose(rows, np.array([3, 0, 1]) / 4)
    np.testing.assert_allclose(columns, np.array([1, 3]) / 4)


@pytest.mark.parametrize("seed", range(2))
def test_the_public_contract(problem, seed):
    kind, X, _ = problem
    check_measurement(kind, X, (M1, M2), random_state=seed)


def test_the_public_contract_of_symmetric_rows():
    X = np.random.default_rng(0).standard_normal((30, 6))
    check_measurement("rank_one", X, symmetric=True)
