r"""
===============================
Other widths and other remedies
===============================

How much surplus does it take to slow descent down, and how much to make it worse? What
happens if the two factors are kept in balance, as older methods do? And is the second
factor the only answer to the sublinear rate of the symmetric case?

The balanced descent and the Polyak steps are no part of the library. They are written
out here in a few lines.
"""

import matplotlib.pyplot as plt
import numpy as np

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.convergence import RecoveryMonitor, estimate_rate
from lowrank_sense.datasets import make_matrix_sensing

plt.style.use("tableau-colorblind10")

# %%
# The width
# ---------
# One surplus column is enough: the asymmetric rate falls to a quarter of that of the
# exact rank, and with each further column a little more, up to k = n. The symmetric run
# turns sublinear at once.

N, R, STEP, ALPHA = 20, 2, 0.25, 0.5
X, y, M = make_matrix_sensing(800, (N, N), R, psd=True, random_state=0)
published = {"solver": "gd", "step_size": STEP, "accelerated_step": False, "tol": 0}


def errors(kind, rank, n_iter=3000, alpha=ALPHA, **params):
    """Return the squared errors of a run."""
    monitor = RecoveryMonitor(M, stop_below=1e-10)
    model = kind(rank, alpha, max_iter=n_iter, random_state=0, **published, **params)
    model.set_callbacks(monitor).fit(X, y)
    return np.square(monitor.errors)


widths = [2, 3, 4, 6, 10, 20]
rates = {}
for width in widths:
    rates[width] = estimate_rate(errors(AsymmetricFactorSensing, width)).value
    print(f"k = {width}: asymmetric rate {rates[width]:.4f}")
for width in (2, 3, 20):
    curve = errors(SymmetricFactorSensing, width)
    print(f"k = {width}: symmetric, squared error {curve[-1]:.1e} after {len(curve)}")

# %%
# The number of measurements
# --------------------------
# With few measurements the rate is lower, since they are further from an isometry. The
# plain run with surplus columns gains least from more of them: its rate settles at what
# the start allows. Those of the exact rank and of the published step go on rising.


def rate_from(n_measurements, rank, accelerated_step):
    X, y, M = make_matrix_sensing(n_measurements, (N, N), R, psd=True, random_state=0)
    monitor = RecoveryMonitor(M, stop_below=1e-10)
    params = {**published, "accelerated_step": accelerated_step}
    model = AsymmetricFactorSensing(
        rank, ALPHA, max_iter=3000, random_state=0, **params
    )
    model.set_callbacks(monitor).fit(X, y)
    begin = model.accelerated_iteration_ or 0
    return estimate_rate(np.square(monitor.errors)[begin:]).value


numbers = [300, 400, 600, 1200, 2400, 4800]
for rank, step in ((2, False), (4, False), (4, 100)):
    found = [rate_from(m, rank, step) for m in numbers]
    name = f"k = {rank}, {'published step' if step else 'plain'}"
    cells = (f"{m}: {rate:.4f}" for m, rate in zip(numbers, found, strict=True))
    print(f"{name:<24}", *cells)

# %%
# The worst start
# ---------------
# That the rate depends on the scale is no weakness of the proof. With an exact
# isometry, take M = diag(1, 0, ...) and a start whose columns are aligned with it. The
# surplus columns f and g then see nothing but each other,
# :math:`f \leftarrow f - \eta f g^2` and :math:`g \leftarrow g - \eta f^2 g`. As
# :math:`f^2 - g^2` is nearly conserved, f tends to :math:`\alpha\sqrt{8/9}`, and the
# squared error falls by :math:`\exp(-\tfrac{16}{9} \eta \alpha^2)` per iteration: at no
# better rate than :math:`\alpha^2`.


def aligned_rate(alpha, n_iter=40_000):
    F = alpha * np.eye(3, 2)
    G = F / 3
    target = np.diag([1.0, 0, 0])
    curve = []
    for _ in range(n_iter):
        residual = F @ G.T - target
        F, G = F - STEP * residual @ G, G - STEP * residual.T @ F
        curve.append(np.sum((F @ G.T - target) ** 2))
        if curve[-1] < 1e-16:
            break
    return estimate_rate(np.array(curve)).value


