"""Dtypes and memory layouts of X: the same matrix, and no copy of X."""

import warnings

import numpy as np
import pytest
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning

from lowrank_sense import AsymmetricFactorSensing

from ..studies import KINDS, ONE_SEED, relative_error, small


@pytest.mark.parametrize("kind", KINDS)
def test_float32_throughout(kind):
    X, y, M = small(kind)
    X, y = X.astype(np.float32), y.astype(np.float32)
    model = kind(4, tol=1e-4, **ONE_SEED).fit(X, y)
    factor = model._pair[0]
    assert factor.dtype == model.matrix_.dtype == np.float32
    assert model.predict(X).dtype == model.transform(X).dtype == np.float32
    assert model.converged_
    assert relative_error(model, M) < 1e-3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.slow
def test_memory_layouts_agree(kind, tmp_path):
    X, y, _ = small(kind)
    wide = np.zeros((len(X), 2 * X.shape[1]))
    wide[:, ::2] = X
    np.save(tmp_path / "X.npy", X)
    frozen = X.copy()
    frozen.flags.writeable = False
    expected = kind(4, **ONE_SEED).fit(X, y).matrix_
    for same in (
        np.asfortranarray(X),
        wide[:, ::2],
        np.repeat(X, 2, axis=0)[::2],
        np.load(tmp_path / "X.npy", mmap_mode="r"),
        frozen,
        X.tolist(),
        sparse.csr_matrix(X),
        sparse.csc_array(X),
        sparse.coo_array(X),
    ):
        model = kind(4, **ONE_SEED).fit(same, y)
        np.testing.assert_allclose(model.matrix_, expected, atol=1e-10)
        np.testing.assert_allclose(model.predict(same), y, atol=1e-4)


@pytest.mark.slow
def test_sparse_design_is_not_densified():
    """A dense design of this size would take 80 GB."""
    rng = np.random.default_rng(0)
    m = 10_000
    rows = np.repeat(np.arange(m), 30)
    columns = rng.integers(0, 10**6, len(rows))
    values = rng.standard_normal(len(rows))
    X = sparse.csr_array((values, (rows, columns)), shape=(m, 10**6))
    u, v = rng.standard_normal((2, 1000))
    y = X @ np.outer(u, v).ravel()
    model = AsymmetricFactorSensing(1, tol=1e-3, max_iter=20, **ONE_SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        losses = model.fit(X, y).loss_history_
    assert losses[-1] < losses[0]


def test_fit_does_not_change_its_input():
    X, y, _ = small(AsymmetricFactorSensing)
    before = X.copy(), y.copy()
    AsymmetricFactorSensing(**ONE_SEED).fit(X, y)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(y, before[1])
