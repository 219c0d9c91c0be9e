"""Loops over measured entries, and where compiled kernels are kept."""

import os
import subprocess
import sys

import pytest

# Only NUMBA_CACHE_DIR counts, so that without it there is nowhere to write to.
LOCATOR = "UserProvidedCacheLocator"


@pytest.mark.parametrize("writable", [True, False])
def test_kernel_is_cached_where_that_is_possible(writable, tmp_path):
    """Two fresh processes, the second of which finds what the first compiled."""
    script = (
        "import numpy as np; from lowrank_sense.kernels import entries as k;"
        "k.take(np.ones(3), np.arange(3));"
        "print(sum(k._take.stats.cache_hits.values()))"
    )
    environment = {**os.environ, "NUMBA_CACHE_LOCATOR_CLASSES": LOCATOR}
    if writable:
        environment["NUMBA_CACHE_DIR"] = str(tmp_path)
    hits = [
        subprocess.run(
            [sys.executable, "-c", script],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for _ in range(2)
    ]
    assert hits == (["0", "1"] if writable else ["0", "0"])
