"""Gaussian measurements of a random matrix with a given condition number."""

from benchopt import BaseDataset

from lowrank_sense.datasets import make_matrix_sensing


class Dataset(BaseDataset):
    """X of 30 MB, 400 MB and 1.1 GB, each of m = 10 n r measurements."""

    name = "simulated"
    parameters = {
        "n, n_measurements, true_rank": [(50, 1500, 3), (100, 5000, 5), (150, 6000, 4)],
        "kappa": [1, 10, 100],
        # Not that of a start, which would then begin in the column space of M.
        "seed": [1000],
    }

    def get_data(self):
        X, y, M = make_matrix_sensing(
            self.n_measurements,
            (self.n, self.n),
            self.true_rank,
            condition_number=self.kappa,
            random_state=self.seed,
        )
        return {"X": X, "y": y, "M_true": M, "true_rank": self.true_rank}
