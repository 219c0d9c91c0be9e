"""PrecGD: preconditioned gradient descent, damped by the size of the residual.

J. Zhang, S. Fattahi, R. Y. Zhang. "Preconditioned Gradient Descent for
Over-Parameterized Nonconvex Matrix Factorization". NeurIPS 2021. Symmetric in the
paper; here with the preconditioner of ScaledGD(lambda) for two factors.
"""

import numpy as np

from .preconditioned import preconditioned
from .sensing import Sensing, balanced_factors, descend


def solve(X, y, shape, rank, callback, *, step=0.65, damping=0.1):
    """Recover a matrix by PrecGD from the spectral start.

    Parameters
    ----------
    step : float, default=0.65
    damping : float, default=0.1
        In units of ||A(F G^T) - y|| / sqrt(m), an estimate of the error.
    """
    sensing = Sensing(X, y, shape)
    F, G = balanced_factors(*sensing.spectral_start(rank))
    unit = damping / np.sqrt(sensing.m)
    direction = preconditioned(lambda residual: unit * np.linalg.norm(residual))
    return descend(sensing, F, G, direction, step, callback)
