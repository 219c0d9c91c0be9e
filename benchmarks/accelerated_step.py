"""What the rule of accelerated_step=True costs and gains, over a grid of problems.

Prints a table of the iterations to relative errors 1e-4 / 1e-8 with the rule, the worst
ratio to accelerated_step=False at 1e-4, 1e-6 and 1e-8 (at most 1.10 is the target; "-"
where plain descent is nowhere as fast), and the spread over alpha. With --noise, the
final loss with the rule relative to that without it after the same iterations.

    python benchmarks/accelerated_step.py
    python benchmarks/accelerated_step.py --symmetric
    python benchmarks/accelerated_step.py --noise
"""

import argparse
import itertools
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.convergence import RecoveryMonitor
from lowrank_sense.datasets import make_matrix_sensing

ALPHAS = (0.5, 0.1, 0.02)
KAPPAS = (1, 3, 10, 100)
STEPS = ("auto", 0.25)
TARGETS = (1e-4, 1e-6, 1e-8)
NEVER = 10**9


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shape", type=int, nargs=2, default=(30, 30))
    parser.add_argument("--rank", type=int, default=3, help="of the true matrix")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--kappas", type=int, nargs="+", default=KAPPAS)
    parser.add_argument("--max-iter", type=int, default=30_000)
    parser.add_argument("--symmetric", action="store_true")
    parser.add_argument("--noise", action="store_true")
    return parser.parse_args()


def problem(args, kappa, seed, noise=0.0):
    n_measurements = 10 * max(args.shape) * args.rank
    return make_matrix_sensing(
        n_measurements,
        tuple(args.shape),
        args.rank,
        psd=args.symmetric,
        condition_number=kappa,
        noise=noise,
        random_state=1000 + seed,
    )


def estimator(args, rank, alpha, step_size, seed, **params):
    kind = SymmetricFactorSensing if args.symmetric else AsymmetricFactorSensing
    return kind(
        rank,
        alpha,
        solver="gd",
        step_size=step_size,
        shape=tuple(args.shape),
        random_state=seed,
        **params,
    )


def iterations(model, X, y, M):
    """Iterations until the relative error falls below each target."""
    monitor = RecoveryMonitor(M, stop_below=TARGETS[-1])
    model.set_callbacks(monitor).fit(X, y)
    errors = np.array(monitor.errors)
    return [
        int(np.argmax(errors < target)) + 1 if errors[-1] < target else NEVER
        for target in TARGETS
    ]


def compare(args, kappa, rank, alpha, step_size):
    """Return iterations by the rule, one row per seed, and the worst ratio to plain."""
    counts, worst = [], 0.0
    for seed in args.seeds:
        X, y, M = problem(args, kappa, seed)
        fit = (args, rank, alpha, step_size, seed)
        ruled = iterations(estimator(*fit, tol=0, max_iter=args.max_iter), X, y, M)
        # Plain descent need not run on once it is slower at every target.
        longest = min(ruled[-1], args.max_iter)
        plain_model = estimator(*fit, tol=0, max_iter=longest, accelerated_step=False)
        plain = iterations(plain_model, X, y, M)
        counts.append(ruled)
        worst = max([worst, *(a / b for a, b in zip(ruled, plain, strict=True))])
    return np.array(counts), worst


def print_grid(args):
    print("| step | kappa | k | t4/t8 at alpha = .5, .1, .02 | worst ratio | spread |")
    print("|-|-|-|-|-|-|")
    n_cells = n_missed = 0
    widths = (args.rank, 2 * args.rank, 3 * args.rank)
    for step_size, kappa, rank in itertools.product(STEPS, args.kappas, widths):
        cells = [compare(args, kappa, rank, alpha, step_size) for alpha in ALPHAS]
        medians = [np.median(counts, axis=0) for counts, _ in cells]
        times = ", ".join(f"{median[0]:.0f}/{median[2]:.0f}" for median in medians)
        last = [median[2] for median in medians]
        ratios = [worst for _, worst in cells]
        n_cells += len(ratios)
        n_missed += sum(ratio > 1.1 for ratio in ratios)
        worst = f"{max(ratios):.2f}" if max(ratios) > 1e-3 else "-"
        spread = f"{max(last) / min(last):.2f}"
        row = (step_size, kappa, rank, times, worst, spread)
        print("| " + " | ".join(map(str, row)) + " |", flush=True)
    print(f"\n{n_missed} of {n_cells} cells exceed 1.10")


def print_noise(args):
    print("| step | dB | kappa | k | loss with / without at alpha = .5, .1, .02 |")
    print("|-|-|-|-|-|")
    n_cells = n_missed = 0
    widths = (args.rank, 2 * args.rank, 3 * args.rank)
    grid = itertools.product(STEPS, (40, 20, 10), args.kappas, widths)
    for step_size, decibels, kappa, rank in grid:
        worst = []
        for alpha in ALPHAS:
            ratios = [
                loss_ratio(args, kappa, rank, alpha, step_size, decibels, seed)
                for seed in args.seeds
            ]
            worst.append(max(ratios))
        n_cells += len(worst)
        n_missed += sum(ratio > 1 + 1e-6 for ratio in worst)
        ratios = ", ".join(f"{ratio:.4f}" for ratio in worst)
        row = (step_size, decibels, kappa, rank, ratios)
        print("| " + " | ".join(map(str, row)) + " |", flush=True)
    print(f"\n{n_missed} of {n_cells} cells exceed 1")


def loss_ratio(args, kappa, rank, alpha, step_size, decibels, seed):
    X, y, _ = problem(args, kappa, seed, noise=10 ** (-decibels / 20))
    losses = []
    for accelerated_step in (True, False):
        model = estimator(
            args,
            rank,
            alpha,
            step_size,
            seed,
            accelerated_step=accelerated_step,
            tol=0,
            max_iter=min(args.max_iter, 3000),
        )
        losses.append(model.fit(X, y).loss_history_[-1])
    return losses[0] / losses[1]


if __name__ == "__main__":
    # Runs that end at max_iter are part of what is measured here.
    warnings.simplefilter("ignore", ConvergenceWarning)
    options = arguments()
    print_noise(options) if options.noise else print_grid(options)
