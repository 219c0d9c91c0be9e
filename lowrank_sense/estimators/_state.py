"""What a fitted estimator remembers, also in a pickle."""

import warnings
from abc import ABC, abstractmethod
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.exceptions import InconsistentVersionWarning

from .._types import Factors, Pair
from .._version import __version__
from ..arrays.backends import to_numpy
from ..arrays.factors import product_svd, singular_maps
from ._result import SameArrays

# The key under which a pickle records its release.
VERSION = "_lowrank_sense_version"


class StateOfFit(BaseEstimator, ABC):
    """Remember what makes singular components, for the factors of the last fit."""

    _singular_maps: Pair
    _maps_of: SameArrays

    @property
    @abstractmethod
    def _factors(self) -> Factors:
        """Return the fitted factors."""

    @property
    def _pair(self) -> Pair:
        return to_numpy(self._factors[0]), to_numpy(self._factors[-1])

    def _maps(self) -> Pair:
        """Return what makes singular components of the factors, found in `fit`."""
        if self._maps_are_known():
            return self._singular_maps
        return singular_maps(self._pair, *product_svd(*self._pair))

    def _maps_are_known(self) -> bool:
        """Return whether the factors are still those of `fit`."""
        of_factors = vars(self).get("_maps_of")
        return of_factors is not None and of_factors.are(self._factors)

    def __getstate__(self) -> dict[str, Any]:
        state = {**super().__getstate__(), VERSION: __version__}
        if not self._maps_are_known():
            state.pop("_singular_maps", None)
        state.pop("_maps_of", None)  # are among the attributes already
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        version = state.get(VERSION)
        if version != __version__:
            warnings.warn(
                InconsistentVersionWarning(
                    estimator_name=type(self).__name__,
                    current_sklearn_version=f"{__version__} of lowrank_sense",
                    original_sklearn_version=version,
                ),
                stacklevel=2,
            )
        super().__setstate__({k: v for k, v in state.items() if k != VERSION})
        if "_singular_maps" in state:
            self._maps_of = SameArrays(self._factors)
