"""Gradient descent preconditioned by damped Gram matrices, for two factors."""

import numpy as np


def preconditioned(damping):
    """Return the direction (R G (G^T G + d I)^-1, R^T F (F^T F + d I)^-1).

    Parameters
    ----------
    damping : callable
        Returns d for a residual.
    """

    def direction(F, G, residual, gradient):
        ridge = damping(residual) * np.eye(F.shape[1])
        return (
            np.linalg.solve(G.T @ G + ridge, (gradient @ G).T).T,
            np.linalg.solve(F.T @ F + ridge, (gradient.T @ F).T).T,
        )

    return direction