small = np.array([0.05, 0.1, 0.2, 0.4])
worst = np.array([aligned_rate(alpha) for alpha in small])
slope = np.polyfit(np.log(small), np.log(worst), 1)[0]
print(f"aligned start: rate ~ alpha^{slope:.2f}")
print("rate / alpha^2:", (worst / small**2).round(3), f"theory {16 / 9 * STEP:.3f}")

# %%
# Random starts do not escape it. Over ten of them, the slowest run depends on the scale
# as the median does.

scales = np.array([0.3, 0.45, 0.7])
slowest, median = [], []
for alpha in scales:
    found = []
    for seed in range(10):
        monitor = RecoveryMonitor(M, stop_below=1e-8)
        model = AsymmetricFactorSensing(
            4, alpha, max_iter=1500, random_state=seed, **published
        )
        model.set_callbacks(monitor).fit(X, y)
        found.append(estimate_rate(np.square(monitor.errors)).value)
    slowest.append(min(found))
    median.append(np.median(found))
for name, values in (("slowest", slowest), ("median", median)):
    slope = np.polyfit(np.log(scales), np.log(values), 1)[0]
    print(f"{name} of ten starts: rate ~ alpha^{slope:.2f}")

# %%
# Factors in balance
# ------------------
# Older methods add a multiple of :math:`\|F^\top F - G^\top G\|_F^2` to the loss. That
# removes the imbalance, and with it the linear rate: the run ends like a symmetric one.

A = X.reshape(-1, N, N)
m = len(y)
unit = np.linalg.norm(np.tensordot(y, A, 1) / m, 2)
eta, root = STEP / unit, np.sqrt(unit)


def residual(M):
    return np.tensordot(np.tensordot(A, M, 2) - y, A, 1) / m


def balanced_descent(weight, rank=4, n_iter=1500):
    rng = np.random.RandomState(0)
    F = ALPHA * root * rng.standard_normal((N, rank)) / np.sqrt(N)
    G = ALPHA / 3 * root * rng.standard_normal((N, rank)) / np.sqrt(N)
    curve = []
    for _ in range(n_iter):
        gradient, imbalance = residual(F @ G.T), F.T @ F - G.T @ G
        F, G = (
            F - eta * (gradient @ G + weight * F @ imbalance),
            G - eta * (gradient.T @ F - weight * G @ imbalance),
        )
        curve.append(np.sum((F @ G.T - M) ** 2) / np.sum(M**2))
    return np.array(curve)


balanced = {weight: balanced_descent(weight) for weight in (0, 0.25)}
for weight, curve in balanced.items():
    print(f"weight {weight}: squared error {curve[-1]:.1e}")

# %%
# Polyak steps
# ------------
# The loss of the symmetric run grows like the fourth power of the distance in surplus
# directions. There a step of Polyak's length, the loss over the squared norm of the
# gradient, is long enough. A few ordinary steps between two of them bring the run back
# to the ravine (Davis, Drusvyatskiy and Jiang, 2024).


def polyak_descent(between, rank=4, n_iter=600):
    X = ALPHA * root * np.random.RandomState(0).standard_normal((N, rank)) / np.sqrt(N)
    curve = []
    for iteration in range(n_iter):
        values = np.tensordot(A, X @ X.T, 2) - y
        R = np.tensordot(values, A, 1) / m
        gradient = (R + R.T) @ X
        step = eta / 2
        if between and iteration % (between + 1) == between:
            step = np.mean(values**2) / 2 / np.sum(gradient**2)
        X = X - step * gradient
        curve.append(np.sum((X @ X.T - M) ** 2) / np.sum(M**2))
    return np.array(curve)


polyak = {between: polyak_descent(between) for between in (0, 10, 30)}
for between, curve in polyak.items():
    print(f"{between} steps between: squared error {curve[-1]:.1e}")

figure, (left, middle, right) = plt.subplots(
    1, 3, figsize=(10, 3.4), layout="constrained"
)
left.plot(widths, list(rates.values()), "o-")
left.set(xlabel="width k", ylabel="rate", title="Asymmetric, rank 2", ylim=(0, None))
for weight, curve in balanced.items():
    middle.semilogy(curve, label=f"weight {weight}")
middle.set(xlabel="iteration", ylabel="squared error", title="Factors in balance")
middle.legend()
for between, curve in polyak.items():
    label = f"{between} steps between" if between else "no Polyak steps"
    right.semilogy(curve, label=label)
right.set(xlabel="iteration", title="Symmetric, Polyak steps")
right.legend()
plt.show()
