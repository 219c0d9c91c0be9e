"""Imports from scikit-learn's private modules, all in one place.

They may change with any release. So the requirement in pyproject.toml has an upper
bound, and tests/test_floors.py checks that the installed release is below it.
"""

from sklearn.base import _fit_context as fit_context
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

__all__ = [
    "HasMethods",
    "Interval",
    "StrOptions",
    "check_same_namespace",
    "check_sample_weight",
    "fit_context",
    "get_namespace",
    "get_namespace_and_device",
    "is_array_api_obj",
    "is_distributed",
    "move_to",
    "supported_float_dtypes",
    "validate_params",
]
