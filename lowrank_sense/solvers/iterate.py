"""The iterate of a run."""

from typing import NamedTuple, final

import numpy as np

from .._types import Array, Factors, Pair
from ..arrays.factors import nearest_psd_factor, product_norm, product_svd
from ..objectives import LineModel, Objective, SymmetrizedObjective
from ..parameterizations import AsymmetricParameterization, Parameterization
from ..penalties import Penalty


@final
class State(NamedTuple):
    """Hold what an iterate can be restored to."""

    factors: Factors
    parameterization: Parameterization
    objective: Objective
    merged: tuple[Parameterization, Objective] | None


@final
class Iterate:
    """Hold the factors, how they make a matrix, and the loss and the penalty there.

    A symmetric run may be split into two factors, and merge them again.

    Parameters
    ----------
    parameterization : Parameterization
    factors : tuple of ndarray
    objective : Objective
    penalty : Penalty
        The penalty of one fit.
    """

    def __init__(
        self,
        parameterization: Parameterization,
        factors: Factors,
        objective: Objective,
        penalty: Penalty,
    ) -> None:
        self.parameterization = parameterization
        self.factors = factors
        self.objective = objective
        self.penalty = penalty
        self._merged: tuple[Parameterization, Objective] | None = None
        self._gradient: Factors = ()
        self._gradient_at: Factors | None = None

    @property
    def is_split(self) -> bool:
        """Return whether a symmetric problem currently has two factors."""
        return self._merged is not None

    @property
    def pair(self) -> Pair:
        """Return (F, G) with M = F G^T."""
        return self.parameterization.pair(self.factors)

    @property
    def value(self) -> float:
        """Return the loss plus the penalty."""
        return self.objective.value + self.penalty.value(self.pair)

    @property
    def matrix_norm(self) -> float:
        """Return ||M||_F."""
        return product_norm(*self.pair)

    def gradient(self) -> Factors:
        """Return the gradient with respect to the factors, computed once for each."""
        if self._gradient_at is not self.factors:
            self._gradient, self._gradient_at = self._new_gradient(), self.factors
        return self._gradient

    def _new_gradient(self) -> Factors:
        products = self.objective.factor_gradient(*self.pair)
        gradient = self.parameterization.gradient(products)
        of_penalty = self.penalty.gradient(self.factors)
        if of_penalty is None:
            return gradient
        return tuple(u + v for u, v in zip(gradient, of_penalty, strict=True))

    def line(self, direction: Factors) -> LineModel:
        """Return how the value changes along a direction."""
        return self.line_from(self.pair, self.parameterization.pair(direction))

    def line_from(self, pair: Pair, direction: Pair) -> LineModel:
        """Return how the value changes from other factors of the same matrix."""
        model = self.objective.line(*pair, *direction)
        of_penalty = self.penalty.line(pair, direction)
        if of_penalty is None:
            return model
        return model.plus(np.array([*of_penalty, 0.0, 0.0]))

    def move(self, direction: Factors, step: float) -> None:
        """Move along the direction of the last line."""
        self.factors = tuple(
            part + part.dtype.type(step) * change
            for part, change in zip(self.factors, direction, strict=True)
        )
        self.objective.advance(step, *self.pair)
        if self.objective.out_of_date:
            self.refresh()

    def refresh(self) -> None:
        """Compute the loss and its gradient from scratch."""
        self.objective.restart(*self.pair)
        self._gradient_at = None

    def state(self) -> State:
        """Return the state that `restore` takes."""
        return State(self.factors, self.parameterization, self.objective, self._merged)

    def restore(self, state: State) -> None:
        """Go back to a state."""
        self.factors, self.parameterization, self.objective, self._merged = state
        self.refresh()

    def set_factors(self, F: Array, G: Array) -> None:
        """Go on from two other factors of the same matrix."""
        self.factors = F, G
        if self.parameterization.symmetric:
            self._merged = self.parameterization, self.objective
            self.parameterization = AsymmetricParameterization()
            self.objective = SymmetrizedObjective(self.objective)
            self.refresh()

    def merge(self) -> float:
        """Return to one factor, of the nearest positive semi-definite matrix.

        Returns
        -------
        float
            The distance by which the matrix moved, in the Frobenius norm.
        """
        assert self._merged is not None
        F, G = self.pair
        X = nearest_psd_factor(F, G, F.shape[1])
        self.factors = (X,)
        self.parameterization, self.objective = self._merged
        self._merged = None
        self.refresh()
        _, moved, _ = product_svd(np.hstack([X, -F]), np.hstack([X, G]))
        return float(np.linalg.norm(moved))

    def final_factors(self, rank: int) -> Factors:
        """Return factors in the parameterization that the run began with."""
        if self.is_split:
            return (nearest_psd_factor(*self.pair, rank),)
        return self.factors
