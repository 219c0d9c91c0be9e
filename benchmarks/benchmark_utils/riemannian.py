"""Conjugate gradient on the manifold of fixed-rank matrices, by pymanopt."""

from contextlib import suppress

import numpy as np
import pymanopt
from pymanopt.manifolds import FixedRankEmbedded
from pymanopt.optimizers import ConjugateGradient
from pymanopt.optimizers.line_search import AdaptiveLineSearcher

from .sensing import Sensing
from .stop import Stop

MAX_HALVINGS = 25
SUFFICIENT_DECREASE = 1e-4


def solve(X, y, shape, rank, callback, *, line_search="tangent"):
    """Recover a matrix by pymanopt's conjugate gradient from the spectral start.

    The Riemannian gradient is the projection of the matrix gradient: to go by
    derivatives in U, s and V, as pymanopt would, divides by differences of singular
    values. Cost and gradient at a point share one reading of X.

    Parameters
    ----------
    line_search : {"tangent", "adaptive"}, default="tangent"
        "tangent": the exact step in the tangent space (B. Vandereycken. "Low-Rank
        Matrix Completion by Riemannian Optimization". SIAM J. Optim. 23, 2013), one
        more reading of X. "adaptive": pymanopt's default.
    """
    sensing = Sensing(X, y, shape)
    manifold = FixedRankEmbedded(*shape, rank)
    at = _Evaluations(sensing)

    @pymanopt.function.numpy(manifold)
    def cost(u, s, vt):
        residual, _ = at(u, s, vt)
        return float(residual @ residual) / (2 * sensing.m)

    # pymanopt asks for one gradient per iteration, at the new point.
    @pymanopt.function.numpy(manifold)
    def riemannian_gradient(u, s, vt):
        _, gradient = at(u, s, vt)
        if callback(at.M):
            raise Stop
        return manifold.projection((u, s, vt), gradient)

    problem = pymanopt.Problem(manifold, cost, riemannian_gradient=riemannian_gradient)
    adaptive = line_search == "adaptive"
    optimizer = ConjugateGradient(
        line_searcher=AdaptiveLineSearcher() if adaptive else _TangentSearch(sensing),
        max_iterations=np.inf,
        max_time=np.inf,
        min_gradient_norm=0,
        min_step_size=0,
        verbosity=0,
    )
    with suppress(Stop):
        optimizer.run(problem, initial_point=_start(sensing, manifold, rank))
    return at.M


class _Evaluations:
    """Residual and matrix gradient at the last point that was asked for."""

    def __init__(self, sensing):
        self._sensing = sensing
        self._u = None

    def __call__(self, u, s, vt):
        if u is not self._u:
            self._u, self.M = u, (u * s) @ vt
            self._values = self._sensing.residual_and_gradient(self.M)
        return self._values


class _TangentSearch:
    """A line searcher of pymanopt: the loss is a parabola in the tangent space."""

    def __init__(self, sensing):
        self._sensing = sensing

    def search(self, objective, manifold, x, d, f0, df0):
        """Step size and new point along d, halved until the loss decreases."""
        u, _, vt = x
        values = self._sensing.apply((u @ d.M + d.Up) @ vt + u @ d.Vp.T)
        step = -df0 * self._sensing.m / float(values @ values)
        for _ in range(MAX_HALVINGS):
            new = manifold.retraction(x, step * d)
            if objective(new) <= f0 + SUFFICIENT_DECREASE * step * df0:
                break
            step /= 2
        return step * manifold.norm(x, d), new


def _start(sensing, manifold, rank):
    """The spectral start as a point of pymanopt's, which only its methods make."""
    U, s, V = sensing.spectral_start(rank)
    point = manifold.random_point()
    return type(point)(U, s, V.T)
