"""How a matrix makes measurements: one file for each kind."""

from .least_squares import LeastSquares
from .matrix import MatrixMeasurement
from .scale import Scale, estimate_scale

MEASUREMENTS = {"matrix": MatrixMeasurement}

__all__ = ["MEASUREMENTS", "LeastSquares", "Scale", "estimate_scale"]
