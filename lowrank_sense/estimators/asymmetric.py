"""AsymmetricFactorSensing, for rectangular or indefinite matrices."""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar, final

from .._compat import Interval
from .._types import Array
from ..parameterizations import AsymmetricParameterization, Parameterization
from ._base import FactorSensing
from ._parameters import (
    CONSTRAINTS,
    InitName,
    LossLike,
    MeasurementLike,
    PenaltyLike,
    RandomState,
    SolverClass,
    SolverName,
    StepSize,
)


@final
class AsymmetricFactorSensing(FactorSensing):
    """Recover a rectangular low-rank matrix from linear measurements.

    Minimizes ``1/(2m) sum_i (<A_i, F G^T> - y_i)^2`` over both factors by gradient
    descent from a small random start (Xiong, Ding and Du, 2024). It converges linearly
    when the rank is exact and at a rate exp(-Omega(alpha^2 T)) when
    the rank exceeds the true one; the accelerated step makes the rate
    independent of alpha.

    Parameters
    ----------
    rank : int, default=2
        Width k of the factors. It may exceed the rank of the matrix.
    alpha : float, default=0.1
        Scale of a random start in units of sqrt(sigma_1), sigma_1 the largest
        singular value of M, which is estimated from the data.
    accelerated_step : bool or int, default=True
        True: directions that the data do not certify as signal are inflated once they
        are found to be what is slow; a rule decides from the run itself. It leaves the
        surplus to a penalty where there is one, and "als" needs no such step. An int t:
        the published step at iteration t, F <- beta U and G <- G B S / beta from the
        singular value decomposition U S B^T of F, with beta^2 the largest singular
        value of M; "auto" does not choose "als" then. False: never.
    solver : {"auto", "gd", "cg", "pcg", "als"}, Solver class or instance, \
            default="auto"
        "auto": "als" for entries and "pcg" for the others up to 0.85 degrees of freedom
        per measurement, else "cg". "gd": gradient descent, the published method. "cg":
        conjugate gradient, the most robust of all together with the accelerated step.
        "pcg": conjugate gradient in the damped metric of the factors, the fastest:
        neither an ill-conditioned matrix nor a surplus of rank slows it down. With
        hardly more measurements than k (n1 + n2 - k), the degrees of freedom, it fits
        them with a wrong matrix where "cg" can still find the right one. "als", for
        ``measurement="entry"`` only: alternating least squares, each row of a factor in
        turn the minimizer of the loss, which takes the fewest iterations there.
    init : {"random", "spectral"}, default="random"
        The start: small and random, or the leading singular vectors of A*(y), the
        adjoint of the measurements, with F larger than G on purpose.
    step_size : "auto" or float, default="auto"
        "auto" minimizes the loss exactly along each direction, where it is a quartic
        polynomial of the step. A float, for "gd" only, is a fixed step in units of
        1/sigma_1.
    init_ratio : float, default=1/3
        Scale of the start of G relative to that of F. The imbalance that it makes is
        what drives the linear rate when the rank exceeds the true one.
    measurement : {"matrix", "rank_one", "entry"}, Measurement class or instance, \
            default="matrix"
        What a row of X is: "matrix", the n1 * n2 entries of A_i in C order; "rank_one",
        [a_i, b_i] with A_i = a_i b_i^T; "entry", the row and the column of an entry of
        M. If a_i = b_i in all rows, only the symmetric part of M is determined, and
        (M + M^T) / 2 is found.
    loss : "squared_error", Loss class or instance, default="squared_error"
        The loss of a measurement and its predictor. A loss that is not squared is for X
        in one place, without an intercept.
    shape : tuple of int, default=None
        (n1, n2). It has to be given unless it can be told: "matrix" takes a square if
        the number of features is one, "rank_one" cuts [a_i, b_i] in the middle, "entry"
        takes the largest indices plus one.
    penalty : float, "auto", Penalty class or instance, default=0.0
        A number adds (penalty / 2) (||F||_F^2 + ||G||_F^2) to the loss, which is
        penalty * ||M||_* at the minimum over all factors of M (Srebro, Rennie and
        Jaakkola, 2004). With a rank above that of the solution it is the convex
        problem. "auto", for ``measurement="entry"`` only, finds the rank: under a
        penalty in proportion to the residual, as in the square-root lasso (Klopp,
        2014), components of noise stay small; the fit goes on without them and without
        a penalty. It needs `rank` to be at least the true one, and a `solver` other
        than "gd" if the condition number is large.
    fit_intercept : bool, default=False
        Whether to add a constant to the measurements, which is not penalized. It is
        eliminated: each iterate has the best one for its matrix.
    max_iter : int, default=1000
        Largest number of iterations.
    tol : float, default=1e-6
        Stop when the estimated distance of M to its limit, relative to its Frobenius
        norm, is below `tol`, or what still moves is smaller than the noise. With 0 the
        fit runs all `max_iter` iterations, or until no step lowers the loss any more,
        without a warning.
    early_stopping : bool, default=False
        Whether to hold out some measurements, end the fit when they are not predicted
        any better, and return the iterate that predicts them best. With "gd" no step is
        longer than 1/sigma_1 then: a small `alpha` lets the signal outgrow the noise
        only in many small steps.
    validation_fraction : float, default=0.1
        Part of the measurements to hold out.
    n_iter_no_change : int, default=10
        How many iterations may pass, with early stopping, without lowering the loss of
        what is held out by more than `tol` of it.
    warm_start : bool, default=False
        Whether a second fit begins with the factors of the first, instead of a start by
        `init`, unless these are zero. Its histories are its own. With a penalty,
        vanished components are reactivated where the data call for them.
    random_state : int, RandomState instance or None, default=None
        Draws the random start, and what is held out.
    verbose : int, default=0
        With 1 the loss is printed every so often.

    Attributes
    ----------
    left_factor_ : ndarray of shape (n1, rank)
        F with M = F G^T. Only M is determined, not its factors.
    right_factor_ : ndarray of shape (n2, rank)
        G.
    matrix_ : ndarray of shape (n1, n2)
        M, built on access.
    singular_values_ : ndarray of shape (rank,)
        Singular values of M, in decreasing order.
    effective_rank_ : int
        How many components the data support. Singular values that exceed the estimated
        error of M belong to the true matrix by Weyl's inequality. After a fit that came
        to rest above zero, those count as well that exceed by 30 % what noise of the
        size of the residual makes of a matrix: the spectral norm of the adjoint of the
        residuals with random signs, times (1 - d)^(-3/2) for d degrees of freedom per
        measurement. A component's size is judged by its measurements. 0 where the
        measurements are too few to tell. With ``penalty="auto"`` it is the rank that
        was kept.
    intercept_ : float
        Zero without `fit_intercept`.
    solver_ : str
        The solver that ran, also where `solver` is "auto"; a class by its name.
    n_iter_ : int
        Number of iterations.
    converged_ : bool
        Whether the residual vanished, or the iterates came to rest, or what still moves
        is smaller than the noise, or the fit stopped early.
    stop_reason_ : str
        "recovered": the residual vanished; "stationary": the iterates came to rest at a
        residual that does not vanish; "noise": the loss came to rest while components
        still move that are too small to tell from noise, as with more rank than the
        data support; "early": what was held out is not predicted any better;
        "max_iter"; "diverged"; or "callback".
    loss_history_ : ndarray of shape (n_iter_ + 1,)
        The loss before each iteration, and at the end, with the penalty.
    validation_history_ : ndarray of shape (n_iter_ + 1,) or None
        The loss, half the mean squared residual, of what was held out; None without
        `early_stopping`.
    gradient_norm_history_ : ndarray of shape (n_iter_ + 1,)
        Frobenius norm of the gradient with respect to both factors; with "als" before
        each iteration with respect to F, that of G being zero.
    step_size_history_ : ndarray of shape (n_iter_,)
        In units of 1/sigma_1.
    imbalance_history_ : ndarray of shape (n_iter_ + 1,)
        ||F^T F - G^T G||_F, nearly conserved but for the accelerated step.
    accelerated_iteration_ : int or None
        The iteration before which the first accelerated step was taken, None if
        never.
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, if X had names.

    See Also
    --------
    SymmetricFactorSensing : For positive semi-definite matrices.

    References
    ----------
    N. Xiong, L. Ding, S. S. Du. "How Over-Parameterization Slows Down Gradient Descent
    in Matrix Sensing: The Curses of Symmetry and Initialization". ICLR 2024.

    O. Klopp. "Noisy low-rank matrix completion with general sampling distribution".
    Bernoulli 20(1), 2014.

    Examples
    --------
    >>> from lowrank_sense import AsymmetricFactorSensing
    >>> from lowrank_sense.datasets import make_matrix_sensing
    >>> X, y, M = make_matrix_sensing(500, (15, 20), 2, random_state=0)
    >>> est = AsymmetricFactorSensing(rank=4, shape=(15, 20), random_state=0).fit(X, y)
    >>> bool(abs(est.matrix_ - M).max() < 1e-5)
    True
    >>> est.effective_rank_
    2
    """

    _factor_names = ("left_factor_", "right_factor_")

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **CONSTRAINTS,
        "init_ratio": [Interval(Real, 0, None, closed="left")],
    }

    left_factor_: Array
    right_factor_: Array
    imbalance_history_: Array

    def __init__(
        self,
        rank: int = 2,
        alpha: float = 0.1,
        accelerated_step: bool | int = True,
        *,
        solver: SolverName | SolverClass = "auto",
        init: InitName = "random",
        step_size: StepSize = "auto",
        init_ratio: float = 1 / 3,
        measurement: MeasurementLike = "matrix",
        loss: LossLike = "squared_error",
        shape: tuple[int, int] | None = None,
        penalty: PenaltyLike = 0.0,
        fit_intercept: bool = False,
        max_iter: int = 1000,
        tol: float = 1e-6,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        warm_start: bool = False,
        random_state: RandomState = None,
        verbose: int = 0,
    ) -> None:
        self.rank = rank
        self.alpha = alpha
        self.accelerated_step = accelerated_step
        self.solver = solver
        self.init = init
        self.step_size = step_size
        self.init_ratio = init_ratio
        self.measurement = measurement
        self.loss = loss
        self.shape = shape
        self.penalty = penalty
        self.fit_intercept = fit_intercept
        self.max_iter = max_iter
        self.tol = tol
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    def _parameterization(self) -> Parameterization:
        return AsymmetricParameterization(self.init_ratio)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        # Only a whole matrix measures an arbitrary linear function of X.
        tags.regressor_tags.poor_score = self.measurement != "matrix"
        return tags
