"""The dot test: whether apply and adjoint of an operator belong together."""

from typing import Any

import numpy as np

from ..arrays.weights import inner
from .operator import Operator

# Relative to the vectors' lengths, how far off a correct adjoint may be.
ROUNDING = 1e3


def check_adjoint(operator: Any, name: str) -> None:
    """Raise a ValueError if <A(f g^T), v> is not <f, A*(v) g> for random vectors.

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
    back = adjoint @ g
    left, right = inner(np.ones(m), there, v), float(np.vdot(f, back))
    size = np.linalg.norm(there) * np.linalg.norm(v)
    size += np.linalg.norm(back) * np.linalg.norm(f)
    if not abs(left - right) <= ROUNDING * np.finfo(dtype).eps * size:
        raise ValueError(
            f"measurement={name}: adjoint is not the adjoint of apply, as "
            f"<A(f g^T), v> = {left:.6g} but <f, A*(v) g> = {right:.6g} for random "
            "vectors. lowrank_sense.testing.check_measurement says more."
        )


def _check_shape(part: Any, shape: tuple[int, ...], what: str) -> None:
    found = getattr(part, "shape", None)
    if found != shape:
        described = type(part).__name__ + (f" of shape {found}" if found else "")
        raise ValueError(
            f"{what} returns {described}, but an array of shape {shape} is needed."
        )
