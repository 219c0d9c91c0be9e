"""Early stopping, once held-out measurements are no longer predicted better."""

from typing import final

import numpy as np

from .iterate import Iterate, State


@final
class EarlyStopping:
    """Watch the held-out loss, and keep the iterate with the least.

    Parameters
    ----------
    n_iter_no_change : int
        The run is over after this many iterations without a new best loss.
    tol : float
        A new loss must be smaller than the best one by this fraction to count.

    Attributes
    ----------
    best : State
        State of the iterate with the least loss.
    """

    best: State

    def __init__(self, n_iter_no_change: int, tol: float) -> None:
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self._best_loss = self._beaten = np.inf
        self._fitted = np.inf
        self._n_unchanged = 0

    @property
    def exhausted(self) -> bool:
        """Return whether the run is over."""
        return self._n_unchanged >= self.n_iter_no_change

    def watch(self, iterate: Iterate) -> float:
        """Take note of an iterate, and return its held-out loss."""
        loss = iterate.objective.held_out_loss
        if loss < self._best_loss:
            self._best_loss, self.best = loss, iterate.state()
        if loss < (1 - self.tol) * self._beaten:
            self._beaten, self._n_unchanged = loss, 0
            self._fitted = iterate.value
        elif iterate.value < (1 - self.tol) * self._fitted:
            self._n_unchanged += 1
        return loss
