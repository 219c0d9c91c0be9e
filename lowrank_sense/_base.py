"""What the two estimators share: validation, the fit, and what follows from M."""

from contextlib import contextmanager
from functools import partial
from numbers import Integral, Real
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    RegressorMixin,
    TransformerMixin,
    _fit_context,
)
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    validate_data,
)

from ._assembly import (
    check_step_size,
    descent,
    starting_iterate,
    suited_solver,
)
from ._callbacks import FitHooks
from ._threads import one_blas_thread
from ._warnings import warn_unless_converged
from .measurements import MEASUREMENTS, LeastSquares, estimate_scale
from .parameterizations import spectrum, widened
from .solvers import DIRECTIONS, certified_rank

SPARSE_FORMATS = ("csr", "csc", "coo")
Design: TypeAlias = ArrayLike | sparse.sparray | sparse.spmatrix


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

    _parameter_constraints: dict = {
        "rank": [Interval(Integral, 1, None, closed="left")],
        "alpha": [Interval(Real, 0, None, closed="neither")],
        "accelerated_step": ["boolean", Interval(Integral, 1, None, closed="left")],
        "solver": [StrOptions({*DIRECTIONS, "auto"})],
        "init": [StrOptions({"random", "spectral"})],
        "step_size": [
            StrOptions({"auto"}),
            Interval(Real, 0, None, closed="neither"),
        ],
        "measurement": [StrOptions(set(MEASUREMENTS))],
        "shape": [tuple, list, None],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
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
        X : {array-like, sparse matrix} of shape (n_measurements, n1 * n2)
            Row i is the measurement matrix A_i in C order. C- or F-contiguous float32
            and float64 arrays are not copied.
        y : array-like of shape (n_measurements,)
            The measurements <A_i, M>.
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
            numbers, their lengths differ, or the number of features does not fit the
            shape.

        Warns
        -----
        ConvergenceWarning
            If `max_iter` ends the run or a fixed step diverges.
        """
        check_step_size(self)
        with _fitted_state_kept_on_failure(self), one_blas_thread():
            context = self._init_callback_context(max_subtasks=self.max_iter)
            X, y = self._validate(X, y)
            weights = np.full(len(y), 1.0)
            metadata = None
            if sample_weight is not None:
                weights = _check_sample_weight(
                    sample_weight, X, dtype=np.float64, ensure_non_negative=True
                )
                metadata = {"sample_weight": weights}
            shape = MEASUREMENTS[self.measurement].infer_shape(
                self.shape, X.shape[1], symmetric=self._symmetric
            )
            data = {"X": X, "y": y, "metadata": metadata}
            weights = weights / weights.max()  # so that their sum cannot overflow
            self._fit(X, y, weights / weights.sum(), shape, context, data)
        return self

    def predict(self, X: Design) -> np.ndarray:
        """Measure the recovered matrix.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_measurements, n1 * n2)
            Rows as in `fit`.

        Returns
        -------
        y : ndarray of shape (n_measurements,)
            <A_i, M> + intercept.
        """
        measurement = self._measurement_of(X)
        return measurement.apply(*self._pair) + self.intercept_

    def transform(self, X: Design) -> np.ndarray:
        """Measure each singular component of the recovered matrix.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_measurements, n1 * n2)
            Rows as in `fit`.

        Returns
        -------
        components : ndarray of shape (n_measurements, rank)
            Column j is <A_i, s_j u_j v_j^T>, in the order of `singular_values_`. The
            rows sum to ``predict(X) - intercept_``.
        """
        measurement = self._measurement_of(X)
        U, s, V = spectrum(*self._pair)
        return widened(measurement.apply_each(U * s, V), self._n_features_out)

    @property
    def matrix_(self) -> np.ndarray:
        """The recovered matrix M, ndarray of shape (n1, n2), built on access."""
        F, G = self._pair
        return F @ G.T

    @property
    def _n_features_out(self):
        return self._pair[0].shape[1]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def _validate(self, X, y):
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=SPARSE_FORMATS,
            dtype=(np.float64, np.float32),
            y_numeric=True,
        )
        if y.dtype != np.float32:
            y = y.astype(np.float64, copy=False)
        largest = np.max(np.abs(y))
        if largest > np.finfo(X.dtype).max:
            raise ValueError(
                f"y holds values as large as {largest:.1e}, beyond the range of "
                f"{X.dtype}, the dtype of X: scale y or convert X to float64."
            )
        return _without_gaps(X), y

    def _measurement_of(self, X):
        check_is_fitted(self)
        X = validate_data(
            self,
            X,
            accept_sparse=SPARSE_FORMATS,
            dtype=(np.float64, np.float32),
            reset=False,
        )
        F, G = self._pair
        return MEASUREMENTS[self.measurement](X, (F.shape[0], G.shape[0]))

    def _fit(self, X, y, weights, shape, context, data):
        measurement = MEASUREMENTS[self.measurement](X, shape)
        scale = estimate_scale(measurement, y, weights, symmetric=self._symmetric)
        isometry, leak = scale.isometry(shape, self.rank), scale.leak(shape)
        parameterization = self._parameterization()
        objective = LeastSquares(measurement, y, weights, scale)
        iterate = starting_iterate(self, parameterization, objective)
        suited = suited_solver(self, parameterization, shape, weights)
        solver = suited if self.solver == "auto" else self.solver
        run = descent(self, solver, scale, isometry, leak)
        snapshot = partial(self._factor_attributes, iterate, scale)
        hooks = FitHooks(self, context, data, run.history, snapshot, scale.loss)
        hooks.begin_fit()
        stop_reason = run.run(iterate, hooks)
        for name, value in snapshot().items():
            setattr(self, name, value)
        self.solver_ = solver
        self.stop_reason_ = str(stop_reason)
        self.converged_ = stop_reason.converged
        self._set_report(run.history, scale)
        self.effective_rank_ = certified_rank(
            iterate.singular_values, iterate.objective.error, isometry
        )
        warn_unless_converged(self, suited)
        hooks.end_fit()

    def _set_report(self, history, scale):
        """What the run did, in the units of the data."""
        self.n_iter_ = history.n_iter
        self.loss_history_ = scale.loss * np.array(history.loss)
        self.gradient_norm_history_ = (
            scale.loss / np.sqrt(scale.signal) * np.array(history.gradient_norm)
        )
        self.step_size_history_ = np.array(history.step_size) / scale.step
        self.accelerated_iteration_ = history.accelerated_iteration
        _, s, _ = spectrum(*self._pair)
        self.singular_values_ = widened(s[np.newaxis], self.rank)[0]


@contextmanager
def _fitted_state_kept_on_failure(estimator):
    """Put the fitted attributes back as they were if a fit does not get to its end."""
    before = _fitted_attributes(estimator)
    try:
        yield
    except BaseException:
        for name in _fitted_attributes(estimator):
            delattr(estimator, name)
        for name, value in before.items():
            setattr(estimator, name, value)
        raise


def _fitted_attributes(estimator):
    return {
        name: value
        for name, value in vars(estimator).items()
        if name.endswith("_") and not name.startswith("_")
    }


def _without_gaps(X):
    """X itself, unless its memory layout is one that BLAS cannot take."""
    if sparse.issparse(X) or X.flags.c_contiguous or X.flags.f_contiguous:
        return X
    return np.ascontiguousarray(X)
