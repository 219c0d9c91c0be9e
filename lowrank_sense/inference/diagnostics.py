"""What the data say about a problem before it is solved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from .noise import largest_noise_component

if TYPE_CHECKING:
    from ..solvers.iterate import Iterate


@final
@dataclass(frozen=True)
class Diagnostics:
    """How well the measurements determine matrices of the rank that is fitted.

    Attributes
    ----------
    isometry_bound : float
        Restricted-isometry lower bound: about the smallest ||A(D)|| / (a ||D||_F) over
        the matrices D of that rank. See `Scale.isometry_bound`.
    noise_norm : float
        Noise spectral norm: that of the adjoint of pure noise of norm one. See
        `Scale.noise_norm`. From one on, noise looks just like a signal.
    dof_per_measurement : float
        Degrees of freedom of the factors per measurement.
    """

    isometry_bound: float
    noise_norm: float
    dof_per_measurement: float

    def largest_noise_component(self, iterate: Iterate) -> float:
        """Return how large a component may be that fits noise; may be infinite."""
        return largest_noise_component(iterate, self.dof_per_measurement)
