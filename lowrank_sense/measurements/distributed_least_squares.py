"""The loss of measurements in several places, from sums over the places."""

from typing import NamedTuple

import numpy as np

from .centered import CenteredMeasurement
from .least_squares import LeastSquares, with_random_signs
from .reduction import blocks_of, summed, summed_image
from .weights import are_equal, inner, mean, reordered


class DistributedLeastSquares(LeastSquares):
    """`LeastSquares` of a `DistributedMeasurement`, centered or not.

    Each block has a `BlockLoss` beside it. Per iteration the factors go there twice,
    and what comes back are sums over all blocks: inner products of residuals for the
    line search, and the gradient. A block that was lost, with the machine that it was
    on, is made again from X, and starts anew at the factors that it is sent.

    Parameters
    ----------
    measurement : DistributedMeasurement or CenteredMeasurement
        The latter of the former.
    y : dask array of shape (m,)
    weights : ndarray of shape (m,)
    scale : Scale
    held_out : ndarray of shape (m,) or None
    """

    def __init__(self, measurement, y, weights, scale, held_out=None):
        super().__init__(measurement, y, weights, scale, held_out)
        self._centered = isinstance(measurement, CenteredMeasurement)
        self._seen = measurement.measurement if self._centered else measurement
        self._blocks = self._made_blocks(y)
        self._at_point = Point(0, None, None, 0.0)
        self._mean = 0.0
        self._image = self._mean_image = None

    def _made_blocks(self, y):
        import dask

        ends = np.cumsum(self._seen.X.chunks[0])
        rows = zip(ends - self._seen.X.chunks[0], ends, strict=True)
        blocks = [
            dask.delayed(BlockLoss)(
                self._seen.kind,
                X,
                target,
                _part(self.weights, start, stop),
                None if self._held_out is None else self._held_out[start:stop],
                self.scale,
                self._seen.shape,
                self._centered,
                start,
            )
            for X, target, (start, stop) in zip(
                self._seen.blocks, blocks_of(y), rows, strict=True
            )
        ]
        return dask.persist(*blocks)

    @property
    def held_out_loss(self):
        squares, values = self._held_out_sums
        return float(squares - 2 * self._excess * values + self._excess**2) / 2

    @property
    def image(self):
        if self._image is None:
            self._image = self._sum_of_images(BlockLoss.image, self._at_point)
            if self._centered:
                if self._mean_image is None:
                    self._mean_image = self._sum_of_images(BlockLoss.mean_image)
                self._image = self._image - self._mean * self._mean_image
        return self._image

    def image_of_noise(self, random_state):
        seed = random_state.randint(2**31)
        return self._sum_of_images(BlockLoss.image_of_noise, self._at_point, seed)

    def restart(self, F, G):
        self._at_point = self._at_point.followed_by(F, G, self._mean)
        self._report(summed(BlockLoss.report, self._blocks, self._at_point))
        self._n_advances, self._loss_at_restart = 0, self.loss

    def line(self, F, G, dF, dG):
        moments = summed(
            BlockLoss.line, self._blocks, self._at_point, self._other(F, G), dF, dG
        )
        (ra, aa, rb, ab, bb), (r, a, b) = moments[:5], (self._excess, *moments[5:])
        if self._centered:
            ra, aa, rb = ra - r * a, aa - a * a, rb - r * b
            ab, bb = ab - a * b, bb - b * b
        self._second = aa, ab, bb
        return np.array([ra, aa / 2 + rb, ab, bb / 2])

    def advance(self, t, F, G):
        aa, ab, bb = self._second
        self.change = np.sqrt(max(t * t * (aa + 2 * t * ab + t * t * bb), 0.0))
        before = self._at_point
        self._at_point = before.followed_by(F, G, self._mean)
        sums = summed(
            BlockLoss.advance, self._blocks, before.version, t, self._at_point
        )
        self._report(sums)
        self._n_advances += 1

    def pull_back(self, F, G):
        other = self._other(F, G)
        if other is None:
            return self._gradient
        return self._less_mean(
            summed(BlockLoss.pull_back, self._blocks, self._at_point, other)
        )

    def _other(self, F, G):
        """The factors, unless they are those that the blocks know."""
        known = F is self._at_point.F and G is self._at_point.G
        return None if known else (F, G)

    def _report(self, sums):
        """Loss and gradient from what the blocks say."""
        squares, values, *self._held_out_sums = sums[:4]
        # Mean of the residuals, beyond that which the blocks have taken off already.
        self._excess = values if self._centered else 0.0
        self._mean = self._at_point.mean + self._excess
        self.loss = max(float(squares - self._excess**2), 0.0) / 2
        self._gradient = self._less_mean(sums[4:])
        self._image = None

    def _less_mean(self, products):
        """The gradient of centered measurements, from products with both images."""
        if not self._centered:
            return products
        return tuple(
            product - product.dtype.type(self._excess) * of_mean
            for product, of_mean in zip(products[:2], products[2:], strict=True)
        )

    def _sum_of_images(self, function, *arguments):
        return summed_image(function, self._blocks, arguments, self._seen)


