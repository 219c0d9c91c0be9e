"""
==========================================
One factor or two: symmetric or asymmetric
==========================================

A positive semi-definite matrix of rank r may be written as :math:`X X^T` or as
:math:`F G^T`. With factors of width k = r, both descents converge linearly. With k > r,
the squared error of symmetric descent never falls faster than :math:`1/T^2`, while that
of asymmetric descent still falls exponentially: two factors on a symmetric problem get
around the lower bound (Xiong, Ding and Du, ICLR 2024).

All four runs below see the same measurements of the same matrix. The same seed draws
:math:`X_0` and :math:`F_0` from the same random numbers, so both start alike; only
:math:`G_0`, a third of the size, is drawn in addition.
"""

# %%
# Four runs
# ---------
# 600 Gaussian measurements of a 30 x 30 matrix of rank 2 with all singular values 1.
# The step is fixed at 0.25, in units of :math:`1/\|\mathcal{A}^*(y)\|_2`. That is
# about :math:`0.21/\sigma_1`. With ``tol=0`` a run takes all of its iterations, but the
# monitor ends it at a relative error of 1e-11.
import matplotlib.pyplot as plt
import numpy as np

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.convergence import (
    ConvergenceDisplay,
    RecoveryMonitor,
    estimate_rate,
)
from lowrank_sense.datasets import make_matrix_sensing

plt.style.use("tableau-colorblind10")

n, true_rank, wide = 30, 2, 4
alpha, max_iter = 0.5, 6000

X, y, M = make_matrix_sensing(600, (n, n), true_rank, psd=True, random_state=0)


def squared_errors(estimator_class, rank):
    """Return ||M_T - M||_F^2 for T = 1, 2, ..."""
    estimator = estimator_class(
        rank,
        alpha,
        accelerated_step=False,
        solver="gd",
        step_size=0.25,
        max_iter=max_iter,
        tol=0,
        random_state=0,
    )
    monitor = RecoveryMonitor(M, stop_below=1e-11)
    estimator.set_callbacks(monitor).fit(X, y)
    return np.sum(M**2) * np.square(monitor.errors)


errors = {
    f"{name}, k = {rank}": squared_errors(estimator_class, rank)
    for name, estimator_class in (
        ("symmetric", SymmetricFactorSensing),
        ("asymmetric", AsymmetricFactorSensing),
    )
    for rank in (true_rank, wide)
}

# %%
# Theory and runs
# ---------------
# :func:`~lowrank_sense.convergence.estimate_rate` decides by itself whether the rate is
# linear or sublinear, by which of the two fits the last half of the run better.
claims = ("exp(-c T)", "T^-2 at best", "exp(-c T)", "exp(-c alpha^2 T)")
print(f"{'system':<20} {'theory':<18} {'measured':<14} std. err.  iterations     end")
for (name, curve), claim in zip(errors.items(), claims, strict=True):
    rate = estimate_rate(curve, first_iteration=1)
    print(
        f"{name:<20} {claim:<18} {rate!s:<14} {rate.standard_error:9.1e} "
        f"{len(curve):11d} {curve[-1]:7.0e}"
    )

# %%
# The exponent of the symmetric run approaches 2 from below, and :math:`T^2` times the
# squared error does not fall, in agreement with the lower bound.
sublinear = errors[f"symmetric, k = {wide}"]
print(f"{'until T':>8}   exponent   T^2 * squared error")
for last in (200, 600, 2000, 6000):
    exponent = estimate_rate(sublinear[:last], first_iteration=1).value
    print(f"{last:>8} {exponent:10.2f} {last**2 * sublinear[last - 1]:21.1f}")

two_factors = errors[f"asymmetric, k = {wide}"]
ahead = np.flatnonzero(two_factors < sublinear[: len(two_factors)])
print(f"k = {wide}: the asymmetric run is ahead from iteration {ahead[0] + 1} on")

# %%
# A straight line on the left is a linear rate, and a straight line on the right is a
# power of T. The wide symmetric run starts faster than the wide asymmetric one, but
# after about a hundred iterations it falls further and further behind.
figure, (left, right) = plt.subplots(
    1, 2, figsize=(10, 4.5), sharey=True, layout="constrained"
)
display = ConvergenceDisplay(errors, first_iteration=1)
display.plot(ax=left)
display.plot(ax=right, scale="loglog")
T = np.array([300, max_iter])
right.plot(T, 5 * sublinear[max_iter - 1] * (max_iter / T) ** 2, "k:", label="$T^{-2}$")
left.set(xlim=(0, 2000), title="Linear rates are straight here")
right.set(ylabel="", title="Powers of T are straight here")
left.legend().remove()
right.legend(loc="lower left")
plt.show()
