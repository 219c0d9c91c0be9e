"""The five systems of gradient descent, each against the rate that is claimed for it.

Prints ||M_T - M*||_F^2 along each run and what the end of the run says of its rate, and
saves the curves. The step is the published one, fixed, so that nothing but the system
differs (Xiong, Ding and Du, ICLR 2024).

    python benchmarks/five_systems.py
    python benchmarks/five_systems.py --size 60 --true-rank 5 --rank 20 --max-iter 20000
"""

import argparse

import matplotlib.pyplot as plt
import numpy as np

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.convergence import RecoveryMonitor, estimate_rate
from lowrank_sense.datasets import make_matrix_sensing

STEP = 0.25
ALPHAS = (0.5, 0.2, 0.1)
# Squared errors below are rounding.
LOW = 1e-24
STEP_AT = 100


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=50, help="n of an n x n matrix")
    parser.add_argument("--true-rank", type=int, default=3)
    parser.add_argument("--rank", type=int, default=6, help="of the wider factors")
    parser.add_argument("--max-iter", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--figure", default="five_systems.png")
    return parser.parse_args()


def systems(args):
    """Name, estimator class, rank and accelerated_step of each system."""
    symmetric, asymmetric = SymmetricFactorSensing, AsymmetricFactorSensing
    exact, wide = args.true_rank, args.rank
    yield "1 symmetric, k = r", symmetric, exact, False
    yield "2 symmetric, k > r", symmetric, wide, False
    yield "3 asymmetric, k = r", asymmetric, exact, False
    yield "4 asymmetric, k > r", asymmetric, wide, False
    yield "5 with the published step", asymmetric, wide, STEP_AT
    yield "5 with the step by rule", asymmetric, wide, True
    yield "5 symmetric, by rule", symmetric, wide, True


def squared_errors(args, kind, rank, accelerated_step, alpha):
    X, y, M = make_matrix_sensing(
        10 * args.size * args.true_rank,
        (args.size, args.size),
        args.true_rank,
        psd=kind is SymmetricFactorSensing,
        random_state=args.seed,
    )
    monitor = RecoveryMonitor(M, stop_below=np.sqrt(LOW / np.sum(M**2)))
    model = kind(
        rank,
        alpha,
        accelerated_step,
        solver="gd",
        step_size=STEP,
        tol=0,
        max_iter=args.max_iter,
        random_state=args.seed,
    )
    model.set_callbacks(monitor).fit(X, y)
    return (np.array(monitor.errors) * np.linalg.norm(M)) ** 2


def at(errors, iteration):
    return f"{errors[iteration]:.1e}" if iteration < len(errors) else "-"


def main(args):
    marks = [args.max_iter // 10, args.max_iter // 3, args.max_iter - 1]
    columns = ["system", "k", "alpha", *(f"T = {t + 1}" for t in marks)]
    columns += ["iterations", "squared error", "standard error"]
    print("| " + " | ".join(columns) + " |\n" + "|-" * len(columns) + "|")
    figure, axes = plt.subplots(1, len(ALPHAS), figsize=(13, 4.5), sharey=True)
    for name, kind, rank, accelerated_step in systems(args):
        rates = []
        for alpha, ax in zip(ALPHAS, axes, strict=True):
            errors = squared_errors(args, kind, rank, accelerated_step, alpha)
            rate = estimate_rate(errors, first_iteration=1)
            rates.append(rate.value)
            cells = [name, rank, alpha, *(at(errors, t) for t in marks), len(errors)]
            cells += [rate, f"{rate.standard_error:.1g}"]
            print("| " + " | ".join(map(str, cells)) + " |", flush=True)
            ax.loglog(np.arange(1, len(errors) + 1), errors, label=name)
            ax.set(title=f"alpha = {alpha}", xlabel="iteration")
        if rate.kind == "linear":
            power = np.polyfit(np.log(ALPHAS), np.log(rates), 1)[0]
            print(f"    rate ~ alpha^{power:.2f}, spread {max(rates) / min(rates):.2f}")
    axes[0].set_ylabel("squared error")
    axes[0].legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(args.figure, dpi=120)


if __name__ == "__main__":
    main(arguments())
