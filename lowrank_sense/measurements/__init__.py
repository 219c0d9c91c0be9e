"""The symbol A: how a matrix makes measurements."""

from typing import Any

from scipy.sparse.linalg import LinearOperator

from .._compat import is_distributed
from .._registry import Registry
from ..arrays.backends import is_foreign
from .base import Measurement
from .device import DeviceMeasurement
from .distributed import DistributedMeasurement
from .entry import EntryMeasurement
from .line import MeasuredLine
from .linear_operator import LinearOperatorMeasurement
from .matrix import MatrixMeasurement
from .operator import Operator
from .rank_one import RankOneMeasurement

MEASUREMENTS: Registry[Measurement] = Registry(
    "measurement",
    Measurement,
    {
        "matrix": MatrixMeasurement,
        "rank_one": RankOneMeasurement,
        "entry": EntryMeasurement,
    },
)


def kind_for(kind: Measurement, X: Any) -> Measurement:
    """Return the kind that reads X where it is: on a device, in blocks, by products.

    Raises
    ------
    ValueError
        If X is a linear operator and the kind takes none.
    """
    if is_distributed(X):
        return DistributedMeasurement(kind)
    if is_foreign(X):
        return DeviceMeasurement(kind)
    if not isinstance(X, LinearOperator):
        return kind
    if not kind.accepts_linear_operator:
        raise ValueError(
            "X is a LinearOperator, which is for measurement='matrix', not "
            f"{MEASUREMENTS.name_of(kind)!r}: pass an array."
        )
    return LinearOperatorMeasurement(kind)


__all__ = ["MEASUREMENTS", "MeasuredLine", "Measurement", "Operator", "kind_for"]
