"""The objective of a symmetric problem that runs with two factors."""

from typing import final

import numpy as np
from scipy import linalg

from .._types import Array, Dtype, ImplicitMatrix, Pair, SamplingCounts, Shape
from ..arrays.factors import symmetric_pair
from ..arrays.implicit import plus_low_rank, symmetric_part
from .base import Objective
from .line import LineModel


@final
class SymmetrizedObjective(Objective):
    """Add ||skew part||^2 / 2 to another objective of the symmetric part of F G^T.

    Symmetric A_i never measure the skew part, which is antisymmetric. Its penalty costs
    no reading of the data, and makes the operator near-isotropic on all matrices for
    any A_i. The loss does not couple the two parts, so a symmetric limit stays
    symmetric with noise as well. The skew part is not formed but held in a basis of the
    factors' columns.

    Parameters
    ----------
    symmetric : Objective
        The objective of the symmetric part.
    """

    def __init__(self, symmetric: Objective) -> None:
        self._symmetric = symmetric
        self.scale = symmetric.scale
        self.value_at_zero = symmetric.value_at_zero
        self.error_at_zero = symmetric.error_at_zero

    @property
    def shape(self) -> Shape:
        return self._symmetric.shape

    @property
    def dtype(self) -> Dtype:
        return self._symmetric.dtype

    @property
    def error(self) -> float:
        return np.sqrt(2 * self.value)

    @property
    def matrix_gradient(self) -> ImplicitMatrix:
        return self._matrix_gradient

    @property
    def held_out_loss(self) -> float:
        return self._symmetric.held_out_loss

    @property
    def sampling_counts(self) -> SamplingCounts:
        return self._symmetric.sampling_counts

    @property
    def out_of_date(self) -> bool:
        return self._symmetric.out_of_date

    def restart(self, F: Array, G: Array) -> None:
        self._symmetric.restart(*symmetric_pair(F, G))
        self._update(F, G)

    def factor_gradient(self, F: Array, G: Array) -> Pair:
        return self._matrix_gradient @ G, self._matrix_gradient.T @ F

    def line(self, F: Array, G: Array, dF: Array, dG: Array) -> LineModel:
        pair, change = symmetric_pair(F, G), symmetric_pair(dF, dG)
        (F, G), (dF, dG) = _in_common_basis((F, G), (dF, dG))
        r, a, b = _skew(F, G), _skew(dF, G) + _skew(F, dG), _skew(dF, dG)
        self._line = a, b
        return self._symmetric.line(*pair, *change).plus(
            np.array(
                [
                    np.vdot(r, a),
                    np.vdot(a, a) / 2 + np.vdot(r, b),
                    np.vdot(a, b),
                    np.vdot(b, b) / 2,
                ]
            )
        )

    def advance(self, t: float, F: Array, G: Array) -> None:
        self._symmetric.advance(t, *symmetric_pair(F, G))
        a, b = self._line
        skew_change = np.linalg.norm(t * a + t * t * b)
        self.change = np.hypot(self._symmetric.change, skew_change)
        self._update(F, G)

    def noise_gradient(self, random_state: np.random.RandomState) -> ImplicitMatrix:
        return self._symmetric.noise_gradient(random_state)

    def _update(self, F: Array, G: Array) -> None:
        """Compute the skew part, and the matrix gradient of both parts."""
        ((X, Y),) = _in_common_basis((F, G))
        skew_value = float(np.sum(_skew(X, Y) ** 2)) / 2
        self.value = self._symmetric.value + skew_value
        self._matrix_gradient = plus_low_rank(
            symmetric_part(self._symmetric.matrix_gradient),
            np.hstack([F, -G]) / 2,
            np.hstack([G, F]),
        )


def _in_common_basis(*pairs: Pair) -> list[Pair]:
    """Return float64 factors in an orthonormal basis of all their columns."""
    columns = np.hstack([factor for pair in pairs for factor in pair])
    core = linalg.qr(columns.astype(np.float64), mode="r", check_finite=False)[0]
    parts = np.split(core[: columns.shape[1]], 2 * len(pairs), axis=1)
    return list(zip(parts[::2], parts[1::2], strict=True))


def _skew(F: Array, G: Array) -> Array:
    M = F @ G.T
    return (M - M.T) / 2
