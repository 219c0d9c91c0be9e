from benchmark_utils.nuclear_norm import solve
from benchopt import BaseSolver


class Solver(BaseSolver):
    """Nuclear norm minimization by cvxpy and SCS, for the smallest problems only."""

    name = "cvxpy"
    requirements = ["pip::cvxpy"]
    sampling_strategy = "run_once"

    def skip(self, X, y, shape, rank):
        return max(shape) > 50, "takes minutes beyond n = 50"

    def set_objective(self, X, y, shape, rank):
        self.problem = X, y, shape, rank

    def run(self, _):
        self.M = solve(*self.problem, lambda M: True)

    def get_result(self):
        return {"M": self.M}
