"""The bridge to sklearn.callback, whose interface is still experimental."""

from collections.abc import Callable
from typing import Any, final

from ..solution import History


@final
class FitHooks:
    """Report the progress of a fit to scikit-learn's callbacks and on the screen.

    Parameters
    ----------
    estimator : estimator instance
    context : CallbackContext
    data : dict
        X, y and metadata, as the hooks of scikit-learn take them.
    history : History
    snapshot : callable
        Returns the fitted attributes that predict needs; called only if a callback
        asks for a fitted estimator.
    loss_unit : float
        Factor from a loss of the history to the loss that is shown.
    """

    def __init__(
        self,
        estimator: Any,
        context: Any,
        data: dict[str, Any],
        history: History,
        snapshot: Callable[[], dict[str, Any]],
        loss_unit: float,
    ) -> None:
        self._estimator = estimator
        self._context = context
        self._data = data
        self._history = history
        self._snapshot = snapshot
        self._loss_unit = loss_unit
        self._iteration: Any = None

    def begin_fit(self) -> None:
        """Tell callbacks that the fit begins."""
        self._context.call_on_fit_task_begin(estimator=self._estimator, **self._data)

    def end_fit(self) -> None:
        """Tell callbacks that the fit is over, and print the last line."""
        self._context.call_on_fit_task_end(
            estimator=self._estimator,
            **self._data,
            reconstruction_attributes=self._snapshot,
        )
        if self._estimator.verbose and not self._is_round(self._history.n_iter):
            self._print()

    def begin_iteration(self) -> None:
        """Tell callbacks that an iteration begins."""
        self._iteration = self._context.subcontext(task_name="iteration")
        self._iteration.call_on_fit_task_begin(estimator=self._estimator, **self._data)

    def end_iteration(self) -> bool:
        """Tell callbacks that an iteration is over; return whether one asks to stop."""
        stop: bool = self._iteration.call_on_fit_task_end(
            estimator=self._estimator,
            **self._data,
            reconstruction_attributes=self._snapshot,
        )
        if self._estimator.verbose and self._is_round(self._history.n_iter):
            self._print()
        return stop

    @staticmethod
    def _is_round(n: int) -> bool:
        """Return whether n is one of 1, ..., 9, 10, 20, ..., 100, 200, ...."""
        step: int = 10 ** (len(str(n)) - 1)
        return n % step == 0

    def _print(self) -> None:
        history = self._history
        print(
            f"[{type(self._estimator).__name__}] iteration {history.n_iter}: "
            f"loss {history.loss[-1] * self._loss_unit:.6e}"
        )
