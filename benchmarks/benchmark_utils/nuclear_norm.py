"""Nuclear norm minimization subject to the measurements, by cvxpy."""

import cvxpy as cp


def solve(X, y, shape, rank, callback, *, eps=1e-10):
    """Recover a matrix by min ||M||_* subject to <A_i, M> = y_i, with SCS.

    The rank is not used, and the callback is called once, with the solution.

    Parameters
    ----------
    eps : float, default=1e-10
        Tolerance of SCS.
    """
    M = cp.Variable(shape)
    measurements = X @ cp.vec(M, order="C") == y
    problem = cp.Problem(cp.Minimize(cp.normNuc(M)), [measurements])
    problem.solve(solver=cp.SCS, eps=eps)
    callback(M.value)
    return M.value
