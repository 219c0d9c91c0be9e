"""solver="als" beside cmfrec on matrix completion, as a table in markdown.

    pip install -e . cmfrec
    python benchmarks/completion.py
    python benchmarks/completion.py --problems "10^6" --repeats 5

Both minimize the same objective with the same rank and penalty, in the same precision
and on all cores, cmfrec with the better of its two inner solvers. For each the least
number of iterations that reaches the target on held-out entries is looked for; the
seconds are those of a whole fit of so many, the best of several that take turns.
Nothing else should run on the machine meanwhile.
"""

import argparse
import time
import warnings
from dataclasses import dataclass

import numpy as np
from benchmark_utils import machine
from cmfrec import CMF
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning

from lowrank_sense import AsymmetricFactorSensing

MOST_ITERATIONS = 64
# On ratings, what counts as the test error of a fit run to its end.
CLOSE = 1.001


@dataclass
class Completion:
    """Entries to fit and entries to predict.

    Attributes
    ----------
    target : float or None
        The test error to reach, relative to the standard deviation of the entries; None
        for that of the worse of both methods in the end.
    """

    entries: tuple
    held_out: tuple
    shape: tuple
    rank: int
    penalty: float
    target: float | None

    @property
    def centers(self):
        """Whether there is a mean to take off, as of ratings."""
        return self.target is None

    def error(self, F, G, intercept):
        (i, j), y = self.held_out
        predicted = np.einsum("ij,ij->i", F[i], G[j]) + intercept
        return np.sqrt(np.mean((predicted - y) ** 2)) / np.std(y)


def noiseless(m, n, rank):
    rng = np.random.default_rng(0)
    F, G = rng.standard_normal((2, n, rank))
    rows, columns = rng.integers(n, size=(2, m + 10**5))
    values = np.einsum("ij,ij->i", F[rows], G[columns])
    return _split(rows, columns, values, 10**5, (n, n), rank, 1e-16, 1e-6)


def ratings(m, shape, rank):
    """Stars from one to five, with power-law counts and much noise; float32."""
    rng = np.random.default_rng(0)
    rows, columns = (
        rng.choice(n, m, p=_popularity(n, rng)).astype(np.int64) for n in shape
    )
    F, G = (rng.standard_normal((n, 8)) * 0.7 ** np.arange(8) for n in shape)
    offsets = 0.4 * rng.standard_normal(shape[0])[rows]
    offsets += 0.5 * rng.standard_normal(shape[1])[columns]
    stars = 3.5 + offsets + 0.35 * np.einsum("ij,ij->i", F[rows], G[columns])
    stars = np.clip(np.round(stars + 0.7 * rng.standard_normal(m)), 1, 5)
    penalty = 10.0 / (0.9 * m)  # the best of a grid for cmfrec
    stars = stars.astype(np.float32)
    return _split(rows, columns, stars, m // 10, shape, rank, penalty, None)


def _popularity(n, rng):
    weights = 1 / np.arange(1, n + 1) ** 0.8
    return rng.permutation(weights / weights.sum())


def _split(rows, columns, values, n_test, shape, rank, penalty, target):
    test, train = slice(None, n_test), slice(n_test, None)
    return Completion(
        ((rows[train], columns[train]), values[train]),
        ((rows[test], columns[test]), values[test]),
        shape,
        rank,
        penalty,
        target,
    )


PROBLEMS = {
    "10^6": lambda: noiseless(10**6, 10**4, 5),
    "10^6, rank 10": lambda: noiseless(10**6, 10**4, 10),
    "10^7": lambda: noiseless(10**7, 5 * 10**4, 10),
    "ratings": lambda: ratings(10**6, (10_000, 6_000), 10),
    "ratings, rank 30": lambda: ratings(10**6, (10_000, 6_000), 30),
}


def ours(problem, n_iter):
    """Seconds of a fit with so many iterations, and its test error."""
    indices, y = problem.entries
    X = np.column_stack(indices)
    model = AsymmetricFactorSensing(
        problem.rank,
        solver="als",
        measurement="entry",
        shape=problem.shape,
        penalty=problem.penalty,
        fit_intercept=problem.centers,
        max_iter=n_iter,
        tol=0,
        random_state=0,
    )
    start = time.perf_counter()
    model.fit(X, y)
    seconds = time.perf_counter() - start
    error = problem.error(model.left_factor_, model.right_factor_, model.intercept_)
    return seconds, error


def cmfrec(problem, n_iter, use_cg):
    """As `ours`."""
    indices, y = problem.entries
    X = sparse.coo_matrix((y, indices), problem.shape)
    model = CMF(
        k=problem.rank,
        lambda_=problem.penalty * len(y),
        niter=n_iter,
        use_cg=use_cg,
        use_float=y.dtype == np.float32,
        user_bias=False,
        item_bias=False,
        precompute_for_predictions=False,
        include_all_X=False,
        center=problem.centers,
        verbose=False,
    )
    start = time.perf_counter()
    model.fit(X)
    seconds = time.perf_counter() - start
    return seconds, problem.error(
        model.A_, model.B_, model.glob_mean_ if problem.centers else 0.0
    )


def least_iterations(method, problem, target):
    """How many reach the target, by bisection; None if `MOST_ITERATIONS` do not."""
    low, high = 0, 1
    while method(problem, high)[1] > target:
        low, high = high, 2 * high
        if high > MOST_ITERATIONS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        reached = method(problem, middle)[1] <= target
        low, high = (low, middle) if reached else (middle, high)
    return high


def methods():
    return {
        "als": ours,
        "cmfrec, CG": lambda problem, n_iter: cmfrec(problem, n_iter, True),
        "cmfrec, Cholesky": lambda problem, n_iter: cmfrec(problem, n_iter, False),
    }


def compare(problem, repeats):
    """Iterations, seconds and test error of each method, and the target."""
    target = problem.target
    if target is None:
        ends = [run(problem, MOST_ITERATIONS)[1] for run in methods().values()]
        target = CLOSE * max(ends)
    counts = {
        name: least_iterations(run, problem, target) for name, run in methods().items()
    }
    runs = {name: run for name, run in methods().items() if counts[name]}
    fits = [
        {name: run(problem, counts[name]) for name, run in runs.items()}
        for _ in range(repeats)
    ]
    return target, {
        name: (counts[name], *min(fit[name] for fit in fits)) for name in runs
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--problems", nargs="+", default=list(PROBLEMS))
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    # So many iterations are asked for, and a first fit compiles.
    warnings.simplefilter("ignore", ConvergenceWarning)
    ours(noiseless(1000, 50, 2), 2)
    ours(ratings(1000, (50, 50), 2), 2)
    print(machine.describe(), end="\n\n")
    print("| entries | target | method | iterations | seconds | test error | ratio |")
    print("|-|-|-|-|-|-|-|")
    for name in arguments.problems:
        target, results = compare(PROBLEMS[name](), arguments.repeats)
        for method, (n_iter, seconds, error) in results.items():
            ratio = seconds / results["als"][1]
            print(
                f"| {name} | {target:.3g} | {method} | {n_iter} | {seconds:.2f} | "
                f"{error:.3g} | {ratio:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
