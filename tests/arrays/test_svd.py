"""The singular value decomposition of F G^T."""

import numpy as np
import pytest

from lowrank_sense.arrays.factors import product_svd


@pytest.mark.parametrize(("n1", "n2", "k"), [(7, 5, 3), (5, 7, 2), (4, 6, 9)])
def test_spectrum_is_that_of_the_product(n1, n2, k):
    rng = np.random.default_rng(0)
    F, G = rng.standard_normal((n1, k)), rng.standard_normal((n2, k))
    U, s, V = product_svd(F, G)
    np.testing.assert_allclose((U * s) @ V.T, F @ G.T, atol=1e-13)
    expected = np.linalg.svd(F @ G.T, compute_uv=False)[: len(s)]
    np.testing.assert_allclose(s, expected, atol=1e-13)
    np.testing.assert_allclose(U.T @ U, np.eye(len(s)), atol=1e-13)
