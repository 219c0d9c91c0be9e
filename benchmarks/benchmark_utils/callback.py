"""Callbacks of scikit-learn."""

from time import perf_counter

import numpy as np

from lowrank_sense import AsymmetricFactorSensing


class Callback:
    """One that does nothing, for others to override what they need."""

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        pass


class Stopwatch(Callback):
    """Notes how long the iterations take, in seconds."""

    def __init__(self):
        self.seconds = []

    def on_fit_task_begin(self, estimator, context):
        if context.task_name == "iteration":
            self._start = perf_counter()

    def on_fit_task_end(self, estimator, context):
        if context.task_name == "iteration":
            self.seconds.append(perf_counter() - self._start)


def iteration_time(X, y, n_iterations):
    """The median, in seconds, of a fit that takes no accelerated step."""
    stopwatch = Stopwatch()
    model = AsymmetricFactorSensing(
        6, accelerated_step=False, solver="pcg", max_iter=n_iterations, tol=0
    )
    model.set_params(random_state=0).set_callbacks(stopwatch).fit(X, y)
    return np.median(stopwatch.seconds)
