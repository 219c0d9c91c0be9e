"""ScaledGD(lambda): preconditioned gradient descent with constant damping.

X. Xu, Y. Shen, Y. Chi, C. Ma. "The Power of Preconditioning in Overparameterized
Low-Rank Matrix Sensing". ICML 2023.
"""

from .preconditioned import preconditioned
from .sensing import Sensing, balanced_factors, descend, small_factors


def solve(
    X, y, shape, rank, callback, *, step=0.65, damping=1e-6, start="spectral", seed=0
):
    """Recover a matrix by ScaledGD(lambda).

    Parameters
    ----------
    step : float, default=0.65
        eta of the paper.
    damping : float, default=1e-6
        lambda of the paper, in units of sigma_1 as estimated by the spectral start.
    start : float or "spectral", default="spectral"
        Scale of the paper's small random start in units of sqrt(sigma_1), or the
        spectral start, which is faster here.
    seed : int, default=0
        Of the random start.
    """
    sensing = Sensing(X, y, shape)
    U, s, V = sensing.spectral_start(rank)
    if start == "spectral":
        F, G = balanced_factors(U, s, V)
    else:
        F, G = small_factors(shape, rank, start * s[0] ** 0.5, seed)
    direction = preconditioned(lambda residual: damping * s[0])
    return descend(sensing, F, G, direction, step, callback)
