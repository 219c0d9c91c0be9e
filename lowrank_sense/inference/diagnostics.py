"""The diagnostics of a problem before it is solved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from .noise import largest_noise_component, noise_norm_of_residual

if TYPE_CHECKING:
    from ..solvers.iterate import Iterate


@final
@dataclass(frozen=True)
class Diagnostics:
    """Hold how well the measurements determine matrices of the fitted rank.

    Attributes
    ----------
    isometry_bound : float
        Restricted-isometry lower bound: about the smallest ||A(D)|| / (a ||D||_F) over
        the matrices D of that rank. See `Scale.isometry_bound`.
    noise_norm : float
        Spectral norm of the adjoint of pure noise of norm one. See `Scale.noise_norm`.
        From one on, noise looks just like a signal.
    dof_per_measurement : float
        Degrees of freedom of the factors per measurement. Both are counted where
        something is measured, and repeated measurements once.
    n_measurements : int
        Number of measurements, repeated ones counted once.
    noise_amplification : float
        By how much repeated rows amplify the squared norm of noise. See `Repeats`.
    """

    isometry_bound: float
    noise_norm: float
    dof_per_measurement: float
    n_measurements: int
    noise_amplification: float = 1.0

    def largest_noise_component(self, iterate: Iterate) -> float:
        """Return the size of the largest component that fits noise, maybe infinite."""
        return largest_noise_component(
            iterate, self.dof_per_measurement, self.noise_amplification
        )

    def noise_norm_of_residual(self, iterate: Iterate) -> float:
        """Return the spectral norm of the matrix gradient if the residual is noise."""
        return noise_norm_of_residual(iterate, self.noise_amplification)
