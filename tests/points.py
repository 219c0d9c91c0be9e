"""Small problems from inside the package, and points of them."""

import numpy as np

from lowrank_sense.inference.scale import Scale
from lowrank_sense.measurements.matrix import MatrixOperator
from lowrank_sense.objectives import LeastSquares, SymmetrizedObjective
from lowrank_sense.parameterizations import SymmetricParameterization
from lowrank_sense.penalties import NoPenalty
from lowrank_sense.solvers import Iterate

N = 6
UNITS = Scale(operator=1.0, signal=1.0, step=1.0, excess=0.0)


def objective(seed, symmetrized=False, operator=2.0, signal=3.0):
    """Return a weighted problem in units of operator and signal, and its data."""
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((50, 36)), rng.standard_normal(50)
    weights = rng.uniform(size=50)
    weights /= weights.sum()
    scale = Scale(operator=operator, signal=signal, step=1.0, excess=0.0)
    problem = LeastSquares(MatrixOperator(X, (6, 6)), y, weights, scale)
    if symmetrized:
        problem = SymmetrizedObjective(problem)
    return problem, (X, y, weights)


def point(seed):
    rng = np.random.default_rng(100 + seed)
    return [rng.standard_normal((6, 2)) for _ in range(4)]


def iterate_at(parameterization, factors, M):
    """Measure every entry of M, so that A is an isometry."""
    m = N * N
    X = N * np.eye(m)
    operator = MatrixOperator(X, (N, N))
    weights = np.full(m, 1 / m)
    objective = LeastSquares(operator, X @ M.ravel(), weights, UNITS)
    iterate = Iterate(parameterization, factors, objective, NoPenalty())
    iterate.refresh()
    return iterate


def basis(seed=0):
    rng = np.random.default_rng(seed)
    return np.linalg.qr(rng.standard_normal((N, N)))[0]


def factors_of(parameterization, Q, s):
    X = Q[:, : len(s)] * np.sqrt(s)
    return (X,) * (1 if isinstance(parameterization, SymmetricParameterization) else 2)
