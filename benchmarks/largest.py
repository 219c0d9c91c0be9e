"""Large fits, one of each kind of measurement: time and memory, as a table in markdown.

    python benchmarks/largest.py
    python benchmarks/largest.py --kinds "rank_one" "entry"

Each runs in a process of its own, after a small fit that compiles. The memory is the
peak of the process during the fit beyond what it held before, X and y included.
"""

import argparse
import json
import resource
import subprocess
import sys
import time

import numpy as np
from benchmark_utils import machine
from scipy import fft, sparse
from scipy.sparse.linalg import LinearOperator

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.measurements import MEASUREMENTS, kind_for


def factors(shape, rank, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal((n, rank)) / np.sqrt(n) for n in shape]


def measured(X, F, G, measurement="matrix"):
    kind = kind_for(MEASUREMENTS.make(measurement), X)
    return kind.operator(X, (len(F), len(G))).apply(F, G)


def dense(n, m):
    F, G = factors((n, n), 5)
    X = np.random.default_rng(1).standard_normal((m, n * n))
    return AsymmetricFactorSensing(10, solver="pcg"), X, measured(X, F, G), (F, G)


def sparse_rows(n, m, per_row=10):
    F, G = factors((n, n), 5)
    rng = np.random.default_rng(1)
    indices = rng.integers(n * n, size=m * per_row)
    starts = np.arange(0, m * per_row + 1, per_row)
    data = rng.standard_normal(m * per_row)
    X = sparse.csr_array((data, indices, starts), (m, n * n))
    return AsymmetricFactorSensing(10, solver="pcg"), X, measured(X, F, G), (F, G)


class SubsampledCosines(LinearOperator):
    """Some of the cosine coefficients of a matrix, its entries' signs flipped."""

    def __init__(self, n, m, seed=1):
        rng = np.random.default_rng(seed)
        self._side = n
        self._signs = rng.choice([-1.0, 1.0], (n, n))
        self._kept = rng.choice(n * n, m, replace=False)
        super().__init__(np.float64, (m, n * n))

    def _matvec(self, v):
        matrix = self._signs * v.reshape(self._signs.shape)
        return self._side * fft.dctn(matrix, norm="ortho").ravel()[self._kept]

    def _rmatvec(self, u):
        matrix = np.zeros(self._signs.size)
        matrix[self._kept] = self._side * u.ravel()
        matrix = fft.idctn(matrix.reshape(self._signs.shape), norm="ortho")
        return (self._signs * matrix).ravel()


def operator(n, m):
    F, G = factors((n, n), 5)
    X = SubsampledCosines(n, m)
    return AsymmetricFactorSensing(10, solver="pcg"), X, X @ (F @ G.T).ravel(), (F, G)


def rank_one(n, m):
    (F,) = factors((n,), 5)
    X = np.random.default_rng(1).standard_normal((m, n))
    model = SymmetricFactorSensing(10, solver="pcg", measurement="rank_one")
    return model, X, measured(X, F, F, "rank_one"), (F, F)


def entry(n, m):
    F, G = factors((n, n), 10)
    X = np.random.default_rng(1).integers(n, size=(m, 2))
    model = AsymmetricFactorSensing(10, solver="als", measurement="entry", shape=(n, n))
    return model, X, measured(X, F, G, "entry"), (F, G)


# Each with its arguments, and with those of a fit that compiles.
KINDS = {
    "matrix, dense": (dense, (200, 20_000), (10, 300)),
    "matrix, sparse": (sparse_rows, (1000, 1_000_000), (10, 500)),
    "matrix, LinearOperator": (operator, (1000, 100_000), (10, 90)),
    "rank_one": (rank_one, (2000, 100_000), (10, 300)),
    "entry": (entry, (50_000, 10_000_000), (20, 400)),
}


def distance(model, F, G):
    """Relative distance of the recovered matrix to F G^T, without either of them."""
    U, V = model._pair

    def squared_norm(left, right):
        return np.sum((left.T @ left) * (right.T @ right))

    difference = np.hstack([U, F]), np.hstack([V, -G])
    return np.sqrt(max(squared_norm(*difference), 0) / squared_norm(F, G))


def run(make, sizes, small):
    """One fit: what it took and how close it came."""
    model, X, y, _ = make(*small)
    model.set_params(random_state=0).fit(X, y)
    model, X, y, truth = make(*sizes)
    before = _resident()
    start = time.perf_counter()
    model.set_params(random_state=0).fit(X, y)
    seconds = time.perf_counter() - start
    return {
        "measurements": len(y),
        "shape": " x ".join(str(len(part)) for part in truth),
        "rank": model.rank,
        "solver": model.solver_,
        "iterations": model.n_iter_,
        "seconds": seconds,
        "megabytes": (_peak() - before) / 1e6,
        "data": _data_size(X, y) / 1e6,
        "error": distance(model, *truth),
    }


def _peak():
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _resident():
    """What is resident now; the peak so far must not be more for a difference."""
    with open("/proc/self/clear_refs", "w") as peak:
        peak.write("5")
    with open("/proc/self/statm") as sizes:
        return int(sizes.read().split()[1]) * resource.getpagesize()


def _data_size(X, y):
    if sparse.issparse(X):
        return X.data.nbytes + X.indices.nbytes + X.indptr.nbytes + y.nbytes
    return getattr(X, "nbytes", 0) + y.nbytes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--only", choices=KINDS, help="run it here, print JSON")
    arguments = parser.parse_args()
    if arguments.only:
        print(json.dumps(run(*KINDS[arguments.only])))
        return
    print(machine.describe(), end="\n\n")
    print(
        "| kind | M | measurements | k | solver | iterations | seconds | "
        "data (MB) | memory beyond (MB) | error |"
    )
    print("|-|-|-|-|-|-|-|-|-|-|")
    for kind in arguments.kinds:
        command = [sys.executable, __file__, "--only", kind]
        result = json.loads(subprocess.check_output(command, text=True))
        print(
            f"| {kind} | {result['shape']} | {result['measurements']} | "
            f"{result['rank']} | {result['solver']} | {result['iterations']} | "
            f"{result['seconds']:.1f} | {result['data']:.0f} | "
            f"{result['megabytes']:.0f} | {result['error']:.1g} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
