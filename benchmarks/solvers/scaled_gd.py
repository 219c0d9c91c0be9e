from benchmark_utils.scaled_gd import solve
from benchmark_utils.solver import CallbackSolver


class Solver(CallbackSolver):
    """ScaledGD(lambda), from the spectral and from the paper's small random start."""

    name = "ScaledGD"
    parameters = {"step, damping, start": [(0.65, 1e-6, "spectral"), (0.6, 1e-3, 1e-4)]}
    solve = staticmethod(solve)
