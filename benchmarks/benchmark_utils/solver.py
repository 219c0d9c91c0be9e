"""The benchopt face of a solver that calls back after each iteration."""

import numpy as np
from benchopt import BaseSolver
from benchopt.stopping_criterion import SufficientProgressCriterion


class CallbackSolver(BaseSolver):
    """Runs a function `solve` of this package, with the parameters as its settings.

    A subclass names `solve` and its settings.
    """

    sampling_strategy = "callback"
    # A run from a small start first leaves the saddle point at zero.
    stopping_criterion = SufficientProgressCriterion(patience=10)

    def set_objective(self, X, y, shape, rank):
        self.problem = X, y, shape, rank
        self.M = np.zeros(shape)

    def settings(self):
        """What is passed to `solve` by name."""
        names = ", ".join(self.parameters).split(", ")
        return {name: getattr(self, name) for name in names}

    def run(self, callback):
        def stop(M):
            self.M = M
            return not callback()

        # Before the first iteration, so that the curve begins at the start.
        if callback():
            self.solve(*self.problem, stop, **self.settings())

    def get_next(self, stop_val):
        """Evaluate often enough to read the time to an error off the curve."""
        return stop_val + 1 + stop_val // 10

    def get_result(self):
        return {"M": self.M}
