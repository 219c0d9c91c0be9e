"""What the two estimators share: validation, the fit, and what follows from M."""

import warnings
from functools import partial
from numbers import Integral, Real
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.sparse.linalg import LinearOperator
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    RegressorMixin,
    TransformerMixin,
    _fit_context,
)
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from ._assembly import (
    check_solver,
    descent,
    starting_iterate,
    suited_solver,
)
from ._callbacks import FitHooks
from ._devices import all_beside, beside, on_host
from ._fitted_state import fitted_attributes, fitted_state_kept_on_failure
from ._problem import pose
from ._score import r2_in_any_units
from ._threads import one_blas_thread
from ._validation import (
    checked_data,
    checked_design,
    checked_results,
    checked_target,
    checked_weights,
    holds_values,
)
from ._version import __version__
from ._warnings import warn_unless_converged
from .measurements import MEASUREMENTS, measurement_kind
from .measurements.weights import equal_weights
from .parameterizations import spectrum, widened
from .solvers import DIRECTIONS, effective_rank

# The largest matrix_ that is formed.
MAX_MATRIX_BYTES = 2**33
# What a pickle calls the release that it is of.
VERSION = "_lowrank_sense_version"
Design: TypeAlias = ArrayLike | sparse.sparray | sparse.spmatrix | LinearOperator


