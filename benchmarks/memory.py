"""Peak memory of a fit beyond X itself, for several layouts and dtypes.

numpy reports its allocations to tracemalloc, so a hidden copy of X cannot hide here.

    python benchmarks/memory.py
"""

import tempfile
import tracemalloc
import warnings
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning

from lowrank_sense import AsymmetricFactorSensing

SHAPE, N_MEASUREMENTS = (100, 100), 5000


def cases(folder):
    """Name and X, one after the other."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((N_MEASUREMENTS, SHAPE[0] * SHAPE[1]))
    yield "C-contiguous float64", X
    yield "F-contiguous float64", np.asfortranarray(X)
    yield "C-contiguous float32", X.astype(np.float32)
    path = Path(folder) / "X.npy"
    np.save(path, X)
    yield "read-only memory map", np.load(path, mmap_mode="r")
    yield "sparse (10 %)", sparse.random_array(X.shape, density=0.1, rng=rng).tocsr()


def size_of(X):
    if sparse.issparse(X):
        return X.data.nbytes + X.indices.nbytes + X.indptr.nbytes
    return X.nbytes


def peak_of_fit(X):
    y = np.random.default_rng(1).standard_normal(X.shape[0]).astype(X.dtype)
    model = AsymmetricFactorSensing(
        10, solver="pcg", shape=SHAPE, max_iter=20, random_state=0
    )
    model.fit(X[:100], y[:100])  # compiles
    tracemalloc.start()
    model.fit(X, y)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def main():
    print("| X | size of X (MB) | peak beyond X (MB) | of X |")
    print("|-|-|-|-|")
    with tempfile.TemporaryDirectory() as folder:
        for name, X in cases(folder):
            size, peak = size_of(X), peak_of_fit(X)
            print(
                f"| {name} | {size / 1e6:.0f} | {peak / 1e6:.1f} | {peak / size:.1%} |"
            )


if __name__ == "__main__":
    # Twenty iterations are enough to see the peak.
    warnings.simplefilter("ignore", ConvergenceWarning)
    main()
