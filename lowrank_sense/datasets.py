"""Generators of problems, in the manner of sklearn.datasets."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.random import sample_without_replacement

from ._compat import Interval, StrOptions, validated
from ._types import Array
from .measurements import MEASUREMENTS
from .measurements.shapes import checked_shape

__all__ = ["make_matrix_sensing"]


@validated(
    {
        "n_measurements": [Interval(Integral, 1, None, closed="left")],
        "shape": [tuple, list],
        "rank": [Interval(Integral, 1, None, closed="left")],
        "psd": ["boolean"],
        "condition_number": [Interval(Real, 1, None, closed="left")],
        "noise": [Interval(Real, 0, None, closed="left")],
        "measurement": [StrOptions({"matrix", "rank_one", "entry"})],
        "random_state": ["random_state"],
    }
)
def make_matrix_sensing(
    n_measurements: int,
    shape: tuple[int, int],
    rank: int,
    *,
    psd: bool = False,
    condition_number: float = 1.0,
    noise: float = 0.0,
    measurement: str = "matrix",
    random_state: int | np.random.RandomState | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Make a random matrix sensing problem.

    Parameters
    ----------
    n_measurements : int
        Number m of measurements.
    shape : tuple of int
        (n1, n2), the shape of the matrix.
    rank : int
        Rank r of the matrix. Its singular values fall geometrically from 1 to
        ``1 / condition_number``; its singular vectors are uniformly distributed.
    psd : bool, default=False
        Whether the matrix is positive semi-definite, which needs n1 = n2.
    condition_number : float, default=1.0
        The ratio :math:`\kappa = \sigma_1 / \sigma_r`.
    noise : float, default=0.0
        Standard deviation of the Gaussian noise on y, relative to that of the clean y.
    measurement : {"matrix", "rank_one", "entry"}, default="matrix"
        "matrix": the entries of :math:`A_i` are independent and standard normal.
        "rank_one": :math:`A_i = a_i b_i^\top`, or :math:`a_i a_i^\top` if `psd`, with
        independent, standard normal entries of :math:`a_i` and :math:`b_i`. "entry":
        :math:`A_i` picks an entry, uniformly and never the same one twice.
    random_state : int, RandomState instance or None, default=None
        Seed or generator of the problem.

    Returns
    -------
    X : ndarray of shape (n_measurements, n_features)
        Row i is ``A_i.ravel()``, or :math:`[a_i, b_i]`, or :math:`a_i`, all in float64,
        or the integer row and column of an entry.
    y : ndarray of shape (n_measurements,)
        The measurements :math:`\langle A_i, M \rangle` with noise, in float64.
    M : ndarray of shape (n1, n2)
        The matrix, in float64.

    Raises
    ------
    ValueError
        If a parameter is out of range, the rank exceeds a side of the shape, `psd` is
        True for a shape that is not square, or there are more measurements than
        entries.

    See Also
    --------
    lowrank_sense.AsymmetricFactorSensing : Recovers the matrix.
    lowrank_sense.SymmetricFactorSensing : Recovers the matrix if it is psd.

    Examples
    --------
    >>> from lowrank_sense.datasets import make_matrix_sensing
    >>> X, y, M = make_matrix_sensing(100, (4, 5), rank=2, random_state=0)
    >>> X.shape, y.shape, M.shape
    ((100, 20), (100,), (4, 5))
    """
    n1, n2 = checked_shape(shape, symmetric=False)
    if rank > min(shape):
        raise ValueError(
            f"rank={rank} exceeds the smaller side of shape={shape!r}: lower the rank."
        )
    if psd and n1 != n2:
        raise ValueError(
            f"psd=True needs a square shape, got shape={shape!r}: pass shape=(n, n)."
        )
    rng: np.random.RandomState = check_random_state(random_state)
    # X is drawn first, so that a fit with the same seed does not start in the column
    # space of M.
    X = _design(measurement, n_measurements, shape, psd, rng)
    left = _orthonormal(n1, rank, rng)
    right = left if psd else _orthonormal(n2, rank, rng)
    left = left * np.geomspace(1.0, 1.0 / condition_number, rank)
    kind = MEASUREMENTS.make(measurement)
    y = kind.operator(X, (n1, n2)).apply(left, right)
    if noise:
        y = y + noise * np.std(y) * rng.standard_normal(n_measurements)
    return X, y, left @ right.T


def _design(
    measurement: str,
    m: int,
    shape: tuple[int, int],
    psd: bool,
    random_state: np.random.RandomState,
) -> Array:
    n1, n2 = shape
    if measurement == "matrix":
        return random_state.standard_normal((m, n1 * n2))
    if measurement == "rank_one":
        return random_state.standard_normal((m, n1 if psd else n1 + n2))
    if m > n1 * n2:
        raise ValueError(
            f"n_measurements={m} exceeds the {n1 * n2} entries of shape={shape!r}: "
            "lower n_measurements or enlarge the shape."
        )
    chosen = sample_without_replacement(n1 * n2, m, random_state=random_state)
    return np.column_stack(np.divmod(chosen, n2))


def _orthonormal(n: int, rank: int, random_state: np.random.RandomState) -> Array:
    return np.linalg.qr(random_state.standard_normal((n, rank)))[0]
