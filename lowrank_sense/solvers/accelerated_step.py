"""The accelerated step: which one to take, and when, without knowing M*.

An accelerated step looks at an iterate, may give it other factors of (nearly) the same
matrix, and tells whether it did.
"""

from abc import ABC, abstractmethod
from collections import Counter
from typing import final

import numpy as np
from scipy import linalg

from .._types import Array, Pair
from ..arrays.factors import product_svd
from ..arrays.implicit import (
    coefficients,
    plus_low_rank,
    project_out,
    top_singular_triples,
)
from ..inference.certificates import MIN_ISOMETRY, certified_rank
from ..inference.diagnostics import Diagnostics
from .iterate import Iterate

CHECK_EVERY = 5
# A direction counts as balanced if the smaller of ||F^T u||^2 and ||G^T v||^2 is at
# least this fraction of its singular value.
BALANCED = 0.8
# From the first cosine on, the surplus explains the residual; below the second, it does
# not.
EXPLAINED = 0.2
UNEXPLAINED = 0.1


class AcceleratedStep(ABC):
    """Change the factors so that the run gets faster."""

    @abstractmethod
    def __call__(self, iteration: int, iterate: Iterate) -> bool:
        """Change the factors if the step is due; return whether it was."""


@final
class NoAcceleratedStep(AcceleratedStep):
    """Take no step: accelerated_step=False."""

    def __call__(self, iteration: int, iterate: Iterate) -> bool:
        """Return False."""
        return False


@final
class PublishedStep(AcceleratedStep):
    """Orthonormalize F at iteration t, as published: accelerated_step=t.

    Our choice of beta^2 is the largest singular value of F G^T. Any beta^2 from sigma_r
    to sigma_1 leaves the same condition number, kappa^2. But ||G||^2 = sigma_1^2 /
    beta^2 bounds the step size, and only beta^2 = sigma_1 keeps a stable step stable.

    Parameters
    ----------
    at : int
    """

    def __init__(self, at: int) -> None:
        self.at = at

    def __call__(self, iteration: int, iterate: Iterate) -> bool:
        """Orthonormalize F if this is the iteration."""
        if iteration != self.at:
            return False
        F, G = iterate.pair
        _, s, _ = product_svd(F, G)
        iterate.set_factors(*orthonormalize(F, G, beta=np.sqrt(s[0])))
        return True


def orthonormalize(F: Array, G: Array, beta: float) -> Pair:
    """Return the factors of the published step, beta U and G B S / beta.

    U S B^T is the singular value decomposition of F (Xiong, Ding and Du, 2024). The
    product F G^T is unchanged, and F^T F becomes beta^2 I.
    """
    U, s, Bt = linalg.svd(F, full_matrices=False, check_finite=False)
    return beta * U, (G @ Bt.T) * (s / beta)


@final
class CertifiedStep(AcceleratedStep):
    """Inflate directions that are not certified as signal: accelerated_step=True.

    Every few iterations, singular values of F G^T that exceed the estimated error are
    certified: by Weyl's inequality they belong to M*. The other directions are the
    surplus. If the surplus explains the residual, it is what slows the run down, and F
    is inflated to sqrt(sigma_1) along it. This is the step of Xiong, Ding and Du (2024)
    confined to the surplus. Otherwise the factors are made to share every singular
    value evenly, which costs no curvature. This corrects an uneven start, and undoes an
    inflation that turns out to hide a weak signal. Inflation splits a symmetric problem
    into two factors, and sharing evenly merges them if that does not raise the loss.

    Parameters
    ----------
    diagnostics : Diagnostics
    """

    def __init__(self, diagnostics: Diagnostics) -> None:
        self._isometry_bound = diagnostics.isometry_bound
        self._hidden_share = (1 + diagnostics.noise_norm) / 2
        self._inflated = False
        self._n_undone: Counter[int] = Counter()
        self._last_undone = 0

    def __call__(self, iteration: int, iterate: Iterate) -> bool:
        """Inflate the surplus or share evenly, if either is due."""
        if self._isometry_bound <= MIN_ISOMETRY or iteration % CHECK_EVERY:
            return False
        view = _View(iterate, self._isometry_bound)
        if view.n_certified == 0:
            return False
        explained = view.explained()
        hidden_share = self._hidden_share * view.error
        if explained >= EXPLAINED and view.hidden(explained) <= hidden_share:
            if view.slow or view.unbalanced:
                self._inflate(view, iterate)
                return True
        elif view.n_certified == len(view.s) or not self._inflated:
            if view.unbalanced:
                self._share_evenly(view, iterate)
                return True
        elif explained < UNEXPLAINED and self._may_undo(view.n_certified, iteration):
            self._share_evenly(view, iterate)
            return True
        return False

    def _inflate(self, view: "_View", iterate: Iterate) -> None:
        self._inflated = True
        d = np.sqrt(view.s)
        d[view.n_certified :] = np.sqrt(view.s[0])
        iterate.set_factors(view.U * d, view.V * (view.s / d))

    def _share_evenly(self, view: "_View", iterate: Iterate) -> None:
        self._inflated = False
        if iterate.is_split:
            split, value = iterate.state(), iterate.value
            iterate.merge()
            if iterate.value <= value:
                return
            iterate.restore(split)
        iterate.set_factors(view.U * np.sqrt(view.s), view.V * np.sqrt(view.s))

    def _may_undo(self, n_certified: int, iteration: int) -> bool:
        """Return whether to undo: twice for each certified rank, then more rarely."""
        if self._n_undone[n_certified] >= 2 and iteration < 2 * self._last_undone:
            return False
        self._n_undone[n_certified] += 1
        self._last_undone = iteration
        return True


@final
class _View:
    """Hold the singular directions of an iterate, the certified before the surplus."""

    def __init__(self, iterate: Iterate, isometry_bound: float) -> None:
        F, G = iterate.pair
        self.U, self.s, self.V = product_svd(F, G)
        self.error = iterate.objective.error
        self.gradient = iterate.objective.matrix_gradient
        self.n_certified = certified_rank(self.s, self.error, isometry_bound)
        left = np.sum((F.T @ self.U) ** 2, axis=0)
        right = np.sum((G.T @ self.V) ** 2, axis=0)
        J = self.n_certified
        self.unbalanced = np.any(np.minimum(left, right)[:J] < BALANCED * self.s[:J])
        self.slow = np.any(np.maximum(left, right)[J:] < self.s[0] / 2)

    def explained(self) -> float:
        """Return the cosine between the residual and measurements of the surplus."""
        J = self.n_certified
        size = float(np.linalg.norm(self.s[J:])) * self.error
        if size == 0:
            return 0.0
        along = coefficients(self.gradient, self.U[:, J:], self.V[:, J:])
        return float(along @ self.s[J:]) / size

    def hidden(self, explained: float) -> float:
        """Return the size of a signal that may be hidden in the matrix gradient.

        It is the spectral norm outside the certified part, after the surplus is
        subtracted. If the surplus makes the residual, the adjoint is a multiple of the
        surplus, as far as the measurements are an isometry. A hidden signal adds its
        own size.
        """
        J = self.n_certified
        U, V = self.U[:, :J], self.V[:, :J]
        share = explained * self.error / np.linalg.norm(self.s[J:])
        surplus = self.U[:, J:] * (share * self.s[J:])
        rest = plus_low_rank(self.gradient, -surplus, self.V[:, J:])
        return top_singular_triples(project_out(rest, U, V), 1)[1][0]
