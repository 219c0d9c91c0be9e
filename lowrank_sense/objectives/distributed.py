"""The squared loss of measurements in several places, from sums over these places."""

from collections.abc import Callable
from typing import Any, NamedTuple, final

import numpy as np

from .._types import Array, ImplicitMatrix, Pair, Shape
from ..arrays.blocks import blocks_of, summed
from ..arrays.weights import are_equal, inner, mean
from ..inference.scale import Scale
from ..measurements import Measurement, Operator
from ..measurements.distributed import BlockOperator
from ..measurements.order import reordered
from .base import MAX_ADVANCES, MeasuredObjective, with_random_signs
from .least_squares import LeastSquares
from .line import LineModel, Quartic


@final
class DistributedLeastSquares(MeasuredObjective):
    """Evaluate `LeastSquares` for a `BlockOperator`, centered or not.

    Each block has its own `BlockLoss`, in the same place. Per iteration the factors are
    sent there twice, and sums over all blocks come back: inner products of residuals
    for the line search, and the gradient. A block that was lost with its machine is
    made again from X, and starts anew at the factors that it is sent.

    Parameters
    ----------
    operator : Operator
    y : dask array of shape (m,)
    weights : ndarray of shape (m,)
    scale : Scale
    held_out : ndarray of shape (m,) or None
    """

    capabilities = frozenset({"quadratic"})

    def __init__(
        self,
        operator: Operator,
        y: Any,
        weights: Array,
        scale: Scale,
        held_out: Array | None = None,
    ) -> None:
        super().__init__(operator, weights, scale, held_out)
        self._target = (y / (scale.operator * scale.signal)).astype(operator.dtype)
        self.value_at_zero = inner(weights, self._target, self._target) / 2
        self.error_at_zero = np.sqrt(2 * self.value_at_zero)
        self._is_centered = operator.is_centered
        uncentered = operator.uncentered
        assert isinstance(uncentered, BlockOperator)
        self._uncentered = uncentered
        self._blocks = self._made_blocks(y)
        self._at_point = Point(0, None, None, 0.0)
        self._mean: Any = 0.0
        self._matrix_gradient: ImplicitMatrix = None
        self._mean_adjoint: ImplicitMatrix = None

    def _made_blocks(self, y: Any) -> Any:
        import dask

        operator = self._uncentered
        ends = np.cumsum(operator.X.chunks[0])
        rows = zip(ends - operator.X.chunks[0], ends, strict=True)
        blocks = [
            dask.delayed(BlockLoss)(
                operator.kind,
                X,
                target,
                _part(self.weights, start, stop),
                None if self._held_out is None else self._held_out[start:stop],
                self.scale,
                operator.shape,
                self._is_centered,
                start,
            )
            for X, target, (start, stop) in zip(
                operator.blocks, blocks_of(y), rows, strict=True
            )
        ]
        return dask.persist(*blocks)

    @property
    def error(self) -> float:
        return np.sqrt(2 * self.value)

    @property
    def intercept_gain(self) -> float:
        return 0.0 if self._is_centered else self._mean_residual**2 / 2

    @property
    def held_out_loss(self) -> float:
        squares, values = self._held_out_sums
        return float(squares - 2 * self._excess * values + self._excess**2) / 2

    @property
    def out_of_date(self) -> bool:
        lost = np.finfo(self.dtype).eps * self._value_at_restart
        return self._n_advances >= MAX_ADVANCES or self.value <= lost

    @property
    def matrix_gradient(self) -> ImplicitMatrix:
        if self._matrix_gradient is None:
            gradient = self._summed(BlockLoss.matrix_gradient, self._at_point)
            if self._is_centered:
                if self._mean_adjoint is None:
                    self._mean_adjoint = self._summed(BlockLoss.mean_adjoint)
                gradient = gradient - self._mean * self._mean_adjoint
            self._matrix_gradient = gradient
        return self._matrix_gradient

    def gradient_at_zero(self) -> ImplicitMatrix:
        return -self.adjoint_of(self._target)

    def noise_gradient(self, random_state: np.random.RandomState) -> ImplicitMatrix:
        seed = random_state.randint(2**31)
        return self._summed(BlockLoss.noise_gradient, self._at_point, seed)

    def restart(self, F: Array, G: Array) -> None:
        self._at_point = self._at_point.followed_by(F, G, self._mean)
        self._report(summed(BlockLoss.report, self._blocks, self._at_point))
        self._n_advances, self._value_at_restart = 0, self.value

    def line(self, F: Array, G: Array, dF: Array, dG: Array) -> LineModel:
        moments = summed(
            BlockLoss.line, self._blocks, self._at_point, self._other(F, G), dF, dG
        )
        ra, aa, rb, ab, bb, a, b = moments
        r = self._excess
        if self._is_centered:
            ra, aa, rb = ra - r * a, aa - a * a, rb - r * b
            ab, bb = ab - a * b, bb - b * b
        self._second = aa, ab, bb
        return Quartic(np.array([ra, aa / 2 + rb, ab, bb / 2]))

    def advance(self, t: float, F: Array, G: Array) -> None:
        aa, ab, bb = self._second
        self.change = np.sqrt(max(t * t * (aa + 2 * t * ab + t * t * bb), 0.0))
        before = self._at_point
        self._at_point = before.followed_by(F, G, self._mean)
        sums = summed(
            BlockLoss.advance, self._blocks, before.version, t, self._at_point
        )
        self._report(sums)
        self._n_advances += 1

    def factor_gradient(self, F: Array, G: Array) -> Pair:
        other = self._other(F, G)
        if other is None:
            return self._gradient
        return self._less_mean(
            summed(BlockLoss.factor_gradient, self._blocks, self._at_point, other)
        )

    def _other(self, F: Array, G: Array) -> Pair | None:
        """Return the factors, or None if the blocks know them."""
        known = F is self._at_point.F and G is self._at_point.G
        return None if known else (F, G)

    def _report(self, sums: tuple[Any, ...]) -> None:
        """Take the loss and the gradient from the reports of the blocks."""
        squares, values, *self._held_out_sums = sums[:4]
        self._mean_residual = float(values)
        # Mean of the residuals, beyond the mean that the blocks have subtracted.
        self._excess = values if self._is_centered else 0.0
        self._mean = self._at_point.mean + self._excess
        self.value = max(float(squares - self._excess**2), 0.0) / 2
        self._gradient = self._less_mean(sums[4:])
        self._matrix_gradient = None

    def _less_mean(self, products: tuple[Array, ...]) -> Pair:
        """Return the gradient of centered measurements."""
        left, right = products[:2]
        if not self._is_centered:
            return left, right
        of_left, of_right = products[2:]
        excess = left.dtype.type(self._excess)
        return left - excess * of_left, right - excess * of_right

    def _summed(
        self, function: Callable[..., ImplicitMatrix], *arguments: Any
    ) -> ImplicitMatrix:
        return self._uncentered.summed(function, self._blocks, *arguments)


