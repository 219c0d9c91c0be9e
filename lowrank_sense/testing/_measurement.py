"""The check of a measurement kind against the matrices A_i."""

from typing import Any

import numpy as np

from .._types import Array, Pair, Shape
from ..arrays.implicit import to_array
from ..arrays.weights import weighted
from ..measurements import MEASUREMENTS, Measurement, Operator
from ..measurements.matrix import MatrixOperator
from ..measurements.order import reordered
from ._promises import RANK, check, same


@check
def check_measurement(
    measurement: str | type[Measurement] | Measurement,
    X: Any,
    shape: Shape | None = None,
    *,
    symmetric: bool = False,
    random_state: int = 0,
) -> None:
    """Check a measurement kind against the matrices that its adjoint shows.

    The adjoint of `apply` (the dot test), components, residuals, lines, gradients and
    sampling counts are compared with those of the same matrices in dense form. This is
    done for the operator that predicts and for the operator of a fit.

    Parameters
    ----------
    measurement : str, Measurement class or instance
        The kind to check.
    X : array of shape (m, n_features)
        A few dozen rows to measure with. All :math:`A_i` are formed.
    shape : tuple of int, default=None
        (n1, n2), if the kind cannot tell it from X.
    symmetric : bool, default=False
        Whether X is for a symmetric estimator.
    random_state : int, default=0
        Seed of the matrices that are measured.

    Raises
    ------
    AssertionError
        If the kind breaks a promise.

    See Also
    --------
    check_loss : Checks a loss.

    Examples
    --------
    >>> import numpy as np
    >>> from lowrank_sense.testing import check_measurement
    >>> X = np.random.default_rng(0).standard_normal((20, 6 + 4))
    >>> check_measurement("rank_one", X, shape=(6, 4))
    """
    kind = MEASUREMENTS.make(measurement)
    rng = np.random.default_rng(random_state)
    shape = kind.infer_shape(shape, X, symmetric=symmetric)
    n1, n2 = shape
    F, dF = rng.standard_normal((2, n1, RANK))
    G, dG = rng.standard_normal((2, n2, RANK))
    weights = rng.uniform(0.5, 1.5, X.shape[0])
    weights /= weights.sum()

    plain = kind.operator(X, shape)
    dense = _dense(plain)
    _check_operator(plain, dense, (F, G), (dF, dG), weights, rng)
    components = plain.components(F, G)
    same(components.sum(axis=1), plain.apply(F, G), "components do not sum to apply")
    same(
        components[:, 1],
        plain.apply(F[:, [1]], G[:, [1]]),
        "a component is not apply of its pair of columns",
    )
    for_fit, order = kind.for_fit(X, shape, np.dtype(np.float64))
    expected = reordered(dense.apply(F, G), order)
    same(for_fit.apply(F, G), expected, "for_fit and operator measure differently")
    ordered = MatrixOperator(dense.X if order is None else dense.X[order], shape)
    weights = reordered(weights, order)
    _check_operator(for_fit, ordered, (F, G), (dF, dG), weights, rng)
    centered = for_fit.centered(weights)
    _check_operator(centered, ordered.centered(weights), (F, G), (dF, dG), weights, rng)


def _dense(operator: Operator) -> MatrixOperator:
    """Return the operator of the same A_i, each the adjoint of a unit vector."""
    rows = np.eye(operator.n_measurements, dtype=operator.dtype)
    A = np.stack([to_array(operator.adjoint(row)).ravel() for row in rows])
    # In Fortran order, so that products are plain and not fused.
    return MatrixOperator(np.asfortranarray(A), operator.shape)


def _check_operator(
    operator: Operator,
    dense: Operator,
    pair: Pair,
    direction: Pair,
    weights: Array,
    rng: np.random.Generator,
) -> None:
    (F, G), values = pair, rng.standard_normal(operator.n_measurements)
    if operator.is_centered:
        values -= weights @ values
    name = type(operator).__name__
    same(operator.apply(F, G), dense.apply(F, G), f"{name}: apply and adjoint disagree")
    adjoint = operator.adjoint(weighted(weights, values))
    matrix = to_array(dense.adjoint(weighted(weights, values)))
    same(to_array(adjoint), matrix, f"{name}.adjoint is not linear")
    same(to_array(adjoint.T), matrix.T, f"the transpose of {name}.adjoint is wrong")
    for mine, other in zip(
        operator.factor_gradient(adjoint, F, G), (matrix @ G, matrix.T @ F), strict=True
    ):
        same(mine, other, f"{name}.factor_gradient is not R G and R^T F")
    residual, gradient = operator.residual(F, G, values, weights)
    same(residual, dense.apply(F, G) - values, f"{name}.residual is not A(M) - target")
    expected = dense.adjoint(weighted(weights, residual))
    if not operator.is_centered:
        same(to_array(gradient), to_array(expected), f"{name}.residual: wrong adjoint")
    line = operator.line(F, G, *direction, weights)
    other_line = dense.line(F, G, *direction, weights)
    same(line.a, other_line.a, f"{name}.line: the first-order change")
    same(line.b, other_line.b, f"{name}.line: the second-order change")
    counts, expected_counts = operator.sampling_counts(weights), _counts(dense, weights)
    for count, other in zip(counts, expected_counts, strict=True):
        if count is not None:
            same(count, other, f"{name}.sampling_counts are not those of the A_i")


def _counts(dense: Operator, weights: Array) -> Pair:
    """Return how strongly each row and each column is measured."""
    A = dense.uncentered.X.reshape(-1, *dense.shape) ** 2  # type: ignore[attr-defined]
    return weights @ A.sum(axis=2), weights @ A.sum(axis=1)
