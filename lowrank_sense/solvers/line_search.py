"""Exact line search: along a direction the loss is a quartic in the step."""

import numpy as np


def exact_step(coefficients, longest=np.inf):
    """The step t > 0 that minimizes c1 t + c2 t^2 + c3 t^3 + c4 t^4.

    Parameters
    ----------
    coefficients : tuple of float
        (c1, c2, c3, c4).
    longest : float
        No step is longer than this.

    Returns
    -------
    float
        Zero if no positive step lowers the loss.
    """
    c1, c2, c3, c4 = coefficients
    if not c1 < 0:
        return 0.0
    unit = _typical_step(c1, c2, c4)
    if not np.isfinite(unit) or unit == 0:
        return 0.0
    # In units of a typical step and its decrease the coefficients are moderate,
    # whatever the units of the problem.
    q1, q2, q3, q4 = (c / -c1 for c in (c1, c2 * unit, c3 * unit**2, c4 * unit**3))

    def change(t):
        return t * (q1 + t * (q2 + t * (q3 + t * q4)))

    roots = np.roots([4 * q4, 3 * q3, 2 * q2, q1]).real.tolist()
    candidates = [min(t, longest / unit) for t in roots if t > 0]
    best = min(candidates, key=change, default=0.0)
    return best * unit if change(best) < 0 else 0.0


def _typical_step(c1, c2, c4):
    """Where the linear term meets the quadratic or the quartic one, if nearer."""
    candidates = []
    if c2 > 0:
        candidates.append(-c1 / (2 * c2))
    if c4 > 0:
        candidates.append((-c1 / (4 * c4)) ** (1 / 3))
    return min(candidates, default=0.0)
