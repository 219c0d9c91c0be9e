"""Loops over measured entries, and where compiled kernels are kept."""

import os
import subprocess
import sys

import numpy as np
import pytest
from scipy import sparse

from lowrank_sense.kernels import entries as kernels

# Only NUMBA_CACHE_DIR counts, so that without it there is nowhere to write to.
LOCATOR = "UserProvidedCacheLocator"
# Calls a kernel in two processes, the second of which finds what the first compiled.
CALLS = """
import os
import numpy as np
from lowrank_sense.kernels import entries as kernels

for _ in range(2):
    if not os.fork():
        kernels.take(np.ones(3), np.arange(3))
        print(sum(kernels._take.stats.cache_hits.values()), flush=True)
        os._exit(0)
    os.wait()
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("writable", [True, False])
def test_kernel_is_cached_where_that_is_possible(writable, tmp_path):
    """Two fresh processes, the second of which finds what the first compiled."""
    environment = {**os.environ, "NUMBA_CACHE_LOCATOR_CLASSES": LOCATOR}
    if writable:
        environment["NUMBA_CACHE_DIR"] = str(tmp_path)
    run = subprocess.run(
        [sys.executable, "-c", CALLS],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == (["0", "1"] if writable else ["0", "0"])


def entries(n_entries=200, shape=(7, 5), k=3, dtype=float):
    """Return rows, columns, and factors whose product has the entries."""
    rng = np.random.default_rng(0)
    rows, columns = (rng.integers(n, size=n_entries) for n in shape)
    F, G = (rng.standard_normal((n, k)).astype(dtype) for n in shape)
    return rows.astype(np.int32), columns.astype(np.int32), F, G


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dots_are_entries_of_the_product(dtype):
    rows, columns, F, G = entries(dtype=dtype)
    dots = kernels.dots(rows, columns, F, G)
    assert dots.dtype == dtype
    np.testing.assert_allclose(dots, (F @ G.T)[rows, columns], rtol=1e-5, atol=1e-5)


def test_entries_sorted_by_row_give_the_same():
    rows, columns, F, G = entries()
    starts = kernels.starts_of(rows, len(F))
    order = kernels.sort_by(rows, starts)
    np.testing.assert_array_equal(order, np.argsort(rows, kind="stable"))
    np.testing.assert_array_equal(kernels.take(columns, order), columns[order])
    dots = kernels.sorted_dots(starts, columns[order], F, G)
    expected = kernels.dots(rows, columns, F, G)[order]
    np.testing.assert_allclose(dots, expected, atol=1e-13)


def test_line_is_the_expansion_of_the_dots():
    rows, columns, F, G = entries()
    starts = kernels.starts_of(rows, len(F))
    order = kernels.sort_by(rows, starts)
    dF, dG = F[::-1].copy(), G[::-1].copy()
    a, b = kernels.line_dots(starts, columns[order], (F, G), (dF, dG))
    i, j = rows[order], columns[order]
    np.testing.assert_allclose(a, (dF @ G.T + F @ dG.T)[i, j], atol=1e-13)
    np.testing.assert_allclose(b, (dF @ dG.T)[i, j], atol=1e-13)


@pytest.mark.parametrize("in_order", [True, False])
def test_combine_is_a_sparse_product(in_order):
    rows, columns, F, G = entries()
    values = np.random.default_rng(1).standard_normal(len(rows))
    expected = sparse.coo_array((values, (rows, columns)), (len(F), len(G))) @ G
    starts = kernels.starts_of(rows, len(F))
    order = kernels.sort_by(rows, starts)
    if in_order:
        combined = kernels.combine(starts, columns[order], None, values[order], G)
    else:
        combined = kernels.combine(starts, columns[order], order, values, G)
    np.testing.assert_allclose(combined, expected, atol=1e-12)
