"""The loss of a symmetric problem that runs with two factors."""

import numpy as np
import pytest

from lowrank_sense.measurements.symmetrized import SymmetrizedLeastSquares

from ..points import objective, point


def test_symmetrized_measures_the_symmetric_part_and_adds_the_other():
    plain, _ = objective(0)
    F, G, *_ = point(0)
    split = SymmetrizedLeastSquares(objective(0)[0])
    split.restart(F, G)
    plain.restart((F @ G.T + G @ F.T) / 2, np.eye(6))
    skew = (F @ G.T - G @ F.T) / 2
    assert split.loss == pytest.approx(plain.loss + np.sum(skew**2) / 2)
