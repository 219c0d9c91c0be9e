"""
==================================================
Phase retrieval: a picture from squared amplitudes
==================================================

A detector sees the strength of a signal, not its sign: each number is the square
:math:`y_i = (a_i^T x)^2` of one random projection of the picture x. The square is
linear in :math:`M = x x^T`. It is a rank-one measurement of a positive semi-definite
matrix of rank 1.

From a random start, descent with rank 1 often gets stuck. With one extra column there
is a way around, and in the end the second column vanishes: over-parameterization
succeeds where the exact rank fails.
"""

# %%
# A picture and its squared projections
# -------------------------------------
# The picture is 24 x 24 pixels of a photograph, including its mean. There are four
# numbers per pixel.
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_image

from lowrank_sense import SymmetricFactorSensing

side, block, top, left = 24, 16, 20, 20
n_runs = 10

photograph = load_sample_image("china.jpg").mean(axis=2)
photograph = photograph[top : top + side * block, left : left + side * block]
picture = photograph.reshape(side, block, side, block).mean(axis=(1, 3)) / 255
x = picture.ravel()
n_measurements = 4 * x.size


def draw_measurements(seed):
    A = np.random.default_rng(seed).standard_normal((n_measurements, x.size))
    return A, (A @ x) ** 2


# %%
# Rank 1 and rank 2, random and spectral start
# --------------------------------------------
# `leading_vector_` is x up to its sign, which squares do not determine: the picture and
# its negative give the same numbers. Only for the error and the figure is the sign
# taken from the picture.
#
# The usual remedy is a spectral start, which is already close to M. It helps the exact
# rank, though not always, and saves rank=2 some iterations. Where rank=1 succeeds, it
# is faster.
def with_sign_of_picture(vector):
    return vector * np.sign(vector @ x)


def relative_error(estimator):
    difference = with_sign_of_picture(estimator.leading_vector_) - x
    return np.linalg.norm(difference) / np.linalg.norm(x)


fits = {(rank, init): [] for init in ("random", "spectral") for rank in (1, 2)}

print(f"n = {x.size} pixels, m = {n_measurements}; {n_runs} draws of the projections\n")
print("rank  start     found  worst error  iterations  seconds")
for (rank, init), runs in fits.items():
    seconds = []
    for seed in range(n_runs):
        A, y = draw_measurements(seed)
        estimator = SymmetricFactorSensing(
            rank=rank,
            measurement="rank_one",
            solver="pcg",
            init=init,
            random_state=seed,
        )
        start = perf_counter()
        runs.append(estimator.fit(A, y))
        seconds.append(perf_counter() - start)
    errors = np.array([relative_error(run) for run in runs])
    print(
        f"{rank:4d}  {init:8} {np.sum(errors < 1e-4):3d} of {n_runs} "
        f"{errors.max():12.1e} {np.median([run.n_iter_ for run in runs]):11.0f} "
        f"{np.median(seconds):8.2f}"
    )

# %%
# Found and not found
# -------------------
# The figure shows the first run that got stuck with rank=1, and the result of rank=2
# from the same numbers. A failure is reported: without noise, `stop_reason_` is
# "recovered" if the loss vanished, and "stationary" if it came to rest above zero.
stuck = next(
    i for i, run in enumerate(fits[1, "random"]) if run.stop_reason_ != "recovered"
)
figure, axes = plt.subplots(
    1, 4, figsize=(13, 3.6), width_ratios=[1, 1, 1, 1.4], layout="constrained"
)
shown = {"the picture": x}
for rank in (1, 2):
    run = fits[rank, "random"][stuck]
    title = f"rank={rank}: error {relative_error(run):.0e}"
    shown[title] = with_sign_of_picture(run.leading_vector_)
for ax, (title, vector) in zip(axes, shown.items(), strict=False):
    ax.imshow(vector.reshape(picture.shape), cmap="gray")
    ax.set_title(title)
    ax.set_axis_off()
for rank, color in ((1, "C3"), (2, "C0")):
    for i, run in enumerate(fits[rank, "random"]):
        axes[-1].semilogy(
            run.loss_history_ / run.loss_history_[0],
            color=color,
            lw=1,
            label=None if i else f"rank={rank}",
        )
axes[-1].set(xlabel="iteration", title="loss, random starts")
axes[-1].legend()

plt.show()
