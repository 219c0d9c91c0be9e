"""Low-rank matrices from linear measurements, with scikit-learn estimators."""

from .estimators import AsymmetricFactorSensing, SymmetricFactorSensing

__all__ = ["AsymmetricFactorSensing", "SymmetricFactorSensing"]
__version__ = "0.1.0"
