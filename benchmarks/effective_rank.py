"""How often effective_rank_ is the true rank, with noise and with three times the rank.

Prints for 100 seeds, at a signal-to-noise ratio of 20 dB, in how many percent of the
fits effective_rank_ is r = 3, in how many it is less, and in how many it is more. The
factors have k = 9 columns, and each estimator gets 2.5 and 5 measurements for each of
its degrees of freedom at that width, k (n1 + n2 - k), or k (2 n - k + 1) / 2 if the
matrix is symmetric. Entries, which need many more rows than k, are of a larger matrix.
"unfinished" is the percentage of fits that max_iter ended.

    python benchmarks/effective_rank.py
    python benchmarks/effective_rank.py --kinds matrix rank_one --seeds 20
"""

import argparse
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

# Name: measurement, penalty and the parameter that says how large n is.
KINDS = {
    "matrix": ("matrix", 0.0, "n"),
    "rank_one": ("rank_one", 0.0, "n"),
    "entry": ("entry", 0.0, "n_entry"),
    "entry_auto": ("entry", "auto", "n_entry"),
}
ESTIMATORS = {
    "asymmetric": AsymmetricFactorSensing,
    "symmetric": SymmetricFactorSensing,
}
KAPPAS = (1, 5, 10)
RATIOS = (2.5, 5.0)
SURPLUS = 3


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=40)
    parser.add_argument("--n-entry", type=int, default=150, help="n where entries")
    parser.add_argument("--rank", type=int, default=3, help="of the true matrix")
    parser.add_argument("--decibel", type=float, default=20.0, help="signal to noise")
    parser.add_argument("--max-iter", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    return parser.parse_args()


def degrees_of_freedom(estimator, n, rank):
    if estimator is SymmetricFactorSensing:
        return rank * (2 * n - rank + 1) // 2
    return rank * (2 * n - rank)


def fitted(args, kind, estimator, kappa, ratio, seed):
    """A model of SURPLUS times the true rank."""
    measurement, penalty, size = KINDS[kind]
    n, rank = getattr(args, size), SURPLUS * args.rank
    X, y, _ = make_matrix_sensing(
        round(ratio * degrees_of_freedom(estimator, n, rank)),
        (n, n),
        args.rank,
        psd=estimator is SymmetricFactorSensing,
        condition_number=kappa,
        noise=10 ** (-args.decibel / 20),
        measurement=measurement,
        random_state=seed,
    )
    model = estimator(
        rank,
        solver="auto",
        measurement=measurement,
        shape=(n, n),
        penalty=penalty,
        max_iter=args.max_iter,
        random_state=seed,
    )
    return model.fit(X, y)


def percentages(args, *case):
    """Of right ranks, undercounts, overcounts and unfinished fits."""
    models = [fitted(args, *case, seed) for seed in range(args.seeds)]
    ranks = np.array([model.effective_rank_ for model in models])
    unfinished = [not model.converged_ for model in models]
    found = (ranks == args.rank, ranks < args.rank, ranks > args.rank, unfinished)
    return [100 * np.mean(part) for part in found]


def main():
    args = arguments()
    columns = ["kind", "estimator", "kappa", "m / degrees of freedom"]
    columns += ["correct (%)", "undercounts (%)", "overcounts (%)", "unfinished (%)"]
    print("| " + " | ".join(columns) + " |\n" + "|-" * len(columns) + "|")
    for kind in args.kinds:
        for name, estimator in ESTIMATORS.items():
            for kappa in KAPPAS:
                for ratio in RATIOS:
                    found = percentages(args, kind, estimator, kappa, ratio)
                    cells = [kind, name, kappa, ratio, *(f"{p:.0f}" for p in found)]
                    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


if __name__ == "__main__":
    # Runs that end at max_iter are counted here.
    warnings.simplefilter("ignore", ConvergenceWarning)
    main()
