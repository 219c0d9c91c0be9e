"""The largest component that noise can make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..solvers.iterate import Iterate

# A component must exceed this many times the largest one that fits noise.
ABOVE_NOISE = 1.3
# From this number of rows and columns on, one draw of noise tells the spectral norm.
SMALL = 20


def largest_noise_component(
    iterate: Iterate, dof_per_measurement: float, amplification: float = 1.0
) -> float:
    """Return the size of the largest component that fits noise.

    All of the residual is taken for noise. Noise is spread evenly, so its adjoint has a
    small spectral norm. The residuals with random signs are noise of the same size and
    nothing else. With d degrees of freedom per measurement, a part d of the noise is
    fitted. So the noise exceeds its residual by (1 - d)^(-1/2), and it enters a
    solution amplified by 1 / (1 - d). A penalty makes all components smaller and fits
    less of the noise. Repeated rows share their noise, which adds up.

    Returns
    -------
    float
        Infinity if there are too many degrees of freedom to tell.
    """
    noise = noise_norm_of_residual(iterate, amplification)
    penalty = iterate.penalty.damping
    if noise <= 0:
        return np.inf
    dof_per_measurement *= max(0.0, 1 - penalty / noise)
    if dof_per_measurement >= 1:
        return np.inf
    return ABOVE_NOISE * noise * (1 - dof_per_measurement) ** -1.5 - penalty


def noise_norm_of_residual(iterate: Iterate, amplification: float = 1.0) -> float:
    """Return the spectral norm of the adjoint of the residual with random signs.

    For a small matrix it is the largest of several draws.

    Parameters
    ----------
    iterate : Iterate
    amplification : float
        See `Repeats`.
    """
    random_state = np.random.RandomState(0)
    n_draws = -(-SMALL // min(len(part) for part in iterate.factors))
    gradients = (iterate.objective.noise_gradient(random_state) for _ in range(n_draws))
    descending = iterate.parameterization.descending
    norm = max(descending(gradient, 1)[1][0] for gradient in gradients)
    return float(np.sqrt(amplification) * norm)
