"""Matrix sensing in benchopt's layout: lowrank_sense and its peers, error over time.

Needs no network and no environment of its own; a solver whose package is missing is
left out. From the root of the repository:

    pip install -e . benchopt pymanopt tensorly cvxpy
    benchopt run benchmarks --no-plot --no-cache --output ./benchmark.parquet

and, for a quick look,

    benchopt run benchmarks --no-plot --no-cache --output ./benchmark.parquet \\
        -d "simulated[n=30,n_measurements=900,true_rank=3,kappa=10]" --timeout 10

The table in docs/benchmarks.md is made by versus.py, from the same functions.
"""

import numpy as np
from benchopt import BaseObjective


class Objective(BaseObjective):
    """||M - M*||_F / ||M*||_F, and the training loss ||A(M) - y||^2 / (2m)."""

    name = "Matrix sensing"
    min_benchopt_version = "1.7"
    # Width k of the factors over the true rank.
    parameters = {"overparameterization": [1, 2]}
    test_config = {
        "dataset": {"n": 10, "n_measurements": 200, "true_rank": 2, "kappa": 1}
    }

    def set_data(self, X, y, M_true, true_rank):
        self.X, self.y, self.M_true, self.true_rank = X, y, M_true, true_rank

    def get_objective(self):
        return {
            "X": self.X,
            "y": self.y,
            "shape": self.M_true.shape,
            "rank": self.overparameterization * self.true_rank,
        }

    def evaluate_result(self, M):
        error = np.linalg.norm(M - self.M_true) / np.linalg.norm(self.M_true)
        residual = self.X @ M.ravel() - self.y
        return {"value": error, "loss": residual @ residual / (2 * len(self.y))}

    def get_one_result(self):
        return {"M": np.zeros(self.M_true.shape)}
