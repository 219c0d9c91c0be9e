"""What the peers share: how they read X, and where they start."""

import numpy as np

# A block of rows of this size stays in cache between its two products.
BLOCK_BYTES = 2**23


class Sensing:
    """Measurements y_i = <A_i, M*> by near-isotropic A_i.

    Parameters
    ----------
    X : ndarray of shape (m, n1 * n2)
        Row i is A_i.ravel(), with (1/m) sum_i <A_i, M>^2 ~ ||M||_F^2.
    y : ndarray of shape (m,)
    shape : tuple of int
        (n1, n2).

    Attributes
    ----------
    in_blocks : bool
        Whether residual and matrix gradient come from one reading of X, block by block,
        as no published code of the peers has it, or from two products on all cores.
    """

    in_blocks = False

    def __init__(self, X, y, shape):
        self.X = X
        self.y = y
        self.shape = shape
        self.m = len(y)
        step = max(1, BLOCK_BYTES // X[0].nbytes) if self.in_blocks else self.m
        self._blocks = [slice(i, i + step) for i in range(0, self.m, step)]

    def apply(self, M):
        """Return <A_i, M>, an ndarray of shape (m,)."""
        return self.X @ M.ravel()

    def adjoint(self, values):
        """Return (1/m) sum_i values_i A_i, an ndarray of shape (n1, n2)."""
        return (values @ self.X).reshape(self.shape) / self.m

    def residual_and_gradient(self, M):
        """Return A(M) - y and the gradient of ||A(M) - y||^2 / (2m) in M."""
        M = M.ravel()
        residual = -self.y
        gradient = np.zeros(len(M))
        for rows in self._blocks:
            block = self.X[rows]
            residual[rows] += block @ M
            gradient += residual[rows] @ block
        return residual, gradient.reshape(self.shape) / self.m

    def spectral_start(self, rank):
        """Return U, s, V of the best approximation of that rank to the adjoint of y."""
        U, s, Vt = np.linalg.svd(self.adjoint(self.y), full_matrices=False)
        return U[:, :rank], s[:rank], Vt[:rank].T


def balanced_factors(U, s, V):
    """Return F, G with F G^T = U diag(s) V^T and F^T F = G^T G."""
    return U * np.sqrt(s), V * np.sqrt(s)


def small_factors(shape, rank, scale, seed):
    """Return F, G with entries N(0, scale^2 / rows)."""
    rng = np.random.default_rng(seed)
    return tuple(rng.standard_normal((n, rank)) * scale / np.sqrt(n) for n in shape)


def descend(sensing, F, G, direction, step, callback):
    """Run (F, G) <- (F, G) - step * direction(F, G, residual, gradient).

    Returns the last F G^T, that for which the callback returned True.
    """
    M = F @ G.T
    while True:
        dF, dG = direction(F, G, *sensing.residual_and_gradient(M))
        F, G = F - step * dF, G - step * dG
        M = F @ G.T
        if callback(M):
            return M
