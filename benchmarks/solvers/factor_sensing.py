from benchmark_utils.factor_sensing import solve
from benchmark_utils.solver import CallbackSolver


class Solver(CallbackSolver):
    """lowrank_sense itself."""

    name = "lowrank_sense"
    parameters = {
        "solver, accelerated_step": [("gd", False), ("gd", True), ("pcg", True)]
    }
    solve = staticmethod(solve)

    def warm_up(self):
        self.run_once()
