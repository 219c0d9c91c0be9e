"""Weyl's inequality: which singular values belong to the true matrix."""

import numpy as np

from lowrank_sense import AsymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing
from lowrank_sense.inference.certificates import certified_rank

from ..studies import GD

SHAPE, TRUE_RANK = (20, 20), 2


def test_certified_rank_follows_from_weyls_inequality():
    s = np.array([1.0, 0.5, 0.1])
    assert certified_rank(s, 0.2, 1.0) == 2
    assert certified_rank(s, 0.2, 0.25) == 1
    assert certified_rank(s, 2.0, 1.0) == 0
    assert certified_rank(np.array([1.0, 1e-16]), 0.0, 1.0) == 1


def test_too_few_measurements_certify_nothing():
    assert certified_rank(np.array([1.0]), 0.0, 0.0) == 0
    X, _, _ = make_matrix_sensing(60, SHAPE, TRUE_RANK, random_state=0)
    noise = np.random.default_rng(0).standard_normal(60)
    model = AsymmetricFactorSensing(8, tol=1e-3, **GD).fit(X, noise)
    # It fits the noise to the last digit, which says nothing about any matrix.
    assert model.stop_reason_ == "recovered"
    assert model.effective_rank_ == 0
