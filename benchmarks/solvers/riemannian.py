from benchmark_utils.riemannian import solve
from benchmark_utils.solver import CallbackSolver


class Solver(CallbackSolver):
    """Riemannian conjugate gradient on fixed-rank matrices."""

    name = "pymanopt"
    requirements = ["pip::pymanopt"]
    parameters = {"line_search": ["tangent", "adaptive"]}
    solve = staticmethod(solve)
