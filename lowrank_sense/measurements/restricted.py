"""Measurements of the part of a matrix that they touch."""

from collections import deque
from collections.abc import Callable
from typing import Any, final

from .._types import Array, Dtype, ImplicitMatrix, Pair, SamplingCounts, Shape
from ..arrays.restricted import embedded, extended, restricted
from .base import Measurement
from .line import MeasuredLine
from .operator import Operator
from .support import Support


@final
class RestrictedMeasurement(Measurement):
    """Read another kind of measurements, for the part of the matrix that they touch.

    Parameters
    ----------
    kind : Measurement
    support : Support
        The part that all measurements together touch.
    """

    def __init__(self, kind: Measurement, support: Support) -> None:
        self._kind, self._support = kind, support

    @property
    def dense_adjoint(self) -> bool:  # type: ignore[override]
        """Return whether adjoints are arrays."""
        return self._kind.dense_adjoint

    def infer_shape(self, shape: Any, X: Any, *, symmetric: bool) -> Shape:
        return self._support.shape

    def operator(self, X: Any, shape: Shape) -> Operator:
        whole = self._kind.operator(X, self._support.whole_shape)
        return RestrictedOperator(whole, self._support)

    def for_fit(self, X: Any, shape: Shape, dtype: Dtype) -> tuple[Operator, Any]:
        whole, order = self._kind.for_fit(X, self._support.whole_shape, dtype)
        return RestrictedOperator(whole, self._support), order


@final
class RestrictedOperator(Operator):
    """Measure a matrix that is zero outside a support, given by its part inside.

    Parameters
    ----------
    operator : Operator
        The measurements of the whole matrix.
    support : Support
    """

    def __init__(self, operator: Operator, support: Support) -> None:
        super().__init__(support.shape, operator.n_measurements, operator.dtype)
        self._operator, self._support = operator, support
        # Operators recognize factors that they have measured before.
        self._known: deque[tuple[Array, Array, Array]] = deque(maxlen=6)

    @property
    def looks_for_repeats(self) -> bool:
        return self._operator.looks_for_repeats

    def apply(self, F: Array, G: Array) -> Array:
        return self._operator.apply(*self._whole(F, G))

    def components(self, F: Array, G: Array) -> Array:
        return self._operator.components(*self._whole(F, G))

    def adjoint(self, values: Array) -> ImplicitMatrix:
        return self._part(self._operator.adjoint(values))

    def residual(
        self, F: Array, G: Array, target: Array, weights: Array
    ) -> tuple[Array, ImplicitMatrix]:
        residual, matrix = self._operator.residual(*self._whole(F, G), target, weights)
        return residual, self._part(matrix)

    def forward_and_back(
        self, F: Array, G: Array, values: Array, weights: Array
    ) -> tuple[Array, ImplicitMatrix, ImplicitMatrix]:
        measured, *matrices = self._operator.forward_and_back(
            *self._whole(F, G), values, weights
        )
        back, of_values = (self._part(matrix) for matrix in matrices)
        return measured, back, of_values

    def factor_gradient(self, matrix: ImplicitMatrix, F: Array, G: Array) -> Pair:
        products = self._operator.factor_gradient(
            self.extended(matrix), *self._whole(F, G)
        )
        left, right = self._support.restrict(products)
        return left, right

    def sampling_counts(self, weights: Array) -> SamplingCounts:
        rows, columns = (
            None if count is None else count[side]
            for count, side in zip(
                self._operator.sampling_counts(weights),
                self._support.sides,
                strict=True,
            )
        )
        return rows, columns

    def support(self, weights: Array) -> Support:
        support = self._operator.support(weights)
        rows, columns = self._support.restrict(support.sides)
        return Support(rows, columns)

    def apply_along(self, F: Array, G: Array, dF: Array, dG: Array) -> Pair:
        return self._operator.apply_along(*self._whole(F, G), *self._whole(dF, dG))

    def plain_line(
        self, F: Array, G: Array, dF: Array, dG: Array, weights: Array
    ) -> MeasuredLine:
        whole = *self._whole(F, G), *self._whole(dF, dG)
        return RestrictedLine(self._operator.plain_line(*whole, weights), self)

    def line(
        self, F: Array, G: Array, dF: Array, dG: Array, weights: Array
    ) -> MeasuredLine:
        whole = *self._whole(F, G), *self._whole(dF, dG)
        return RestrictedLine(self._operator.line(*whole, weights), self)

    def gradient_along(
        self,
        line: MeasuredLine,
        t: float,
        before: ImplicitMatrix,
        residual: Array,
        pair: Pair,
    ) -> ImplicitMatrix:
        """Return the adjoint after a step t along a line of the whole matrix."""
        gradient = line.matrix_gradient(
            t, self.extended(before), residual, *self._whole(*pair)
        )
        return self._part(gradient)

    def extended(self, matrix: ImplicitMatrix) -> ImplicitMatrix:
        """Return an adjoint of the whole matrix from its part."""
        return extended(matrix, *self._support.sides)

    def _part(self, matrix: ImplicitMatrix) -> ImplicitMatrix:
        return restricted(matrix, *self._support.sides)

    def _whole(self, F: Array, G: Array) -> Pair:
        rows, columns = self._support.sides
        return self._embedded(F, rows), self._embedded(G, columns)

    def _embedded(self, part: Array, side: Array) -> Array:
        """Return the same array for the same part, as long as it is in use."""
        for known, its_side, whole in self._known:
            if known is part and its_side is side:
                return whole
        whole = embedded(part, side)
        self._known.append((part, side, whole))
        return whole


@final
class RestrictedLine(MeasuredLine):
    """Move along a line of the whole matrix.

    Parameters
    ----------
    line : MeasuredLine
        The line of the whole matrix, whose a and b are taken over.
    operator : RestrictedOperator
    """

    def __init__(self, line: MeasuredLine, operator: RestrictedOperator) -> None:
        self.a, self.b = line.a, line.b
        del line.a, line.b
        self._line, self._operator = line, operator

    def matrix_gradient(
        self, t: float, before: ImplicitMatrix, residual: Array, F: Array, G: Array
    ) -> ImplicitMatrix:
        return self._operator.gradient_along(self._line, t, before, residual, (F, G))

    def centered(
        self, weights: Array, mean_adjoint: Callable[[], ImplicitMatrix]
    ) -> MeasuredLine:
        self._line.a, self._line.b = self.a, self.b
        line = self._line.centered(
            weights, lambda: self._operator.extended(mean_adjoint())
        )
        return RestrictedLine(line, self._operator)
