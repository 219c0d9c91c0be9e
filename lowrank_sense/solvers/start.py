"""The start of a run."""

from typing import Any

import numpy as np

from .._types import Dtype, Factors
from ..arrays.factors import pad_columns, product_svd
from ..inference.scale import Scale
from ..objectives import MeasuredObjective
from ..parameterizations import Parameterization
from ..parameterizations.base import NEGLIGIBLE
from .iterate import Iterate

# Between these sizes, a random start neither vanishes nor drowns the data in rounding
# errors.
STARTS: dict[Any, tuple[float, float]] = {
    np.float32: (1e-16, 3e2),
    np.float64: (1e-60, 1e5),
}


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


def factors_of_rank(
    factors: Factors, rank: int, parameterization: Parameterization
) -> Factors:
    """Return factors of the same matrix, without columns that its shape cannot use."""
    if factors[0].shape[1] <= rank:
        return factors
    U, s, V = product_svd(*parameterization.pair(factors))
    return parameterization.factors(U[:, :rank], s[:rank], V[:, :rank])


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
    _, s, _ = product_svd(*iterate.pair)
    width = iterate.factors[0].shape[1]
    n_free = width - int(np.sum(s > NEGLIGIBLE * s[0]))
    if n_free == 0:
        return
    wider = iterate.parameterization.extended(
        iterate.factors,
        iterate.objective.matrix_gradient,
        n_free,
        iterate.penalty.damping,
    )
    iterate.factors = tuple(pad_columns(part, width) for part in wider)
