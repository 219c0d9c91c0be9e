from benchmark_utils.factor_sensing import solve
from benchmark_utils.solver import CallbackSolver


class Solver(CallbackSolver):
    """lowrank_sense itself."""

    name = "lowrank_sense"
    parameters = {
        "solver, accelerated_step, init": [
            ("gd", False, "random"),
            ("gd", True, "random"),
            ("cg", True, "spectral"),
            ("pcg", True, "spectral"),
        ]
    }
    solve = staticmethod(solve)

    def warm_up(self):
        self.run_once()
