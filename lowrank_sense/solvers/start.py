"""The start of a run."""

from typing import Any

import numpy as np

from .._types import Dtype, Factors
from ..arrays.factors import pad_columns, product_svd
from ..arrays.implicit import project_out
from ..inference.scale import Scale
from ..objectives import MeasuredObjective
from ..parameterizations import Parameterization
from .iterate import Iterate

# Between these sizes, a random start neither vanishes nor drowns the data in rounding
# errors.
STARTS: dict[Any, tuple[float, float]] = {
    np.float32: (1e-16, 3e2),
    np.float64: (1e-60, 1e5),
}
# A component below this fraction of the largest one has vanished.
NEGLIGIBLE = 1e-3


def random_start(
    objective: MeasuredObjective,
    parameterization: Parameterization,
    rank: int,
    alpha: float,
    random_state: np.random.RandomState,
) -> Factors:
    """Return small random factors, or zeros if there is no scale to read off."""
    return parameterization.initialize(
        objective.shape,
        rank,
        0.0 if objective.scale.vanishing else alpha,
        random_state,
        objective.dtype,
    )


def spectral_start(
    objective: MeasuredObjective, parameterization: Parameterization, rank: int
) -> Factors:
    """Return factors of the leading components of A*(y)."""
    return parameterization.spectral(
        objective.gradient_at_zero(), rank, objective.scale.step
    )


def factors_in_units(factors: Factors, scale: Scale, dtype: Dtype) -> Factors | None:
    """Return factors of an earlier fit in the units of this one, or None.

    None stands for factors that have vanished, from which nothing would grow.

    Raises
    ------
    ValueError
        If the factors are far larger than those sought.
    """
    least, most = STARTS[dtype.type]
    unit = np.sqrt(scale.signal)
    largest = max(float(np.max(np.abs(part))) for part in factors) / unit
    if scale.vanishing or largest < least:
        return None
    if largest > most:
        raise ValueError(
            f"warm_start=True would go on from factors {largest:.1e} times as large as "
            "those sought for this y: set warm_start=False."
        )
    return tuple(part / unit for part in factors)


def check_start(name: str, size: float, dtype: Dtype) -> None:
    """Raise a ValueError if a run cannot begin with factors of this size."""
    least, most = STARTS[dtype.type]
    if size and not least <= size <= most:
        raise ValueError(
            f"{name} = {size:.1e} is a start too small or too large for "
            f"{np.dtype(dtype)}: choose it from {least:.0e} to {most:.0e}."
        )


def reactivate(iterate: Iterate) -> None:
    """Replace vanished components by directions that a smaller penalty admits.

    They get the size that a proximal gradient step would give them. From almost nothing
    they would take long to grow.
    """
    iterate.refresh()
    parameterization = iterate.parameterization
    U, s, V = product_svd(*iterate.pair)
    kept = s > NEGLIGIBLE * s[0]
    U, s, V = U[:, kept], s[kept], V[:, kept]
    n_free = iterate.factors[0].shape[1] - len(s)
    if n_free == 0:
        return
    rest = project_out(iterate.objective.matrix_gradient, U, V)
    new_U, new_s, new_V = parameterization.descending(rest, n_free)
    new_s = np.maximum(new_s - new_s.dtype.type(iterate.penalty.damping), 0)
    factors = parameterization.factors(
        np.hstack([U, new_U]), np.append(s, new_s), np.hstack([V, new_V])
    )
    iterate.factors = tuple(
        pad_columns(part, before.shape[1]).astype(before.dtype, copy=False)
        for part, before in zip(factors, iterate.factors, strict=True)
    )
