from benchmark_utils.prec_gd import solve
from benchmark_utils.solver import CallbackSolver


class Solver(CallbackSolver):
    """PrecGD."""

    name = "PrecGD"
    parameters = {"step": [0.65], "damping": [0.1]}
    solve = staticmethod(solve)
