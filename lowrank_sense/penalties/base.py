"""The interface of a penalty."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from .._types import Factors, Pair

if TYPE_CHECKING:
    from ..inference.diagnostics import Diagnostics
    from ..inference.scale import Scale
    from ..solution import StopReason
    from ..solvers.iterate import Iterate


class Penalty(ABC):
    r"""Add a function :math:`\Omega` of the factors to the loss.

    A user's instance holds parameters in the units of the data. `begin` returns the
    penalty of one fit, in the units of its problem, which may keep a state.

    Attributes
    ----------
    needs_entries : bool
        Whether the penalty is for measurements of entries only.
    is_squared_norm : bool
        Whether the penalty is damping / 2 times the squared norm of the factors, in
        each iteration. Only then can solver="als" minimize with it, row by row.
    depends_on_factors : bool
        Whether factors of the same matrix have different penalties. If so, the rule of
        the accelerated step leaves the factors alone.
    has_duality_gap : bool
        Whether the penalty is a fixed nuclear norm, so that a duality gap tells when a
        run is over.
    finds_rank : bool
        Whether the penalty is to find the rank.
    rank : int or None
        The rank of the matrix, once the penalty has found it.

    See Also
    --------
    lowrank_sense.testing.check_penalty : Compares gradient and line with differences.

    Examples
    --------
    The penalty :math:`\frac{\lambda}{2} \|F\|_F^2`, of the left factor only:

    >>> import numpy as np
    >>> from lowrank_sense.penalties import Penalty
    >>> from lowrank_sense.testing import check_penalty
    >>> class LeftNorm(Penalty):
    ...     damping = 0.0
    ...
    ...     def __init__(self, weight=1.0):
    ...         self.weight = weight
    ...
    ...     def begin(self, scale, diagnostics):
    ...         return LeftNorm(scale.penalty(self.weight))
    ...
    ...     def value(self, pair):
    ...         return self.weight / 2 * float(np.vdot(pair[0], pair[0]))
    ...
    ...     def gradient(self, factors):
    ...         F, G = factors
    ...         return F.dtype.type(self.weight) * F, np.zeros_like(G)
    ...
    ...     def line(self, pair, direction):
    ...         F, dF = pair[0], direction[0]
    ...         c1, c2 = np.vdot(F, dF), np.vdot(dF, dF) / 2
    ...         return self.weight * float(c1), self.weight * float(c2)
    >>> check_penalty(LeftNorm(0.5))
    """

    needs_entries: ClassVar[bool] = False
    is_squared_norm: ClassVar[bool] = False
    depends_on_factors: ClassVar[bool] = True
    has_duality_gap: ClassVar[bool] = False
    finds_rank: ClassVar[bool] = False
    rank: int | None = None

    @abstractmethod
    def begin(self, scale: Scale, diagnostics: Diagnostics) -> Penalty:
        """Return the penalty of one fit, in dimensionless units.

        Parameters
        ----------
        scale : Scale
            The units of the problem; ``scale.penalty(weight)`` converts the weight of a
            nuclear norm.
        diagnostics : Diagnostics
            What the data say about the problem.

        Returns
        -------
        penalty : Penalty
            The penalty of the fit.
        """

    @property
    @abstractmethod
    def damping(self) -> float:
        """Return the current weight of half the squared norm of the factors.

        It is added to the metric of the factors and to the systems of their rows. It is
        zero if the penalty has no such term.
        """

    @abstractmethod
    def value(self, pair: Pair) -> float:
        r"""Return the penalty of :math:`M = F G^\top`.

        Parameters
        ----------
        pair : tuple of ndarray
            The factors F and G.

        Returns
        -------
        value : float
            The penalty, at least zero.
        """

    @abstractmethod
    def gradient(self, factors: Factors) -> Factors | None:
        r"""Return the gradient with respect to the factors, or None if it is zero.

        Parameters
        ----------
        factors : tuple of ndarray
            F and G, or X alone.

        Returns
        -------
        gradient : tuple of ndarray or None
            One array for each factor. For :math:`M = X X^\top` it is half the
            derivative, as for the loss.
        """

    @abstractmethod
    def line(self, pair: Pair, direction: Pair) -> tuple[float, float] | None:
        """Return the change along a direction, or None if there is none.

        Parameters
        ----------
        pair : tuple of ndarray
            The factors F and G.
        direction : tuple of ndarray
            Their directions dF and dG.

        Returns
        -------
        coefficients : tuple of float or None
            The coefficients of the change :math:`c_1 t + c_2 t^2` after a step t.
        """

    def update(self, iteration: int, iterate: Iterate) -> bool:
        """Follow a schedule before an iteration; return whether the factors changed.

        Parameters
        ----------
        iteration : int
            The number of the iteration, from zero.
        iterate : Iterate
            The factors, the loss and the penalty.

        Returns
        -------
        changed : bool
            Whether the factors changed.
        """
        return False

    def finish(self, iterate: Iterate, reason: StopReason) -> bool:
        """Make final changes when a run is over; return whether it has to go on.

        Parameters
        ----------
        iterate : Iterate
            The factors, the loss and the penalty.
        reason : StopReason
            Why the run is over.

        Returns
        -------
        go_on : bool
            Whether the run has to go on.
        """
        return False
