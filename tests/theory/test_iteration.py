"""One iteration is the one that was published."""

import numpy as np

from lowrank_sense import AsymmetricFactorSensing

from ..studies import GD, small


def test_fixed_step_is_the_papers_iteration():
    """F <- F - eta R G, G <- G - eta R^T F, at the same time."""
    X, y, _ = small(AsymmetricFactorSensing)
    params = {"accelerated_step": False, "step_size": 0.2, "tol": 0, **GD}
    before, after = (
        AsymmetricFactorSensing(3, max_iter=n, **params).fit(X, y) for n in (7, 8)
    )
    F, G = before.left_factor_, before.right_factor_
    A = X.reshape(-1, 16, 16)
    B = np.einsum("m,mij->ij", y, A) / len(y)
    eta = 0.2 / np.linalg.norm(B, 2)
    R = np.einsum("m,mij->ij", before.predict(X) - y, A) / len(y)
    np.testing.assert_allclose(after.left_factor_, F - eta * R @ G, atol=1e-6)
    np.testing.assert_allclose(after.right_factor_, G - eta * R.T @ F, atol=1e-6)
