"""Checks that parts of your own keep the promises of a part of the equation.

Each check raises an AssertionError that says which promise is broken.
"""

from ._loss import check_loss
from ._measurement import check_measurement
from ._penalty import check_penalty
from ._solver import check_solver

__all__ = ["check_loss", "check_measurement", "check_penalty", "check_solver"]
