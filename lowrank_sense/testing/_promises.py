"""Helpers that all checks share."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import numpy as np

from ..inference.diagnostics import Diagnostics
from ..inference.scale import Scale

Check = TypeVar("Check", bound=Callable[..., None])
# Width of the factors that are tried, and the step of finite differences.
RANK = 3
STEP = 1e-6
# How far off a finite difference, and another way to the same number, may be.
ROUGH = 1e-5
CLOSE = 1e-9
PLAIN = Scale(operator=1.0, signal=1.0, step=1.0, excess=0.0)
SURE = Diagnostics(
    isometry_bound=1.0, noise_norm=0.1, dof_per_measurement=0.1, n_measurements=1000
)


def check(function: Check) -> Check:
    """Have a check raise AssertionErrors only, whatever a part does."""

    @wraps(function)
    def checked(*args: Any, **kwargs: Any) -> None:
        try:
            function(*args, **kwargs)
        except AssertionError:
            raise
        except Exception as error:
            raise AssertionError(
                f"it raises {type(error).__name__}: {error}"
            ) from error

    return checked  # type: ignore[return-value]


def same(found: Any, expected: Any, promise: str, tolerance: float = CLOSE) -> None:
    """Raise an AssertionError unless two arrays are the same, up to a tolerance."""
    found, expected = np.asarray(found), np.asarray(expected)
    holds(found.dtype.kind == "f", f"{promise}: it is of dtype {found.dtype}")
    holds(found.shape == expected.shape, f"{promise}: its shape is {found.shape}")
    size = max(float(np.max(np.abs(expected), initial=0)), 1e-300)
    holds(np.isfinite(found).all(), f"{promise}: it is not finite")
    off = float(np.max(np.abs(found - expected), initial=0))
    holds(off <= tolerance * max(size, 1.0), f"{promise}: it is off by {off:.2g}")


def holds(condition: Any, promise: str) -> None:
    """Raise an AssertionError unless a promise holds."""
    if not condition:
        raise AssertionError(f"{promise}.")
