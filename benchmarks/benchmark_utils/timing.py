"""The time that a solver takes to recover a matrix."""

import time

import numpy as np

TARGET = 1e-8
DIVERGED = 1e3


class Recovery:
    """A callback that stops at the target, at divergence or at the end of the budget.

    Attributes
    ----------
    seconds : float
        From the construction to the first matrix within the target, or infinity.
    """

    def __init__(self, M_true, budget):
        self._M_true = M_true
        self._budget = budget
        self._start = time.perf_counter()
        self.seconds = np.inf

    def __call__(self, M):
        passed = time.perf_counter() - self._start
        error = np.linalg.norm(M - self._M_true) / np.linalg.norm(self._M_true)
        if error < TARGET:
            self.seconds = passed
            return True
        return not error < DIVERGED or passed > self._budget


def seconds(solve, settings, data, rank, budget):
    """Time to the target, or infinity."""
    X, y, M_true = data
    recovery = Recovery(M_true, budget)
    try:
        solve(X, y, M_true.shape, rank, recovery, **settings)
    except np.linalg.LinAlgError:
        return np.inf
    return recovery.seconds


def median_seconds(solve, settings, data, rank, budget, repeats):
    """Median over so many repeats, as far as the budget goes for all of them."""
    passed = [seconds(solve, settings, data, rank, budget)]
    while len(passed) < repeats and sum(passed) + passed[0] < budget:
        passed.append(seconds(solve, settings, data, rank, budget))
    return np.median(passed)


def best_seconds(solve, candidates, data, rank, budget, repeats):
    """The least time over candidates for the settings, and these.

    No candidate runs for longer than the best one before it.
    """
    best, bound = None, budget
    for settings in candidates:
        passed = seconds(solve, settings, data, rank, bound)
        if passed < bound:
            best, bound = settings, passed
    if best is None:
        return np.inf, "-"
    if repeats == 1:
        return bound, _described(best)
    return median_seconds(solve, best, data, rank, budget, repeats), _described(best)


def _described(settings):
    return ", ".join(f"{name}={value}" for name, value in settings.items())
