"""Where a run stands."""

import numpy as np

from ..images import off_space
from ..measurements.symmetrized import SymmetrizedLeastSquares
from ..parameterizations import (
    AsymmetricParameterization,
    nearest_psd_factor,
    spectrum,
    widened,
)

# A component this much smaller than the largest one has vanished.
NEGLIGIBLE = 1e-3


class Iterate:
    """The factors, how they make a matrix, and the loss there.

    A symmetric run may be lifted to two factors, and return to one.

    Parameters
    ----------
    parameterization : SymmetricParameterization or AsymmetricParameterization
    factors : tuple of ndarray
    objective : LeastSquares
    penalty : float, default=0.0
        Adds (penalty / 2) (||F||_F^2 + ||G||_F^2) to the loss.
    """

    def __init__(self, parameterization, factors, objective, penalty=0.0):
        self.parameterization = parameterization
        self.factors = factors
        self.objective = objective
        self.penalty = penalty
        self._unlifted = None
        self._gradient = self._gradient_at = None
        self._witness = None

    @property
    def lifted(self):
        return self._unlifted is not None

    @property
    def pair(self):
        """(F, G) with M = F G^T."""
        return self.parameterization.pair(self.factors)

    @property
    def loss(self):
        """That of the objective, and the penalty."""
        return self.objective.loss + self._penalty_term

    @property
    def matrix_norm(self):
        F, G = self.pair
        return np.sqrt(max(float(np.sum((F.T @ F) * (G.T @ G))), 0.0))

    @property
    def singular_values(self):
        return spectrum(*self.pair)[1]

    def gradient(self):
        if self._gradient_at is not self.factors:
            self._gradient, self._gradient_at = self._new_gradient(), self.factors
        return self._gradient

    def _new_gradient(self):
        products = self.objective.pull_back(*self.pair)
        gradient = self.parameterization.gradient(products)
        if not self.penalty:
            return gradient
        return tuple(
            change + change.dtype.type(self.penalty) * part
            for change, part in zip(gradient, self.factors, strict=True)
        )

    def line(self, direction):
        """Coefficients of t, ..., t^4 in the change of the loss along a direction."""
        return self._line(self.parameterization.pair(direction), self.pair)

    def move(self, direction, step):
        self.factors = tuple(
            part + part.dtype.type(step) * change
            for part, change in zip(self.factors, direction, strict=True)
        )
        self.objective.advance(step, *self.pair)
        if self.objective.out_of_date:
            self.refresh()

    def alternate(self):
        """Minimize over each factor once; the norm of the gradient before."""
        *factors, gradient_norm = self.objective.alternate(self.penalty)
        self.factors = tuple(factors)
        return gradient_norm

    def refresh(self):
        self.objective.restart(*self.pair)
        self._gradient_at = self._witness = None

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
            self.objective = SymmetrizedLeastSquares(self.objective)
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

    def is_optimal(self, tol):
        """Whether the loss is within a part `tol` of the least of all matrices'.

        With a penalty the loss is at least that of the nuclear norm problem, which is
        convex. Its dual has the feasible points -s r, where r is the residual, R its
        image and s <= penalty / ||R||_2. The norm is sought only if a bound of it that
        is cheap does not tell.
        """
        if self._gap(self._least_norm()) > tol * self.loss:
            return False
        U, norm, V = self.parameterization.descending(self.objective.image, 1)
        self._witness = U[:, 0], V[:, 0]
        return self._gap(norm[0]) <= tol * self.loss

    def _gap(self, norm):
        """The duality gap if R has the spectral norm given, or at least if it has more.

        The smallest one, over the feasible s.
        """
        loss = self.objective.loss
        gap = inner(self.gradient(), self.factors) / len(self.factors)
        slope = gap - self._penalty_term - 2 * loss
        s = min(1.0, self.penalty / norm) if norm > 0 else 1.0
        if -slope < 2 * s * loss:
            s = max(-slope / (2 * loss), 0.0)
        return self.loss + s * slope + s**2 * loss

    def _least_norm(self):
        """A lower bound of ||R||_2, from where R was large last: one product."""
        if self._witness is None:
            return 0.0
        u, v = self._witness
        return -float(u @ (self.objective.image @ v))

    def growth(self):
        """How large a component may grow that the factors have hardly begun to see.

        At a minimum of the loss over matrices of this rank, to turn the smallest
        component towards any other direction raises the loss. At a saddle point it
        does not: a hidden signal of about the size returned will grow, however still
        the iterates seem. Zero at a minimum. One reading of X.
        """
        U, s, V = spectrum(*self.pair)
        smallest = np.sqrt(s[-1:])
        component = smallest * U[:, -1:], smallest * V[:, -1:]
        u, _, v = self.parameterization.descending(self.objective.image, 1)
        return max(-self._line((u, v), component)[1], 0.0)

    def exchange(self):
        """Replace what has vanished by directions that a smaller penalty lets in.

        They get what a proximal gradient step would give them. From next to nothing
        they would take long to grow.
        """
        self.refresh()
        U, s, V = spectrum(*self.pair)
        kept = s > NEGLIGIBLE * s[0]
        U, s, V = U[:, kept], s[kept], V[:, kept]
        n_free = self.factors[0].shape[1] - len(s)
        if n_free == 0:
            return
        rest = off_space(self.objective.image, U, V)
        new_U, new_s, new_V = self.parameterization.descending(rest, n_free)
        new_s = np.maximum(new_s - new_s.dtype.type(self.penalty), 0)
        factors = self.parameterization.factors(
            np.hstack([U, new_U]), np.append(s, new_s), np.hstack([V, new_V])
        )
        self.factors = tuple(
            widened(part, before.shape[1]).astype(before.dtype, copy=False)
            for part, before in zip(factors, self.factors, strict=True)
        )

    @property
    def _penalty_term(self):
        if not self.penalty:
            return 0.0
        return self.penalty / 2 * inner(self.pair, self.pair)

    def _line(self, direction, pair):
        coefficients = self.objective.line(*pair, *direction)
        if self.penalty:
            coefficients[0] += self.penalty * inner(pair, direction)
            coefficients[1] += self.penalty / 2 * inner(direction, direction)
        return coefficients


def inner(left, right):
    """The inner product of two tuples of arrays."""
    return sum(float(np.vdot(u, v)) for u, v in zip(left, right, strict=True))
