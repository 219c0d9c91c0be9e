"""lowrank_sense itself, behind the same face as its peers."""

import sys

from lowrank_sense import AsymmetricFactorSensing

from .callback import Callback


def solve(X, y, shape, rank, callback, *, seed=0, **parameters):
    """Recover a matrix by AsymmetricFactorSensing.

    Parameters
    ----------
    seed : int, default=0
        Of the random start.
    **parameters
        Of the estimator.
    """
    model = AsymmetricFactorSensing(
        rank, shape=shape, tol=0, max_iter=sys.maxsize, random_state=seed, **parameters
    )
    return model.set_callbacks(_Watch(callback)).fit(X, y).matrix_


class _Watch(Callback):
    """A callback of scikit-learn that passes the matrix after each iteration on."""

    def __init__(self, callback):
        self.callback = callback

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        return context.task_name == "iteration" and self.callback(
            fitted_estimator.matrix_
        )