class FactorSensing(
    CallbackSupportMixin,
    ClassNamePrefixFeaturesOutMixin,
    RegressorMixin,
    TransformerMixin,
    BaseEstimator,
):
    """Base of the two estimators.

    A subclass names its parameterization and turns the final factors into its fitted
    attributes.
    """

    _symmetric: bool
    # Where the question mark in a notebook leads.
    _doc_link_module = "lowrank_sense"
    _doc_link_template = (
        "https://lowrank-sense.readthedocs.io/stable/api/"
        "lowrank_sense.{estimator_name}.html"
    )

    _parameter_constraints: dict = {
        "rank": [Interval(Integral, 1, None, closed="left")],
        "alpha": [Interval(Real, 0, None, closed="neither")],
        "accelerated_step": ["boolean", Interval(Integral, 1, None, closed="left")],
        "solver": [StrOptions({*DIRECTIONS, "als", "auto"})],
        "init": [StrOptions({"random", "spectral"})],
        "step_size": [
            StrOptions({"auto"}),
            Interval(Real, 0, None, closed="neither"),
        ],
        "measurement": [StrOptions(set(MEASUREMENTS))],
        "shape": [tuple, list, None],
        "penalty": [StrOptions({"auto"}), Interval(Real, 0, None, closed="left")],
        "fit_intercept": ["boolean"],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "warm_start": ["boolean"],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self, X: Design, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Recover the matrix from its measurements.

        Parameters
        ----------
        X : {array-like, sparse matrix, LinearOperator, dask array} of shape \
                (n_measurements, n_features)
            Row i is, with ``measurement="matrix"``, the n1 * n2 entries of A_i in C
            order; with "rank_one" a_i, or [a_i, b_i] for the asymmetric estimator; with
            "entry" a row and a column index. C- or F-contiguous float32 and float64
            arrays are not copied. A SciPy or PyLops LinearOperator stands for a matrix
            with ``measurement="matrix"``; its adjoint is tested once. The rows of a
            dask array stay in their blocks, on the workers if there is a cluster. With
            scikit-learn's ``array_api_dispatch`` an array of PyTorch or of another
            library of the array API standard stays on its device, but for the indices
            of "entry"; fitted arrays and results are put there.
        y : array-like or dask array of shape (n_measurements,)
            The measurements <A_i, M> + intercept.
        sample_weight : array-like of shape (n_measurements,), default=None
            Nonnegative weights of the squared residuals; only their ratios matter.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter is out of range, X or y hold NaN, infinity or complex
            numbers, their lengths differ, the number of features does not fit the
            shape, an index is none of an entry, or the adjoint of a LinearOperator is
            not its adjoint.

        Warns
        -----
        ConvergenceWarning
            If `max_iter` ends the run or a fixed step diverges.
        UserWarning
            If products of X vanish, as its numbers are too small.
        """
        check_solver(self)
        with fitted_state_kept_on_failure(self), one_blas_thread():
            context = self._init_callback_context(max_subtasks=self.max_iter)
            X, y = checked_data(self, X, y)
            data = {"X": X, "y": beside(X, y), "metadata": None}
            weights = equal_weights(len(y))
            if sample_weight is not None:
                weights, given = checked_weights(sample_weight, y)
                data["metadata"] = {"sample_weight": beside(X, given)}
            self._fit(X, y, weights, context, data)
        return self

    def predict(self, X: Design) -> np.ndarray:
        """Measure the recovered matrix.

        Parameters
        ----------
        X : {array-like, sparse matrix, LinearOperator, dask array} of shape \
                (n_measurements, n_features)
            Rows as in `fit`. What is returned for a dask array is one, too.

        Returns
        -------
        y : ndarray of shape (n_measurements,)
            <A_i, M> + intercept.
        """
        measurement = self._measurement_of(X, "predict")
        with np.errstate(over="ignore", invalid="ignore"):
            measured = measurement.apply(*self._pair) + self.intercept_
        return beside(X, checked_results(measured))

    def transform(self, X: Design) -> np.ndarray:
        """Measure each singular component of the recovered matrix.

        Parameters
        ----------
        X : {array-like, sparse matrix, LinearOperator, dask array} of shape \
                (n_measurements, n_features)
            Rows as in `fit`. What is returned for a dask array is one, too.

        Returns
        -------
        components : ndarray of shape (n_measurements, rank)
            Column j is <A_i, s_j u_j v_j^T>, in the order of `singular_values_`. The
            rows sum to ``predict(X) - intercept_``.
        """
        measurement = self._measurement_of(X, "transform")
        U, s, V = spectrum(*self._pair)
        with np.errstate(over="ignore", invalid="ignore"):
            components = measurement.apply_each(U * s, V)
        return beside(X, widened(checked_results(components), self._n_features_out))

    def score(
        self, X: Design, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """How well measurements are predicted: the coefficient of determination.

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
            R^2 = 1 - sum_i (y_i - prediction_i)^2 / sum_i (y_i - mean(y))^2.

        Raises
        ------
        ValueError
            If X, y or the weights are not what `fit` takes, or so large that R^2
            overflows.
        """
        predicted = np.asarray(on_host(self.predict(X)))
        y = checked_target(y)
        check_consistent_length(X, y)
        if sample_weight is not None:
            sample_weight, _ = checked_weights(sample_weight, y)
        return r2_in_any_units(y, predicted, sample_weight)

    @property
    def matrix_(self) -> np.ndarray:
        """The recovered matrix M, ndarray of shape (n1, n2), built on access.

        Raises
        ------
        ValueError
            If it would take more than 8 GiB.
        """
        F, G = self._pair
        size = len(F) * len(G) * F.itemsize
        if size > MAX_MATRIX_BYTES:
            raise ValueError(
                f"matrix_ of shape {(len(F), len(G))} would take {size / 2**30:.0f} "
                "GiB. Ask for the entries that you need with predict, or multiply by "
                "its factors."
            )
        return beside(self._factors[0], F @ G.T)

    @property
    def _n_features_out(self):
        return self._factors[0].shape[1]

    def __getstate__(self):
        return {**super().__getstate__(), VERSION: __version__}

    def __setstate__(self, state):
        version = state.get(VERSION)
        if version != __version__:
            warnings.warn(
                InconsistentVersionWarning(
                    estimator_name=type(self).__name__,
                    current_sklearn_version=f"{__version__} of lowrank_sense",
                    original_sklearn_version=version,
                ),
                stacklevel=2,
            )
        super().__setstate__({k: v for k, v in state.items() if k != VERSION})

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        reads_values = holds_values(self)
        tags.input_tags.sparse = reads_values
        tags.input_tags.positive_only = not reads_values
        tags.array_api_support = True
        if reads_values:
            tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def _measurement_of(self, X, method):
        check_is_fitted(self)
        X = checked_design(self, X, method)
        F, G = self._pair
        return measurement_kind(self.measurement, X)(X, (len(F), len(G)))

    def _fit(self, X, y, weights, context, data):
        random_state = check_random_state(self.random_state)
        shape = measurement_kind(self.measurement, X).infer_shape(
            self.shape, X, symmetric=self._symmetric
        )
        self._check_size(shape)
        problem = pose(self, X, y, weights, shape, random_state)
        scale = problem.scale
        isometry, leak = scale.isometry(shape, self.rank), scale.leak(shape)
        parameterization = self._parameterization()
        freedom = problem.freedom(parameterization, self.rank)
        suited = suited_solver(self, problem, freedom)
        solver = suited if self.solver == "auto" else self.solver
        before = self._factors_before(shape)
        iterate = starting_iterate(
            self, solver, parameterization, problem, before, random_state
        )
        run = descent(self, solver, problem, isometry, leak, freedom)
        parts = partial(self._fitted_parts, iterate, problem)
        hooks = FitHooks(
            self,
            context,
            data,
            run.history,
            snapshot=lambda: all_beside(X, parts()),
            loss_unit=scale.loss,
        )
        hooks.begin_fit()
        stop_reason = run.run(iterate, hooks)
        for name, value in parts().items():
            setattr(self, name, value)
        self.solver_ = solver
        self.stop_reason_ = str(stop_reason)
        self.converged_ = stop_reason.converged
        self._set_report(run.history, scale)
        self.effective_rank_ = run.modified_step.rank
        if self.effective_rank_ is None:
            self.effective_rank_ = effective_rank(
                iterate, stop_reason, isometry, freedom, self.tol
            )
        warn_unless_converged(self, suited)
        for name, value in all_beside(X, fitted_attributes(self)).items():
            setattr(self, name, value)
        hooks.end_fit()

    def _check_size(self, shape):
        size = self.rank * sum(shape) * np.dtype(np.float64).itemsize
        if self.rank > min(shape) and size > MAX_MATRIX_BYTES:
            raise ValueError(
                f"rank={self.rank} would take factors of {size / 2**30:.0f} GiB, but a "
                f"matrix of shape {shape} has no higher rank than {min(shape)}."
            )

    def _factors_before(self, shape):
        """Those of the fit before that a warm start goes on from, else None."""
        if not self.warm_start or not hasattr(self, "singular_values_"):
            return None
        F, G = self._pair
        if (len(F), len(G)) != shape or F.shape[1] != self.rank:
            raise ValueError(
                f"warm_start=True cannot go on from factors of shapes {F.shape} and "
                f"{G.shape} with rank={self.rank} and a matrix of shape {shape}: set "
                "warm_start=False to begin anew."
            )
        return tuple(on_host(part) for part in self._factors)

    def _fitted_parts(self, iterate, problem):
        """The fitted attributes that predict needs."""
        factors = self._final_factors(iterate)
        unit = np.sqrt(problem.scale.signal)
        factors = [widened(part, self.rank) * part.dtype.type(unit) for part in factors]
        intercept = problem.intercept(factors[0], factors[-1])
        return dict(zip(self._factor_names, factors, strict=True)) | {
            "intercept_": intercept
        }

    @property
    def _factors(self):
        return tuple(getattr(self, name) for name in self._factor_names)

    @property
    def _pair(self):
        return on_host(self._factors[0]), on_host(self._factors[-1])

    def _set_report(self, history, scale):
        """What the run did, in the units of the data."""
        self.n_iter_ = history.n_iter
        with np.errstate(over="ignore"):
            self.loss_history_ = scale.loss * np.array(history.loss)
        if not np.isfinite(self.loss_history_).all():
            raise ValueError(
                "y holds values so large that the loss overflows where this fit "
                "begins: scale y."
            )
        self.gradient_norm_history_ = (
            scale.loss / np.sqrt(scale.signal) * np.array(history.gradient_norm)
        )
        self.step_size_history_ = np.array(history.step_size) / scale.step
        self.validation_history_ = None
        if self.early_stopping:
            self.validation_history_ = scale.loss * np.array(history.validation)
        self.accelerated_iteration_ = history.accelerated_iteration
        _, s, _ = spectrum(*self._pair)
        self.singular_values_ = widened(s[np.newaxis], self.rank)[0]
