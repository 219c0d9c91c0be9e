"""The loss of a symmetric problem that runs with two factors."""

import numpy as np
from scipy import linalg

from ..images import plus_low_rank, symmetric_part


class SymmetrizedLeastSquares:
    """Another loss of the symmetric part of F G^T, plus ||antisymmetric part||^2 / 2.

    Measurements with symmetric A_i never see the antisymmetric part. Asking that it be
    zero costs no reading of the data and makes the operator near-isotropic on all
    matrices, whatever the A_i; as the two parts do not meet in the loss, a symmetric
    limit stays one also with noise. The antisymmetric part is not formed but held in a
    basis of the factors' columns.

    Parameters
    ----------
    seen : LeastSquares
    """

    def __init__(self, seen):
        self.seen = seen
        self.scale = seen.scale
        self.loss_at_zero = seen.loss_at_zero

    @property
    def loss(self):
        return self.seen.loss + self._skew_loss

    @property
    def error(self):
        return np.sqrt(2 * self.loss)

    @property
    def held_out_loss(self):
        return self.seen.held_out_loss

    @property
    def exposure(self):
        return self.seen.exposure

    @property
    def out_of_date(self):
        return self.seen.out_of_date

    def restart(self, F, G):
        self.seen.restart(*symmetric_pair(F, G))
        self._update(F, G)

    def pull_back(self, F, G):
        return self.image @ G, self.image.T @ F

    def line(self, F, G, dF, dG):
        pair, change = symmetric_pair(F, G), symmetric_pair(dF, dG)
        (F, G), (dF, dG) = _in_common_basis((F, G), (dF, dG))
        r, a, b = _skew(F, G), _skew(dF, G) + _skew(F, dG), _skew(dF, dG)
        self._line = a, b
        return self.seen.line(*pair, *change) + np.array(
            [
                np.vdot(r, a),
                np.vdot(a, a) / 2 + np.vdot(r, b),
                np.vdot(a, b),
                np.vdot(b, b) / 2,
            ]
        )

    def advance(self, t, F, G):
        self.seen.advance(t, *symmetric_pair(F, G))
        a, b = self._line
        self.change = np.hypot(self.seen.change, np.linalg.norm(t * a + t * t * b))
        self._update(F, G)

    def _update(self, F, G):
        """The antisymmetric part, and the image, a residual of both parts."""
        ((X, Y),) = _in_common_basis((F, G))
        self._skew_loss = float(np.sum(_skew(X, Y) ** 2)) / 2
        self.image = plus_low_rank(
            symmetric_part(self.seen.image), np.hstack([F, -G]) / 2, np.hstack([G, F])
        )


def symmetric_pair(F, G):
    """Two factors of the symmetric part of F G^T."""
    return np.hstack([F, G]) / 2, np.hstack([G, F])


def _in_common_basis(*pairs):
    """The same factors in float64 and in an orthonormal basis of all their columns."""
    columns = np.hstack([factor for pair in pairs for factor in pair])
    core = linalg.qr(columns.astype(np.float64), mode="r", check_finite=False)[0]
    parts = np.split(core[: columns.shape[1]], 2 * len(pairs), axis=1)
    return list(zip(parts[::2], parts[1::2], strict=True))


def _skew(F, G):
    M = F @ G.T
    return (M - M.T) / 2
