"""How a run converges."""

import numpy as np


class RecoveryMonitor:
    """Record how far a fit is from a known matrix after each iteration.

    A callback of scikit-learn, for studies of convergence: pass it to
    ``estimator.set_callbacks``. It costs the product F G^T each iteration.

    Parameters
    ----------
    matrix : ndarray of shape (n1, n2)
        The matrix to compare with.
    stop_below : float, default=0.0
        End the fit once the relative error is below this.

    Attributes
    ----------
    errors : list of float
        ||M_t - matrix||_F / ||matrix||_F after iteration t = 1, 2, ... of the last fit.

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

    def __init__(self, matrix: np.ndarray, *, stop_below: float = 0.0) -> None:
        self.matrix = matrix
        self.stop_below = stop_below
        self.errors: list[float] = []

    def setup(self, estimator, context):
        self.errors = []

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        if context.task_name != "iteration":
            return False
        distance = np.linalg.norm(fitted_estimator.matrix_ - self.matrix)
        self.errors.append(float(distance / np.linalg.norm(self.matrix)))
        return self.errors[-1] < self.stop_below
