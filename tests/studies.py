"""What several tests measure."""

import numpy as np

from lowrank_sense.convergence import RecoveryMonitor


def squared_errors(estimator, X, y, M, stop_below=0.0):
    """||M_T - M||_F^2 for T = 1, 2, ..., n_iter_, where sigma_1(M) = 1."""
    monitor = RecoveryMonitor(M, stop_below=np.sqrt(stop_below))
    estimator.set_callbacks(monitor).fit(X, y)
    return (np.array(monitor.errors) * np.linalg.norm(M)) ** 2


def relative_error(estimator, M):
    return np.linalg.norm(estimator.matrix_ - M) / np.linalg.norm(M)


def linear_rate(errors, low=1e-22, high=1e-5):
    """Slope of -log(error) against the iteration where low < error < high, and R^2."""
    inside = (low < errors) & (errors < high)
    iterations = np.flatnonzero(inside)
    logs = np.log(errors[inside])
    slope, intercept = np.polyfit(iterations, logs, 1)
    unexplained = np.var(logs - slope * iterations - intercept) / np.var(logs)
    return -slope, 1 - unexplained


def iterations_to(errors, target):
    """The first iteration with an error below the target, or None."""
    below = np.flatnonzero(np.asarray(errors) < target)
    return int(below[0]) + 1 if len(below) else None