class Point(NamedTuple):
    """Where the blocks are to stand.

    Attributes
    ----------
    version : int
        Another for each point.
    F, G : ndarray
    mean : float
        About that of the residuals, zero without an intercept. Blocks take it off, as
        their sums of squares would hide small residuals else.
    """

    version: int
    F: np.ndarray
    G: np.ndarray
    mean: float

    def followed_by(self, F, G, mean):
        return Point(self.version + 1, F, G, mean)


class BlockLoss:
    """The part of a loss that one block of measurements has, kept where they are.

    It knows where it stands by the number of the version; other factors than those that
    it has seen make it start anew.

    Parameters
    ----------
    kind : class
        Of the measurements.
    X : ndarray
        The rows of the block.
    y : ndarray
    weights : ndarray or float
        A float if all of them are equal.
    held_out : ndarray or None
    scale : Scale
    shape : tuple of int
    centered : bool
        Whether to report what the mean is needed for.
    start : int
        Number of the first row, so that random signs are the block's own.
    """

    def __init__(self, kind, X, y, weights, held_out, scale, shape, centered, start):
        measurement, order = kind.for_fit(X, shape, y.dtype)
        weights = np.broadcast_to(weights, len(y))
        y, weights, held_out = (reordered(u, order) for u in (y, weights, held_out))
        self._loss = LeastSquares(measurement, y, weights, scale, held_out)
        self._weights = weights
        self._held_out = held_out
        self._start = start
        self._mean_image = None
        if centered:
            self._mean_image = self._loss.image_of(np.ones(len(y), measurement.dtype))
        self._version = self._line_at = None
        self._n_bytes = X.nbytes + y.nbytes

    def __sizeof__(self):
        """What dask goes by, so that it does not think it cheap to move a block."""
        return self._n_bytes

    def at(self, point):
        """The loss at a point."""
        if self._version != point.version:
            self._loss.restart(point.F, point.G)
            self._stand_at(point)
        return self._loss

    def _stand_at(self, point):
        self._version, self._factors = point.version, (point.F, point.G)

    def _residual(self, point):
        residual = self.at(point).residual
        return residual - residual.dtype.type(point.mean) if point.mean else residual

    def line(self, point, other, dF, dG):
        """Sums of products of r, a and b: ra, aa, rb, ab, bb, a, b.

        From `other` factors, if not from those of the point.
        """
        loss = self.at(point)
        loss.line(*(other or self._factors), dF, dG)
        self._line_at = self._version
        r, a, b = self._residual(point), loss.current_line.a, loss.current_line.b
        products = ((r, a), (a, a), (r, b), (a, b), (b, b))
        return (
            *(inner(self._weights, u, v) for u, v in products),
            *(float(mean(self._weights, u)) for u in (a, b)),
        )

    def advance(self, before, t, point):
        if self._version == self._line_at == before:
            self._loss.advance(t, point.F, point.G)
            self._stand_at(point)
        return self.report(point)

    def report(self, point):
        """Sums of squares and values of fitted and of held-out residuals, gradient."""
        r, weights, held_out = self._residual(point), self._weights, self._held_out
        sums = [inner(weights, r, r), float(mean(weights, r)), 0.0, 0.0]
        if held_out is not None:
            sums[2:] = inner(held_out, r, r), float(mean(held_out, r))
        return (*sums, *self.pull_back(point, self._factors))

    def pull_back(self, point, factors):
        """The gradient, and the same of the image of ones if that is needed."""
        loss = self.at(point)
        products = loss.pull_back(*factors)
        if self._mean_image is None:
            return products
        of_mean = loss.pulled_back(self._mean_image, *factors)
        less_mean = (
            product - product.dtype.type(point.mean) * part
            for product, part in zip(products, of_mean, strict=True)
        )
        return *less_mean, *of_mean

    def image(self, point):
        return self.at(point).image

    def mean_image(self):
        return self._mean_image

    def image_of_noise(self, point, seed):
        residual = self._residual(point)
        return self._loss.image_of(
            with_random_signs(residual, np.random.RandomState((seed, self._start)))
        )


def _part(weights, start, stop):
    """Weights of a block; one number if all are equal."""
    return weights[0] if are_equal(weights) else weights[start:stop]
