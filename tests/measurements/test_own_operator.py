"""What an operator of a user's own returns: caches, buffers and NaN."""

import numpy as np
import pytest

from lowrank_sense.measurements import Measurement, Operator
from lowrank_sense.testing import check_measurement

from ..parts import LogCosh
from ..studies import KINDS

N = 6


def problem(seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((150, N * N))
    left = rng.standard_normal((N, 2))
    return X, X @ (left @ left.T).ravel()


class Dense(Measurement):
    """Whole matrices, by an operator of a class that is given."""

    def __init__(self, made, **settings):
        self.made, self.settings = made, settings

    def infer_shape(self, shape, X, *, symmetric):
        return N, N

    def operator(self, X, shape):
        return self.made(X, shape, **self.settings)


class DenseOperator(Operator):
    def __init__(self, X, shape):
        super().__init__(shape, len(X), X.dtype)
        self.X = X

    def apply(self, F, G):
        return self.X @ (F @ G.T).ravel()

    def adjoint(self, values):
        return (self.X.T @ values).reshape(self.shape)


class Remembering(DenseOperator):
    """Return read-only arrays."""

    def apply(self, F, G):
        return np.broadcast_to(super().apply(F, G), self.n_measurements)

    def adjoint(self, values):
        return np.broadcast_to(super().adjoint(values), self.shape)


class BufferedApply(DenseOperator):
    def __init__(self, X, shape):
        super().__init__(X, shape)
        self._buffer = np.empty(len(X))

    def apply(self, F, G):
        self._buffer[:] = super().apply(F, G)
        return self._buffer


class BufferedAdjoint(DenseOperator):
    def __init__(self, X, shape):
        super().__init__(X, shape)
        self._buffer = np.empty(shape)

    def adjoint(self, values):
        self._buffer[:] = super().adjoint(values)
        return self._buffer


class Failing(DenseOperator):
    """Return what is not finite after some calls."""

    def __init__(self, X, shape, side, wrong, after):
        super().__init__(X, shape)
        self._side, self._wrong, self._left = side, wrong, after

    def apply(self, F, G):
        return self._spoilt("apply", super().apply(F, G))

    def adjoint(self, values):
        return self._spoilt("adjoint", super().adjoint(values))

    def _spoilt(self, side, values):
        if side == self._side:
            self._left -= 1
            if self._left < 0:
                values.flat[3] = self._wrong
        return values


SETTINGS = [
    {},
    {"fit_intercept": True},
    {"penalty": 0.01},
    {"early_stopping": True},
    {"loss": LogCosh(2.0)},
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", ["gd", "cg", "pcg"])
@pytest.mark.parametrize("settings", SETTINGS)
def test_read_only_results(kind, solver, settings):
    X, y = problem()
    model = kind(2, solver=solver, max_iter=15, tol=0, random_state=0, **settings)
    model.set_params(measurement=Dense(DenseOperator))
    expected = model.fit(X, y).matrix_
    model.set_params(measurement=Dense(Remembering)).fit(X, y)
    np.testing.assert_array_equal(model.matrix_, expected)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("made", [BufferedApply, BufferedAdjoint])
def test_buffers_are_refused(kind, made):
    X, y = problem()
    with pytest.raises(ValueError, match=r"measurement=Dense.*a new array each time"):
        kind(2, measurement=Dense(made)).fit(X, y)
    with pytest.raises(AssertionError):
        check_measurement(Dense(made), X[:40])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", ["gd", "cg", "pcg"])
@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("side", ["apply", "adjoint"])
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_nothing_that_is_not_finite_passes(kind, solver, settings, side, wrong):
    """Whichever call it begins with: at the start, in a step or at the end."""
    X, y = problem()
    for after in (2, 5, 7, 8, 9, 10, 13):
        measurement = Dense(Failing, side=side, wrong=wrong, after=after)
        model = kind(2, measurement=measurement, solver=solver, random_state=0)
        model.set_params(tol=1e-12, **settings)
        with pytest.raises(ValueError, match=r"NaN or infinity|^X "):
            model.fit(X, y)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["predict", "transform"])
def test_new_measurements_that_are_not_finite(kind, method):
    X, y = problem()
    model = kind(2, measurement=Dense(DenseOperator), random_state=0).fit(X, y)
    failing = Dense(Failing, side="apply", wrong=np.nan, after=0)
    model.set_params(measurement=failing)
    with pytest.raises(ValueError, match="measurement=Dense returns NaN or infinity"):
        getattr(model, method)(X)


@pytest.mark.parametrize("kind", KINDS)
def test_a_fixed_step_that_diverges_is_no_fault_of_X(kind):
    X, y = problem()
    model = kind(2, solver="gd", step_size=1e3, random_state=0)
    for measurement in ("matrix", Dense(DenseOperator)):
        with pytest.warns(UserWarning, match="diverge"):
            model.set_params(measurement=measurement).fit(X, y)
        assert model.stop_reason_ == "diverged"


def test_a_loss_that_fails_in_mid_run_is_an_error():
    class Spoilt(LogCosh):
        def gradient(self, y, z):
            return super().gradient(y, z) * np.where(np.abs(z) > 2, np.nan, 1.0)

    X, y = problem()
    with pytest.raises(ValueError, match=r"meets NaN or infinity.*your own"):
        KINDS[0](2, loss=Spoilt(2.0), random_state=0).fit(X, y)
