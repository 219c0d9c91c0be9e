"""The scale of operator and signal, which makes steps and damping dimensionless."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, final

import numpy as np

from .._types import Array, ImplicitMatrix, Pair, Shape
from ..arrays.factors import symmetric_pair
from ..arrays.implicit import frobenius_norm, symmetric_part, top_singular_triples
from ..arrays.weights import are_equal, inner, mean
from .repeats import Repeats, find_repeats

if TYPE_CHECKING:
    from ..measurements import Operator

# The rank of the random matrix that probes the operator: large enough that no single
# direction dominates, small enough that probing costs no more than an iteration.
PROBE_RANK = 10
# Tolerance of the leading singular vectors: an error of one percent in g is harmless.
ROUGH = 0.1
# A*(y) counts as zero below this many times the machine precision.
ROUNDING = 16
# Penalties are capped at this many times the one that leaves nothing but zero: larger
# ones make no difference, but may overflow.
PROHIBITIVE = 1e12


@final
@dataclass(frozen=True)
class Scale:
    """Hold the units of a sensing problem, and how far it is from an isometry.

    Attributes
    ----------
    operator : float
        The number a with sum_i w_i <A_i, M>^2 ~ a^2 ||M||_F^2.
    signal : float
        Estimate of sigma_1, the largest singular value of the matrix sought.
    step : float
        1 / ||A*(y)||_2 in units of operator and signal: the paper's step of size 1.
    excess : float
        ||A*A Z||^2 ||Z||^2 / ||A Z||^4 - 1 for a random Z. It is n1 n2 / m for Gaussian
        measurements and zero for an isometry.
    noise : float
        ||A*(e)||_F^2 for pure noise e of norm one if the operator is isotropic. It is
        n1 n2 / m with equal weights and no repeated rows.
    vanishing : bool
        Whether A*(y) = 0, so that there is no scale to read off and M = 0.
    blind : bool
        Whether A*(y) = 0 because all measurements of a random matrix are zero.
    curvature : float
        Curvature of the loss at M = 0; one for squares.
    repeats : Repeats or None
        The repeated rows; None if they were not looked for.
    """

    operator: float
    signal: float
    step: float
    excess: float
    noise: float = 0.0
    vanishing: bool = False
    blind: bool = False
    curvature: float = 1.0
    repeats: Repeats | None = None

    @property
    def loss(self) -> float:
        """Return the unit of the loss."""
        return self.curvature * (self.operator * self.signal) ** 2

    @property
    def adjoint_norm(self) -> float:
        """Return ||A*(y)||_2, the spectral norm of the matrix gradient at M = 0."""
        return 0.0 if self.vanishing else self.loss / self.signal / self.step

    def penalty(self, weight: float) -> float:
        """Return the dimensionless weight of a penalty weight * ||M||_*."""
        # The divisions are done one by one, as the product of the units may underflow.
        with np.errstate(over="ignore"):
            penalty = np.float64(weight) / self.signal
            penalty = penalty / self.operator / self.operator / self.curvature
        return float(min(penalty, PROHIBITIVE / self.step))

    def isometry_bound(self, shape: Shape, rank: int) -> float:
        """Return the restricted-isometry lower bound for matrices of rank k.

        It is about the smallest ||A(D)|| / (a ||D||_F) among these matrices D, which is
        1 - sqrt(k (n1 + n2 - k) / m) for Gaussian measurements.
        """
        n1, n2 = shape
        rank = min(rank, n1, n2)
        return 1 - np.sqrt(self.excess * rank * (n1 + n2 - rank) / (n1 * n2))

    def noise_norm(self, shape: Shape) -> float:
        """Return the spectral norm of the adjoint of pure noise of norm one.

        It is (sqrt(n1) + sqrt(n2)) / sqrt(m) for Gaussian measurements.
        """
        n1, n2 = shape
        size = np.sqrt(max(self.excess, self.noise))
        return size * (1 / np.sqrt(n1) + 1 / np.sqrt(n2))


NO_SCALE = Scale(operator=1.0, signal=1.0, step=1.0, excess=np.inf, vanishing=True)
BLIND = replace(NO_SCALE, blind=True)


def estimate_scale(
    operator: Operator, y: Any, weights: Array, *, symmetric: bool
) -> Scale:
    """Estimate the scales of a problem from its data.

    sigma_1 is estimated by g / q, where (u, g, v) is the top singular triple of A*(y)
    and q = ||A(u v^T)||^2. One random matrix from a fixed seed probes the operator.

    Parameters
    ----------
    operator : Operator
    y : ndarray of shape (m,)
    weights : ndarray of shape (m,)
        Nonnegative, with sum one.
    symmetric : bool
        Whether only symmetric matrices matter.

    Returns
    -------
    Scale

    Raises
    ------
    ValueError
        If X or the matrix sought is so large or so small that numbers overflow or lose
        their digits.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        scale = _estimated(operator, y, weights, symmetric)
    most = np.finfo(operator.dtype).max
    if not (0 < scale.signal < most and 0 < scale.step < most):
        raise ValueError(
            "X and y call for a matrix with singular values of about "
            f"{scale.signal:.1e}, out of the range of {operator.dtype}: scale X or "
            "y."
        )
    return scale


