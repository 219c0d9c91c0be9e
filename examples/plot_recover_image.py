r"""
================================================
Recover a picture from random linear projections
================================================

Imagine a camera that never sees a pixel: each of its m numbers is the inner product of
the whole picture with one random matrix, :math:`y_i = \langle A_i, M \rangle`. There
are fewer numbers than pixels, but the picture has low rank, and that is enough to
recover it.

In practice the rank is unknown and one asks for too much, here for twice the true rank.
Gradient descent, ``solver="gd"``, then slows down, since the surplus components fade
only slowly. The accelerated step, on by default, inflates one factor along them, after
which they fade as fast as the rest.
"""

# %%
# A low-rank picture and its measurements
# ---------------------------------------
# The ground truth is the truncated singular value decomposition of a photograph. Its
# mean gray is removed, which would otherwise be by far the largest component: the more
# equal the singular values, the fewer iterations are needed.

# sphinx_gallery_start_ignore
import sys

# sphinx_gallery_end_ignore
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LogNorm
from sklearn.datasets import load_sample_image

from lowrank_sense import AsymmetricFactorSensing

true_rank = 6
n_rows, n_columns, block = 80, 120, 5

photograph = load_sample_image("flower.jpg").mean(axis=2)
photograph = photograph[: n_rows * block, : n_columns * block]
pixels = photograph.reshape(n_rows, block, n_columns, block).mean(axis=(1, 3)) / 255
U, s, Vt = np.linalg.svd(pixels - pixels.mean(), full_matrices=False)
picture = ((U[:, :true_rank] * s[:true_rank]) @ Vt[:true_rank]).astype(np.float32)

n_measurements = 6 * true_rank * (n_rows + n_columns)
rng = np.random.default_rng(0)
# Single precision halves memory and time, and is accurate enough for tol=1e-5.
X = rng.standard_normal((n_measurements, picture.size), dtype=np.float32)
y = X @ picture.ravel()

print(
    f"picture {n_rows} x {n_columns}, rank {true_rank}; m = {n_measurements} numbers, "
    f"{n_measurements / picture.size:.0%} of the pixels; X takes {X.nbytes:,} bytes\n"
)

# %%
# Three fits from the same random start
# -------------------------------------
# Accelerated and plain descent run until they estimate their relative error to be below
# `tol`. The third fit is plain descent again, stopped after as many iterations as the
# accelerated run took. With ``tol=0`` a fit runs all `max_iter` iterations, without a
# warning.
fits = {}


def relative_error(matrix):
    return np.linalg.norm(matrix - picture) / np.linalg.norm(picture)


def fit_and_report(name, **parameters):
    estimator = AsymmetricFactorSensing(
        rank=2 * true_rank,
        shape=picture.shape,
        solver="gd",
        random_state=0,
        **parameters,
    )
    start = perf_counter()
    fits[name] = estimator.fit(X, y)
    print(
        f"{name:<16} {perf_counter() - start:6.1f} s {estimator.n_iter_:10d} "
        f"{relative_error(estimator.matrix_):14.1e} {estimator.effective_rank_:14d}  "
        f"{estimator.stop_reason_}"
    )
    return estimator


print(f"{'':<16}     time iterations relative error effective rank  stopped by")
accelerated = fit_and_report("accelerated", tol=1e-5)
plain = fit_and_report("plain", accelerated_step=False, tol=1e-5)
fit_and_report(
    "plain, halted", accelerated_step=False, tol=0, max_iter=accelerated.n_iter_
)

# %%
# The error after the same number of iterations
# ---------------------------------------------
# To the eye both pictures are right. The errors, on a logarithmic scale, tell them
# apart. The curves need no ground truth: they show the square root of the loss relative
# to that at M = 0, which for random measurements is about the relative error.
figure, axes = plt.subplot_mosaic(
    [
        ["truth", "accelerated", "plain, halted"],
        ["curves", "accelerated error", "plain, halted error"],
    ],
    figsize=(12, 5.6),
    layout="constrained",
)
gray = {"cmap": "gray", "vmin": picture.min(), "vmax": picture.max()}
axes["truth"].imshow(picture, **gray)
axes["truth"].set_title(f"the picture, rank {true_rank}")
for name in ("accelerated", "plain, halted"):
    recovered = fits[name].matrix_
    axes[name].imshow(recovered, **gray)
    axes[name].set_title(f"{name}: {fits[name].n_iter_} iterations")
    errors = axes[f"{name} error"].imshow(
        np.abs(recovered - picture) / np.ptp(picture),
        norm=LogNorm(1e-7, 1e-2, clip=True),
    )
    error = relative_error(recovered)
    axes[f"{name} error"].set_title(f"its error, {error:.0e} in Frobenius norm")
figure.colorbar(
    errors,
    ax=[axes["accelerated error"], axes["plain, halted error"]],
    label="fraction of the gray range",
)
for name in axes.keys() - {"curves"}:
    axes[name].set_axis_off()

loss_at_zero = np.mean(y**2) / 2
for estimator, label in ((accelerated, "accelerated"), (plain, "plain")):
    axes["curves"].semilogy(
        np.sqrt(estimator.loss_history_ / loss_at_zero), label=label
    )
axes["curves"].axvline(
    accelerated.accelerated_iteration_, color="k", ls=":", label="accelerated step"
)
axes["curves"].set(xlabel="iteration", title="relative residual")
axes["curves"].legend()

# sphinx_gallery_start_ignore
if "sphinx_gallery" not in sys.modules:  # which keeps the figure itself
    figure.savefig("recover_image.png", dpi=120)
# sphinx_gallery_end_ignore
plt.show()
