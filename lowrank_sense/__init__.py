"""Low-rank matrices from linear measurements, with scikit-learn estimators."""

from ._version import __version__ as __version__
from .estimators import AsymmetricFactorSensing, SymmetricFactorSensing

__all__ = ["AsymmetricFactorSensing", "SymmetricFactorSensing"]
