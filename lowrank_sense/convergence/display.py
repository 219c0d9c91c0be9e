"""Displays of histories."""

from collections.abc import Mapping
from typing import Any, Self, final

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator

from .._plots import fitted, pyplot
from .._types import Array
from ..arrays.backends import to_numpy
from .rate import estimate_rate

# The attribute, the label of its axis, and the iteration of its first entry.
QUANTITIES = {
    "loss": ("loss_history_", "Loss", 0),
    "gradient_norm": ("gradient_norm_history_", "Norm of the gradient", 0),
    "step_size": ("step_size_history_", "Step size times $\\sigma_1$", 1),
    "imbalance": (
        "imbalance_history_",
        "Imbalance $\\Vert F^T F - G^T G\\Vert_F$",
        0,
    ),
    "validation": ("validation_history_", "Loss of what is held out", 0),
}
SCALES = ("semilogy", "loglog")
# Width of a written rate, as a fraction of the axis.
ROOM_FOR_TEXT = 0.25


@final
class ConvergenceDisplay:
    """Plot curves of one or several runs against the iteration.

    Use :func:`~ConvergenceDisplay.from_estimator` or
    :func:`~ConvergenceDisplay.from_estimators` to create one. All parameters are stored
    as attributes.

    Parameters
    ----------
    histories : dict of str to array-like
        The curve to draw for each name, with one entry per iteration.
    ylabel : str, default="Squared error"
        Label of the vertical axis.
    first_iteration : int, default=0
        The iteration of the first entry, 0 for the histories of an estimator and 1 for
        ``RecoveryMonitor.errors``.
    accelerated_iterations : dict of str to int, default=None
        Iteration of the accelerated step, for each name that took one.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the curves.
    figure_ : matplotlib Figure
        Figure that contains the curves.
    lines_ : list of matplotlib Artist
        One curve for each history.

    See Also
    --------
    estimate_rate : Estimates the rate that is written next to a curve.

    Examples
    --------
    >>> from lowrank_sense import AsymmetricFactorSensing
    >>> from lowrank_sense.convergence import ConvergenceDisplay
    >>> from lowrank_sense.datasets import make_matrix_sensing
    >>> X, y, M = make_matrix_sensing(500, (15, 20), 2, random_state=0)
    >>> est = AsymmetricFactorSensing(rank=4, shape=(15, 20), random_state=0).fit(X, y)
    >>> display = ConvergenceDisplay.from_estimator(est, quantity="gradient_norm")
    >>> display.ax_.get_ylabel()
    'Norm of the gradient'
    """

    def __init__(
        self,
        histories: Mapping[str, ArrayLike],
        *,
        ylabel: str = "Squared error",
        first_iteration: int = 0,
        accelerated_iterations: Mapping[str, int] | None = None,
    ) -> None:
        self.histories = histories
        self.ylabel = ylabel
        self.first_iteration = first_iteration
        self.accelerated_iterations = accelerated_iterations

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        *,
        quantity: str = "loss",
        scale: str = "semilogy",
        show_rate: bool = False,
        ax: Any = None,
        name: str | None = None,
        curve_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Draw a history of one fit.

        Parameters
        ----------
        estimator : estimator instance
            A fitted estimator, a pipeline that ends with one, or a search over either.
        quantity : {"loss", "gradient_norm", "step_size", "imbalance", "validation"}, \
                default="loss"
            The history to draw. "imbalance" is for AsymmetricFactorSensing,
            "validation" for fits with early stopping.
        scale : {"semilogy", "loglog"}, default="semilogy"
            Scale of the axes. A linear rate is a straight line with "semilogy", a
            sublinear one with "loglog".
        show_rate : bool, default=False
            Whether to write the estimated rate next to the curve.
        ax : matplotlib Axes, default=None
            Axes to draw on; by default those of a new figure.
        name : str, default=None
            Name of the curve; by default the name of the estimator's class.
        curve_kwargs : dict, default=None
            Keyword arguments for matplotlib's `plot` of the curve.

        Returns
        -------
        display : ConvergenceDisplay
            The display, which holds the axes and the figure.

        Raises
        ------
        ValueError
            If the quantity is unknown or the fit has no such history.
        ImportError
            If matplotlib is not installed.
        """
        name = type(fitted(estimator)).__name__ if name is None else name
        return cls.from_estimators(
            {name: estimator},
            quantity=quantity,
            scale=scale,
            show_rate=show_rate,
            ax=ax,
            curve_kwargs=curve_kwargs,
        )

    @classmethod
    def from_estimators(
        cls,
        estimators: Mapping[str, BaseEstimator],
        *,
        quantity: str = "loss",
        scale: str = "semilogy",
        show_rate: bool = False,
        ax: Any = None,
        curve_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the same history of several fits on one axis.

        Parameters
        ----------
        estimators : dict of str to estimator instance
            Fitted estimators, by the names of their curves.
        quantity : {"loss", "gradient_norm", "step_size", "imbalance", "validation"}, \
                default="loss"
            The history to draw.
        scale : {"semilogy", "loglog"}, default="semilogy"
            Scale of the axes.
        show_rate : bool, default=False
            Whether to write the estimated rates next to the curves.
        ax : matplotlib Axes, default=None
            Axes to draw on; by default those of a new figure.
        curve_kwargs : dict, default=None
            Keyword arguments for matplotlib's `plot` of each curve.

        Returns
        -------
        display : ConvergenceDisplay
            The display, which holds the axes and the figure.

        Raises
        ------
        ValueError
            If the quantity is unknown or a fit has no such history.
        ImportError
            If matplotlib is not installed.
        """
        if quantity not in QUANTITIES:
            raise ValueError(
                f"quantity must be one of {sorted(QUANTITIES)}, got {quantity!r}."
            )
        _, ylabel, first_iteration = QUANTITIES[quantity]
        fits = {name: fitted(estimator) for name, estimator in estimators.items()}
        display = cls(
            {name: _history(fit, quantity) for name, fit in fits.items()},
            ylabel=ylabel,
            first_iteration=first_iteration,
            accelerated_iterations={
                name: fit.accelerated_iteration_
                for name, fit in fits.items()
                if fit.accelerated_iteration_ is not None
            },
        )
        return display.plot(
            ax=ax, scale=scale, show_rate=show_rate, curve_kwargs=curve_kwargs
        )

    def plot(
        self,
        *,
        ax: Any = None,
        scale: str = "semilogy",
        show_rate: bool = False,
        curve_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the curves, with a ring where the accelerated step was taken.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; by default those of a new figure.
        scale : {"semilogy", "loglog"}, default="semilogy"
            Scale of the axes.
        show_rate : bool, default=False
            Whether to write the estimated rates next to the curves.
        curve_kwargs : dict, default=None
            Keyword arguments for matplotlib's `plot` of each curve.

        Returns
        -------
        display : ConvergenceDisplay
            The display, which holds the axes and the figure.

        Raises
        ------
        ValueError
            If the scale is unknown.
        ImportError
            If matplotlib is not installed.
        """
        if scale not in SCALES:
            raise ValueError(f"scale must be one of {SCALES}, got {scale!r}.")
        plt = pyplot(self)
        if ax is None:
            _, ax = plt.subplots()
        self.ax_, self.figure_, self.lines_ = ax, ax.figure, []
        ax.set(
            xlabel="Iteration",
            ylabel=self.ylabel,
            yscale="log",
            xscale="log" if scale == "loglog" else "linear",
        )
        accelerated = self.accelerated_iterations or {}
        for name, history in self.histories.items():
            history = np.asarray(history)
            iterations = np.arange(len(history)) + self.first_iteration
            style = {"label": name, **(curve_kwargs or {})}
            (line,) = ax.plot(iterations, history, **style)
            self.lines_.append(line)
            if name in accelerated:
                self._mark(iterations, history, accelerated[name], line.get_color())
        if show_rate:
            self._write_rates()
        if accelerated:
            ax.plot([], [], "o", mfc="none", color="gray", label="accelerated step")
        ax.legend()
        return self

    def _mark(
        self, iterations: Array, history: Array, iteration: int, color: Any
    ) -> None:
        """Mark the iteration of the accelerated step."""
        index = max(iteration - self.first_iteration, 0)
        self.ax_.plot(iterations[index], history[index], "o", mfc="none", color=color)

    def _write_rates(self) -> None:
        for place, line in enumerate(self.lines_, start=1):
            rate = estimate_rate(line.get_ydata(), first_iteration=self.first_iteration)
            window = np.arange(rate.start, rate.stop)
            color = line.get_color()
            self.ax_.plot(window, rate.curve(window), ":", color=color)
            # Each rate is at another part of its line, as lines may overlap.
            middle = window[len(window) * place // (len(self.lines_) + 1)]
            self._annotate(
                rate._repr_latex_(), middle, rate.curve(middle), color, place % 2
            )

    def _annotate(self, text: str, x: Any, y: Any, color: Any, above: int) -> None:
        """Write to the upper right of a falling line, or to its lower left."""
        from matplotlib.patheffects import withStroke

        ax = self.ax_
        ax.get_xlim()  # computes the limits, on which transData depends
        across, _ = ax.transAxes.inverted().transform(ax.transData.transform((x, y)))
        to_right = across < (1 - ROOM_FOR_TEXT if above else ROOM_FOR_TEXT)
        ax.annotate(
            text,
            (x, y),
            xytext=(5 if to_right else -5, 3 if above else -3),
            textcoords="offset points",
            ha="left" if to_right else "right",
            va="bottom" if above else "top",
            color=color,
            path_effects=[withStroke(linewidth=3, foreground=ax.get_facecolor())],
        )


def _history(estimator: Any, quantity: str) -> Array:
    name = type(estimator).__name__
    attribute = QUANTITIES[quantity][0]
    if not hasattr(estimator, attribute):
        kind = "AsymmetricFactorSensing" if quantity == "imbalance" else "an estimator"
        raise ValueError(
            f"quantity={quantity!r} is for {kind}, not for {name}: choose another "
            "quantity."
        )
    history = getattr(estimator, attribute)
    if history is None:
        raise ValueError(
            f"quantity={quantity!r} needs a fit with early_stopping=True, but this "
            f"{name} was fitted without it."
        )
    return np.asarray(to_numpy(history))
