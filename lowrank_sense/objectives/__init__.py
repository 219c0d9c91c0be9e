"""How the sum over measurements is evaluated: in one place, in blocks, row by row."""

from typing import Any, cast

from .._types import Array
from ..inference.scale import Scale
from ..losses import Loss
from ..measurements import Operator
from ..measurements.distributed import BlockOperator
from .base import MeasuredObjective, Objective
from .distributed import DistributedLeastSquares
from .least_squares import LeastSquares
from .line import LineModel
from .pointwise import PointwiseObjective
from .row_separable import RowSeparableLeastSquares
from .symmetrized import SymmetrizedObjective


def check_place(operator: Operator, loss: Loss) -> None:
    """Raise a ValueError if the loss cannot be summed where the measurements are."""
    if _in_blocks(operator) and not loss.quadratic:
        raise ValueError(
            f"loss={loss!r} needs X in one place, but X is a dask array: use "
            "loss='squared_error'."
        )


def build_objective(
    operator: Operator,
    loss: Loss,
    y: Any,
    weights: Array,
    scale: Scale,
    held_out: Array | None = None,
) -> MeasuredObjective:
    """Build the objective that suits the loss and the place of the measurements."""
    if _in_blocks(operator):
        return DistributedLeastSquares(operator, y, weights, scale, held_out)
    if loss.quadratic:
        return LeastSquares(operator, y, weights, scale, held_out)
    return PointwiseObjective(operator, y, weights, scale, held_out, loss=loss)


def _in_blocks(operator: Operator) -> bool:
    return isinstance(operator.uncentered, BlockOperator)


def with_capabilities(
    objective: MeasuredObjective, required: frozenset[str]
) -> Objective:
    """Return the objective in a form that has the required capabilities.

    Raises
    ------
    ValueError
        If there is no such form.
    """
    if required <= objective.capabilities:
        return objective
    form = RowSeparableLeastSquares
    if required <= form.capabilities and objective.row_separable:
        return form(cast(LeastSquares, objective))
    raise ValueError(
        "solver='als' needs all entries of a row in one place, but X is a dask array: "
        "use solver='pcg'."
    )


__all__ = [
    "DistributedLeastSquares",
    "LeastSquares",
    "LineModel",
    "MeasuredObjective",
    "Objective",
    "PointwiseObjective",
    "RowSeparableLeastSquares",
    "SymmetrizedObjective",
    "build_objective",
    "check_place",
    "with_capabilities",
]
