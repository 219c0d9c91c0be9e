"""A user's script, which mypy checks: what is wrong is marked, and has to be found."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.convergence import RateEstimate, RecoveryMonitor, estimate_rate
from lowrank_sense.datasets import make_matrix_sensing
from lowrank_sense.losses import Loss
from lowrank_sense.testing import check_loss

Array = NDArray[Any]


class Halved(Loss):
    """A quarter of the squared residual."""

    def value(self, y: Array, z: Array) -> Array:
        return (z - y) ** 2 / 4

    def gradient(self, y: Array, z: Array) -> Array:
        return (z - y) / 2

    def curvature(self, y: Array, z: Array) -> Array:
        return np.full_like(z, 0.5)


def rectangular() -> float:
    X, y, M = make_matrix_sensing(400, (10, 12), 2, random_state=0)
    monitor = RecoveryMonitor(M)
    model = AsymmetricFactorSensing(rank=4, shape=(10, 12), loss=Halved, random_state=0)
    fitted: AsymmetricFactorSensing = model.fit(X, y)
    matrix: Array = fitted.matrix_
    rank: int = fitted.effective_rank_
    reason: str = fitted.stop_reason_
    histories: list[Array | None] = [fitted.loss_history_, fitted.validation_history_]
    rate: RateEstimate = estimate_rate(fitted.loss_history_)
    predicted: Array = fitted.predict(X)
    errors: list[float] = monitor.errors
    check_loss(Halved, predicted)
    print(matrix, rank, reason, histories, rate, errors)
    return fitted.score(X, y)


def symmetric() -> SymmetricFactorSensing:
    X, y, _ = make_matrix_sensing(200, (10, 10), 1, psd=True, random_state=0)
    model = SymmetricFactorSensing(solver="pcg", penalty=0.1)
    vector: Array = model.fit(X, y).leading_vector_
    print(vector)
    return model


def mistaken() -> None:
    AsymmetricFactorSensing(solver="newton")  # type: ignore[arg-type]
    SymmetricFactorSensing(solver="als")  # type: ignore[arg-type]
    AsymmetricFactorSensing(measurement="row")  # type: ignore[arg-type]
    AsymmetricFactorSensing(penalty=Halved)  # type: ignore[arg-type]
    AsymmetricFactorSensing(rank="two")  # type: ignore[arg-type]
    rank: str = symmetric().effective_rank_  # type: ignore[assignment]
    print(rank)
