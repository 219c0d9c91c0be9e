"""
=================================
The imbalance is nearly conserved
=================================

Gradient flow on two factors conserves :math:`F^T F - G^T G` exactly. Descent with a
step :math:`\\eta` changes it by :math:`\\eta^2 (G^T R^T R G - F^T R R^T F)` per
iteration, where R is the matrix gradient. A run takes about :math:`1/\\eta` iterations,
so the total drift is proportional to :math:`\\eta`.

This is why the scale of the start determines the rate when k > r: the imbalance of the
start, of the size of :math:`\\alpha^2`, is still there at the end. Only the accelerated
step changes it.
"""

# %%
# The drift against the step
# --------------------------
# 600 Gaussian measurements of a 30 x 30 matrix of rank 2; k = 4. Each run lasts for
# :math:`\eta\,T = 50`, in units of :math:`1/\|\mathcal{A}^*(y)\|_2`, so that runs
# with different steps get equally far. `imbalance_history_` holds
# :math:`\|F^\top F - G^\top G\|_F`.
import matplotlib.pyplot as plt
import numpy as np

from lowrank_sense import AsymmetricFactorSensing
from lowrank_sense.convergence import ConvergenceDisplay
from lowrank_sense.datasets import make_matrix_sensing

plt.style.use("tableau-colorblind10")

n, true_rank, wide = 30, 2, 4
alphas = (0.5, 0.2, 0.1)
steps = np.array([0.5, 0.25, 0.125, 0.0625, 0.03125])

X, y, M = make_matrix_sensing(600, (n, n), true_rank, random_state=0)


def fit(alpha, accelerated_step=False, step_size=0.25, duration=50):
    n_iter = 200 if step_size == "auto" else int(duration / step_size)
    estimator = AsymmetricFactorSensing(
        wide,
        alpha,
        accelerated_step,
        solver="gd",
        step_size=step_size,
        max_iter=n_iter,
        tol=0,
        random_state=0,
    )
    return estimator.fit(X, y)


def drift(estimator):
    """Return the largest change of the imbalance, relative to that of the start."""
    imbalance = estimator.imbalance_history_
    return np.abs(imbalance / imbalance[0] - 1).max()


drifts = {alpha: [drift(fit(alpha, step_size=s)) for s in steps] for alpha in alphas}

print(f"{'relative drift at step =':<26}", *(f"{s:>8.3g}" for s in steps), "  power")
for alpha, values in drifts.items():
    power = np.polyfit(np.log(steps), np.log(values), 1)[0]
    print(f"alpha = {alpha:<18}", *(f"{d:8.4f}" for d in values), f"{power:7.2f}")
print(f"{'theory':<26}", " " * 44, f"{1:7.2f}")

# %%
# How nearly the imbalance is conserved depends on the step and on the start. The drift
# is proportional to the step, as predicted. Relative to the imbalance it is larger for
# smaller :math:`\alpha`, since a smaller start takes more iterations to grow to the
# size of the matrix. Once the signal has grown, nothing changes any more. An exact line
# search (``step_size="auto"``) takes steps that are far too long to follow gradient
# flow, and does not conserve the imbalance:
print(f"{'imbalance, exact line search':<30} start    after 200 iterations")
for alpha in alphas:
    imbalance = fit(alpha, step_size="auto").imbalance_history_
    print(f"alpha = {alpha:<20} {imbalance[0]:7.4f} {imbalance[-1]:23.4f}")

# %%
# Before and after the accelerated step
# -------------------------------------
# The published step makes :math:`F^T F = \beta^2 I` with
# :math:`\beta^2 \approx \sigma_1`. If all singular values of the matrix are
# :math:`\sigma_1`, then :math:`G^T G` is as large in the r directions of the signal,
# and nearly zero in the k - r surplus directions. So the imbalance should be
# :math:`\sigma_1\sqrt{k - r}`, here 1.41, whatever it was before. The rule leaves the
# signal balanced and gives the surplus the same imbalance.
accelerated = {
    (alpha, accelerated_step): fit(alpha, accelerated_step)
    for accelerated_step in (100, True)
    for alpha in alphas
}
print("accelerated_step  alpha  taken at   start  before   after     end   theory")
for (alpha, accelerated_step), estimator in accelerated.items():
    imbalance, at = estimator.imbalance_history_, estimator.accelerated_iteration_
    moments = (imbalance[t] for t in (0, at, at + 1, -1))
    print(
        f"{accelerated_step!s:<16} {alpha:>6} {at:>9d}",
        *(f"{value:7.4f}" for value in moments),
        f"{np.sqrt(wide - true_rank):8.4f}",
    )

# %%
# The history has one entry before each iteration and one at the end; "before" is the
# entry of the iteration that takes the accelerated step.
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.5), layout="constrained")
for (alpha, values), marker in zip(drifts.items(), "osD", strict=True):
    left.loglog(steps, values, marker + "-", label=rf"$\alpha$ = {alpha}")
left.loglog(steps, 0.04 * steps, "k:", label="proportional to the step")
left.set_xticks(steps, [f"1/{1 / step:.0f}" for step in steps])
left.minorticks_off()
left.set(
    xlabel=r"Step size times $\|A^*(y)\|_2$", title="Relative drift of the imbalance"
)
left.legend()
ConvergenceDisplay.from_estimators(
    {rf"$\alpha$ = {alpha}": accelerated[alpha, 100] for alpha in alphas},
    quantity="imbalance",
    ax=right,
)
right.set(title="The published step at iteration 100", xlim=(0, 200))
right.legend(loc="lower right")
plt.show()
