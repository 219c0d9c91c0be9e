"""Advice that fits the kind of measurements, the solver, and what was set."""

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from lowrank_sense import SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

from ..studies import KINDS


def advice(kind, measurement, **params):
    """Return the warning of a fit of three iterations."""
    X, y, M = make_matrix_sensing(
        100,
        (12, 12),
        2,
        measurement=measurement,
        psd=kind is SymmetricFactorSensing,
        random_state=0,
    )
    params = {"rank": 3, "max_iter": 3, "random_state": 0, **params}
    model = kind(measurement=measurement, shape=M.shape, **params)
    with pytest.warns(ConvergenceWarning, match="max_iter=3") as caught:
        model.fit(X, y)
    return str(caught[0].message)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("measurement", ["matrix", "rank_one", "entry"])
@pytest.mark.parametrize("solver", ["auto", "gd", "cg", "pcg"])
def test_advice_fits_the_kind(kind, measurement, solver):
    told = advice(kind, measurement, solver=solver)
    entries = measurement == "entry"
    assert ("standardize X" in told) == (not entries)
    assert ("penalty='auto'" in told) == entries
    assert "step_size" not in told
    assert f"solver={solver!r}" not in told
    assert not (entries and "'cg'" in told)
    assert "lower rank" in told


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("measurement", "penalty"),
    [("matrix", 0.1), ("rank_one", 0.1), ("entry", 0.001), ("entry", "auto")],
)
def test_nobody_is_told_to_set_what_is_set(kind, measurement, penalty):
    told = advice(kind, measurement, penalty=penalty)
    assert "penalty" not in told
    assert "lower rank" not in advice(kind, measurement, penalty=penalty, rank=1)


def test_the_advice_on_entries_helps():
    X, y, M = make_matrix_sensing(
        700, (40, 30), 2, measurement="entry", noise=0.1, random_state=0
    )
    model = KINDS[0](4, measurement="entry", shape=M.shape, random_state=0)
    with pytest.warns(ConvergenceWarning, match="penalty='auto'"):
        before = np.linalg.norm(model.fit(X, y).matrix_ - M)
    model.set_params(penalty="auto").fit(X, y)
    assert model.converged_
    assert np.linalg.norm(model.matrix_ - M) < before / 2
