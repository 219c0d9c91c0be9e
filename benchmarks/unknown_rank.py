"""Matrix completion with the rank unknown: penalty="auto" beside none at all.

Prints for k = r, 2 r and 4 r, the medians of three seeds without a penalty and with
penalty="auto": the relative error of the matrix in the Frobenius norm, the iterations
("-" where max_iter ended the run), the CPU seconds and effective_rank_. The last two
columns are the worst ratio over the seeds of penalty="auto" to the run that knows the
rank, k = r without a penalty, in error and in iterations; "-" where that run does not
come to an end itself. Errors below 1e-5 count as 1e-5.

A second table counts over the cells of the first where a ratio is over 1.02 in error,
over 2 in iterations, and where the median error of penalty="auto" is over 2 % above
that of no penalty at the same k.

    python benchmarks/unknown_rank.py
    python benchmarks/unknown_rank.py --n 3000 --seeds 1
"""

import argparse
import time
import warnings
from itertools import product

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from lowrank_sense import AsymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

KAPPAS = (1, 10)
NOISES = (0.0, 0.1, 0.3)
# Measurements for each degree of freedom of the true matrix.
SAMPLINGS = (3, 5, 10)
# Widths of the factors in units of the true rank.
WIDTHS = (1, 2, 4)
PENALTIES = (0.0, "auto")
LEAST_ERROR = 1e-5


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--rank", type=int, default=5, help="of the true matrix")
    parser.add_argument("--max-iter", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=3)
    return parser.parse_args()


def fits(args, kappa, noise, sampling, seed):
    """Error, iterations, seconds and rank of each width and penalty."""
    n, r = args.n, args.rank
    X, y, M = make_matrix_sensing(
        sampling * r * (2 * n - r),
        (n, n),
        r,
        condition_number=kappa,
        noise=noise,
        measurement="entry",
        random_state=seed,
    )
    found = []
    for width, penalty in product(WIDTHS, PENALTIES):
        model = AsymmetricFactorSensing(
            width * r,
            solver="auto",
            measurement="entry",
            shape=(n, n),
            penalty=penalty,
            max_iter=args.max_iter,
            random_state=seed,
        )
        start = time.process_time()
        model.fit(X, y)
        seconds = time.process_time() - start
        error = np.linalg.norm(model.matrix_ - M) / np.linalg.norm(M)
        iterations = model.n_iter_ if model.converged_ else np.inf
        found.append([error, iterations, seconds, model.effective_rank_])
    return np.reshape(found, (len(WIDTHS), len(PENALTIES), -1))


def worst_ratios(found, width):
    """Of penalty="auto" to the run that knows the rank: in error, in iterations."""
    auto, known = found[:, width, 1], found[:, 0, 0]
    if np.isinf(known[:, 1]).any():
        return np.nan, np.nan
    errors = np.maximum(auto[:, 0], LEAST_ERROR) / np.maximum(known[:, 0], LEAST_ERROR)
    return np.max(errors), np.max(auto[:, 1] / known[:, 1])


def is_worse(found, width):
    none, auto = np.maximum(np.median(found[:, width, :, 0], axis=0), LEAST_ERROR)
    return auto > 1.02 * none


def shown(error, iterations, seconds, rank):
    iterations = "-" if np.isinf(iterations) else f"{iterations:.0f}"
    return [f"{error:.2e}", iterations, f"{seconds:.2f}", f"{rank:.0f}"]


def header(columns):
    return "| " + " | ".join(columns) + " |\n" + "|-" * len(columns) + "|"


def print_counts(args, counts):
    columns = ["noise", "k", "cells with a known rank", "worst error", "over 1.02"]
    columns += ["worst iterations", "over 2", "cells", "worse than no penalty"]
    print("\n" + header(columns))
    for (noise, width), cells in counts.items():
        errors, iterations, worse = np.transpose(cells)
        known = np.isfinite(errors)
        row = [noise, width * args.rank, np.sum(known)]
        for ratios, bound in ((errors[known], 1.02), (iterations[known], 2)):
            row += [f"{np.max(ratios, initial=0):.2f}", np.sum(ratios > bound)]
        row += [len(worse), int(np.sum(worse))]
        print("| " + " | ".join(map(str, row)) + " |")


def main(args):
    columns = ["kappa", "noise", "m / degrees of freedom", "k"]
    for penalty in PENALTIES:
        columns += [f"{penalty}: error", "iterations", "seconds", "rank"]
    print(header([*columns, "error / known", "iterations / known"]))
    counts = {key: [] for key in product(NOISES, WIDTHS)}
    for kappa, noise, sampling in product(KAPPAS, NOISES, SAMPLINGS):
        case = kappa, noise, sampling
        found = np.array([fits(args, *case, seed) for seed in range(args.seeds)])
        for i, width in enumerate(WIDTHS):
            ratios = worst_ratios(found, i)
            counts[noise, width].append([*ratios, is_worse(found, i)])
            cells = [*case, width * args.rank]
            for medians in np.median(found[:, i], axis=0):
                cells += shown(*medians)
            cells += ["-" if np.isnan(ratio) else f"{ratio:.2f}" for ratio in ratios]
            print("| " + " | ".join(map(str, cells)) + " |", flush=True)
    print_counts(args, counts)


if __name__ == "__main__":
    # Runs that end at max_iter are part of what is measured here.
    warnings.simplefilter("ignore", ConvergenceWarning)
    main(arguments())
