"""FactorDisplay: singular values, the matrix and a reference."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from lowrank_sense import AsymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing
from lowrank_sense.inspection import FactorDisplay

SHAPE = (12, 18)


pytestmark = pytest.mark.usefixtures("close_figures")


@pytest.fixture(scope="module")
def fit_and_matrix():
    X, y, M = make_matrix_sensing(360, SHAPE, 2, random_state=0)
    return AsymmetricFactorSensing(4, shape=SHAPE, random_state=0).fit(X, y), M


def test_draws_spectrum_matrix_and_reference(fit_and_matrix):
    fit, M = fit_and_matrix
    display = FactorDisplay.from_estimator(fit, reference=M)
    spectrum, found, reference = display.axes_
    supported, surplus = (line.get_ydata() for line in spectrum.get_lines())
    np.testing.assert_array_equal(supported, fit.singular_values_[:2])
    np.testing.assert_array_equal(surplus, fit.singular_values_[2:])
    assert spectrum.get_title() == "Effective rank 2"
    (left,), (right,) = found.get_images(), reference.get_images()
    np.testing.assert_array_equal(left.get_array(), fit.matrix_)
    np.testing.assert_array_equal(right.get_array(), M)
    low, high = left.get_clim()
    assert right.get_clim() == (low, high)
    assert low == -high == -max(abs(fit.matrix_).max(), abs(M).max())


def test_without_reference_on_given_axes(fit_and_matrix):
    fit, _ = fit_and_matrix
    _, axes = plt.subplots(1, 2)
    display = FactorDisplay.from_estimator(
        fit, axes=axes, image_kwargs={"cmap": "gray"}
    )
    assert list(display.axes_) == list(axes)
    assert display.figure_ is axes[0].figure
    assert axes[1].get_images()[0].get_cmap().name == "gray"


def test_a_positive_matrix_and_full_effective_rank():
    matrix = np.outer([1.0, 2.0], [1.0, 3.0, 0.5])
    display = FactorDisplay(
        singular_values=np.array([np.linalg.norm(matrix)]),
        effective_rank=1,
        matrix=matrix,
    ).plot()
    assert len(display.axes_[0].get_lines()) == 1
    assert display.axes_[1].get_images()[0].get_clim() == (0.5, 6.0)


def test_what_does_not_fit_is_refused(fit_and_matrix):
    fit, M = fit_and_matrix
    with pytest.raises(ValueError, match=r"\(12, 18\) of the matrix, got \(18, 12\)"):
        FactorDisplay.from_estimator(fit, reference=M.T)
    with pytest.raises(ValueError, match=r"axes must be 3 axes.*got 2"):
        FactorDisplay.from_estimator(fit, reference=M, axes=plt.subplots(1, 2)[1])
