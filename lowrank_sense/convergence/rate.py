"""The rate that a history shows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .._types import Array

# In a history with a range this wide, entries within this factor of the smallest one
# may be rounding errors.
ROUNDED_RANGE = 1e-10
NEAR_END = 100.0
# Least number of iterations in the window, and number of blocks of the jackknife.
MIN_ITERATIONS = 10
N_BLOCKS = 10


@dataclass(frozen=True)
class RateEstimate:
    """Hold the rate at which a history tends to zero.

    Parameters
    ----------
    kind : {"linear", "sublinear"}
        The kind that fits better: "linear" is exp(-value T), "sublinear" is T^-value.
    value : float
        The rate or the exponent, which is negative if the history rises.
    standard_error : float
        Standard error of `value`, by the jackknife over blocks of consecutive
        iterations.
    start, stop : int
        The fit uses the iterations from `start` to ``stop - 1``.
    constant : float
        Logarithm of the factor before exp(-value T) or T^-value.

    See Also
    --------
    estimate_rate : Estimates the rate of a history.

    Examples
    --------
    >>> import numpy as np
    >>> from lowrank_sense.convergence import estimate_rate
    >>> rate = estimate_rate(3 * np.exp(-0.25 * np.arange(100)))
    >>> print(rate)
    exp(-0.25 T)
    >>> np.round(rate.curve([0, 4]), 2)
    array([3. , 1.1])
    """

    kind: str
    value: float
    standard_error: float
    start: int
    stop: int
    constant: float

    def __str__(self) -> str:
        if self.kind == "linear":
            return f"exp({-self.value:.3g} T)"
        return f"T^{-self.value:.3g}"

    def _repr_latex_(self) -> str:
        """Return the rate in the form that notebooks and matplotlib show."""
        if self.kind == "linear":
            return f"$e^{{{-self.value:.3g}\\,T}}$"
        return f"$T^{{{-self.value:.3g}}}$"

    def curve(self, iterations: ArrayLike) -> np.ndarray:
        """Return the fitted values at some iterations.

        Parameters
        ----------
        iterations : array-like of int
            The iterations T, which have to be positive if the rate is sublinear.

        Returns
        -------
        values : ndarray of float
            ``exp(constant)`` times exp(-value T) or T^-value at each T.
        """
        T = _abscissa(self.kind, np.asarray(iterations, dtype=float))
        return np.exp(self.constant - self.value * T)


def estimate_rate(history: ArrayLike, *, first_iteration: int = 0) -> RateEstimate:
    """Estimate whether a history falls linearly or sublinearly, and how fast.

    A straight line is fitted to log(history), once against T and once against log(T),
    and the better fit is returned.

    Parameters
    ----------
    history : array-like of shape (n,)
        A quantity that tends to zero, with one entry per iteration: a loss without
        noise, a squared error, the norm of a gradient.
    first_iteration : int, default=0
        The iteration of the first entry, 0 for the histories of an estimator and 1 for
        ``RecoveryMonitor.errors``.

    Returns
    -------
    rate : RateEstimate
        The kind, the rate or exponent, and its standard error.

    Raises
    ------
    ValueError
        If the history is not one-dimensional, has negative entries or NaN, or has too
        few positive entries.

    See Also
    --------
    ConvergenceDisplay : Draws a history and writes its rate next to the line.

    Notes
    -----
    The fit uses the last half of the iterations, or fewer: only entries below the
    geometric mean of the largest and the smallest, where the run is past its start. If
    the history falls below 1e-10 of its maximum, the fit ends before the first entry
    within a factor of 100 of the smallest, since such entries may be rounding errors.

    The squared error of the systems of Xiong, Ding and Du (ICLR 2024) falls linearly,
    or like T^-2 for one factor of surplus rank.

    Residuals of consecutive iterations are far from independent. The standard error
    therefore comes from a jackknife that leaves out one of ten blocks of consecutive
    iterations at a time (Künsch, 1989). It does not cover other random starts.

    References
    ----------
    H. R. Künsch. "The jackknife and the bootstrap for general stationary observations".
    Annals of Statistics 17(3), 1989.

    Examples
    --------
    >>> from lowrank_sense import SymmetricFactorSensing
    >>> from lowrank_sense.convergence import estimate_rate
    >>> from lowrank_sense.datasets import make_matrix_sensing
    >>> X, y, M = make_matrix_sensing(400, (20, 20), 2, psd=True, random_state=0)
    >>> fixed = {"solver": "gd", "step_size": 0.25, "random_state": 0}
    >>> for rank in (2, 4):
    ...     est = SymmetricFactorSensing(rank, 0.1, False, tol=0, **fixed)
    ...     print(rank, estimate_rate(est.fit(X, y).loss_history_).kind)
    2 linear
    4 sublinear
    """
    values = _checked(history)
    iterations = np.arange(len(values)) + first_iteration
    window = _window(values, iterations)
    T, logs = iterations[window], np.log(values[window])
    fits = {kind: _line(_abscissa(kind, T), logs) for kind in ("linear", "sublinear")}
    kind = min(fits, key=lambda kind: _misfit(kind, fits[kind], T, logs))
    slope, constant = fits[kind]
    return RateEstimate(
        kind=kind,
        value=float(-slope),
        standard_error=_jackknife(_abscissa(kind, T), logs),
        start=int(T[0]),
        stop=int(T[-1]) + 1,
        constant=float(constant),
    )


def _checked(given: ArrayLike) -> Array:
    history = np.asarray(given, dtype=float)
    if history.ndim != 1:
        raise ValueError(
            f"history must be one-dimensional, got an array of shape {history.shape}."
        )
    if not np.all(history >= 0):
        raise ValueError(
            "history must hold nonnegative numbers that tend to zero, got "
            f"{np.nanmin(history)} or NaN."
        )
    return history


def _window(history: Array, iterations: Array) -> slice:
    """Return the slice of the entries that show the rate."""
    largest = history.max(initial=0)
    smallest = history.min(where=history > 0, initial=np.inf)
    end = NEAR_END * smallest if smallest < ROUNDED_RANGE * largest else 0.0
    stop = np.flatnonzero(np.append(history, 0.0) <= end)[0]
    if stop:
        low = np.sqrt(largest * history[:stop].min())
        late = np.flatnonzero((history[:stop] <= low) & (iterations[:stop] > 0))
        start = max(late[0], iterations.searchsorted(iterations[stop - 1] / 2))
        if stop - start >= MIN_ITERATIONS:
            return slice(start, stop)
    raise ValueError(
        f"history must have {2 * MIN_ITERATIONS} or more positive, falling entries to "
        f"show a rate, got {len(history)} entries: record more iterations."
    )


def _abscissa(kind: str, T: Array) -> Array:
    return T if kind == "linear" else np.log(T)


def _line(x: Array, logs: Array) -> tuple[float, float]:
    """Return the slope and the constant of the least squares line."""
    slope = np.cov(x, logs)[0, 1] / np.var(x, ddof=1)
    return slope, logs.mean() - slope * x.mean()


def _misfit(kind: str, line: tuple[float, float], T: Array, logs: Array) -> float:
    slope, constant = line
    return np.sum((logs - constant - slope * _abscissa(kind, T)) ** 2)


def _jackknife(x: Array, logs: Array) -> float:
    """Return the standard error of the slope."""
    blocks = np.array_split(np.arange(len(x)), N_BLOCKS)
    slopes = [_line(np.delete(x, block), np.delete(logs, block))[0] for block in blocks]
    return float(np.sqrt((N_BLOCKS - 1) * np.var(slopes)))
