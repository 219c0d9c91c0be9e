import numpy as np
import pytest
from scipy import sparse

from lowrank_sense.measurements.matrix import MatrixMeasurement, MatrixOperator

LAYOUTS = {
    "C": np.ascontiguousarray,
    "F": np.asfortranarray,
    "csr_matrix": sparse.csr_matrix,
    "csc_array": sparse.csc_array,
    "coo_array": sparse.coo_array,
}


def measurement(layout="C", shape=(5, 7), m=40, seed=0):
    X = np.random.default_rng(seed).standard_normal((m, shape[0] * shape[1]))
    return MatrixOperator(LAYOUTS[layout](X), shape), X.reshape(m, *shape)


def factors(shape, k, seed=1):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal((n, k)) for n in shape]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_apply_is_the_inner_product_with_each_matrix(layout):
    model, A = measurement(layout)
    F, G = factors((5, 7), 3)
    expected = [np.trace(A_i.T @ (F @ G.T)) for A_i in A]
    np.testing.assert_allclose(model.apply(F, G), expected)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("seed", range(3))
def test_adjoint_passes_the_dot_test(layout, seed):
    model, _ = measurement(layout, seed=seed)
    F, G = factors((5, 7), 3, seed)
    values = np.random.default_rng(seed).standard_normal(40)
    left = values @ model.apply(F, G)
    right = np.sum((model.adjoint(values) @ G) * F)
    assert left == pytest.approx(right, rel=1e-12)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("block_bytes", [1, 2000, 2**19])
def test_line_is_the_expansion_of_the_measurements(layout, block_bytes, monkeypatch):
    monkeypatch.setattr("lowrank_sense.measurements.matrix.BLOCK_BYTES", block_bytes)
    model, _ = measurement(layout)
    F, G = factors((5, 7), 3, 1)
    dF, dG = factors((5, 7), 3, 2)
    line = model.line(F, G, dF, dG, np.full(40, 1 / 40))
    a, b = line.a, line.b
    for t in (-1.0, 0.3, 2.0):
        np.testing.assert_allclose(
            model.apply(F + t * dF, G + t * dG),
            model.apply(F, G) + t * a + t**2 * b,
            atol=1e-12,
        )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_components_sum_to_apply(layout):
    model, _ = measurement(layout)
    F, G = factors((5, 7), 3)
    each = model.components(F, G)
    np.testing.assert_allclose(each[:, 1], model.apply(F[:, [1]], G[:, [1]]))
    np.testing.assert_allclose(each.sum(axis=1), model.apply(F, G))


@pytest.mark.parametrize(
    ("n_features", "symmetric", "shape"),
    [(36, True, (6, 6)), (36, False, (6, 6)), (1, False, (1, 1))],
)
def test_shape_of_a_square_is_inferred(n_features, symmetric, shape):
    inferred = MatrixMeasurement().infer_shape(
        None, np.ones((1, n_features)), symmetric=symmetric
    )
    assert inferred == shape


def test_shape_that_is_given_is_kept():
    assert MatrixMeasurement().infer_shape(
        (3, 12), np.ones((1, 36)), symmetric=False
    ) == (3, 12)


@pytest.mark.parametrize(
    ("shape", "symmetric", "message"),
    [
        (None, True, "X has 35 features, which is not the square"),
        (
            None,
            False,
            r"35 features.*pass shape=.*\(5, 7\), \(1, 35\), or one",
        ),
        ((5, 8), False, r"shape=\(5, 8\) needs X to have 5 \* 8 = 40 features.*35"),
        ((5, 7), True, r"shape=\(5, 7\) is not square"),
        ((5,), False, r"pair of positive integers \(n1, n2\), got \(5,\)"),
        ((-5, -7), False, r"pair of positive integers \(n1, n2\), got \(-5, -7\)"),
        ((5.0, 7.0), False, r"pair of positive integers"),
    ],
)
def test_impossible_shapes(shape, symmetric, message):
    with pytest.raises(ValueError, match=message):
        MatrixMeasurement().infer_shape(shape, np.ones((1, 35)), symmetric=symmetric)
