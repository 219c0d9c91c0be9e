import numpy as np
import pytest

from lowrank_sense.datasets import make_matrix_sensing
from lowrank_sense.parameterizations import AsymmetricParameterization


@pytest.mark.parametrize("psd", [False, True])
@pytest.mark.parametrize("kappa", [1.0, 10.0])
@pytest.mark.parametrize("seed", range(3))
def test_matrix_has_the_spectrum_asked_for(psd, kappa, seed):
    X, y, M = make_matrix_sensing(
        50, (6, 6), 3, psd=psd, condition_number=kappa, random_state=seed
    )
    s = np.linalg.svd(M, compute_uv=False)
    np.testing.assert_allclose(s[:3], [1, kappa**-0.5, 1 / kappa], atol=1e-14)
    np.testing.assert_allclose(s[3:], 0, atol=1e-14)
    assert (np.linalg.eigvalsh((M + M.T) / 2).min() > -1e-14) == psd
    A = X.reshape(50, 6, 6)
    np.testing.assert_allclose(y, [np.trace(A_i.T @ M) for A_i in A])


def test_noise_is_relative_to_the_clean_measurements():
    X, y, M = make_matrix_sensing(20_000, (3, 4), 2, noise=0.3, random_state=0)
    clean = X @ M.ravel()
    assert np.std(y - clean) == pytest.approx(0.3 * np.std(clean), rel=0.02)


def test_measurements_are_isotropic():
    X, _, _ = make_matrix_sensing(50_000, (2, 3), 1, random_state=0)
    np.testing.assert_allclose(X.T @ X / len(X), np.eye(6), atol=0.03)


def test_random_state():
    one, two, other = (
        make_matrix_sensing(5, (2, 3), 1, random_state=seed)[0] for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, two)
    assert np.any(one != other)


@pytest.mark.parametrize(
    ("arguments", "params", "message"),
    [
        ((0, (2, 3), 1), {}, "'n_measurements' parameter.*Got 0"),
        ((5, 6, 1), {}, "'shape' parameter.*Got 6"),
        ((5, (2, 0), 1), {}, r"pair of positive integers.*got \(2, 0\)"),
        ((5, (2, 3), 0), {}, "'rank' parameter.*Got 0"),
        ((5, (2, 3), 3), {}, r"rank=3 exceeds the smaller side of shape=\(2, 3\)"),
        ((5, (2, 3), 1), {"psd": True}, r"psd=True needs a square.*\(2, 3\)"),
        ((5, (2, 3), 1), {"condition_number": 0.5}, "'condition_number'.*Got 0.5"),
        ((5, (2, 3), 1), {"noise": -1}, "'noise' parameter.*Got -1"),
        ((5, (2, 3), 1), {"measurement": "x"}, "'measurement' parameter.*Got 'x'"),
    ],
)
def test_bad_arguments(arguments, params, message):
    with pytest.raises(ValueError, match=message):
        make_matrix_sensing(*arguments, **params)


@pytest.mark.parametrize("seed", range(3))
def test_same_seed_does_not_start_a_fit_in_the_column_space(seed):
    """Else every recovery from a random start with that seed would be too easy."""
    _, _, M = make_matrix_sensing(1, (50, 40), 3, random_state=seed)
    F, G = AsymmetricParameterization().initialize(
        (50, 40), 3, 1.0, np.random.RandomState(seed), np.float64
    )
    left, _, right = np.linalg.svd(M)
    # The cosine of the smallest angle between random spaces, about sqrt(3 / n) each.
    assert np.linalg.norm(left[:, :3].T @ np.linalg.qr(F)[0], 2) < 0.7
    assert np.linalg.norm(right[:3] @ np.linalg.qr(G)[0], 2) < 0.7
