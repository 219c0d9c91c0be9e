"""How a matrix makes measurements: one file for each kind."""

from scipy.sparse.linalg import LinearOperator

from .._devices import is_distributed, is_foreign
from .centered import CenteredMeasurement
from .device import DeviceKind
from .distributed import DistributedKind
from .entry import EntryMeasurement
from .least_squares import LeastSquares
from .matrix import MatrixMeasurement
from .operator import OperatorMeasurement, as_operator
from .rank_one import RankOneMeasurement
from .rowwise import RowwiseLeastSquares
from .scale import Scale, estimate_scale

MEASUREMENTS = {
    "matrix": MatrixMeasurement,
    "rank_one": RankOneMeasurement,
    "entry": EntryMeasurement,
}


def measurement_kind(name, X):
    """What makes measurements of X and a shape: a class, as a rule.

    Raises
    ------
    ValueError
        If there is no such kind, or X is a linear operator and the measurements are
        not whole matrices.
    """
    if name not in tuple(MEASUREMENTS):  # set after the fit
        raise ValueError(
            f"measurement={name!r} is none of {', '.join(map(repr, MEASUREMENTS))}."
        )
    if is_distributed(X):
        return DistributedKind(MEASUREMENTS[name])
    if is_foreign(X):
        return DeviceKind(MEASUREMENTS[name])
    if not isinstance(X, LinearOperator):
        return MEASUREMENTS[name]
    if name != "matrix":
        raise ValueError(
            f"X is a LinearOperator, which is for measurement='matrix', not {name!r}."
        )
    return OperatorMeasurement


__all__ = [
    "MEASUREMENTS",
    "CenteredMeasurement",
    "LeastSquares",
    "RowwiseLeastSquares",
    "Scale",
    "as_operator",
    "estimate_scale",
    "measurement_kind",
]
