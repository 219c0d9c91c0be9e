"""The estimators: scikit-learn in, scikit-learn out."""

from .asymmetric import AsymmetricFactorSensing
from .symmetric import SymmetricFactorSensing

__all__ = ["AsymmetricFactorSensing", "SymmetricFactorSensing"]
