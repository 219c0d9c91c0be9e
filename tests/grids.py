"""Grids of cases, of which a run of the tests takes a part.

    WHOLE_GRID=1 python -m pytest tests/theory

takes them all, and

    python -m pytest -m "not slow"

only those that are fast, or stand for others.
"""

import os
from itertools import combinations, product

import pytest

WHOLE = os.environ.get("WHOLE_GRID", "0") != "0"


def spread(*axes, part=2, also=()):
    """Return every part-th cell of the product of the axes, with all pairs of values.

    These are the cells whose indices along the axes add up to a multiple of `part`. Of
    two axes all values are among them, but not all pairs.

    Parameters
    ----------
    also : collection of tuples
        Cells to take whatever their indices, such as those that are known to fail.
    """
    axes = [list(axis) for axis in axes]
    cells = list(product(*axes))
    if WHOLE:
        return cells
    indices = product(*(range(len(axis)) for axis in axes))
    chosen = [
        cell
        for cell, index in zip(cells, indices, strict=True)
        if sum(index) % part == 0 or cell in also
    ]
    n_together = min(2, len(axes) - 1)
    assert together(chosen, n_together) == together(cells, n_together)
    return chosen


def slowly(*values):
    """Mark values of a parameter as slow."""
    return [pytest.param(value, marks=pytest.mark.slow) for value in values]


def mostly_slow(cells, every):
    """Mark all but every n-th cell as slow."""
    marked = []
    for number, cell in enumerate(cells):
        values, marks = getattr(cell, "values", cell), getattr(cell, "marks", ())
        if number % every:
            marks = [*marks, pytest.mark.slow]
        marked.append(pytest.param(*values, marks=marks))
    return marked


def together(cells, n_axes):
    """Return the values that any so many of the axes have together in a cell."""
    return {
        (axes, *(repr(cell[axis]) for axis in axes))
        for cell in cells
        for axes in combinations(range(len(cell)), n_axes)
    }
