"""The loss of a block of rows of a dask array."""

import numpy as np

from lowrank_sense.datasets import make_matrix_sensing
from lowrank_sense.measurements import estimate_scale
from lowrank_sense.measurements.distributed_least_squares import BlockLoss, Point
from lowrank_sense.measurements.matrix import MatrixMeasurement
from lowrank_sense.measurements.weights import equal_weights


def test_noise_is_of_each_block_alone():
    """The same signs everywhere would add up to what looks like signal."""
    X, y, _ = make_matrix_sensing(100, (8, 9), 2, random_state=0)
    scale = estimate_scale(
        MatrixMeasurement(X, (8, 9)), y, equal_weights(100), symmetric=False
    )
    start = Point(0, np.zeros((8, 2)), np.zeros((9, 2)), 0.0)
    one, same, other = (
        BlockLoss(MatrixMeasurement, X, y, 0.01, None, scale, (8, 9), False, first)
        for first in (0, 0, 100)
    )
    one, same, other = (block.image_of_noise(start, 7) for block in (one, same, other))
    np.testing.assert_array_equal(one, same)
    assert abs(np.vdot(one, other)) < 0.5 * np.vdot(one, one)
