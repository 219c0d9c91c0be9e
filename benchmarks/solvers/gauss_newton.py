from benchmark_utils.gauss_newton import solve
from benchmark_utils.solver import CallbackSolver


class Solver(CallbackSolver):
    """Approximate Gauss-Newton."""

    name = "AGN"
    parameters = {"step": [0.8]}
    solve = staticmethod(solve)
