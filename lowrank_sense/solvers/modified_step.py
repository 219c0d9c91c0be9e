"""The accelerated step: which one, and when, without knowing M*.

A modified step looks at an iterate and proposes other factors of (nearly) the same
matrix: a pair (F, G), one symmetric factor (X,), or None to leave things as they are.
"""

from collections import Counter

import numpy as np

from ..parameterizations import nearest_psd_factor, orthonormalize, spectrum

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

    def __call__(self, iteration, iterate):
        return None


class PlainModifiedStep:
    """accelerated_step=t: full orthonormalization at iteration t, as published.

    beta^2 is the smallest singular value of F G^T that exceeds the estimated error and
    so belongs to M* (Weyl's inequality), or the largest one if none does.

    Parameters
    ----------
    at : int
    """

    def __init__(self, at):
        self.at = at

    def __call__(self, iteration, iterate):
        if iteration != self.at:
            return None
        F, G = iterate.pair
        _, s, _ = spectrum(F, G)
        n_certified = certified_rank(s, iterate.objective.error)
        return orthonormalize(F, G, beta=np.sqrt(s[max(n_certified, 1) - 1]))


class CertifiedModifiedStep:
    """accelerated_step=True: inflate the directions that are not certified as signal.

    Every few iterations the singular values of F G^T that exceed the estimated error
    are certified: by Weyl's inequality they belong to M*. If the other directions, the
    surplus, explain the residual, they are what is slow, and F is inflated to
    sqrt(sigma_1) along them: the step of Xiong, Ding and Du (2024) confined to the
    surplus. If instead the certified directions are unbalanced, F and G are made to
    share every singular value evenly, which costs no curvature. An inflation that
    turns out to hide a weak signal is undone. A symmetric problem that was lifted to
    two factors returns to one when no surplus is left.

    Parameters
    ----------
    isometry : float
        See `restricted_isometry`.
    """

    def __init__(self, isometry):
        self._isometry = isometry
        self._inflated = False
        self._n_undone = Counter()
        self._last_undone = 0

    def __call__(self, iteration, iterate):
        if self._isometry <= MIN_ISOMETRY or iteration % CHECK_EVERY:
            return None
        F, G = iterate.pair
        U, s, V = spectrum(F, G)
        error = iterate.objective.error
        J = certified_rank(s, error / self._isometry)
        if J == 0:
            return None
        if J == len(s) and iterate.lifted:
            return (nearest_psd_factor(F, G, F.shape[1]),)
        left = np.sum((F.T @ U) ** 2, axis=0)
        right = np.sum((G.T @ V) ** 2, axis=0)
        unbalanced = np.any(np.minimum(left, right)[:J] < BALANCED * s[:J])
        image = iterate.objective.image
        explained = _explained(U[:, J:], s[J:], V[:, J:], image, error)
        if explained >= EXPLAINED:
            slow = np.any(np.maximum(left, right)[J:] < s[0] / 2)
            return self._inflate(U, s, V, J) if slow or unbalanced else None
        if unbalanced and (J == len(s) or not self._inflated):
            return _balance(U, s, V)
        if J == len(s) or not self._inflated:
            return None
        if explained < UNEXPLAINED and self._may_undo(J, iteration):
            self._n_undone[J] += 1
            self._last_undone = iteration
            return _balance(U, s, V)
        return None

    def _inflate(self, U, s, V, J):
        self._inflated = True
        d = np.sqrt(s)
        d[J:] = np.sqrt(s[0])
        return U * d, V * (s / d)

    def _may_undo(self, J, iteration):
        """Twice for each certified rank, then only after twice as many iterations."""
        return self._n_undone[J] < 2 or iteration >= 2 * self._last_undone


def restricted_isometry(shape, rank, excess):
    """Estimate of ||A(D)|| / (a ||D||_F) at its smallest over matrices of rank k.

    1 - sqrt(k (n1 + n2 - k) / m) for Gaussian measurements, where the excess of the
    operator is n1 n2 / m.
    """
    n1, n2 = shape
    rank = min(rank, n1, n2)
    return 1 - np.sqrt(excess * rank * (n1 + n2 - rank) / (n1 * n2))


def certified_rank(s, error):
    """How many singular values of M belong to M*, given that ||M - M*|| <= error.

    By Weyl's inequality |s_j(M) - s_j(M*)| <= ||M - M*||, those that exceed the error.
    """
    rounding = 64 * np.finfo(s.dtype).eps * s[0]
    return int(np.sum(s > max(error, rounding)))


def _explained(U, s, V, image, error):
    """Cosine between the residual and the measurements of the surplus U diag(s) V^T."""
    size = np.linalg.norm(s) * error
    if size == 0:
        return 0.0
    return float(np.sum(U * (image @ V), axis=0) @ s) / size


def _balance(U, s, V):
    return U * np.sqrt(s), V * np.sqrt(s)
