"""Where a run stands."""

import numpy as np

from ..parameterizations import (
    AsymmetricParameterization,
    nearest_psd_factor,
    spectrum,
)


class Iterate:
    """The factors, how they make a matrix, and the loss there.

    A symmetric run may be lifted to two factors, and return to one.
    """

    def __init__(self, parameterization, factors, objective):
        self.parameterization = parameterization
        self.factors = factors
        self.objective = objective
        self._unlifted = None

    @property
    def lifted(self):
        return self._unlifted is not None

    @property
    def pair(self):
        """(F, G) with M = F G^T."""
        return self.parameterization.pair(self.factors)

    @property
    def matrix_norm(self):
        F, G = self.pair
        return np.sqrt(max(float(np.sum((F.T @ F) * (G.T @ G))), 0.0))

    @property
    def singular_values(self):
        return spectrum(*self.pair)[1]

    def gradient(self):
        return self.parameterization.gradient(self.factors, self.objective.image)

    def line(self, direction):
        return self.objective.line(*self.pair, *self.parameterization.pair(direction))

    def move(self, direction, step):
        self.objective.advance(step)
        self.factors = tuple(
            part + part.dtype.type(step) * change
            for part, change in zip(self.factors, direction, strict=True)
        )
        if self.objective.out_of_date:
            self.refresh()

    def refresh(self):
        self.objective.restart(*self.pair)

    def state(self):
        return self.factors, self.parameterization, self.objective, self._unlifted

    def restore(self, state):
        self.factors, self.parameterization, self.objective, self._unlifted = state
        self.refresh()

    def refactor(self, F, G):
        """Go on from two other factors of the same matrix."""
        if len(self.factors) == 1:
            self._unlifted = self.parameterization, self.objective
            self.parameterization = AsymmetricParameterization()
            self.objective = self.objective.symmetrized()
            self.factors = F, G
            self.refresh()
        self.factors = F, G

    def unlift(self):
        """Return to one factor: that of the nearest positive semi-definite matrix.

        Returns
        -------
        float
            The distance that the matrix moved, in the Frobenius norm.
        """
        F, G = self.pair
        X = nearest_psd_factor(F, G, F.shape[1])
        self.factors = (X,)
        self.parameterization, self.objective = self._unlifted
        self._unlifted = None
        self.refresh()
        _, moved, _ = spectrum(np.hstack([X, -F]), np.hstack([X, G]))
        return float(np.linalg.norm(moved))

    def growth(self):
        """How large a component may grow that the factors have hardly begun to see.

        At a minimum of the loss over matrices of this rank, to turn the smallest
        component towards any other direction raises the loss. At a saddle point it
        does not: a hidden signal of about the size returned will grow, however still
        the iterates seem. Zero at a minimum. One reading of X.
        """
        U, s, V = spectrum(*self.pair)
        smallest = np.sqrt(s[-1:])
        curvature = self.objective.line(
            smallest * U[:, -1:],
            smallest * V[:, -1:],
            *self.parameterization.steepest(self.objective.image),
        )[1]
        return max(-curvature, 0.0)
