"""Approximate Gauss-Newton (AGN).

X. Jia, F. Feng, D. Meng, D. Sun. "Globally Q-linear Gauss-Newton Method for
Overparameterized Non-convex Matrix Sensing". NeurIPS 2024.
"""

import numpy as np

from .sensing import Sensing, balanced_factors, descend

# Surplus directions shrink to nothing; below this part of the largest they are gone.
CUTOFF = 1e-10


def solve(X, y, shape, rank, callback, *, step=0.8):
    """Recover a matrix by Gauss-Newton steps with A*A taken for the identity.

    The paper's derivation for two factors: of the linearized problem min ||dF G^T + F
    dG^T - R||_F, R the matrix gradient, the solution that shares what lies in
    both column and row space evenly is dF = (I - P_F / 2) R G (G^T G)^+ and dG = (I -
    P_G / 2) R^T F (F^T F)^+. The product then moves by the projection of R to the
    tangent space. From the spectral start.

    Parameters
    ----------
    step : float, default=0.8
    """
    sensing = Sensing(X, y, shape)
    F, G = balanced_factors(*sensing.spectral_start(rank))
    return descend(sensing, F, G, _direction, step, callback)


def _direction(F, G, residual, gradient):
    F_inverse = np.linalg.pinv(F, rcond=CUTOFF)
    G_inverse = np.linalg.pinv(G, rcond=CUTOFF)
    dF = gradient @ G_inverse.T
    dG = gradient.T @ F_inverse.T
    return dF - F @ (F_inverse @ dF) / 2, dG - G @ (G_inverse @ dG) / 2
