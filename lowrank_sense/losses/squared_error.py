"""loss="squared_error": half of the squared residual."""

from dataclasses import dataclass
from typing import final

import numpy as np

from .._types import Array
from .base import Loss


@final
@dataclass(frozen=True)
class SquaredError(Loss):
    r"""Measure half of the squared residual, :math:`l(y, z) = (z - y)^2 / 2`."""

    quadratic = True

    def value(self, y: Array, z: Array) -> Array:
        """Return (z - y)^2 / 2."""
        return (z - y) ** 2 / 2

    def gradient(self, y: Array, z: Array) -> Array:
        """Return z - y."""
        return z - y

    def curvature(self, y: Array, z: Array) -> Array:
        """Return ones."""
        return np.ones_like(z)
