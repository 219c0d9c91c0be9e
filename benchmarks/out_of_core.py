"""A fit of an X that lies in a file, in a process that may hold one gigabyte itself.

X is a memory map. The limit is that of the kernel on the private memory of a process,
RLIMIT_DATA; the pages of the file belong to the page cache, and the kernel takes them
back when it needs room. Prints how fast an iteration reads the file beside plain loops
over its blocks, with all of it in the page cache ("warm") and with none of it there at
the beginning of each reading ("cold"), how much each reading took from the disk, and
the peak of the private memory. A file larger than the memory is never in the page cache
as a whole, "warm" or not. At least 70 % of the speed of the fastest loop is the target.

    python benchmarks/out_of_core.py
    python benchmarks/out_of_core.py --gigabytes 27 --rounds 1
"""

import argparse
import json
import mmap
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
from benchmark_utils import machine
from benchmark_utils.callback import Callback
from sklearn.exceptions import ConvergenceWarning

from lowrank_sense import AsymmetricFactorSensing

SHAPE, RANK = (100, 100), 4
LIMIT = 2**30  # bytes
N_ITERATIONS = 5
N_PARTS = 16  # of the file, read by as many threads as there are
BLOCK_BYTES = 2**18  # stays in a core's own cache


def write(path, gigabytes, dtype):
    """Random rows in `path`, and their measurements of a matrix in `path`.y.npy."""
    rng = np.random.default_rng(0)
    M = rng.standard_normal((SHAPE[0], 2)) @ rng.standard_normal((2, SHAPE[1]))
    M = M.ravel().astype(dtype)
    y, n_rows = [], int(gigabytes * 1e9 / M.nbytes)
    with open(path, "wb") as file:
        for start in range(0, n_rows, 1000):
            rows = rng.standard_normal((min(1000, n_rows - start), M.size), dtype)
            y.append(rows @ M)
            rows.tofile(file)
        os.fsync(file.fileno())
    np.save(f"{path}.y.npy", np.concatenate(y))


def copy(blocks, part):
    buffer = np.empty(blocks.shape[1:], blocks.dtype)
    for block in blocks[part]:
        np.copyto(buffer, block)


def add(blocks, part):
    for block in blocks[part]:
        block.sum()


def read(blocks, part):
    """Without the memory map."""
    buffer = np.empty(blocks.shape[1:], blocks.dtype)
    with open(blocks.filename, "rb", buffering=0) as file:
        file.seek(part.start * buffer.nbytes)
        for _ in range(part.start, part.stop):
            file.readinto(buffer)


def loop(one_part, blocks, n_threads):
    """Read all blocks; several threads take the parts of the file in turn."""
    edges = np.linspace(0, len(blocks), N_PARTS + 1).astype(int).tolist()
    parts = [slice(*edge) for edge in pairwise(edges)]
    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(partial(one_part, blocks), parts))


