"""
=====================================
Large starts and the ratio of the two
=====================================

The theory assumes a small :math:`\\alpha` and a start of G that is a third of that of
F. How large may :math:`\\alpha` be, and how do other ratios behave?
"""

# %%
# How large alpha may be
# ----------------------
# 600 Gaussian measurements of a 30 x 30 matrix of rank 2, from starts up to five times
# as large as the factors to be found. The numbers are iterations until the squared
# error is below 1e-12.
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.exceptions import ConvergenceWarning

from lowrank_sense import AsymmetricFactorSensing
from lowrank_sense.convergence import RecoveryMonitor, estimate_rate
from lowrank_sense.datasets import make_matrix_sensing

plt.style.use("tableau-colorblind10")

n, true_rank, wide = 30, 2, 4
X, y, M = make_matrix_sensing(600, (n, n), true_rank, random_state=0)


def run(
    rank, alpha, accelerated_step=False, step_size=0.25, ratio=1 / 3, max_iter=1500
):
    """Return ||M_T - M||_F^2 for T = 1, 2, ..., and the fitted estimator."""
    estimator = AsymmetricFactorSensing(
        rank,
        alpha,
        accelerated_step,
        solver="gd",
        step_size=step_size,
        init_ratio=ratio,
        max_iter=max_iter,
        tol=0,
        random_state=0,
    )
    monitor = RecoveryMonitor(M, stop_below=1e-6 / np.linalg.norm(M))
    with warnings.catch_warnings():
        # We want to see when a step is too long for a large start.
        warnings.simplefilter("ignore", ConvergenceWarning)
        estimator.set_callbacks(monitor).fit(X, y)
    return np.sum(M**2) * np.square(monitor.errors), estimator


alphas = (0.1, 0.5, 1, 2, 3, 5)
ways = {
    "k = 2, plain": (true_rank, False),
    "k = 4, plain": (wide, False),
    "k = 4, step by rule": (wide, True),
}
iterations = {}
for step_size, step in ((0.25, "fixed step 0.25"), ("auto", "exact line search")):
    print(f"{step + ', alpha =':<28}", *(f"{alpha:>8}" for alpha in alphas))
    for way, how in ways.items():
        cells = []
        for alpha in alphas:
            errors, estimator = run(how[0], alpha, how[1], step_size)
            done = estimator.stop_reason_ == "callback"
            iterations[step, way, alpha] = len(errors) if done else np.nan
            diverged = estimator.stop_reason_ == "diverged"
            cells.append(len(errors) if done else "diverged" if diverged else ">1500")
        print(f"{way:<28}", *(f"{cell:>8}" for cell in cells))

# %%
# With a fixed step, runs converge up to :math:`\alpha = 3`. At 5 the first steps are
# too long for factors of that size and the run diverges, as `stop_reason_` reports. For
# k = 4 without the accelerated step :math:`\alpha = 1` is best, where the imbalance is
# as large as the signal. A large start slows down the exact rank: G ends up small along
# the signal.
#
# An exact line search never diverges, but does not follow the :math:`\alpha^2` law: its
# long steps do not conserve the imbalance. From very large starts only the run with the
# rule, which rebalances the factors, finishes in time. In the figure below a point is
# missing where a run took longer or diverged.

# %%
# Other ratios
# ------------
# The rate of the plain run with k = 4 and the fixed step, and the power of
# :math:`\alpha` that fits it.
ratios = {"1": 1, "1/3": 1 / 3, "1/10": 0.1, "0": 0}
small_alphas = (0.7, 0.5, 0.35)
rates = {}
print(f"{'rate at alpha =':<16}", *(f"{alpha:>8}" for alpha in small_alphas), "  power")
for name, ratio in ratios.items():
    rates[name] = [
        estimate_rate(run(wide, alpha, ratio=ratio, max_iter=4000)[0]).value
        for alpha in small_alphas
    ]
    power = np.polyfit(np.log(small_alphas), np.log(rates[name]), 1)[0]
    cells = (f"{rate:8.4f}" for rate in rates[name])
    print(f"ratio {name:<10}", *cells, f"{power:7.2f}")
print(f"{'theory':<43} {2:7.2f}")

# %%
# Every ratio gives a linear rate proportional to :math:`\alpha^2`. With ratio 1 the
# imbalance of two random starts is still of that size, but indefinite: some surplus
# directions decay in F and some in G, each with a weaker drive. That costs a factor of
# 2.6. A ratio below 1/3 gains hardly anything.
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.5), layout="constrained")
for step, style in (("fixed step 0.25", "o-"), ("exact line search", "s--")):
    for color, way in enumerate(ways):
        left.loglog(
            alphas,
            [iterations[step, way, alpha] for alpha in alphas],
            style,
            color=f"C{color}",
            label=f"{way}, {step.split()[0]}",
        )
left.set_xticks(alphas, [str(alpha) for alpha in alphas])
left.set(
    xlabel=r"$\alpha$",
    ylabel="Iterations",
    ylim=(40, 20000),
    title="Until the squared error is below 1e-12",
)
for (name, of_alpha), marker in zip(rates.items(), "osD^", strict=True):
    right.loglog(small_alphas, of_alpha, marker + "-", label=f"ratio {name}")
right.set_xticks(small_alphas, [str(alpha) for alpha in small_alphas])
right.set(xlabel=r"$\alpha$", title="Rate, k = 4, plain")
for ax in (left, right):
    ax.tick_params(axis="x", which="minor", bottom=False, labelbottom=False)
    ax.legend(loc="upper left", fontsize="small")
plt.show()
