"""The parameter `shape`."""

from numbers import Integral

# Indices are 32-bit integers.
MAX_SIDE = 2**31 - 1


def checked_shape(shape, symmetric):
    """(n1, n2) as plain integers.

    Raises
    ------
    ValueError
        If it is not a pair of positive integers, or not square for a symmetric matrix.
    """
    if len(shape) != 2 or not all(isinstance(n, Integral) and n > 0 for n in shape):
        raise ValueError(
            f"shape must be a pair of positive integers (n1, n2), got {shape!r}."
        )
    if max(shape) > MAX_SIDE:
        raise ValueError(f"shape={shape!r} has a side that is not below 2**31.")
    n1, n2 = (int(n) for n in shape)
    if symmetric and n1 != n2:
        raise ValueError(
            f"shape={shape!r} is not square, as a symmetric matrix must be; use "
            "AsymmetricFactorSensing for a rectangular one."
        )
    return n1, n2
