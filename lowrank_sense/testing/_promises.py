"""Helpers that all checks share."""

from typing import Any

import numpy as np

from ..inference.diagnostics import Diagnostics
from ..inference.scale import Scale

# Width of the factors that are tried, and the step of finite differences.
RANK = 3
STEP = 1e-6
# How far off a finite difference, and another way to the same number, may be.
ROUGH = 1e-5
CLOSE = 1e-9
PLAIN = Scale(operator=1.0, signal=1.0, step=1.0, excess=0.0)
SURE = Diagnostics(isometry_bound=1.0, noise_norm=0.1, dof_per_measurement=0.1)


def same(found: Any, expected: Any, promise: str, tolerance: float = CLOSE) -> None:
    """Raise an AssertionError unless two arrays are the same, up to a tolerance."""
    found, expected = np.asarray(found), np.asarray(expected)
    holds(found.shape == expected.shape, f"{promise}: its shape is {found.shape}")
    size = max(float(np.max(np.abs(expected), initial=0)), 1e-300)
    off = float(np.max(np.abs(found - expected), initial=0))
    holds(off <= tolerance * max(size, 1.0), f"{promise}: it is off by {off:.2g}")


def holds(condition: Any, promise: str) -> None:
    """Raise an AssertionError unless a promise holds."""
    if not condition:
        raise AssertionError(f"{promise}.")
