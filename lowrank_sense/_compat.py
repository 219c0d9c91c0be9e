"""What is taken from private parts of scikit-learn and SciPy, all in one place.

They may change with any release. So the requirement on scikit-learn in pyproject.toml
has an upper bound, and tests/test_floors.py checks that the installed release is below
it.
"""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, final

from scipy.sparse.linalg import LinearOperator
from sklearn.base import _fit_context
from sklearn.callback import with_callbacks
from sklearn.externals.array_api_compat import is_array_api_obj
from sklearn.externals.array_api_compat import is_dask_array as is_distributed
from sklearn.utils._array_api import (
    check_same_namespace,
    get_namespace,
    get_namespace_and_device,
    move_to,
    supported_float_dtypes,
)
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    StrOptions,
    validate_params,
)
from sklearn.utils.validation import _check_sample_weight as check_sample_weight

Method = TypeVar("Method", bound=Callable[..., Any])


def fit_method(method: Method) -> Method:
    """Wrap ``fit``: parameters are validated, callbacks are set up and torn down."""
    return with_callbacks(_fit_context(prefer_skip_nested_validation=True)(method))


def validated(constraints: dict[str, Any]) -> Callable[[Method], Method]:
    """Return a decorator that validates the parameters of a function."""
    return validate_params(constraints, prefer_skip_nested_validation=True)


def multiplies_matrices(X: LinearOperator) -> bool:
    """Return whether an operator has a way of its own to multiply several columns.

    Otherwise SciPy gives them to its matvec one by one, each as a matrix.
    """
    if hasattr(X, "_CustomLinearOperator__matvec_impl"):  # made of functions
        return getattr(X, "_CustomLinearOperator__matmat_impl", None) is not None
    return type(X)._matmat is not LinearOperator._matmat


@final
class PartOf(HasMethods):  # the kinds of constraints are a closed list
    """Allow subclasses of a base class, and their instances.

    Parameters
    ----------
    base : type
        An abstract class.
    """

    def __init__(self, base: type) -> None:
        super().__init__([])
        self._base = base

    def is_satisfied_by(self, value: Any) -> bool:
        """Return whether the value is, or makes, an instance of the base class."""
        if not isinstance(value, type):
            return isinstance(value, self._base)
        return issubclass(value, self._base) and not inspect.isabstract(value)

    def __str__(self) -> str:
        name = f"{self._base.__module__}.{self._base.__name__}"
        return f"a subclass of {name}, or an instance"


__all__ = [
    "Interval",
    "PartOf",
    "StrOptions",
    "check_same_namespace",
    "check_sample_weight",
    "fit_method",
    "get_namespace",
    "get_namespace_and_device",
    "is_array_api_obj",
    "is_distributed",
    "move_to",
    "multiplies_matrices",
    "supported_float_dtypes",
    "validated",
]
