"""What several tests measure."""

import numpy as np

from lowrank_sense.convergence import RecoveryMonitor, estimate_rate


def squared_errors(estimator, X, y, M, stop_below=0.0):
    """||M_T - M||_F^2 for T = 1, 2, ..., n_iter_, where sigma_1(M) = 1."""
    monitor = RecoveryMonitor(M, stop_below=np.sqrt(stop_below))
    estimator.set_callbacks(monitor).fit(X, y)
    return (np.array(monitor.errors) * np.linalg.norm(M)) ** 2


def relative_error(estimator, M):
    return np.linalg.norm(estimator.matrix_ - M) / np.linalg.norm(M)


def linear_rate(errors):
    """c > 0 in exp(-c T), of a run that has to be linear."""
    rate = estimate_rate(errors, first_iteration=1)
    assert rate.kind == "linear"
    assert rate.value > 0
    return rate.value


def iterations_to(errors, target):
    """The first iteration with an error below the target, or None."""
    below = np.flatnonzero(np.asarray(errors) < target)
    return int(below[0]) + 1 if len(below) else None
