"""The loss of a symmetric problem that runs with two factors."""

import numpy as np
import pytest

from lowrank_sense.measurements.symmetrized import SymmetrizedLeastSquares

from ..points import objective, point


def test_symmetrized_measures_the_symmetric_part_and_adds_the_other():
    plain, _ = objective(0)
    F, G, *_ = point(0)
    lifted = SymmetrizedLeastSquares(objective(0)[0])
    lifted.restart(F, G)
    plain.restart((F @ G.T + G @ F.T) / 2, np.eye(6))
    skew = (F @ G.T - G @ F.T) / 2
    assert lifted.loss == pytest.approx(plain.loss + np.sum(skew**2) / 2)