def _estimated(measured: Operator, y: Any, weights: Array, symmetric: bool) -> Scale:
    largest = _largest(y if are_equal(weights) else y[weights > 0])
    if largest == 0:
        return NO_SCALE
    F, G = _probe(measured, symmetric)
    values, back, of_y = measured.forward_and_back(F, G, y / largest, weights)
    operator, excess = _operator(F, G, values, _part(back, symmetric), weights)
    if operator == 0:
        return BLIND
    repeats = None
    if measured.looks_for_repeats:
        repeats = find_repeats(values, y, weights)
    amplification = repeats.amplification if repeats else 1.0
    del values, back
    _check_is_finite(of_y)
    U, g, V = top_singular_triples(_part(of_y, symmetric), 1, ROUGH)
    if g[0] <= ROUNDING * np.finfo(measured.dtype).eps * operator:
        return NO_SCALE
    # The root of ||A(u v^T)||^2 in units of the operator.
    gain = _root_mean_square(_applied(measured, U, V) / operator, weights)
    if symmetric and gain * operator < g[0] / 2:
        # By Cauchy and Schwarz the gain is at least g, unless an entry of u v^T is
        # measured but not the same entry of v u^T.
        pair = symmetric_pair(U, V)
        gain = _root_mean_square(_applied(measured, *pair) / operator, weights)
    return Scale(
        operator=operator,
        signal=largest * (float(g[0]) / operator) / (gain**2 * operator),
        step=1 / gain**2,
        excess=excess,
        noise=_dimension(measured.shape, symmetric)
        * float(mean(weights, weights))
        * amplification,
        repeats=repeats,
    )


def _applied(operator: Operator, U: Array, V: Array) -> Array:
    return operator.apply(U, V).astype(np.float64)


def _probe(operator: Operator, symmetric: bool) -> Pair:
    """Return factors of a random matrix of low rank."""
    random_state = np.random.RandomState(0)
    n1, n2 = operator.shape
    F = random_state.standard_normal((n1, PROBE_RANK)).astype(operator.dtype)
    G = random_state.standard_normal((n2, PROBE_RANK)).astype(operator.dtype)
    return symmetric_pair(F, G) if symmetric else (F, G)


def _operator(
    F: Array, G: Array, values: Any, adjoint: ImplicitMatrix, weights: Array
) -> tuple[float, float]:
    """Return operator scale and excess, from measurements of F G^T and their adjoint.

    Raises
    ------
    ValueError
        If the measurements or their adjoint overflow or have lost their digits.
    """
    number = np.finfo(values.dtype)
    size = np.sqrt(float(np.sum((F.T @ F) * (G.T @ G))))
    peak = _largest(values)
    if peak == 0:
        return 0.0, 0.0
    values = values / values.dtype.type(peak)
    spread = _root_mean_square(values, weights)
    if spread == 0:
        return 0.0, 0.0
    gain = frobenius_norm(adjoint) / peak / peak / spread**2
    operator, excess = peak * spread / size, max((gain * size) ** 2 - 1, 0.0)
    if peak < number.tiny / number.eps or not np.isfinite([operator, excess]).all():
        raise ValueError(
            "X holds numbers so large or so small that a matrix of norm one has "
            f"measurements as large as {peak / size:.1e}, out of the range in which "
            f"{values.dtype} can square them: scale X."
        )
    return operator, excess


def _check_is_finite(adjoint: ImplicitMatrix) -> None:
    """Raise a ValueError if the adjoint of y is NaN or infinity somewhere."""
    product = adjoint @ np.ones(adjoint.shape[1], adjoint.dtype)
    if not np.isfinite(product).all():
        raise ValueError(
            "The adjoint of X holds NaN or infinity for a finite y: check the "
            "measurement that makes it of X."
        )


def _dimension(shape: Shape, symmetric: bool) -> float:
    """Return the dimension of the space of the matrices that matter."""
    n1, n2 = shape
    return n1 * (n1 + 1) / 2 if symmetric else n1 * n2


def _part(matrix: ImplicitMatrix, symmetric: bool) -> ImplicitMatrix:
    """Return the part of an adjoint that matters."""
    return symmetric_part(matrix) if symmetric else matrix


def _largest(values: Any) -> float:
    return max(float(np.max(values)), -float(np.min(values)))


def _root_mean_square(values: Any, weights: Array) -> float:
    return np.sqrt(inner(weights, values, values))
