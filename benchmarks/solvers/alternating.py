from benchmark_utils.alternating import solve
from benchmark_utils.solver import CallbackSolver


class Solver(CallbackSolver):
    """TensorLy's CPRegressor."""

    name = "CPRegressor"
    requirements = ["pip::tensorly"]
    parameters = {"reg_W": [1e-12]}
    solve = staticmethod(solve)
