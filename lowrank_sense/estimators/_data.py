"""The one step that turns X, y and sample_weight into the data of a problem."""

import os
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from .._compat import is_distributed
from .._types import Array, Shape
from ..arrays.backends import move_to_like
from ..arrays.weights import equal_weights, inner
from ..measurements import MEASUREMENTS, Operator, kind_for
from ..measurements.dot_test import check_adjoint
from ..measurements.order import reordered
from ..measurements.shapes import checked_shape
from ..measurements.support import Support
from ._checks import checked_data, checked_weights
from ._parameters import Parts

# Size of the largest matrix_ that is formed.
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
    shape : tuple of int
        Shape of the whole matrix.
    support : Support or None
        The part of it that the operator measures; None for all of it.
    unexplained : float
        The part of the loss that is due to different y of the same measurement.
    unexplained_held_out : float
        The same of the held-out loss.
    like : array
        X, whose library and device the fitted arrays get.
    for_callbacks : dict
        X, y and metadata, as the hooks of scikit-learn take them.
    """

    operator: Operator
    y: Any
    weights: Array
    held_out: Array | None
    shape: Shape
    support: Support | None
    unexplained: float
    unexplained_held_out: float
    like: Any
    for_callbacks: dict[str, Any]

    def differs(self, tol: float) -> bool:
        """Return whether y of the same measurement differ by more than a tolerance."""
        return 2 * self.unexplained > tol**2 * inner(self.weights, self.y, self.y)


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
    weights = equal_weights(len(y))
    if sample_weight is not None:
        weights, given = checked_weights(sample_weight, y)
        for_callbacks["metadata"] = {"sample_weight": move_to_like(X, given)}
    kind = kind_for(parts.measurement, X)
    symmetric = parts.parameterization.symmetric
    inferred = kind.infer_shape(estimator.shape, X, symmetric=symmetric)
    shape = checked_shape(inferred, symmetric)
    _check_size(shape, estimator.rank)
    operator, order = kind.for_fit(X, shape, y.dtype)
    if not MEASUREMENTS.has(parts.measurement) and not is_distributed(X):
        check_adjoint(operator, MEASUREMENTS.name_of(parts.measurement))
    y, weights = (reordered(u, order) for u in (y, weights))
    variances = None
    # Other losses of repeated measurements are no loss of their mean.
    if parts.loss.quadratic:
        operator, order, (y, weights, variances) = _merged(operator, order, y, weights)
    support = _part_measured(operator, weights, symmetric)
    if support is not None:
        operator = operator.restricted(support)
    held_out = None
    if estimator.early_stopping:
        fraction = estimator.validation_fraction
        weights, held_out = _split(weights, order, fraction, random_state)
    return Data(
        operator,
        y,
        weights,
        held_out,
        shape,
        support,
        _unexplained(weights, variances),
        _unexplained(held_out, variances),
        X,
        for_callbacks,
    )


def _merged(
    operator: Operator, order: Array | None, y: Any, weights: Array
) -> tuple[Operator, Array | None, tuple[Any, Array, Array | None]]:
    """Return distinct measurements, their order, and their y, weights and variances."""
    distinct = operator.distinct(weights)
    if distinct is None:
        return operator, order, (y, weights, None)
    operator, groups = distinct
    order = groups.firsts if order is None else order[groups.firsts]
    return operator, order, groups.merge(y, weights)


def _part_measured(
    operator: Operator, weights: Array, symmetric: bool
) -> Support | None:
    """Return the part of the matrix that is measured, or None for all or nothing."""
    support = operator.support(weights).of_matrix(symmetric)
    return None if support.is_whole or support.is_empty else support


def _unexplained(weights: Array | None, variances: Array | None) -> float:
    if weights is None or variances is None:
        return 0.0
    return inner(weights, variances, np.ones_like(variances)) / 2


def _check_size(shape: Shape, rank: int) -> None:
    """Raise a ValueError if the factors of the whole matrix do not fit into memory."""
    # Rows and columns are counted, too.
    size = (rank + 2) * sum(shape) * np.dtype(np.float64).itemsize
    memory = _memory_bytes()
    if size <= memory:
        return
    if rank > min(shape):
        raise ValueError(
            f"rank={rank} would take factors of {size / 2**30:.0f} GiB, but a "
            f"matrix of shape {shape} has no higher rank than {min(shape)}: lower rank."
        )
    raise ValueError(
        f"shape={shape} with rank={rank} takes {size / 2**30:.0f} GiB for the "
        f"factors, but this machine has {memory / 2**30:.0f} GiB: number rows and "
        "columns from 0 without gaps, or lower rank."
    )


def _memory_bytes() -> float:
    """Return the size of the memory, or infinity if the system does not tell."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE")) * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return np.inf


def _split(
    weights: Array,
    order: Array | None,
    fraction: float,
    random_state: np.random.RandomState,
) -> tuple[Array, Array]:
    """Return weights of the fitted and of the held-out, each with sum one.

    The choice is made in the order of X, so it does not depend on labels.
    """
    candidates = np.flatnonzero(weights)
    if order is not None:
        candidates = candidates[np.argsort(order[candidates])]
    candidates = random_state.permutation(candidates)
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
