"""What an iteration on dask costs, by the number of blocks and of workers.

Fits a dask array of N x N matrices on a `distributed.LocalCluster` and prints the
milliseconds per iteration, and the model that they follow,

    fixed + blocks * task + reading / workers.

    python benchmarks/dask_blocks.py
"""

import argparse

import numpy as np
from benchmark_utils.callback import iteration_time
from dask import array
from distributed import Client, LocalCluster

from lowrank_sense.datasets import make_matrix_sensing


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=50, help="N of an N x N matrix")
    parser.add_argument("--measurements", type=int, default=32_000)
    parser.add_argument("--blocks", type=int, nargs="+", default=[2, 8, 32, 128])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--iterations", type=int, default=20)
    return parser.parse_args()


def main(args):
    X, y, _ = make_matrix_sensing(
        args.measurements, (args.size, args.size), 3, random_state=0
    )
    print(f"X takes {X.nbytes / 1e6:.0f} MB; numpy, ms per iteration: ", end="")
    print(f"{1e3 * iteration_time(X, y, args.iterations):.1f}")
    print("| workers | blocks | ms per iteration |\n|-|-|-|")
    rows, times = [], []
    for n_workers in args.workers:
        cluster = LocalCluster(
            n_workers=n_workers, threads_per_worker=1, dashboard_address=None
        )
        with cluster, Client(cluster):
            for n_blocks in args.blocks:
                size = -(-args.measurements // n_blocks)
                blocks = array.from_array(X, chunks=(size, -1)).persist()
                seconds = iteration_time(blocks, y, args.iterations)
                print(f"| {n_workers} | {n_blocks} | {1e3 * seconds:.1f} |", flush=True)
                rows.append([1, n_blocks, 1 / n_workers])
                times.append(seconds)
    (fixed, task, reading), *_ = np.linalg.lstsq(np.array(rows), np.array(times))
    print(
        f"model: {1e3 * fixed:.1f} ms + blocks * {1e3 * task:.2f} ms + "
        f"{1e3 * reading:.1f} ms / workers"
    )


if __name__ == "__main__":
    main(arguments())
