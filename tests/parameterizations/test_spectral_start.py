"""init="spectral"."""

import numpy as np
import pytest

from lowrank_sense import SymmetricFactorSensing

from ..grids import slowly
from ..studies import GD, KINDS, problem, relative_error


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", ["gd", "cg", "pcg"])
@pytest.mark.parametrize("rank", [2, *slowly(5, 20)])
def test_spectral_start_recovers_and_needs_no_random_numbers(kind, solver, rank):
    X, y, M = problem(kind, 900)
    model = kind(rank, solver=solver, init="spectral", max_iter=3000)
    first = model.fit(X, y).matrix_
    assert relative_error(model, M) < 1e-4
    np.testing.assert_array_equal(model.fit(X, y).matrix_, first)


@pytest.mark.parametrize("kind", KINDS)
def test_spectral_start_is_near_the_matrix(kind):
    X, y, M = problem(kind, 6000)
    model = kind(2, solver="gd", init="spectral", tol=0, max_iter=1).fit(X, y)
    assert relative_error(model, M) < 0.3
    assert model.loss_history_[0] < 0.2 * np.mean(y**2) / 2


@pytest.mark.slow
def test_spectral_start_without_positive_eigenvalues():
    """The nearest psd matrix of a negative one is zero."""
    X, y, M = problem(SymmetricFactorSensing, 6000)
    model = SymmetricFactorSensing(3, init="spectral", max_iter=3000, **GD).fit(X, -y)
    assert model.converged_
    assert np.linalg.norm(model.matrix_) < 0.1 * np.linalg.norm(M)


@pytest.mark.parametrize("zero", ["X", "y"])
@pytest.mark.parametrize("kind", KINDS)
def test_spectral_start_of_nothing(kind, zero, recwarn):
    X, y, _ = problem(kind)
    model = kind(init="spectral", solver="pcg")
    model.fit(0 * X if zero == "X" else X, 0 * y if zero == "y" else y)
    assert not model.matrix_.any()
    assert not recwarn
