"""Displays of a recovered matrix."""

from collections.abc import Iterable
from typing import Any, Self, final

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator

from ._plots import fitted, pyplot
from ._types import Array
from .arrays.backends import to_numpy

__all__ = ["FactorDisplay"]


@final
class FactorDisplay:
    """Show the singular values of a recovered matrix, and the matrix as an image.

    Use :func:`~FactorDisplay.from_estimator` to create one. All parameters are stored
    as attributes.

    Parameters
    ----------
    singular_values : ndarray of shape (rank,)
        Singular values of the matrix, in decreasing order.
    effective_rank : int
        Number of singular values that the data support.
    matrix : ndarray of shape (n1, n2)
        The recovered matrix.
    reference : array-like of shape (n1, n2), default=None
        A matrix to show next to it.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes of shape (2,) or (3,)
        Axes of the singular values, of the matrix and of the reference if there is one.
    figure_ : matplotlib Figure
        Figure that contains the axes.

    See Also
    --------
    lowrank_sense.convergence.ConvergenceDisplay : Plots the histories of a fit.

    Examples
    --------
    >>> from lowrank_sense import AsymmetricFactorSensing
    >>> from lowrank_sense.datasets import make_matrix_sensing
    >>> from lowrank_sense.inspection import FactorDisplay
    >>> X, y, M = make_matrix_sensing(500, (15, 20), 2, random_state=0)
    >>> est = AsymmetricFactorSensing(rank=4, shape=(15, 20), random_state=0).fit(X, y)
    >>> display = FactorDisplay.from_estimator(est, reference=M)
    >>> len(display.axes_)
    3
    """

    def __init__(
        self,
        *,
        singular_values: np.ndarray,
        effective_rank: int,
        matrix: np.ndarray,
        reference: ArrayLike | None = None,
    ) -> None:
        self.singular_values = singular_values
        self.effective_rank = effective_rank
        self.matrix = matrix
        self.reference = reference

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        *,
        reference: ArrayLike | None = None,
        axes: Any = None,
        image_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the matrix that a fit recovered.

        Parameters
        ----------
        estimator : estimator instance
            A fitted estimator, a pipeline that ends with one, or a search over either.
        reference : array-like of shape (n1, n2), default=None
            A matrix to show next to it, in the same colors.
        axes : sequence of matplotlib Axes, default=None
            Two axes to draw on, or three with a reference; by default those of a new
            figure.
        image_kwargs : dict, default=None
            Keyword arguments for matplotlib's `imshow` of the matrices.

        Returns
        -------
        display : FactorDisplay
            The display, which holds the axes and the figure.

        Raises
        ------
        ValueError
            If the matrix is too large to be formed, the reference has another shape, or
            the number of axes is wrong.
        ImportError
            If matplotlib is not installed.
        """
        estimator = fitted(estimator)
        display = cls(
            singular_values=to_numpy(estimator.singular_values_),
            effective_rank=estimator.effective_rank_,
            matrix=to_numpy(estimator.matrix_),
            reference=reference,
        )
        return display.plot(axes=axes, image_kwargs=image_kwargs)

    def plot(
        self, *, axes: Any = None, image_kwargs: dict[str, Any] | None = None
    ) -> Self:
        """Draw singular values, matrix and reference side by side.

        Parameters
        ----------
        axes : sequence of matplotlib Axes, default=None
            Two axes to draw on, or three with a reference; by default those of a new
            figure.
        image_kwargs : dict, default=None
            Keyword arguments for matplotlib's `imshow` of the matrices.

        Returns
        -------
        display : FactorDisplay
            The display, which holds the axes and the figure.

        Raises
        ------
        ValueError
            If the reference has another shape, or the number of axes is wrong.
        ImportError
            If matplotlib is not installed.
        """
        plt = pyplot(self)
        images = {"Recovered": self.matrix}
        if self.reference is not None:
            images["Reference"] = _of_shape(self.matrix.shape, self.reference)
        n_axes = 1 + len(images)
        if axes is None:
            _, axes = plt.subplots(
                1, n_axes, figsize=(3.5 * n_axes, 3.5), layout="constrained"
            )
        self.axes_ = np.atleast_1d(axes)
        if len(self.axes_) != n_axes:
            raise ValueError(
                f"axes must be {n_axes} axes, one for singular values and one per "
                f"matrix ({' and '.join(images).lower()}), got {len(self.axes_)}."
            )
        self.figure_ = self.axes_[0].figure
        self._plot_spectrum(self.axes_[0])
        style = {**_colors(images.values()), **(image_kwargs or {})}
        for ax, (title, image) in zip(self.axes_[1:], images.items(), strict=True):
            drawn = ax.imshow(image, **style)
            ax.set(title=title, xticks=[], yticks=[])
        self.figure_.colorbar(drawn, ax=list(self.axes_[1:]), shrink=0.7)
        return self

    def _plot_spectrum(self, ax: Any) -> None:
        index = np.arange(1, len(self.singular_values) + 1)
        supported = index <= self.effective_rank
        for chosen, fill, label in (
            (supported, "full", "supported by the data"),
            (~supported, "none", "surplus"),
        ):
            if chosen.any():
                s = self.singular_values[chosen]
                ax.plot(index[chosen], s, "oC0", fillstyle=fill, label=label)
        ax.set(
            title=f"Effective rank {self.effective_rank}",
            xlabel="Index",
            ylabel="Singular value",
            yscale="log",
        )
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.legend()


def _of_shape(shape: tuple[int, ...], given: ArrayLike) -> Array:
    reference = np.asarray(given)
    if reference.shape != shape:
        raise ValueError(
            f"reference must have the shape {shape} of the matrix, got "
            f"{reference.shape}."
        )
    return reference


def _colors(images: Iterable[Array]) -> dict[str, Any]:
    """Return one color scale for all images, with white at zero if signs differ."""
    low = min(np.min(image) for image in images)
    high = max(np.max(image) for image in images)
    if low < 0 < high:
        high = max(-low, high)
        return {"cmap": "RdBu_r", "vmin": -high, "vmax": high}
    return {"cmap": "viridis", "vmin": low, "vmax": high}
