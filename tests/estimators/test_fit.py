"""How a fit goes from data to factors: steps, readings of X, edge cases."""

import numpy as np
import pytest

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing
from lowrank_sense.measurements import matrix
from lowrank_sense.measurements.matrix import MatrixOperator

from ..grids import mostly_slow, spread
from ..studies import GD, KINDS, ONE_SEED, relative_error, small


@pytest.mark.parametrize(
    ("kind", "rank", "accelerated_step", "noise", "seed"),
    mostly_slow(spread(KINDS, [2, 4], [True, False], [0.0, 0.1], range(3)), 13),
)
def test_loss_never_rises(kind, rank, accelerated_step, noise, seed):
    X, y, _ = small(kind, seed, noise=noise, condition_number=10)
    model = kind(
        rank,
        0.5,
        accelerated_step,
        solver="gd",
        tol=0,
        max_iter=300,
        random_state=seed,
    ).fit(X, y)
    losses = model.loss_history_
    rounding = 1e-28 * losses[0]
    assert np.all(losses[1:] <= losses[:-1] * (1 + 1e-12) + rounding)


@pytest.mark.slow
def test_loss_never_rises_where_weak_signals_hide():
    for seed in range(3):
        X, y, _ = make_matrix_sensing(
            400,
            (20, 20),
            2,
            psd=True,
            condition_number=100,
            noise=0.1,
            random_state=seed,
        )
        for rank in (4, 6):
            model = SymmetricFactorSensing(
                rank, solver="gd", tol=0, max_iter=300, random_state=seed
            ).fit(X, y)
            # The last entry is that of the nearest psd matrix.
            losses = model.loss_history_[:-1]
            assert np.all(losses[1:] <= losses[:-1] * (1 + 1e-12))


@pytest.mark.parametrize("kind", KINDS)
def test_recurrence_keeps_to_the_recomputed_loss(kind):
    X, y, _ = small(kind, noise=0.1)
    model = kind(2, tol=0, max_iter=149, **GD).fit(X, y)
    loss = np.mean((model.predict(X) - y) ** 2) / 2
    assert model.loss_history_[-1] == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize("step_size", ["auto", 0.25])
@pytest.mark.parametrize(("layout", "expected"), [("C", 1), ("F", 2)])
@pytest.mark.slow
def test_readings_per_iteration(layout, expected, step_size, monkeypatch):
    readings = []

    def count(owner, name):
        original = getattr(owner, name)

        def counted(*args, **kwargs):
            readings.append(1)
            return original(*args, **kwargs)

        monkeypatch.setattr(owner, name, counted)

    count(matrix, "fused_product")
    for name in ("apply", "apply_along", "adjoint"):
        count(MatrixOperator, name)
    X, y, _ = small(AsymmetricFactorSensing)
    X = np.asarray(X, order=layout)

    def readings_of(n_iter):
        readings.clear()
        AsymmetricFactorSensing(
            4, step_size=step_size, tol=0, max_iter=n_iter, **GD
        ).fit(X, y)
        return len(readings)

    # Every fiftieth iteration recomputes residual and matrix gradient.
    assert readings_of(149) - readings_of(99) == expected * 51


def test_float_step_is_in_units_of_the_recorded_ones():
    X, y, _ = small(AsymmetricFactorSensing)
    one = AsymmetricFactorSensing(tol=0, max_iter=1, **GD).fit(X, y)
    step = float(one.step_size_history_[0])
    same = AsymmetricFactorSensing(step_size=step, tol=0, max_iter=1, **GD).fit(X, y)
    np.testing.assert_allclose(same.matrix_, one.matrix_, rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step_size", ["auto", 0.25])
@pytest.mark.parametrize("zero", ["X", "y"])
def test_zeros_give_zero_without_a_warning(kind, step_size, zero, recwarn):
    X, y, _ = small(kind)
    X, y = (0 * X, y) if zero == "X" else (X, 0 * y)
    model = kind(step_size=step_size, **GD).fit(X, y)
    assert not np.any(model.matrix_)
    assert model.converged_
    assert model.effective_rank_ == 0
    assert not recwarn.list


@pytest.mark.parametrize("kind", KINDS)
def test_uninformative_measurements_give_zero(kind, recwarn):
    """A*(y) = 0 at y != 0: the gradient vanishes at M = 0."""
    X = [[0.0, 1, -1, 0], [0, 1, -1, 0], [1, 0, 0, 1], [1, 0, 0, 1]]
    model = kind(**ONE_SEED).fit(X, [1.0, -1, 3, -3])
    assert not np.any(model.matrix_)
    assert model.loss_history_ == pytest.approx([2.5])
    assert not recwarn.list


def test_one_sample():
    X, y, _ = small(AsymmetricFactorSensing)
    model = AsymmetricFactorSensing(**ONE_SEED).fit(X[:1], y[:1])
    np.testing.assert_allclose(model.predict(X[:1]), y[:1], rtol=1e-5)


@pytest.mark.parametrize("accelerated_step", [True, 10])
def test_rank_beyond_the_shape(accelerated_step):
    X, y, M = small(AsymmetricFactorSensing)
    X, y = np.vstack([X, -X[::-1]]), np.append(y, -y[::-1])
    model = AsymmetricFactorSensing(
        20, accelerated_step=accelerated_step, tol=1e-3, max_iter=3000, **GD
    ).fit(X, y)
    assert relative_error(model, M) < 0.1
    assert model.left_factor_.shape == model.right_factor_.shape == (16, 20)
    assert model.singular_values_.shape == (20,)
    assert model.transform(X).shape == (640, 20)


@pytest.mark.parametrize("kind", KINDS)
def test_same_seed_same_bits(kind):
    X, y, _ = small(kind, noise=0.1)
    params = {"rank": 4, "tol": 0, "max_iter": 40}
    one, two = (kind(**params, random_state=7).fit(X, y) for _ in range(2))
    np.testing.assert_array_equal(one.matrix_, two.matrix_)
    np.testing.assert_array_equal(one.loss_history_, two.loss_history_)
    other = kind(**params, random_state=8).fit(X, y)
    assert np.any(other.loss_history_[0] != one.loss_history_[0])


def test_each_fit_draws_anew_from_a_generator():
    X, y, _ = small(AsymmetricFactorSensing)
    random_state = np.random.RandomState(0)
    one, two = (
        AsymmetricFactorSensing(random_state=random_state).fit(X, y) for _ in range(2)
    )
    assert one.loss_history_[0] != two.loss_history_[0]
