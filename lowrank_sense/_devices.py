"""Arrays of other libraries, as scikit-learn's array API dispatch lets them through."""

import numpy as np
from sklearn import config_context, get_config
from sklearn.externals.array_api_compat import is_array_api_obj
from sklearn.externals.array_api_compat import is_dask_array as is_distributed
from sklearn.utils._array_api import get_namespace_and_device, move_to


def is_foreign(array):
    """Whether it is such an array, and dispatch is on."""
    return get_config()["array_api_dispatch"] and _is_of_other_library(array)


def on_host(array):
    """As a numpy array, if it is an array of another library, or of dask."""
    if is_distributed(array):
        return np.asarray(array)
    if not _is_of_other_library(array):
        return array
    if hasattr(array, "detach"):  # what PyTorch keeps for its gradients
        array = array.detach().cpu()
    try:
        return np.asarray(array)
    except (RuntimeError, TypeError):  # not on the CPU
        with config_context(array_api_dispatch=True):
            return move_to(array, xp=np, device="cpu")


def beside(other, array):
    """A numpy array where another array is: of its library and on its device."""
    if not is_foreign(other):
        return array
    xp, _, device = get_namespace_and_device(other)
    return move_to(array, xp=xp, device=device)


def all_beside(other, attributes):
    """A dictionary whose numpy arrays are put where another array is."""
    return {
        name: beside(other, value) if isinstance(value, np.ndarray) else value
        for name, value in attributes.items()
    }


def _is_of_other_library(array):
    if isinstance(array, (np.ndarray, np.generic)) or is_distributed(array):
        return False
    return is_array_api_obj(array)
