"""Time to relative error 1e-8: lowrank_sense and its peers, as a table in markdown.

    pip install -e . pymanopt tensorly cvxpy
    python benchmarks/versus.py
    python benchmarks/versus.py --n 50 --kappas 10 --repeats 1
    python benchmarks/versus.py --in-blocks

Seconds for solver="pcg" from the spectral start, and for the others the ratio to it;
"-" where the error was not reached within the budget. Each peer runs with the best of
the settings in `PEERS` for that very problem and with BLAS on all cores; ours has no
settings to tune. Nothing else should run on the machine meanwhile: BLAS threads that
wait for each other distort the ratios.
"""

import argparse
import itertools
import tracemalloc

import numpy as np
from benchmark_utils import (
    alternating,
    factor_sensing,
    gauss_newton,
    machine,
    nuclear_norm,
    prec_gd,
    riemannian,
    scaled_gd,
)
from benchmark_utils.sensing import Sensing
from benchmark_utils.timing import best_seconds, median_seconds, seconds

from lowrank_sense.datasets import make_matrix_sensing

# Rank of the true matrix for each n; m = 10 n r.
TRUE_RANKS = {50: 3, 100: 5, 150: 4}
# Beyond this n cvxpy takes minutes, and it cannot be interrupted.
CVXPY_UP_TO = 50


def grid(**choices):
    """All combinations of settings."""
    values = itertools.product(*choices.values())
    return [dict(zip(choices, setting, strict=True)) for setting in values]


PCG = factor_sensing.solve, {"solver": "pcg", "init": "spectral"}
OURS = {
    "gd": (factor_sensing.solve, {"solver": "gd", "accelerated_step": False}),
    "gd, accelerated": (factor_sensing.solve, {"solver": "gd"}),
}
# The most promising settings first: none runs for longer than the best before it.
PEERS = {
    "pymanopt": (riemannian.solve, grid(line_search=["tangent", "adaptive"])),
    "AGN": (gauss_newton.solve, grid(step=[0.8, 0.85, 0.75])),
    "ScaledGD(lambda)": (
        scaled_gd.solve,
        grid(step=[0.65, 0.7], damping=[1e-6, 1e-3])
        + grid(step=[0.6], damping=[1e-3], start=[1e-4]),
    ),
    "PrecGD": (
        prec_gd.solve,
        grid(step=[0.65, 0.7], damping=[0.03, 0.1]),
    ),
    "CPRegressor": (alternating.solve, grid(reg_W=[1e-12])),
    "cvxpy": (nuclear_norm.solve, grid(eps=[1e-10])),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, nargs="+", default=[50, 100, 150])
    parser.add_argument("--kappas", type=float, nargs="+", default=[1, 10, 100])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--budget", type=float, default=8, help="seconds for a run")
    parser.add_argument(
        "--in-blocks", action="store_true", help="one reading of X for the peers too"
    )
    return parser.parse_args()


def true_rank(n):
    return TRUE_RANKS.get(n, 3)


def problem(n, kappa, seed):
    """X, y and M.

    The seed is not that of a start, which would then begin in the column space of M.
    """
    r = true_rank(n)
    return make_matrix_sensing(
        10 * n * r, (n, n), r, condition_number=kappa, random_state=1000 + seed
    )


def compare(data, rank, peers, args):
    """Seconds of pcg, those of each other solver, and the settings of each peer."""

    def pcg():
        return [seconds(*PCG, data, rank, args.budget) for _ in range(args.repeats)]

    before = pcg()
    times, settings = {}, {}
    for name, ours in OURS.items():
        times[name] = median_seconds(*ours, data, rank, args.budget, args.repeats)
    for name in peers:
        # cvxpy cannot be interrupted, so that a budget would only hide its time.
        budget = np.inf if name == "cvxpy" else args.budget
        repeats = 1 if name == "cvxpy" else args.repeats
        times[name], settings[name] = best_seconds(
            *PEERS[name], data, rank, budget, repeats
        )
    # Before and after, so that a machine that changes its pace favours nobody.
    return np.median(before + pcg()), times, settings


def main(args):
    Sensing.in_blocks = args.in_blocks
    print(machine.describe() + "\n")
    # Compilation is not what is measured.
    seconds(*PCG, problem(20, 1, args.seed), 3, args.budget)
    rows, fastest = [], []
    print_row(["n", "r", "m", "kappa", "k", "pcg (s)", *OURS, *PEERS])
    print_row(["-"] * (6 + len(OURS) + len(PEERS)))
    for n, kappa in itertools.product(args.n, args.kappas):
        data = problem(n, kappa, args.seed)
        peers = [name for name in PEERS if name != "cvxpy" or n <= CVXPY_UP_TO]
        for rank in (true_rank(n), 2 * true_rank(n)):
            pcg, times, settings = compare(data, rank, peers, args)
            fastest.append(min(times[name] for name in peers) / pcg)
            cell = [n, true_rank(n), len(data[1]), f"{kappa:g}", rank]
            ratios = [shown(times.get(name, np.inf) / pcg) for name in (*OURS, *PEERS)]
            print_row([*cell, f"{pcg:.3f}", *ratios])
            rows.append([*cell, *(settings.get(name, "-") for name in PEERS)])
    print(
        f"\nFastest peer / pcg: min {shown(min(fastest))}, "
        f"median {shown(np.median(fastest))} of {len(fastest)} problems\n"
    )
    print_row(["n", "r", "m", "kappa", "k", *(f"best {name}" for name in PEERS)])
    print_row(["-"] * (5 + len(PEERS)))
    for row in rows:
        print_row(row)
    print_memory(data, rank, args)


def print_row(cells):
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def shown(ratio):
    return f"{ratio:.2g}" if ratio < 10 else f"{ratio:.0f}" if ratio < np.inf else "-"


def print_memory(data, rank, args):
    """Peak of what numpy allocates in a fit."""
    tracemalloc.start()
    seconds(*PCG, data, rank, args.budget)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    X = data[0]
    print(
        f"\nPeak memory of pcg beyond X: {peak / X.nbytes:.1%} of X "
        f"({X.nbytes / 1e6:.0f} MB)"
    )


if __name__ == "__main__":
    # A setting that is too bold overflows before it is found out.
    np.seterr(all="ignore")
    main(arguments())
