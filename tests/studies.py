"""Problems that several tests share, and what they measure."""

import numpy as np

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.convergence import estimate_rate
from lowrank_sense.datasets import make_matrix_sensing

KINDS = [AsymmetricFactorSensing, SymmetricFactorSensing]
ONE_SEED = {"random_state": 0}
# The published method, from a start that is always the same.
GD = {"solver": "gd", "random_state": 0}


def problem(kind, n_measurements=320, shape=(16, 16), rank=2, seed=0, **params):
    """Return X, y and M for either estimator."""
    params = {"psd": kind is SymmetricFactorSensing, "random_state": seed, **params}
    return make_matrix_sensing(n_measurements, shape, rank, **params)


def small(kind, seed=0, **params):
    """Return a problem of rank 2, 16 x 16."""
    return problem(kind, seed=seed, **params)


def completion(m, shape, rank, seed=0, **settings):
    """Return entries of a matrix of that rank."""
    return make_matrix_sensing(
        m, shape, rank, measurement="entry", random_state=seed, **settings
    )


class Callback:
    """A callback of scikit-learn that does nothing: override what is needed."""

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        pass


class Errors(Callback):
    """A RecoveryMonitor for one process, with less to do per iteration."""

    def __init__(self, M, stop_below):
        self.M, self.stop_below = M, stop_below
        self.squared = []

    def on_fit_task_end(self, estimator, context, *, fitted_estimator):
        if context.task_name != "iteration":
            return False
        self.squared.append(np.sum((fitted_estimator.matrix_ - self.M) ** 2))
        return self.squared[-1] < self.stop_below


def squared_errors(estimator, X, y, M, stop_below=0.0):
    """Return ||M_T - M||_F^2 for T = 1, 2, ..., n_iter_.

    Parameters
    ----------
    stop_below : float
        End the run at such a squared error, relative to ||M||_F^2.
    """
    errors = Errors(M, stop_below * np.sum(M**2))
    estimator.set_callbacks(errors).fit(X, y)
    return np.array(errors.squared)


def relative_error(estimator, M):
    return np.linalg.norm(estimator.matrix_ - M) / np.linalg.norm(M)


def linear_rate(errors):
    """Return c > 0 in exp(-c T), for a run that has to be linear."""
    rate = estimate_rate(errors, first_iteration=1)
    assert rate.kind == "linear"
    assert rate.value > 0
    return rate.value


def iterations_to(errors, target):
    """Return the first iteration with an error below the target, or None."""
    below = np.flatnonzero(np.asarray(errors) < target)
    return int(below[0]) + 1 if len(below) else None
