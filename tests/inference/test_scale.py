"""The units of a problem, estimated from the data."""

import numpy as np
import pytest

from lowrank_sense.datasets import make_matrix_sensing
from lowrank_sense.inference.scale import estimate_scale
from lowrank_sense.measurements.matrix import MatrixOperator

from ..grids import slowly


@pytest.mark.parametrize("noise", [0.0, 0.3])
@pytest.mark.parametrize("per_dof", [3, *slowly(10)])
@pytest.mark.parametrize("psd", [False, True])
def test_scale_of_a_gaussian_problem(per_dof, noise, psd):
    for seed in range(5):
        n, rank = 30, 3
        m = per_dof * n * rank
        X, y, _ = make_matrix_sensing(
            m, (n, n), rank, psd=psd, noise=noise, random_state=seed
        )
        model = MatrixOperator(3.0 * X, (n, n))
        scale = estimate_scale(model, 7.0 * y, np.full(m, 1 / m), symmetric=psd)
        assert 0.7 < scale.signal * 3 / 7 < 1.2
        # ||A(Z)||^2 of one random Z has a relative standard deviation of sqrt(2/m).
        spread = np.sqrt(2 / m)
        assert scale.operator == pytest.approx(3.0, rel=3 * spread / 2)
        # On symmetric matrices half of the noise of the adjoint is averaged away.
        expected = n * n / m / (2 if psd else 1)
        assert scale.excess == pytest.approx(expected, rel=3 * 2 * spread)


def test_scale_of_symmetric_measurements_is_that_on_symmetric_matrices():
    X, y, _ = make_matrix_sensing(800, (20, 20), 2, psd=True, random_state=0)
    A = X.reshape(-1, 20, 20)
    symmetric_X = ((A + A.transpose(0, 2, 1)) / 2).reshape(X.shape)
    scales = [
        estimate_scale(
            MatrixOperator(data, (20, 20)), y, np.full(800, 1 / 800), symmetric=True
        )
        for data in (X, symmetric_X)
    ]
    assert scales[0].operator == pytest.approx(scales[1].operator)
    assert scales[0].signal == pytest.approx(scales[1].signal)


@pytest.mark.parametrize("zero", ["X", "y"])
def test_zero_data_have_no_scale(zero):
    X, y = np.ones((4, 6)), np.ones(4)
    if zero == "X":
        X = 0 * X
    else:
        y = 0 * y
    model = MatrixOperator(X, (2, 3))
    assert estimate_scale(model, y, np.full(4, 0.25), symmetric=False).vanishing
