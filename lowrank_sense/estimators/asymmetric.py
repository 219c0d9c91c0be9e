"""The estimator of rectangular or indefinite matrices."""

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
    r"""Recover a rectangular low-rank matrix from linear measurements.

    The fit minimizes
    :math:`\frac{1}{2m} \sum_i (\langle A_i, F G^\top \rangle - y_i)^2` over both
    factors, from a small random start. Gradient descent, the method of Xiong, Ding and
    Du (2024), converges linearly if the rank is exact, and at a rate
    :math:`\exp(-\Omega(\alpha^2 T))` if the rank exceeds the true one. The accelerated
    step makes the rate independent of :math:`\alpha`. Rows and columns that nothing
    measures are zero.

    Parameters
    ----------
    rank : int, default=2
        Width k of the factors. It may exceed the rank of the matrix.
    alpha : float, default=0.1
        Scale of a random start in units of :math:`\sqrt{\sigma_1}`. The largest
        singular value :math:`\sigma_1` of M is estimated from the data.
    accelerated_step : bool or int, default=True
        True: a rule inflates directions that the data do not certify as signal, once
        the run shows that these are slow. A penalty takes care of the surplus instead
        where there is one, and "als" needs no such step. An int t: the published step
        at iteration t, :math:`F \leftarrow \beta U` and
        :math:`G \leftarrow G B S / \beta`, where :math:`F = U S B^\top` is the singular
        value decomposition of F. The theorem leaves :math:`\beta` open; here
        :math:`\beta^2` is the largest singular value of M. "auto" then does not choose
        "als". False: never.
    solver : {"auto", "gd", "cg", "pcg", "als"} or Solver, default="auto"
        "auto": "als" for entries and "pcg" otherwise, up to 0.85 degrees of freedom per
        measurement, and "cg" above. "gd": gradient descent, the published method. "cg":
        conjugate gradient, the most robust solver together with the accelerated step.
        "pcg": conjugate gradient in the damped metric of the factors, the fastest
        solver: neither an ill-conditioned matrix nor surplus rank slows it down. With
        hardly more measurements than the :math:`k (n_1 + n_2 - k)` degrees of freedom,
        "pcg" fits them with a wrong matrix where "cg" can still find the right one.
        "als", for ``measurement="entry"`` only: alternating least squares, which
        minimizes the loss over each row of a factor in turn and takes the fewest
        iterations there.
        A class of your own or an instance stands where a name does, here and for
        `measurement`, `loss` and `penalty`.
    init : {"random", "spectral"}, default="random"
        The start: small and random, or from the leading singular vectors of
        :math:`\mathcal{A}^*(y) = \frac{1}{m} \sum_i y_i A_i`, the adjoint of the
        measurements, with F larger than G on purpose.
    step_size : "auto" or float, default="auto"
        "auto" minimizes the loss along each direction, exactly for squares, which are a
        quartic polynomial of the step. A float, for "gd" only, is a fixed step in units
        of ``1 / adjoint_norm_``, about :math:`1 / \sigma_1`.
    init_ratio : float, default=1/3
        Scale of the start of G relative to that of F. The resulting imbalance drives
        the linear rate if the rank exceeds the true one.
    measurement : {"matrix", "rank_one", "entry"} or Measurement, default="matrix"
        What a row of X holds: "matrix", the n1 * n2 entries of :math:`A_i` in C order;
        "rank_one", :math:`[a_i, b_i]` with :math:`A_i = a_i b_i^\top`; "entry", the row
        and the column of an entry of M. If :math:`a_i = b_i` in all rows, only the
        symmetric part of M is determined, and the fit finds that.
    loss : "squared_error" or Loss, default="squared_error"
        The loss of a measurement and its predictor. A loss that is not squared needs X
        in one place and no intercept.
    shape : tuple of int, default=None
        (n1, n2). By default "matrix" takes a square if the number of features is a
        square number, "rank_one" cuts :math:`[a_i, b_i]` in the middle, and "entry"
        takes the largest indices plus one. Otherwise it has to be given.
    penalty : float, "auto" or Penalty, default=0.0
        A number :math:`\lambda` adds :math:`\frac{\lambda}{2} (\|F\|_F^2 + \|G\|_F^2)`
        to the loss. The minimum of this term over all factors of M is
        :math:`\lambda \|M\|_*` (Srebro, Rennie and Jaakkola, 2004). If `rank` exceeds
        the rank of the solution, the problem is as good as convex. "auto", for
        ``measurement="entry"`` only, finds the rank: under a penalty in proportion to
        the residual, as in the square-root lasso (Klopp, 2014), components of noise
        stay small; then the fit goes on without them and without a penalty. It needs
        `rank` to be at least the true one, and a `solver` other than "gd" if the
        condition number is large. Before the end, the residual is compared with noise,
        and the rank is opened again if it hides a component.
    fit_intercept : bool, default=False
        Whether to add an unpenalized constant to the measurements. It is eliminated:
        each iterate has the best constant for its matrix.
    max_iter : int, default=1000
        Largest number of iterations.
    tol : float, default=1e-6
        Stop when the estimated distance of M to its limit, relative to its Frobenius
        norm, is below `tol`, or when all that still moves is smaller than the noise.
        With 0 the fit runs all `max_iter` iterations, or until no step lowers the loss,
        without a warning.
    early_stopping : bool, default=False
        Whether to hold out some measurements, stop when their predictions no longer
        improve, and return the iterate that predicts them best. With "gd", steps are
        then no longer than ``1 / adjoint_norm_``: from a small `alpha`, the signal
        outgrows the noise only in many small steps.
    validation_fraction : float, default=0.1
        Fraction of the measurements to hold out.
    n_iter_no_change : int, default=10
        Number of iterations after which early stopping ends a fit that has not lowered
        the held-out loss by more than the fraction `tol`.
    warm_start : bool, default=False
        Whether a second fit begins with the factors of the first, unless these are
        zero, instead of a start by `init`. Its histories are its own. With a penalty,
        vanished components are reactivated where the data call for them.
    random_state : int, RandomState instance or None, default=None
        Draws the random start and the measurements to hold out.
    verbose : int, default=0
        With 1, print the loss every so often.

    Attributes
    ----------
    left_factor_ : ndarray of shape (n1, rank)
        F with :math:`M = F G^\top`. Only M is determined, not its factors.
    right_factor_ : ndarray of shape (n2, rank)
        The right factor G.
    matrix_ : ndarray of shape (n1, n2)
        M, built on access.
    coef_ : ndarray of shape (n1 * n2,)
        ``matrix_.ravel()``, with ``measurement="matrix"`` only.
    singular_values_ : ndarray of shape (rank,)
        Singular values of M, in decreasing order.
    effective_rank_ : int
        Number of components that the data support. By Weyl's inequality, singular
        values that exceed the estimated error of M belong to the true matrix. After a
        fit that came to rest above zero, components also count if they exceed by 30 %
        the largest one that fits noise of the size of the residual. That one has the
        spectral norm of the adjoint of the residuals with random signs, times
        :math:`(1 - d)^{-3/2}` for d degrees of freedom per measurement. A component
        that the measurements hardly see does not count. The value is 0 if the
        measurements are too few to tell, of which a warning tells. With
        ``penalty="auto"`` it is the rank that was kept.
    intercept_ : float
        Zero without `fit_intercept`.
    solver_ : str
        Name of the solver that ran, also if `solver` is "auto"; a class by its name.
    n_iter_ : int
        Number of iterations.
    converged_ : bool
        Whether the residual vanished, or the iterates came to rest, or all that still
        moves is smaller than the noise, or the fit stopped early.
    stop_reason_ : str
        "recovered": the residual vanished; "stationary": the iterates came to rest at a
        residual that does not vanish; "noise": the loss came to rest while components
        too small to tell from noise still move, as with more rank than the data
        support; "early": predictions of the held-out measurements no longer improve;
        "max_iter"; "diverged"; or "callback". A warning says where a converged fit may
        be wrong all the same.
    loss_history_ : ndarray of shape (n_iter_ + 1,)
        The loss with the penalty, before each iteration and at the end.
    validation_history_ : ndarray of shape (n_iter_ + 1,) or None
        The held-out loss, for squares half the mean squared residual; None without
        `early_stopping`.
    gradient_norm_history_ : ndarray of shape (n_iter_ + 1,)
        Frobenius norm of the gradient with respect to both factors. With "als" it is
        taken before each iteration, where the gradient with respect to G is zero.
    step_size_history_ : ndarray of shape (n_iter_,)
        Step sizes, in units of ``1 / adjoint_norm_``.
    adjoint_norm_ : float
        Spectral norm of :math:`\mathcal{A}^*(y)`, the matrix gradient at M = 0. It is
        about :math:`\sigma_1` if the measurements are nearly isometric: 1.1 to 1.3
        times that with few of them. Zero if it vanishes.
    imbalance_history_ : ndarray of shape (n_iter_ + 1,)
        :math:`\|F^\top F - G^\top G\|_F`, nearly conserved except by the accelerated
        step.
    accelerated_iteration_ : int or None
        The iteration before which the first accelerated step was taken; None if
        never.
    n_features_in_ : int
        Number of features of X in `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, if X had names.

    See Also
    --------
    SymmetricFactorSensing : For positive semi-definite matrices.

    References
    ----------
    N. Xiong, L. Ding, S. S. Du. "How Over-Parameterization Slows Down Gradient Descent
    in Matrix Sensing: The Curses of Symmetry and Initialization". ICLR 2024.

    N. Srebro, J. D. M. Rennie, T. S. Jaakkola. "Maximum-margin matrix factorization".
    NIPS 2004.

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
        # Only "matrix" can express an arbitrary linear function of X.
        tags.regressor_tags.poor_score = self.measurement != "matrix"
        return tags
