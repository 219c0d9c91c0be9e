"""A rank beyond that of any matrix of the shape costs nothing, and is told."""

import warnings

import numpy as np
import pytest

from lowrank_sense import SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

from ..studies import KINDS


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("measurement", ["matrix", "rank_one", "entry"])
@pytest.mark.parametrize("init", ["random", "spectral"])
def test_a_rank_above_the_shape_is_capped(kind, measurement, init):
    X, y, M = make_matrix_sensing(
        60 if measurement == "entry" else 160,
        (9, 9),
        2,
        measurement=measurement,
        psd=kind is SymmetricFactorSensing,
        random_state=0,
    )
    model = kind(
        9,
        measurement=measurement,
        shape=M.shape,
        init=init,
        penalty=1e-3,
        random_state=0,
        warm_start=True,
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        expected = model.fit(X, y).matrix_
        losses = model.loss_history_
    assert not any("rank=" in str(each.message) for each in caught)
    other = kind(**{**model.get_params(), "rank": 1000})
    with pytest.warns(UserWarning, match=r"rank=1000 is more than.*\(9, 9\).*9 comp"):
        other.fit(X, y)
    np.testing.assert_allclose(other.loss_history_, losses, rtol=1e-12)
    np.testing.assert_allclose(other.matrix_, expected, atol=1e-12)
    assert other.transform(X).shape == (len(y), 1000)
    assert other.singular_values_.shape == (1000,)
    with pytest.warns(UserWarning, match="rank=1000"):
        assert other.fit(X, y).n_iter_ < len(losses) / 2
    np.testing.assert_allclose(other.matrix_, expected, atol=1e-4)
