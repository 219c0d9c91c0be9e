"""The error under noise: of the true rank, of a surplus, and of what holds noise down.

Prints the median over draws of ||M - M*||_F / ||M*||_F, and beside it that of least
squares with the d degrees of freedom of the true rank, noise * sqrt(d / (m - d)).

    python benchmarks/noise.py
"""

import argparse

import numpy as np
from sklearn.model_selection import train_test_split

from lowrank_sense import AsymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

SHAPE, TRUE_RANK, RANK = (20, 30), 2, 6
# Parts of the penalty from which on the solution is zero.
PENALTIES = np.geomspace(0.5, 0.01, 10)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=6)
    return parser.parse_args()


def sensing(rank, solver="auto", **params):
    return AsymmetricFactorSensing(
        rank, solver=solver, shape=SHAPE, random_state=0, **params
    )


def penalized(X, y):
    """Under the penalty that predicts a fifth of the measurements best."""
    X_fit, X_valid, y_fit, y_valid = train_test_split(
        X, y, test_size=0.2, random_state=0
    )
    path = sensing(RANK, tol=1e-4, warm_start=True)
    largest = np.linalg.norm((X_fit.T @ y_fit).reshape(SHAPE) / len(y_fit), 2)
    scores = {
        penalty: path.set_params(penalty=penalty)
        .fit(X_fit, y_fit)
        .score(X_valid, y_valid)
        for penalty in largest * PENALTIES
    }
    return sensing(RANK, penalty=max(scores, key=scores.get)).fit(X, y)


WAYS = {
    f"rank={TRUE_RANK}": lambda X, y: sensing(TRUE_RANK).fit(X, y),
    f"rank={RANK}": lambda X, y: sensing(RANK).fit(X, y),
    "early stopping": lambda X, y: sensing(
        RANK, "gd", alpha=0.01, early_stopping=True
    ).fit(X, y),
    "early stopping, pcg": lambda X, y: sensing(
        RANK, "pcg", alpha=0.01, early_stopping=True
    ).fit(X, y),
    "penalty": penalized,
}


def main(args):
    columns = ["noise", "m", "formula", *WAYS, "effective rank", "with penalty"]
    print("| " + " | ".join(columns) + " |\n" + "|-" * len(columns) + "|")
    d = TRUE_RANK * (sum(SHAPE) - TRUE_RANK)
    for noise in (0.1, 0.3):
        for m in (300, 600, 1200):
            errors = {way: [] for way in WAYS}
            ranks = {way: [] for way in WAYS}
            for seed in range(args.draws):
                X, y, M = make_matrix_sensing(
                    m, SHAPE, TRUE_RANK, noise=noise, random_state=seed
                )
                for way, fitted in WAYS.items():
                    model = fitted(X, y)
                    errors[way].append(
                        np.linalg.norm(model.matrix_ - M) / np.linalg.norm(M)
                    )
                    ranks[way].append(model.effective_rank_)
            cells = [noise, m, f"{noise * np.sqrt(d / (m - d)):.3f}"]
            cells += [f"{np.median(errors[way]):.3f}" for way in WAYS]
            cells += [
                f"{min(ranks[way])} to {max(ranks[way])}"
                for way in (f"rank={RANK}", "penalty")
            ]
            print("| " + " | ".join(map(str, cells)) + " |", flush=True)


if __name__ == "__main__":
    main(arguments())
