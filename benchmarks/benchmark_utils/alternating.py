"""TensorLy's CPRegressor: alternating least squares on a rank-k weight."""

from contextlib import suppress
from unittest.mock import patch

from tensorly.regression import CPRegressor, cp_regression

from .stop import Stop


def solve(X, y, shape, rank, callback, *, reg_W=1e-12, seed=0):
    """Recover a matrix by the alternating least squares of CPRegressor.

    Parameters
    ----------
    reg_W : float, default=1e-12
        Ridge of each least-squares problem. It bounds the error that can be reached,
        and without any the problem is singular where the rank exceeds the true one.
    seed : int, default=0
        Of the random start.
    """
    matrix = cp_regression.cp_to_tensor
    M = None

    # CPRegressor asks for the matrix once per iteration.
    def watched(cp_tensor):
        nonlocal M
        M = matrix(cp_tensor)
        if callback(M):
            raise Stop
        return M

    model = CPRegressor(
        rank, tol=-1, reg_W=reg_W, n_iter_max=10**9, random_state=seed, verbose=0
    )
    with patch.object(cp_regression, "cp_to_tensor", watched), suppress(Stop):
        model.fit(X.reshape(-1, *shape), y)
    return M
