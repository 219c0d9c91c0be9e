"""
===========================================
Narrow matrices and a large surplus of rank
===========================================

The claims are for any shape and any k > r. Do they hold for shapes of up to 1 : 16,
with F on either side, and for width 20 with rank 5?
"""

# %%
# Narrow matrices
# ---------------
# The number of measurements is four times the k (n1 + n2 - k) degrees of freedom, so
# that all shapes are equally well measured; r = 2, k = 4; the fixed step 0.25. Each
# matrix is fitted as it is, and transposed, which puts the larger factor of the start
# on the long side.
import matplotlib.pyplot as plt
import numpy as np

from lowrank_sense import AsymmetricFactorSensing
from lowrank_sense.convergence import (
    ConvergenceDisplay,
    RecoveryMonitor,
    estimate_rate,
)
from lowrank_sense.datasets import make_matrix_sensing

plt.style.use("tableau-colorblind10")

seeds = (0, 1)


def run(problem, rank, alpha, accelerated_step, seed, max_iter=1500):
    """Return ||M_T - M||_F^2 after the accelerated step, and for all T = 1, 2, ..."""
    X, y, M = problem
    estimator = AsymmetricFactorSensing(
        rank,
        alpha,
        accelerated_step,
        solver="gd",
        step_size=0.25,
        shape=M.shape,
        max_iter=max_iter,
        tol=0,
        random_state=seed,
    )
    monitor = RecoveryMonitor(M, stop_below=1e-6)
    estimator.set_callbacks(monitor).fit(X, y)
    errors = np.sum(M**2) * np.square(monitor.errors)
    return errors[estimator.accelerated_iteration_ or 0 :], errors


def rate(after_step, errors):
    """Return the rate of the squared error after the accelerated step, if settled."""
    return estimate_rate(after_step).value if errors[-1] < 1e-7 else np.nan


def transposed(X, y, M):
    m = len(X)
    return X.reshape(m, *M.shape).transpose(0, 2, 1).reshape(m, -1), y, M.T


def draw_problem(shape, true_rank, rank, seed):
    m = 4 * rank * (sum(shape) - rank)
    return make_matrix_sensing(m, shape, true_rank, random_state=seed)


ways = {
    "plain .5": (0.5, False),
    "published .5": (0.5, 100),
    "rule .5": (0.5, True),
    "rule .05": (0.05, True),
}
print("rate of the squared error, mean of two problems, by way and alpha")
print(f"{'F x G':<12}", *(f"{way:>13}" for way in ways))
means, curves = {}, {}
for shape in ((24, 24), (12, 48), (48, 12), (8, 128), (128, 8)):
    rates = np.empty((len(seeds), len(ways)))
    for i, seed in enumerate(seeds):
        if shape[0] > shape[1]:
            problem = transposed(*draw_problem(shape[::-1], 2, 4, seed))
        else:
            problem = draw_problem(shape, 2, 4, seed)
        for j, (way, (alpha, accelerated_step)) in enumerate(ways.items()):
            after_step, errors = run(problem, 4, alpha, accelerated_step, seed)
            rates[i, j] = rate(after_step, errors)
            if seed == seeds[0] and way in ("plain .5", "rule .5"):
                curves[shape, way] = errors
    means[shape] = rates.mean(axis=0)
    print(f"{f'{shape[0]} x {shape[1]}':<12}", *(f"{c:13.4f}" for c in means[shape]))

plain_long, plain_short = means[128, 8][0], means[8, 128][0]
print(f"\n1 : 16, plain: F on the long side is {plain_long / plain_short:.1f} times")
print("as fast as on the short side, for the same matrices")

# %%
# The claims hold for every shape: the plain run is linear, and with the accelerated
# step the rate does not depend on :math:`\alpha`. But the orientation matters. The slow
# part is that of G along the k - r surplus directions: n2 (k - r) numbers that shrink
# at a rate proportional to :math:`\sigma_k(F)^2`. The longer the columns of a random F,
# the more nearly orthogonal they are; and the fewer slow numbers there are, the closer
# the measurements are to an isometry on them. So it pays to have F on the long side;
# transpose if necessary.

# %%
# Width 20 for a rank of 5
# ------------------------
# For a 30 x 30 matrix, factors of width 20 have 800 degrees of freedom, nearly as many
# as the matrix has entries. The exact rank gets the same number of measurements.
problem = draw_problem((30, 30), 5, 20, seed=0)
print(f"{'':<24} alpha   iterations      end    rate")
for name, rank, alpha, accelerated_step in (
    ("k = 5, plain", 5, 0.5, False),
    ("k = 20, plain", 20, 0.5, False),
    ("k = 20, plain", 20, 1.0, False),
    ("k = 20, published at 100", 20, 0.5, 100),
    ("k = 20, published at 100", 20, 0.05, 100),
    ("k = 20, step by rule", 20, 0.5, True),
    ("k = 20, step by rule", 20, 0.05, True),
):
    after_step, errors = run(problem, rank, alpha, accelerated_step, seed=0)
    curves[name, alpha] = errors
    print(
        f"{name:<24} {alpha:>5} {len(errors):12d} {errors[-1]:8.0e} "
        f"{rate(after_step, errors):7.4f}"
    )

# %%
# "nan" marks a run that has not settled. The smallest of the 20 singular values of a
# random 30 x 20 matrix is small, so the plain run is slow even at :math:`\alpha = 1`.
# The accelerated step takes all 15 surplus directions at once. Whatever :math:`\alpha`,
# the run then takes 145 to 212 iterations; the exact rank takes 122.
figure, (left, right) = plt.subplots(
    1, 2, figsize=(10, 4.5), sharey=True, layout="constrained"
)
shown = ((24, 24), (8, 128), (128, 8))
display = ConvergenceDisplay(
    {
        f"{shape[0]} x {shape[1]}, {way.split()[0]}": curves[shape, way]
        for way in ("plain .5", "rule .5")
        for shape in shown
    },
    first_iteration=1,
).plot(ax=left)
for line, index in zip(display.lines_, (0, 1, 2) * 2, strict=True):
    line.set_color(f"C{index}")
for line in display.lines_[len(shown) :]:
    line.set_linestyle("--")
left.set(title=r"r = 2, k = 4, $\alpha$ = 0.5", xlim=(0, 1200))
left.legend(fontsize="small")
ConvergenceDisplay(
    {
        rf"{name}, $\alpha$ = {alpha:g}": curves[name, alpha]
        for name, alpha in (
            ("k = 5, plain", 0.5),
            ("k = 20, plain", 0.5),
            ("k = 20, plain", 1.0),
            ("k = 20, step by rule", 0.5),
            ("k = 20, step by rule", 0.05),
        )
    },
    first_iteration=1,
).plot(ax=right)
right.set(title="30 x 30, r = 5", ylabel="", xlim=(0, 1200))
right.legend(fontsize="small")
plt.show()
