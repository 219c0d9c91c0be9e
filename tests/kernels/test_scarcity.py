"""Kernels where there are no more threads, or no room on the disk: real processes."""

import os
import subprocess
import sys

import pytest

NO_THREADS = """
import resource, threading
import numpy as np
from lowrank_sense.kernels.threads import map_on_threads, one_blas_thread

with one_blas_thread():  # which loads all libraries
    pass
pages = int(open("/proc/self/statm").read().split()[0])
most = pages * resource.getpagesize() + 2**25
resource.setrlimit(resource.RLIMIT_AS, (most, most))
threading.stack_size(2**26)
try:
    threading.Thread(target=print).start()
except RuntimeError as error:
    print(error)
done = []
with one_blas_thread():
    map_on_threads(done.append, range(20), parallel=True)
print(sorted(done) == list(range(20)))
"""

AT_EXIT = """
import atexit
from lowrank_sense.kernels.threads import map_on_threads, one_blas_thread

def late():
    done = []
    with one_blas_thread():
        map_on_threads(done.append, range(20), parallel=True)
    print(sorted(done) == list(range(20)))

atexit.register(late)
"""

NOTHING_KEPT = """
import threading, weakref
import numpy as np
from lowrank_sense.kernels.threads import map_on_threads, one_blas_thread

def refuse(thread):
    raise RuntimeError("can't start new thread")

threading.Thread.start = refuse
result = np.zeros(20)
kept = weakref.ref(result)
with one_blas_thread():
    map_on_threads(lambda i, result=result: result.put(i, 1), range(20), parallel=True)
print(result.all())
del result
print(kept() is None)
"""

NO_DISK = """
import resource
import numpy as np
from lowrank_sense import AsymmetricFactorSensing

resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
X = np.column_stack(np.divmod(np.arange(30), 6))
model = AsymmetricFactorSensing(1, measurement="entry", solver="als", random_state=0)
print(model.fit(X, np.ones(30)).score(X, np.arange(30.0)) < 1)
"""


def output(code, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="reads the size of the process")
def test_where_no_thread_can_be_started_the_caller_works_alone():
    assert output(NO_THREADS).split("\n")[:2] == ["can't start new thread", "True"]


def test_where_no_thread_can_be_started_no_array_stays_in_the_queue():
    assert output(NOTHING_KEPT) == "True\nTrue\n"


def test_at_the_end_of_python_the_caller_works_alone():
    assert output(AT_EXIT) == "True\n"


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files")
@pytest.mark.slow  # compiles what is cached otherwise
def test_a_full_disk_costs_the_cache_and_nothing_else(tmp_path):
    assert output(NO_DISK, NUMBA_CACHE_DIR=str(tmp_path)) == "True\n"
    assert not [path for path in tmp_path.rglob("*") if path.stat().st_size > 10_000]


def test_a_folder_that_cannot_be_written_costs_only_the_cache(tmp_path):
    occupied = tmp_path / "a file"
    occupied.write_text("in the way of a folder")
    code = "from lowrank_sense.kernels import entries; print(True)"
    assert output(code, NUMBA_CACHE_DIR=str(occupied / "below")) == "True\n"
