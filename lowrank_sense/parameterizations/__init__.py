"""The symbol phi: how factors make a matrix, M = X X^T and M = F G^T."""

from .asymmetric import AsymmetricParameterization
from .base import Parameterization
from .symmetric import SymmetricParameterization

__all__ = [
    "AsymmetricParameterization",
    "Parameterization",
    "SymmetricParameterization",
]
