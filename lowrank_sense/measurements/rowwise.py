"""The loss of measured entries, minimized row by row in one factor at a time."""

import numpy as np

from .centered import CenteredMeasurement
from .row_kernels import solve_rows
from .weights import are_equal, inner


class RowwiseLeastSquares:
    """A least squares loss of entries, for alternating between the factors.

    While one factor is held, each row of the other one has a least squares problem of
    its own. The loss comes with the solutions; residual and image are computed only
    where they are asked for.

    Parameters
    ----------
    whole : LeastSquares
        Of `SortedEntries`, with or without an intercept.
    """

    def __init__(self, whole):
        self.whole = whole
        self.scale = whole.scale
        self.loss_at_zero = whole.loss_at_zero
        self._centered = isinstance(whole.measurement, CenteredMeasurement)
        entries = whole.measurement.measurement if self._centered else whole.measurement
        weights = None if are_equal(whole.weights) else whole.weights
        self._by_row = entries.by_row(whole.target, weights)
        self._by_column = entries.by_column(whole.target, weights)

    @property
    def error(self):
        return np.sqrt(2 * self.loss)

    @property
    def exposure(self):
        return self.whole.exposure

    @property
    def image(self):
        return self._restarted().image

    @property
    def held_out_loss(self):
        return self._restarted().held_out_loss

    def image_of_noise(self, random_state):
        return self._restarted().image_of_noise(random_state)

    def size(self, F, G):
        return self.whole.size(F, G)

    def restart(self, F, G):
        """The loss at (F, G), where alternating begins."""
        residual = self.whole.residual_at(F, G)
        self.loss = inner(self.whole.weights, residual, residual) / 2
        self.change, self._offset = np.inf, 0.0
        self._point, self._is_restarted = (F, G), False

    def pull_back(self, F, G):
        return self._restarted().pull_back(F, G)

    def line(self, F, G, dF, dG):
        return self._restarted().line(F, G, dF, dG)

    def alternate(self, penalty):
        """The best left factor for the right one, then the best right one for that.

        Parameters
        ----------
        penalty : float
            Adds (penalty / 2) (||F||_F^2 + ||G||_F^2).

        Returns
        -------
        F, G : ndarray
        gradient_norm : float
            Of the gradient with respect to the left factor before; that with respect
            to the right one is zero from the second time on.
        """
        F, G = self.whole.scaled(*self._point)
        damping = penalty / self.whole.unit
        F, left = self._solve(self._by_row, G, F, damping)
        G, right = self._solve(self._by_column, F, G, damping)
        root = self.whole.root
        self._point, self._is_restarted = (F / root, G / root), False
        self.change = np.sqrt(left.squared_change) + np.sqrt(right.squared_change)
        return *self._point, float(root) * np.sqrt(left.squared_gradient)

    def _solve(self, side, held, before, damping):
        rows, sums = solve_rows(*side, held, before, damping, self._offset)
        self.loss = sums.loss
        if self._centered:
            self._offset -= sums.mean_residual
            self.loss -= sums.mean_residual**2 / 2
        return rows, sums

    def _restarted(self):
        """The whole loss at the current factors, with residual and image."""
        if not self._is_restarted:
            self.whole.restart(*self._point)
            self._is_restarted = True
        return self.whole
