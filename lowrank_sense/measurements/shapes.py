"""The check of the parameter `shape`."""

from math import isqrt
from numbers import Integral
from typing import Any

from .._types import Shape

# Indices are 32-bit integers.
MAX_SIDE = 2**31 - 1


def checked_shape(shape: Any, symmetric: bool) -> Shape:
    """Return (n1, n2) as plain integers.

    Raises
    ------
    ValueError
        If the shape is not a pair of positive integers, has too long a side, or is not
        square for a symmetric matrix.
    """
    if len(shape) != 2 or not all(_is_positive_integer(n) for n in shape):
        raise ValueError(
            f"shape must be a pair of positive integers (n1, n2), got {shape!r}."
        )
    n1, n2 = (int(n) for n in shape)
    if max(n1, n2) > MAX_SIDE:
        raise ValueError(f"shape={shape!r} must have sides below 2**31.")
    if symmetric and n1 != n2:
        raise ValueError(
            f"shape={shape!r} is not square, as a symmetric matrix must be: use "
            "AsymmetricFactorSensing for a rectangular one."
        )
    return n1, n2


def _is_positive_integer(n: Any) -> bool:
    return isinstance(n, Integral) and int(n) > 0


def factorizations(n: int) -> str:
    """List in words the shapes (n1, n2) with n1 * n2 = n, the most square first."""
    divisors = [d for d in range(isqrt(n), 0, -1) if n % d == 0]
    shapes = ", ".join(f"({d}, {n // d})" for d in divisors)
    return f"{shapes}, or one of these with its sides exchanged"
