"""One reading of X for a whole iteration, beside the product X @ v alone.

Prints how fast the kernel that every dense fit runs on reads X from memory: forward
and back with two right-hand sides, all that an exact step and the next gradient need.
At least 75 % of the speed of X @ v is the target, for X beyond the last-level cache.

    python benchmarks/bandwidth.py
"""

import argparse
import time

import numpy as np
from threadpoolctl import threadpool_limits

from lowrank_sense.kernels.fused import fused_product
from lowrank_sense.kernels.threads import one_blas_thread

N_ROUNDS, N_REPEATS = 5, 5
PAUSE = 0.3  # seconds, in which the threads of BLAS go to sleep


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, nargs="+", default=[50, 100, 150])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--megabytes", type=int, default=400)
    return parser.parse_args()


def seconds(call):
    """Of several calls after one that is not counted."""
    time.sleep(PAUSE)
    call()
    elapsed = []
    for _ in range(N_REPEATS):
        start = time.perf_counter()
        call()
        elapsed.append(time.perf_counter() - start)
    return elapsed


def print_row(n, dtype, megabytes, n_threads):
    rng = np.random.default_rng(0)
    m = megabytes * 10**6 // (n * n * np.dtype(dtype).itemsize)
    X = rng.standard_normal((m, n * n), dtype=dtype)
    vectors = rng.standard_normal((2, n * n), dtype=dtype)
    offsets, weights = np.zeros((2, m)), np.full(m, 1 / m)
    product, kernel = [], []
    with threadpool_limits(n_threads):
        for _ in range(N_ROUNDS):
            product += seconds(lambda: X @ vectors[0])
            with one_blas_thread():
                kernel += seconds(lambda: fused_product(X, vectors, offsets, weights))
    speeds = [X.nbytes / 1e9 / np.median(times) for times in (product, kernel)]
    print(
        f"| {np.dtype(dtype).name} | {n} | {m} | {n_threads} | {speeds[0]:.1f} | "
        f"{speeds[1]:.1f} | {speeds[1] / speeds[0]:.2f} | "
        f"{min(product) / min(kernel):.2f} |",
        flush=True,
    )


def main():
    args = arguments()
    print(
        "| dtype | n | m | threads | X @ v (GB/s) | kernel (GB/s) | ratio | of best |"
    )
    print("|-|-|-|-|-|-|-|-|")
    for dtype in (np.float64, np.float32):
        for n in args.n:
            for n_threads in args.threads:
                print_row(n, dtype, args.megabytes, n_threads)


if __name__ == "__main__":
    main()
