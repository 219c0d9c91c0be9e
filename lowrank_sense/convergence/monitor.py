"""The distance of a fit from a known matrix."""

from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike
from sklearn.callback import ScoringMonitor

from ..arrays.backends import to_numpy


@final
class RecoveryMonitor(ScoringMonitor):
    r"""Record how far a fit is from a known matrix after each iteration.

    This scikit-learn callback is for studies of convergence. Pass it to
    ``set_callbacks`` of the estimator, which may be a step of a pipeline or part of a
    search, also in other processes.

    Parameters
    ----------
    matrix : array-like of shape (n1, n2)
        The matrix to compare with.
    stop_below : float, default=0.0
        Stop a fit once the relative error is below this.

    Attributes
    ----------
    errors : list of float
        :math:`\|M_t - M\|_F / \|M\|_F` with M the `matrix`, after iteration
        t = 1, 2, ... of the fit that began last in this process: ``errors[t - 1]``
        belongs to ``loss_history_[t]``.

    Raises
    ------
    ValueError
        If `matrix` is not two-dimensional or is zero, or if a fit seeks a matrix of
        another shape.

    See Also
    --------
    sklearn.callback.ScoringMonitor : Records a score on the training data.

    Notes
    -----
    ``get_logs()`` returns all fits of the last run, where a run is the outermost `fit`.
    Its ``data`` has one row per iteration. The column "relative_error" holds the error,
    and the column "parent_task_id_path" tells the fits apart. ``data_as_pandas`` is the
    same as a data frame.

    Each iteration also forms :math:`F G^\top` and compares it with `matrix`. That takes
    :math:`O(n_1 n_2 k)` operations, twice the memory of the matrix, and about 0.1 ms of
    bookkeeping.

    Examples
    --------
    >>> from lowrank_sense import AsymmetricFactorSensing
    >>> from lowrank_sense.convergence import RecoveryMonitor
    >>> from lowrank_sense.datasets import make_matrix_sensing
    >>> X, y, M = make_matrix_sensing(400, (10, 12), 2, random_state=0)
    >>> monitor = RecoveryMonitor(M, stop_below=1e-3)
    >>> est = AsymmetricFactorSensing(shape=(10, 12), random_state=0)
    >>> est.set_callbacks(monitor).fit(X, y).stop_reason_
    'callback'
    >>> len(monitor.errors) == est.n_iter_
    True
    """

    def __init__(self, matrix: ArrayLike, *, stop_below: float = 0.0) -> None:
        super().__init__(scoring=_as_score)
        self.matrix = np.asarray(matrix)
        if self.matrix.ndim != 2 or not np.linalg.norm(self.matrix) > 0:
            raise ValueError(
                "matrix must be a two-dimensional array that is not zero, since errors "
                f"are relative to its norm, got an array of shape {self.matrix.shape}."
            )
        self.stop_below = stop_below
        self._last_fit: tuple[Any, tuple[Any, ...]] | None = None

    @property
    def errors(self) -> list[float]:
        """Return the relative errors of the last fit, after iterations 1, 2, ...."""
        if self._last_fit is None:
            return []
        run, path = self._last_fit
        runs = {log.run_id: log for log in self.get_logs("all")} if self._log else {}
        return [
            row["relative_error"]
            for row in (runs[run].data if run in runs else ())
            if row["parent_task_id_path"] == path
        ]

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        """Remember the fit that began last."""
        if context.task_name == "fit":
            self._last_fit = context.root_uuid, _task_path(context)

    def on_fit_task_end(
        self,
        estimator: Any,
        context: Any,
        *,
        X: Any = None,
        y: Any = None,
        fitted_estimator: Any = None,
    ) -> bool:
        """Record the error; return whether it is small enough to stop."""
        found = to_numpy(fitted_estimator.matrix_)
        if found.shape != self.matrix.shape:
            raise ValueError(
                f"The matrix of RecoveryMonitor has shape {self.matrix.shape}, but the "
                f"fit seeks one of shape {found.shape}: pass a matrix of that shape."
            )
        error = np.linalg.norm(found - self.matrix) / np.linalg.norm(self.matrix)
        super().on_fit_task_end(
            estimator,
            context,
            X=X,
            y=y,
            fitted_estimator=fitted_estimator,
            metadata={"error": float(error)},
        )
        return bool(error < self.stop_below)


def _as_score(estimator: Any, X: Any, y: Any, *, error: float) -> dict[str, float]:
    """Return the error in the form that ScoringMonitor logs."""
    return {"relative_error": error}


def _task_path(context: Any) -> tuple[Any, ...]:
    """Return the task ids from the outermost fit down to this task."""
    path: tuple[Any, ...] = ()
    while context is not None:
        path = (context.task_id, *path)
        context = context.parent
    return path
