"""A callback that ends a fit."""

from collections.abc import Callable
from typing import Any, final


@final
class StopWhen:
    """End a fit as soon as a function of its state says so.

    This scikit-learn callback is called after each iteration. Pass it to
    ``set_callbacks`` of the estimator. The matrix is the last iterate,
    ``stop_reason_`` is "callback", and ``converged_`` is False.

    Parameters
    ----------
    condition : callable
        A function of the estimator as it stands after an iteration: it has
        ``n_iter_``, the histories so far, the factors, ``intercept_`` and all methods
        of a fitted estimator. It returns whether to stop.

    See Also
    --------
    RecoveryMonitor : Stops a fit that is close to a known matrix.

    Notes
    -----
    The state is made for each call, which takes a copy of the factors. For a callback
    that does more, write a class with the methods of this one, see
    :class:`sklearn.callback.FitCallback`.

    Examples
    --------
    Stop once the loss is small, or once new measurements are predicted well:

    >>> from lowrank_sense import AsymmetricFactorSensing
    >>> from lowrank_sense.convergence import StopWhen
    >>> from lowrank_sense.datasets import make_matrix_sensing
    >>> X, y, M = make_matrix_sensing(400, (10, 12), 2, random_state=0)
    >>> est = AsymmetricFactorSensing(shape=(10, 12), random_state=0)
    >>> small = StopWhen(lambda state: state.loss_history_[-1] < 1e-3)
    >>> est.set_callbacks(small).fit(X[:300], y[:300]).stop_reason_
    'callback'
    >>> good = StopWhen(lambda state: state.score(X[300:], y[300:]) > 0.9)
    >>> est.set_callbacks(good).fit(X[:300], y[:300]).stop_reason_
    'callback'
    """

    def __init__(self, condition: Callable[[Any], bool]) -> None:
        self.condition = condition

    def setup(self, estimator: Any, context: Any) -> None:
        """Do nothing before a fit."""

    def teardown(self, estimator: Any, context: Any) -> None:
        """Do nothing after a fit."""

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        """Do nothing before an iteration."""

    def on_fit_task_end(
        self, estimator: Any, context: Any, *, fitted_estimator: Any = None
    ) -> bool:
        """Return whether to stop after an iteration."""
        if context.task_name != "iteration":
            return False
        return bool(self.condition(fitted_estimator))