def drop(X):
    """Take the pages of a memory map out of the page cache."""
    X._mmap.madvise(mmap.MADV_DONTNEED)
    with open(X.filename, "rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def private_memory():
    """What the process holds in memory but for files, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("RssAnon:")[1].split()[0]) * 1024 / 1e6


class PeakMemory(threading.Thread):
    """Looks every few milliseconds."""

    def __init__(self):
        super().__init__(daemon=True)
        self.megabytes = 0

    def run(self):
        while True:
            self.megabytes = max(self.megabytes, private_memory())
            time.sleep(0.003)


def from_disk():
    """Bytes that this process has fetched from the disk, not from the page cache."""
    counters = Path("/proc/self/io").read_text()
    return int(counters.split("\nread_bytes:")[1].split()[0])


class Readings(dict):
    """By name, the seconds and the bytes from the disk of each reading."""

    def begin(self):
        self._begun = time.perf_counter(), from_disk()

    def end(self, name):
        start, before = self._begun
        taken = time.perf_counter() - start, from_disk() - before
        self.setdefault(name, []).append(taken)


class WatchIterations(Callback):
    def __init__(self, prepare):
        self.prepare, self.readings = prepare, Readings()

    def on_fit_task_begin(self, estimator, context):
        if context.task_name == "iteration":
            self.prepare()
            self.readings.begin()

    def on_fit_task_end(self, estimator, context):
        if context.task_name == "iteration":
            self.readings.end("iteration")


def measure(path, dtype, cold, n_rounds):
    """Speed of each reading, by name, and what the memory was."""
    n_features = SHAPE[0] * SHAPE[1]
    X, y = np.memmap(path, dtype, "r"), np.load(f"{path}.y.npy")
    size = BLOCK_BYTES // X.itemsize
    blocks = X[: X.size // size * size].reshape(-1, size)
    X = X.reshape(-1, n_features)
    prepare = partial(drop, X) if cold else lambda: None
    model = AsymmetricFactorSensing(
        RANK, shape=SHAPE, solver="pcg", max_iter=N_ITERATIONS, tol=0, random_state=0
    )
    model.fit(np.array(X[:100]), y[:100])  # compiles
    np.frombuffer(X._mmap, np.uint8)[:: mmap.PAGESIZE].max()  # maps all pages
    before, peak = private_memory(), PeakMemory()
    peak.start()
    watch, readings = WatchIterations(prepare), Readings()
    for _ in range(n_rounds):
        for one_part in (copy, add, read):
            for n_threads in (1, os.cpu_count()):
                name = f"{one_part.__name__}, {n_threads} thread(s)"
                prepare()
                readings.begin()
                loop(one_part, blocks, n_threads)
                readings.end(name)
        prepare()
        readings.begin()
        model.set_callbacks(watch).fit(X, y)
        readings.end("whole fit")
    readings |= watch.readings
    medians = {name: np.median(taken, axis=0) for name, taken in readings.items()}
    return {
        "speed": {k: X.nbytes / 1e9 / seconds for k, (seconds, _) in medians.items()},
        "disk": {k: read / 1e9 for k, (_, read) in medians.items()},
        "before": before,
        "peak": peak.megabytes,
        "size": X.nbytes / 1e9,
    }


def limit_memory():
    resource.setrlimit(resource.RLIMIT_DATA, (LIMIT, LIMIT))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gigabytes", type=float, default=4)
    parser.add_argument("--dtype", choices=["float32", "float64"], default="float32")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", help="where to put the file for a while")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--cold", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        found = measure(
            arguments.measure, arguments.dtype, arguments.cold, arguments.rounds
        )
        print(json.dumps(found))
        return
    print(machine.describe(), end="\n\n")
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        path = str(Path(folder) / "X")
        write(path, arguments.gigabytes, arguments.dtype)
        for state in ("warm", "cold"):
            command = [sys.executable, __file__, "--measure", path]
            command += ["--dtype", arguments.dtype, *["--cold"] * (state == "cold")]
            command += ["--rounds", str(arguments.rounds)]
            output = subprocess.check_output(command, preexec_fn=limit_memory)
            print_table(state, arguments.dtype, **json.loads(output))


def print_table(state, dtype, speed, disk, before, peak, size):
    iteration, whole = speed["iteration"], speed.pop("whole fit")
    print(f"{size:.1f} GB of {dtype}, {state}")
    print(f"private memory: {before:.0f} MB before, {peak:.0f} MB at the peak")
    print(
        f"a fit of {N_ITERATIONS} iterations: {size / whole:.1f} s, the time of "
        f"{iteration / whole:.1f} iterations\n"
    )
    print("| reading | GB/s | GB from the disk | an iteration's speed to it |")
    print("|-|-|-|-|")
    for name, value in speed.items():
        ratio = iteration / value
        print(f"| {name} | {value:.2f} | {disk[name]:.1f} | {ratio:.2f} |")
    print(flush=True)


if __name__ == "__main__":
    # Five iterations are enough to see the speed.
    warnings.simplefilter("ignore", ConvergenceWarning)
    main()