@final
class Point(NamedTuple):
    """Hold the factors at which the blocks are to be.

    Attributes
    ----------
    version : int
        A number that no other point has.
    F, G : ndarray
    mean : float
        About the mean of the residuals; zero without an intercept. Blocks subtract it,
        as their sums of squares would otherwise hide small residuals.
    """

    version: int
    F: Any
    G: Any
    mean: Any

    def followed_by(self, F: Array, G: Array, mean: Any) -> "Point":
        """Return the next point."""
        return Point(self.version + 1, F, G, mean)


@final
class BlockLoss:
    """Evaluate the part of a loss that one block of measurements contributes.

    It is kept where the block is. It knows its point by the version, and starts anew if
    it is sent another point than expected.

    Parameters
    ----------
    kind : Measurement
    X : ndarray
        The rows of the block.
    y : ndarray
    weights : ndarray or float
        A float if all weights are equal.
    held_out : ndarray or None
    scale : Scale
    shape : tuple of int
    centered : bool
        Whether to report the terms that subtract the mean.
    start : int
        Number of the first row, so that each block has its own random signs.
    """

    def __init__(
        self,
        kind: Measurement,
        X: Any,
        y: Array,
        weights: Any,
        held_out: Array | None,
        scale: Scale,
        shape: Shape,
        centered: bool,
        start: int,
    ) -> None:
        operator, order = kind.for_fit(X, shape, y.dtype)
        weights = np.broadcast_to(weights, len(y))
        y, weights, held_out = (reordered(u, order) for u in (y, weights, held_out))
        self._loss = LeastSquares(operator, y, weights, scale, held_out)
        self._weights = weights
        self._held_out = held_out
        self._start = start
        self._mean_adjoint: ImplicitMatrix = None
        if centered:
            self._mean_adjoint = self._loss.adjoint_of(np.ones(len(y), operator.dtype))
        self._version: int | None = None
        self._line_at: int | None = None
        self._n_bytes = X.nbytes + y.nbytes

    def __sizeof__(self) -> int:
        """Return the size in bytes, so that dask knows the cost of moving a block."""
        return self._n_bytes

    def at(self, point: Point) -> LeastSquares:
        """Return the loss at a point."""
        if self._version != point.version:
            self._loss.restart(point.F, point.G)
            self._stand_at(point)
        return self._loss

    def _stand_at(self, point: Point) -> None:
        self._version, self._factors = point.version, (point.F, point.G)

    def _residual(self, point: Point) -> Array:
        residual = self.at(point).residual
        return residual - residual.dtype.type(point.mean) if point.mean else residual

    def line(
        self, point: Point, other: Pair | None, dF: Array, dG: Array
    ) -> tuple[float, ...]:
        """Return sums of products of r, a and b: ra, aa, rb, ab, bb, a, b.

        The line begins at the `other` factors, or at those of the point if None.
        """
        loss = self.at(point)
        F, G = other or self._factors
        loss.line(F, G, dF, dG)
        self._line_at = self._version
        assert loss.current_line is not None
        r, a, b = self._residual(point), loss.current_line.a, loss.current_line.b
        products = ((r, a), (a, a), (r, b), (a, b), (b, b))
        return (
            *(inner(self._weights, u, v) for u, v in products),
            *(float(mean(self._weights, u)) for u in (a, b)),
        )

    def advance(self, before: int, t: float, point: Point) -> tuple[Any, ...]:
        """Move by t if the line began at the version `before`, and report."""
        if self._version == self._line_at == before:
            self._loss.advance(t, point.F, point.G)
            self._stand_at(point)
        return self.report(point)

    def report(self, point: Point) -> tuple[Any, ...]:
        """Return sums over fitted and over held-out residuals, and the gradient.

        The sums are over squares and over values.
        """
        r, weights, held_out = self._residual(point), self._weights, self._held_out
        sums = [inner(weights, r, r), float(mean(weights, r)), 0.0, 0.0]
        if held_out is not None:
            sums[2:] = inner(held_out, r, r), float(mean(held_out, r))
        return (*sums, *self.factor_gradient(point, self._factors))

    def factor_gradient(self, point: Point, factors: Pair) -> tuple[Array, ...]:
        """Return the gradient and, if needed, the products with the adjoint of ones."""
        loss = self.at(point)
        products = loss.factor_gradient(*factors)
        if self._mean_adjoint is None:
            return products
        of_mean = loss.factor_products(self._mean_adjoint, *factors)
        less_mean = (
            product - product.dtype.type(point.mean) * part
            for product, part in zip(products, of_mean, strict=True)
        )
        return *less_mean, *of_mean

    def matrix_gradient(self, point: Point) -> ImplicitMatrix:
        """Return the matrix gradient at a point."""
        return self.at(point).matrix_gradient

    def mean_adjoint(self) -> ImplicitMatrix:
        """Return the adjoint of ones."""
        return self._mean_adjoint

    def noise_gradient(self, point: Point, seed: int) -> ImplicitMatrix:
        """Return the matrix gradient for the residuals with random signs."""
        residual = self._residual(point)
        return self._loss.adjoint_of(
            with_random_signs(residual, np.random.RandomState((seed, self._start)))
        )


def _part(weights: Array, start: int, stop: int) -> Any:
    """Return the weights of a block, one number if all are equal."""
    return weights[0] if are_equal(weights) else weights[start:stop]
