"""Iterations of each solver to a relative residual of 1e-9.

Prints the median and the worst of ten seeds for 50 x 50 matrices of rank 3 from 1500
Gaussian measurements; "-" where a run did not get there in 1000 iterations, the default
of max_iter. An iteration of any solver is one reading of a dense X.

    python benchmarks/iterations.py
    python benchmarks/iterations.py --symmetric
    python benchmarks/iterations.py --measurements 750
"""

import argparse
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

KAPPAS = (1, 10, 100)
SOLVERS = (
    ("gd", {"solver": "gd"}),
    ("cg", {"solver": "cg"}),
    ("pcg", {"solver": "pcg"}),
    ("pcg, spectral start", {"solver": "pcg", "init": "spectral"}),
)
MAX_ITER = 1000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=50)
    parser.add_argument("--rank", type=int, default=3, help="of the true matrix")
    parser.add_argument("--measurements", type=int, default=1500)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--symmetric", action="store_true")
    return parser.parse_args()


def iterations(args, kappa, rank, seed):
    """Of each solver on one problem; infinite where M* was not recovered."""
    X, y, M = make_matrix_sensing(
        args.measurements,
        (args.n, args.n),
        args.rank,
        psd=args.symmetric,
        condition_number=kappa,
        random_state=seed,
    )
    kind = SymmetricFactorSensing if args.symmetric else AsymmetricFactorSensing
    counts = []
    for _, params in SOLVERS:
        model = kind(rank, tol=1e-9, max_iter=MAX_ITER, random_state=seed, **params)
        model.fit(X, y)
        error = np.linalg.norm(model.matrix_ - M) / np.linalg.norm(M)
        counts.append(model.n_iter_ if error < 1e-6 else np.inf)
    return counts


def shown(counts):
    middle, worst = np.median(counts), np.max(counts)
    return " / ".join("-" if np.isinf(c) else f"{c:.0f}" for c in (middle, worst))


def main():
    args = arguments()
    print("| kappa | k | " + " | ".join(name for name, _ in SOLVERS) + " |")
    print("|-" * (2 + len(SOLVERS)) + "|")
    for kappa in KAPPAS:
        for rank in (args.rank, 2 * args.rank, 3 * args.rank):
            counts = np.array(
                [iterations(args, kappa, rank, seed) for seed in range(args.seeds)]
            )
            cells = " | ".join(shown(column) for column in counts.T)
            print(f"| {kappa} | {rank} | {cells} |", flush=True)


if __name__ == "__main__":
    # Runs that end at max_iter are part of what is measured here.
    warnings.simplefilter("ignore", ConvergenceWarning)
    main()
