"""The dot test: whether a linear map and its adjoint belong together."""

from typing import Any

import numpy as np

from .._types import Array, Dtype
from .operator import Operator

# Rounding error of a correct adjoint, relative to the vectors' lengths and the machine
# precision.
ROUNDING = 1e3


def dot_test(
    u: Array, there: Array, v: Array, back: Array, dtype: Dtype
) -> tuple[float, float] | None:
    """Return <X u, v> and <u, X^T v> if they disagree, else None.

    Parameters
    ----------
    u, v : ndarray
        Random vectors.
    there, back : ndarray
        X u and X^T v.
    dtype : numpy dtype
        The precision of the products.
    """
    left, right = float(np.vdot(there, v)), float(np.vdot(u, back))
    size = np.linalg.norm(there) * np.linalg.norm(v)
    size += np.linalg.norm(back) * np.linalg.norm(u)
    agree = abs(left - right) <= ROUNDING * np.finfo(dtype).eps * size
    return None if agree else (left, right)


def check_adjoint(operator: Any, name: str) -> None:
    """Raise a ValueError if <A(f g^T), v> is not <f, A*(v) g> for random vectors.

    Or if a call changes what the one before has returned.

    Parameters
    ----------
    operator : Operator
        Of a kind that is not one of the library's own.
    name : str
        What the kind is called in the message.
    """
    if not isinstance(operator, Operator):
        raise ValueError(
            f"measurement={name} makes {type(operator).__name__} of X, but it has to "
            "make an instance of lowrank_sense.measurements.Operator."
        )
    random_state = np.random.RandomState(0)
    m, dtype = operator.n_measurements, operator.dtype
    f, g = (random_state.standard_normal((n, 1)).astype(dtype) for n in operator.shape)
    v = random_state.standard_normal(m).astype(dtype)
    there, adjoint = operator.apply(f, g), operator.adjoint(v)
    _check_shape(there, (m,), f"measurement={name}: apply")
    _check_shape(adjoint, operator.shape, f"measurement={name}: adjoint")
    disagreeing = dot_test(f, there, v, adjoint @ g, dtype)
    if disagreeing:
        left, right = disagreeing
        raise ValueError(
            f"measurement={name}: adjoint is not the adjoint of apply, as "
            f"<A(f g^T), v> = {left:.6g} but <f, A*(v) g> = {right:.6g} for random "
            "vectors. lowrank_sense.testing.check_measurement says more."
        )
    measured, product = there.copy(), adjoint @ g
    operator.apply(-f, g), operator.adjoint(-v)
    if np.vdot(measured, there) < 0 or np.vdot(product, adjoint @ g) < 0:
        raise ValueError(
            f"measurement={name}: another call of apply or adjoint changes what the "
            "call before has returned: return a new array each time."
        )


def _check_shape(part: Any, shape: tuple[int, ...], what: str) -> None:
    found = getattr(part, "shape", None)
    if found != shape:
        described = type(part).__name__ + (f" of shape {found}" if found else "")
        raise ValueError(
            f"{what} returns {described}, but an array of shape {shape} is needed."
        )
