"""The accelerated step: which one, and when, without knowing M*.

A modified step looks at an iterate, may give it other factors of (nearly) the same
matrix, and says whether it did. At the end of a run it may do so once more by
`finish`, and the run goes on.
"""

from collections import Counter

import numpy as np

from ..images import coefficients, off_space, plus_low_rank, top_triples
from ..parameterizations import orthonormalize, spectrum

CHECK_EVERY = 5
# With too few measurements for the degrees of freedom nothing can be certified.
MIN_ISOMETRY = 0.08
# A direction counts as balanced if the smaller of ||F^T u||^2 and ||G^T v||^2 is at
# least this much of its singular value.
BALANCED = 0.8
# Cosines from which on the surplus explains the residual, and below which it does not.
EXPLAINED = 0.2
UNEXPLAINED = 0.1


class NoModifiedStep:
    """accelerated_step=False."""

    rank = None  # that of the matrix, if the step found it out

    def __call__(self, iteration, iterate):
        return False

    def finish(self, iterate):
        return False


class PlainModifiedStep(NoModifiedStep):
    """accelerated_step=t: full orthonormalization at iteration t, as published.

    beta^2 is the largest singular value of F G^T. Any beta^2 from sigma_r to sigma_1
    leaves the same condition number, kappa^2, but ||G||^2 = sigma_1^2 / beta^2 bounds
    the step: only with sigma_1 a step that was stable before remains so.

    Parameters
    ----------
    at : int
    """

    def __init__(self, at):
        self.at = at

    def __call__(self, iteration, iterate):
        if iteration != self.at:
            return False
        F, G = iterate.pair
        _, s, _ = spectrum(F, G)
        iterate.refactor(*orthonormalize(F, G, beta=np.sqrt(s[0])))
        return True


class CertifiedModifiedStep(NoModifiedStep):
    """accelerated_step=True: inflate the directions that are not certified as signal.

    Every few iterations the singular values of F G^T that exceed the estimated error
    are certified: by Weyl's inequality they belong to M*. If the other directions, the
    surplus, explain the residual, they are what is slow, and F is inflated to
    sqrt(sigma_1) along them: the step of Xiong, Ding and Du (2024) confined to the
    surplus. Otherwise the factors share every singular value evenly, which costs no
    curvature, where they did not: from the start, or because an inflation turns out to
    hide a weak signal. A symmetric problem is lifted to two factors by inflation and
    returns to one by sharing evenly, if the loss does not rise by that.

    Parameters
    ----------
    isometry, leak : float
        See `Scale.isometry` and `Scale.leak`.
    """

    def __init__(self, isometry, leak):
        self._isometry = isometry
        self._hidden_share = (1 + leak) / 2
        self._inflated = False
        self._n_undone = Counter()
        self._last_undone = 0

    def __call__(self, iteration, iterate):
        if self._isometry <= MIN_ISOMETRY or iteration % CHECK_EVERY:
            return False
        view = _View(iterate, self._isometry)
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

    def _inflate(self, view, iterate):
        self._inflated = True
        d = np.sqrt(view.s)
        d[view.n_certified :] = np.sqrt(view.s[0])
        iterate.refactor(view.U * d, view.V * (view.s / d))

    def _share_evenly(self, view, iterate):
        self._inflated = False
        if iterate.lifted:
            lifted, loss = iterate.state(), iterate.loss
            iterate.unlift()
            if iterate.loss <= loss:
                return
            iterate.restore(lifted)
        iterate.refactor(view.U * np.sqrt(view.s), view.V * np.sqrt(view.s))

    def _may_undo(self, n_certified, iteration):
        """Twice for each certified rank, then only after twice as many iterations."""
        if self._n_undone[n_certified] >= 2 and iteration < 2 * self._last_undone:
            return False
        self._n_undone[n_certified] += 1
        self._last_undone = iteration
        return True


class _View:
    """The singular directions of an iterate: the certified ones, then the surplus."""

    def __init__(self, iterate, isometry):
        F, G = iterate.pair
        self.U, self.s, self.V = spectrum(F, G)
        self.error = iterate.objective.error
        self.image = iterate.objective.image
        self.n_certified = certified_rank(self.s, self.error, isometry)
        left = np.sum((F.T @ self.U) ** 2, axis=0)
        right = np.sum((G.T @ self.V) ** 2, axis=0)
        J = self.n_certified
        self.unbalanced = np.any(np.minimum(left, right)[:J] < BALANCED * self.s[:J])
        self.slow = np.any(np.maximum(left, right)[J:] < self.s[0] / 2)

    def explained(self):
        """Cosine between the residual and the measurements of the surplus."""
        J = self.n_certified
        size = np.linalg.norm(self.s[J:]) * self.error
        if size == 0:
            return 0.0
        along = coefficients(self.image, self.U[:, J:], self.V[:, J:])
        return float(along @ self.s[J:]) / size

    def hidden(self, explained):
        """Spectral norm of the image off the certified part, less the surplus.

        The image of a residual that the surplus makes is a multiple of the surplus, up
        to the departure of the measurements from an isometry; a signal that is still
        hidden adds its own size.
        """
        J = self.n_certified
        U, V = self.U[:, :J], self.V[:, :J]
        share = explained * self.error / np.linalg.norm(self.s[J:])
        surplus = self.U[:, J:] * (share * self.s[J:])
        rest = plus_low_rank(self.image, -surplus, self.V[:, J:])
        return top_triples(off_space(rest, U, V), 1)[1][0]


def certified_rank(s, error, isometry):
    """How many singular values of M belong to M*.

    By Weyl's inequality |s_j(M) - s_j(M*)| <= ||M - M*||, those that exceed the
    distance, which is at most error / isometry; none if there are too few measurements
    to bound it.

    Parameters
    ----------
    s : ndarray
        Singular values of M in decreasing order.
    error : float
        ||A(M) - y|| / a.
    isometry : float
        See `Scale.isometry`.
    """
    return int(np.sum(s > certified_size(s, error, isometry)))


def certified_size(s, error, isometry):
    """What a singular value must exceed to be certified; see `certified_rank`."""
    if isometry <= MIN_ISOMETRY:
        return np.inf
    return max(error / isometry, 64 * np.finfo(s.dtype).eps * s[0])
