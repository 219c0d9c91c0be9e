"""What every penalty answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from .._types import Factors, Pair

if TYPE_CHECKING:
    from ..inference.diagnostics import Diagnostics
    from ..inference.scale import Scale
    from ..solvers.iterate import Iterate


class Penalty(ABC):
    """A function of the factors that is added to the loss.

    What a user makes holds parameters in the units of the data; `begin` returns the
    penalty of one fit, in the units of its problem, which may keep a state.

    Attributes
    ----------
    needs_entries : bool
        Whether it is for measurements of entries only.
    depends_on_factors : bool
        Whether factors of the same matrix have different penalties. The rule of the
        accelerated step leaves the factors alone then.
    has_duality_gap : bool
        Whether the problem is that of a fixed nuclear norm, so that a duality gap tells
        when a run is over.
    rank : int or None
        The rank of the matrix, once the penalty has found it.
    """

    needs_entries: ClassVar[bool] = False
    depends_on_factors: ClassVar[bool] = True
    has_duality_gap: ClassVar[bool] = False
    rank: int | None = None

    @abstractmethod
    def begin(self, scale: Scale, diagnostics: Diagnostics) -> Penalty:
        """Return the penalty of one fit, in dimensionless units."""

    @property
    @abstractmethod
    def damping(self) -> float:
        """The weight of half the squared norm of the factors, in this fit so far.

        It is added to the metric of the factors, and to systems of their rows; zero if
        there is no such term.
        """

    @abstractmethod
    def value(self, pair: Pair) -> float:
        """Return the penalty of M = F G^T.

        Parameters
        ----------
        pair : tuple of ndarray
            F and G.
        """

    @abstractmethod
    def gradient(self, factors: Factors) -> Factors | None:
        """Return the gradient of the factors, or None if it is zero.

        For M = X X^T it is half the derivative, as for the loss.
        """

    @abstractmethod
    def line(self, pair: Pair, direction: Pair) -> tuple[float, float] | None:
        """Return c1 and c2 in the change c1 t + c2 t^2, or None if there is none."""

    def update(self, iteration: int, iterate: Iterate) -> bool:
        """Follow a schedule before an iteration; return whether the factors changed."""
        return False

    def finish(self, iterate: Iterate) -> bool:
        """Take the last word when a run is over; return whether it has to go on."""
        return False
