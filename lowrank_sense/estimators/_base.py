"""The base of the estimators: the fit, and what follows from M."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import partial
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.sparse.linalg import LinearOperator
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    RegressorMixin,
    TransformerMixin,
)
from sklearn.callback import CallbackSupportMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from .._compat import fit_method
from .._types import Array, Factors
from ..arrays.backends import move_all_to_like, move_to_like, to_numpy
from ..arrays.factors import pad_columns
from ..inference.verdict import judge
from ..kernels.threads import one_blas_thread
from ..losses import LOSSES
from ..measurements import MEASUREMENTS, Measurement, Operator, kind_for
from ..parameterizations import Parameterization
from ..problem import Problem
from ..solution import Solution, StopReason
from ._callbacks import FitHooks
from ._checks import checked_design, checked_results, checked_target, checked_weights
from ._data import MAX_MATRIX_BYTES, Data, read_data
from ._parameters import CONSTRAINTS, Parts, make_parts
from ._result import (
    SameArrays,
    fitted_attributes,
    history_attributes,
    kept_on_failure,
    matrix_attributes,
    matrix_found,
    solution_attributes,
)
from ._run import chosen_solver, make_problem, make_run, starting_iterate
from ._score import r2_in_any_units
from ._state import StateOfFit
from ._warnings import (
    warn_if_blind,
    warn_of_doubts,
    warn_of_rank,
    warn_unless_converged,
)

Design: TypeAlias = ArrayLike | sparse.sparray | sparse.spmatrix | LinearOperator


class FactorSensing(
    CallbackSupportMixin,
    ClassNamePrefixFeaturesOutMixin,
    RegressorMixin,
    TransformerMixin,
    StateOfFit,
    BaseEstimator,
    ABC,
):
    """Share fit, predict, transform and score among the estimators.

    A subclass names its parameterization and its fitted factors.
    """

    _factor_names: ClassVar[tuple[str, ...]]
    # The target of the question mark in a notebook.
    _doc_link_module = "lowrank_sense"
    _doc_link_template = (
        "https://lowrank-sense.readthedocs.io/stable/api/"
        "lowrank_sense.{estimator_name}.html"
    )

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = CONSTRAINTS

    singular_values_: Array
    effective_rank_: int
    intercept_: float
    solver_: str
    n_iter_: int
    converged_: bool
    stop_reason_: str
    loss_history_: Array
    validation_history_: Array | None
    gradient_norm_history_: Array
    step_size_history_: Array
    adjoint_norm_: float
    accelerated_iteration_: int | None
    n_features_in_: int
    feature_names_in_: Array

    @fit_method
    def fit(
        self, X: Design, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Recover the matrix from its measurements.

        Parameters
        ----------
        X : {array-like, sparse matrix, LinearOperator, dask array} of shape \
                (n_measurements, n_features)
            Row i holds the n1 * n2 entries of :math:`A_i` in C order with
            ``measurement="matrix"``; :math:`a_i`, or :math:`[a_i, b_i]` for the
            asymmetric estimator and for a symmetric one with `shape`, with "rank_one";
            a row and a column index with "entry". C- or F-contiguous float32 and
            float64 arrays are not copied. With "matrix", X may be a SciPy or PyLops
            LinearOperator; its adjoint is tested once. The rows of a dask array stay in
            their blocks, on the workers if there is a cluster. With scikit-learn's
            ``array_api_dispatch``, an array of PyTorch or of another library of the
            array API standard stays on its device, except for the indices of "entry".
            Fitted arrays and results are put on that device.
        y : array-like or dask array of shape (n_measurements,)
            The measurements :math:`\\langle A_i, M \\rangle` + intercept.
        sample_weight : array-like of shape (n_measurements,), default=None
            Nonnegative weights of the losses; only their ratios matter.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter is out of range or has no effect with another one; if X or y
            holds NaN, infinity or complex numbers, or their lengths differ; if the
            number of features does not fit the shape, or determines none; if an index
            is outside the shape; or if the rmatvec of a LinearOperator is not its
            adjoint.

        Warns
        -----
        ConvergenceWarning
            If `max_iter` ends the run or a fixed step diverges. If the run converged,
            but the result may be wrong: too few measurements for the rank, components
            where hardly anything is measured, nothing larger than noise, a mean that M
            cannot hold, or negative eigenvalues that it cannot have.
        UserWarning
            If products of X vanish because its numbers are too small, or if `rank` is
            more than the shape allows.
        """
        parts = make_parts(self, self._parameterization())
        with kept_on_failure(self), one_blas_thread():
            context = self._init_callback_context(max_subtasks=self.max_iter)
            random_state = check_random_state(self.random_state)
            data = read_data(self, parts, X, y, sample_weight, random_state)
            self._fit(parts, data, random_state, context)
        return self

    def predict(self, X: Design) -> Array:
        """Predict measurements of the recovered matrix.

        Parameters
        ----------
        X : {array-like, sparse matrix, LinearOperator, dask array} of shape \
                (n_measurements, n_features)
            Rows as in `fit`; the index -1 of an entry is a row or a column that `fit`
            has not seen. For a dask array the result is a dask array, too.

        Returns
        -------
        y : ndarray of shape (n_measurements,)
            :math:`\\langle A_i, M \\rangle` + intercept, through the inverse link of
            the loss if it has one.

        Raises
        ------
        ValueError
            If X does not match the X of `fit`, or the predictions overflow.
        """
        kind, X, operator = self._measured(X, "predict")
        with np.errstate(over="ignore", invalid="ignore"):
            predictor = operator.apply(*self._pair) + self.intercept_
            predicted = LOSSES.make(self.loss).inverse_link(predictor)
        return move_to_like(X, checked_results(kind, predicted))

    def transform(self, X: Design) -> Array:
        """Measure each singular component of the recovered matrix.

        Parameters
        ----------
        X : {array-like, sparse matrix, LinearOperator, dask array} of shape \
                (n_measurements, n_features)
            Rows as in `fit`; the index -1 of an entry is a row or a column that `fit`
            has not seen. For a dask array the result is a dask array, too.

        Returns
        -------
        components : ndarray of shape (n_measurements, rank)
            Column j is :math:`\\langle A_i, s_j u_j v_j^\\top \\rangle`, in the order
            of `singular_values_`. The rows sum to :math:`\\langle A_i, M \\rangle`,
            which is ``predict(X) - intercept_`` for squares.

        Raises
        ------
        ValueError
            If X does not match the X of `fit`, or the components overflow.
        """
        kind, X, operator = self._measured(X, "transform")
        with np.errstate(over="ignore", invalid="ignore"):
            components = operator.mixed_components(*self._pair, *self._maps())
        components = pad_columns(
            checked_results(kind, components), self._n_features_out
        )
        return move_to_like(X, components)

    def score(
        self, X: Design, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """Return the coefficient of determination of the predictions.

        Parameters
        ----------
        X : {array-like, sparse matrix, LinearOperator, dask array} of shape \
                (n_measurements, n_features)
            Rows as in `fit`.
        y : array-like or dask array of shape (n_measurements,)
            The measurements.
        sample_weight : array-like of shape (n_measurements,), default=None
            Nonnegative weights of the squared residuals.

        Returns
        -------
        score : float
            :math:`R^2 = 1 - u / v` with :math:`u = \\sum_i (y_i - \\hat y_i)^2` for the
            predictions and :math:`v = \\sum_i (y_i - \\bar y)^2` for the mean.

        Raises
        ------
        ValueError
            If X, y or the weights are not what `fit` takes, or are so large that the
            score overflows.
        """
        predicted = np.asarray(to_numpy(self.predict(X)))
        y = checked_target(y)
        check_consistent_length(predicted, y)
        if sample_weight is not None:
            sample_weight, _ = checked_weights(sample_weight, y)
        return r2_in_any_units(y, predicted, sample_weight)

    @property
    def matrix_(self) -> Array:
        """Return the recovered matrix M, of shape (n1, n2), built on access.

        Raises
        ------
        ValueError
            If the matrix would take more than 8 GiB.
        """
        F, G = self._pair
        size = len(F) * len(G) * F.itemsize
        if size > MAX_MATRIX_BYTES:
            raise ValueError(
                f"matrix_ of shape {(len(F), len(G))} would take {size / 2**30:.0f} "
                "GiB. Get the entries that you need from predict, or multiply by the "
                "factors."
            )
        return move_to_like(self._factors[0], F @ G.T)

    @property
    def coef_(self) -> Array:
        """Return ``matrix_.ravel()``, the coefficients of the features.

        Only with ``measurement="matrix"``, where predictions are linear in them.
        """
        if not MEASUREMENTS.make(self.measurement).features_are_entries:
            raise AttributeError(
                f"{type(self).__name__}(measurement={self.measurement!r}) has no "
                "coef_, as its predictions are not linear in the features."
            )
        return self.matrix_.ravel()

    @property
    def _n_features_out(self) -> int:
        return int(self._factors[0].shape[1])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        kind = _kind_or_default(self.measurement)
        tags.input_tags.sparse = kind.reads_values and kind.accepts_sparse
        tags.input_tags.positive_only = not kind.reads_values
        tags.array_api_support = True
        if kind.reads_values:
            tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    @abstractmethod
    def _parameterization(self) -> Parameterization:
        """Return how the factors make a matrix."""

    def _measured(self, X: Design, method: str) -> tuple[Measurement, Any, Operator]:
        """Return the kind, the checked X and the measurements that it makes."""
        check_is_fitted(self)
        kind = MEASUREMENTS.make(self.measurement)
        attribute = self._factor_names[0]
        X = checked_design(self, kind, X, attribute=attribute, method=method)
        F, G = self._pair
        return kind, X, kind_for(kind, X).operator(X, (len(F), len(G)))

    def _fit(
        self,
        parts: Parts,
        data: Data,
        random_state: np.random.RandomState,
        context: Any,
    ) -> None:
        warn_of_rank(self.rank, data.shape)
        problem = make_problem(self, parts, data)
        warn_if_blind(problem.scale, data.like, fit_intercept=self.fit_intercept)
        name, solver, suited = chosen_solver(self, parts, problem)
        before = self._factors_before(data)
        iterate = starting_iterate(self, solver, problem, before, random_state)
        run = make_run(self, solver, problem)
        found = partial(matrix_found, problem, iterate, self.rank)
        hooks = FitHooks(
            self,
            context,
            data.for_callbacks,
            run.history,
            snapshot=lambda: move_all_to_like(
                data.like,
                matrix_attributes(self._factor_names, *found())
                | history_attributes(run.history, problem, data),
            ),
            loss_unit=problem.scale.loss,
        )
        hooks.begin_fit()
        stop_reason = run.run(iterate, hooks)
        verdict = judge(iterate, stop_reason, problem.diagnostics, self.tol)
        if stop_reason is StopReason.RECOVERED and data.differs(self.tol):
            stop_reason = StopReason.STATIONARY
        solution = Solution(*found(), stop_reason, verdict.effective_rank, run.history)
        self._publish(solution, problem, data)
        self.solver_ = name
        warn_unless_converged(self, parts, suited)
        warn_of_doubts(self, verdict, problem)
        for key, value in move_all_to_like(data.like, fitted_attributes(self)).items():
            setattr(self, key, value)
        self._maps_of = SameArrays(self._factors)
        hooks.end_fit()

    def _publish(self, solution: Solution, problem: Problem, data: Data) -> None:
        attributes = solution_attributes(self._factor_names, solution, problem, data)
        for name, value in attributes.items():
            setattr(self, name, value)

    def _factors_before(self, data: Data) -> Factors | None:
        """Return the factors that a warm start goes on from, or None."""
        if not self.warm_start or not hasattr(self, "singular_values_"):
            return None
        F, G = self._pair
        shape = data.shape
        if (len(F), len(G)) != shape or F.shape[1] != self.rank:
            raise ValueError(
                f"warm_start=True cannot go on from factors of shapes {F.shape} and "
                f"{G.shape} with rank={self.rank} and a matrix of shape {shape}: set "
                "warm_start=False to begin anew."
            )
        factors = tuple(to_numpy(part) for part in self._factors)
        return data.support.restrict(factors) if data.support else factors

    @property
    def _factors(self) -> Factors:
        return tuple(getattr(self, name) for name in self._factor_names)


def _kind_or_default(measurement: Any) -> Measurement:
    """Return the kind, or a default if the parameter is invalid: tags need one."""
    allowed = any(
        option.is_satisfied_by(measurement) for option in CONSTRAINTS["measurement"]
    )
    return MEASUREMENTS.make(measurement if allowed else "matrix")
