"""The check of a loss against finite differences."""

import numpy as np

from .._types import Array
from ..losses import LOSSES, Loss
from ._promises import ROUGH, STEP, check, holds, same


@check
def check_loss(
    loss: str | type[Loss] | Loss, y: Array, *, random_state: int = 0
) -> None:
    """Check the slope, curvature, shapes, dtypes and signs of a loss.

    Slope and curvature are compared with finite differences.

    Parameters
    ----------
    loss : str, Loss class or instance
        The loss to check.
    y : ndarray of shape (m,)
        Some values that the loss is made for.
    random_state : int, default=0
        Seed of the predictors, which meet a kink of the loss with probability zero.

    Raises
    ------
    AssertionError
        If the loss breaks a promise.

    See Also
    --------
    check_measurement : Checks a measurement kind.

    Examples
    --------
    >>> import numpy as np
    >>> from lowrank_sense.testing import check_loss
    >>> check_loss("squared_error", np.linspace(-2, 2, 9))
    """
    loss = LOSSES.make(loss)
    loss.check_target(y)
    z = np.random.default_rng(random_state).standard_normal(len(y))
    values = loss.value(y, z)
    slopes, curvatures = loss.gradient(y, z), loss.curvature(y, z)
    for name, given in (
        ("value", values),
        ("gradient", slopes),
        ("curvature", curvatures),
        ("inverse_link", loss.inverse_link(z)),
    ):
        holds(np.shape(given) == z.shape, f"{name} has shape {np.shape(given)}")
        holds(np.isfinite(given).all(), f"{name} is not finite")
    holds(np.all(values >= 0), "value is negative")
    if loss.quadratic:
        same(values, (z - y) ** 2 / 2, "quadratic is set: value is not (z - y)^2 / 2")
    holds(np.all(curvatures >= 0), "curvature is negative")
    holds(np.mean(loss.curvature(y, 0 * z)) > 0, "curvature at zero vanishes")
    steep = (loss.value(y, z + STEP) - loss.value(y, z - STEP)) / (2 * STEP)
    same(slopes, steep, "gradient is not the derivative of value", ROUGH)
    bent = (loss.gradient(y, z + STEP) - loss.gradient(y, z - STEP)) / (2 * STEP)
    same(curvatures, bent, "curvature is not the derivative of gradient", ROUGH)
    single = y.astype(np.float32), z.astype(np.float32)
    holds(loss.gradient(*single).dtype == np.float32, "gradient leaves float32")
