"""What an iteration costs with X in numpy, and as a tensor of PyTorch on a device.

Prints the median over the iterations of a fit, in float64 and in float32.

    SCIPY_ARRAY_API=1 python benchmarks/device.py
    SCIPY_ARRAY_API=1 python benchmarks/device.py --device cuda
"""

import argparse

import numpy as np
import torch
from benchmark_utils import machine
from benchmark_utils.callback import iteration_time
from sklearn import config_context

from lowrank_sense.datasets import make_matrix_sensing


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=200, help="N of an N x N matrix")
    parser.add_argument("--measurements", type=int, default=20_000)
    parser.add_argument("--iterations", type=int, default=20)
    parser.add_argument("--device", default="cpu")
    return parser.parse_args()


def main(args):
    print(f"{machine.describe()}; PyTorch {torch.__version__} on {args.device}")
    data = make_matrix_sensing(
        args.measurements, (args.size, args.size), 3, random_state=0
    )
    print("| dtype | X (MB) | numpy (ms) | PyTorch (ms) |\n|-|-|-|-|")
    for dtype in (np.float64, np.float32):
        X, y = (u.astype(dtype, copy=False) for u in data[:2])
        in_numpy = iteration_time(X, y, args.iterations)
        with config_context(array_api_dispatch=True):
            tensors = (torch.asarray(u, device=args.device) for u in (X, y))
            on_device = iteration_time(*tensors, args.iterations)
        milliseconds = f"{1e3 * in_numpy:.1f} | {1e3 * on_device:.1f}"
        print(f"| {np.dtype(dtype)} | {X.nbytes / 1e6:.0f} | {milliseconds} |")


if __name__ == "__main__":
    main(arguments())
