"""The one step that turns X, y and sample_weight into the data of a problem."""

from dataclasses import dataclass
from typing import Any, final

import numpy as np

from .._compat import is_distributed
from .._types import Array, Shape
from ..arrays.backends import move_to_like
from ..arrays.weights import equal_weights
from ..measurements import MEASUREMENTS, Operator, kind_for
from ..measurements.dot_test import check_adjoint
from ..measurements.order import reordered
from ..measurements.shapes import checked_shape
from ._checks import checked_data, checked_weights
from ._parameters import Parts

# Size of the largest matrix_ and of the largest factors that are formed.
MAX_MATRIX_BYTES = 2**33


@final
@dataclass(frozen=True)
class Data:
    """Hold the data of a problem, in the order of a fit.

    Attributes
    ----------
    operator : Operator
    y : array of shape (m,)
    weights : ndarray of shape (m,)
        Weights of the fitted measurements, with sum one.
    held_out : ndarray of shape (m,) or None
        Weights of the held-out measurements, with sum one.
    like : array
        X, whose library and device the fitted arrays get.
    for_callbacks : dict
        X, y and metadata, as the hooks of scikit-learn take them.
    """

    operator: Operator
    y: Any
    weights: Array
    held_out: Array | None
    like: Any
    for_callbacks: dict[str, Any]


def read_data(
    estimator: Any,
    parts: Parts,
    X: Any,
    y: Any,
    sample_weight: Any,
    random_state: np.random.RandomState,
) -> Data:
    """Return the measurements in the form and the order of a fit.

    Parameters
    ----------
    estimator : estimator instance
        The estimator that is fitted.
    parts : Parts
    X, y, sample_weight : array-like
    random_state : RandomState
        Chooses the measurements that early stopping holds out.

    Raises
    ------
    ValueError
        If an argument is not what the estimator or the loss takes.
    """
    X, y = checked_data(estimator, parts.measurement, X, y)
    if isinstance(y, np.ndarray):
        parts.loss.check_target(y)
    for_callbacks = {"X": X, "y": move_to_like(X, y), "metadata": None}
    weights, held_out = equal_weights(len(y)), None
    if sample_weight is not None:
        weights, given = checked_weights(sample_weight, y)
        for_callbacks["metadata"] = {"sample_weight": move_to_like(X, given)}
    kind = kind_for(parts.measurement, X)
    symmetric = parts.parameterization.symmetric
    inferred = kind.infer_shape(estimator.shape, X, symmetric=symmetric)
    shape = checked_shape(inferred, symmetric)
    _check_size(shape, estimator.rank)
    if estimator.early_stopping:
        fraction = estimator.validation_fraction
        weights, held_out = _split(weights, fraction, random_state)
    operator, order = kind.for_fit(X, shape, y.dtype)
    if not MEASUREMENTS.has(parts.measurement) and not is_distributed(X):
        check_adjoint(operator, MEASUREMENTS.name_of(parts.measurement))
    y, weights, held_out = (reordered(u, order) for u in (y, weights, held_out))
    return Data(operator, y, weights, held_out, X, for_callbacks)


def _check_size(shape: Shape, rank: int) -> None:
    size = rank * sum(shape) * np.dtype(np.float64).itemsize
    if rank > min(shape) and size > MAX_MATRIX_BYTES:
        raise ValueError(
            f"rank={rank} would take factors of {size / 2**30:.0f} GiB, but a "
            f"matrix of shape {shape} has no higher rank than {min(shape)}: lower rank."
        )


def _split(
    weights: Array, fraction: float, random_state: np.random.RandomState
) -> tuple[Array, Array]:
    """Return weights of the fitted and of the held-out, each with sum one."""
    candidates = random_state.permutation(np.flatnonzero(weights))
    n_held_out = int(np.ceil(fraction * len(candidates)))
    if n_held_out >= len(candidates):
        raise ValueError(
            f"early_stopping=True with validation_fraction={fraction} leaves none of "
            f"{len(candidates)} measurement(s) to fit: lower validation_fraction or "
            "set early_stopping=False."
        )
    held_out = np.zeros(len(weights))
    chosen = candidates[:n_held_out]
    held_out[chosen] = weights[chosen]
    rest = weights - held_out
    return rest / rest.sum(), held_out / held_out.sum()
