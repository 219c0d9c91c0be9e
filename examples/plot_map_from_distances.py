r"""
====================================
A map of Europe from a few distances
====================================

Draw a map from nothing but some of the distances between cities, each known to within
some 20 km. A squared distance is linear in the Gram matrix :math:`M = P P^T` of the
positions,

.. math:: \|p_i - p_j\|^2 = (e_i - e_j)^T M (e_i - e_j),

a rank-one measurement of a positive semi-definite matrix of rank 2.

In the plane, descent often gets stuck with a part of the map folded over. An extra
dimension, rank=3, leaves room to unfold it. It also leaves room for noise, which a
final refinement in the plane removes.
"""

# %%
# Cities and the distances between some of them
# ---------------------------------------------
# Positions are in km, in Lambert's azimuthal projection about 50 N, 12 E. Distances are
# measured in that plane.
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patheffects import withStroke
from scipy import sparse
from scipy.linalg import orthogonal_procrustes
from scipy.optimize import least_squares
from scipy.sparse.csgraph import shortest_path
from scipy.spatial.distance import pdist
from sklearn.manifold import MDS, ClassicalMDS

from lowrank_sense import SymmetricFactorSensing

cities = {
    "Amsterdam": (52.37, 4.90),
    "Athens": (37.98, 23.73),
    "Barcelona": (41.39, 2.17),
    "Belgrade": (44.79, 20.45),
    "Berlin": (52.52, 13.40),
    "Bucharest": (44.43, 26.10),
    "Budapest": (47.50, 19.04),
    "Copenhagen": (55.68, 12.57),
    "Dublin": (53.35, -6.26),
    "Edinburgh": (55.95, -3.19),
    "Helsinki": (60.17, 24.94),
    "Istanbul": (41.01, 28.98),
    "Kyiv": (50.45, 30.52),
    "Lisbon": (38.72, -9.14),
    "London": (51.51, -0.13),
    "Madrid": (40.42, -3.70),
    "Marseille": (43.30, 5.37),
    "Munich": (48.14, 11.58),
    "Oslo": (59.91, 10.75),
    "Palermo": (38.12, 13.36),
    "Paris": (48.86, 2.35),
    "Prague": (50.08, 14.44),
    "Riga": (56.95, 24.11),
    "Rome": (41.90, 12.50),
    "Sofia": (42.70, 23.32),
    "Stockholm": (59.33, 18.07),
    "Vienna": (48.21, 16.37),
    "Warsaw": (52.23, 21.01),
}
n_cities = len(cities)
noise = 20.0
known_part = 0.3
n_draws = 20


def project(latitude, longitude, center=(50.0, 12.0), earth_radius=6371.0):
    phi, phi0 = np.radians(latitude), np.radians(center[0])
    meridian = np.radians(longitude - center[1])
    up = np.sin(phi0) * np.sin(phi) + np.cos(phi0) * np.cos(phi) * np.cos(meridian)
    east = np.cos(phi) * np.sin(meridian)
    north = np.cos(phi0) * np.sin(phi) - np.sin(phi0) * np.cos(phi) * np.cos(meridian)
    scale = earth_radius * np.sqrt(2 / (1 + up))
    return np.column_stack([scale * east, scale * north])


positions = project(*np.array(list(cities.values())).T)
positions -= positions.mean(axis=0)


def draw_distances(seed):
    """Return pairs (i, j) of cities and their distances, with noise."""
    rng = np.random.default_rng(seed)
    pairs = np.column_stack(np.triu_indices(n_cities, 1))
    known = rng.choice(len(pairs), round(known_part * len(pairs)), replace=False)
    distances = pdist(positions)[known] + noise * rng.standard_normal(len(known))
    return pairs[known], distances


# %%
# From distances to positions
# ---------------------------
# :math:`M + 1 v^T + v 1^T` has the same distances: they do not determine the position
# of the map, so we center it. Nor do they determine its orientation; only to compare,
# we rotate and reflect it onto the truth. Of three dimensions we keep the two with the
# most variance.
#
# An error of 20 km in d is an error of 40 d in :math:`d^2`, hence the weights
# :math:`1 / d^2`.
def principal_plane(factor):
    U, s, _ = np.linalg.svd(factor - factor.mean(axis=0), full_matrices=False)
    return U[:, :2] * s[:2]


def low_rank(pairs, distances, rank, n_starts=1):
    m = len(pairs)
    X = sparse.csr_array(
        (np.tile([1.0, -1.0], m), (np.repeat(np.arange(m), 2), pairs.ravel())),
        shape=(m, n_cities),
    )
    fits = [
        SymmetricFactorSensing(
            rank=rank, measurement="rank_one", solver="pcg", random_state=seed
        ).fit(X, distances**2, sample_weight=1 / distances**2)
        for seed in range(n_starts)
    ]
    best = min(fits, key=lambda fit: fit.loss_history_[-1])
    return principal_plane(best.factor_)


def shortest_paths(pairs, distances):
    graph = sparse.csr_array((distances, pairs.T), shape=(n_cities, n_cities))
    return shortest_path(graph, directed=False)


def refine(P, pairs, distances):
    """Return the least squares fit to the distances themselves, from the map P."""

    def residuals(flat):
        ends = flat.reshape(P.shape)[pairs]
        return np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1) - distances

    return least_squares(residuals, P.ravel(), method="lm").x.reshape(P.shape)


methods = {
    "low rank, rank=3": lambda *known: low_rank(*known, rank=3),
    "low rank, rank=2": lambda *known: low_rank(*known, rank=2),
    "rank=2, best of three starts": lambda *known: low_rank(*known, 2, n_starts=3),
    "shortest paths, classical scaling": lambda *known: ClassicalMDS(
        metric="precomputed"
    ).fit_transform(shortest_paths(*known)),
    "shortest paths, SMACOF": lambda *known: MDS(
        metric="precomputed", init="classical_mds", n_init=1
    ).fit_transform(shortest_paths(*known)),
}


# %%
# Which method finds the map
# --------------------------
# The usual method fills in the missing distances by shortest paths, as Isomap does.
# This suits graphs of neighbors. Here the known pairs are random, and a path between
# neighbors often leads through a city far away.
#
# Every map is then refined by least squares on the distances. The refinement needs a
# start that is not folded, since it cannot unfold one. With rank=3, the remaining error
# is that of the noise. An alternative that takes about as long is to run several starts
# with rank=2 and keep the one with the smallest residual.
def aligned(P):
    P = P - P.mean(axis=0)
    turn, _ = orthogonal_procrustes(P, positions)
    return P @ turn


def error_in_km(P):
    return np.sqrt(np.mean(np.sum((aligned(P) - positions) ** 2, axis=1)))


draws = [draw_distances(seed) for seed in range(n_draws)]
maps = {}

print(
    f"{n_cities} cities, {len(draws[0][0])} of {n_cities * (n_cities - 1) // 2} "
    f"distances, noise {noise:.0f} km; error (km) over {n_draws} draws of the pairs\n"
)
print(f"{'':33}      as it is          refined        below 50 km   seconds")
print(f"{'':33}   median  worst    median  worst")
for name, method in methods.items():
    start = perf_counter()
    found = [method(*known) for known in draws]
    seconds = (perf_counter() - start) / n_draws
    maps[name] = [refine(P, *known) for P, known in zip(found, draws, strict=True)]
    before, after = (
        np.array([error_in_km(P) for P in some]) for some in (found, maps[name])
    )
    print(
        f"{name:33} {np.median(before):8.0f} {before.max():6.0f} "
        f"{np.median(after):9.0f} {after.max():6.0f} "
        f"{np.sum(after < 50):10d} of {n_draws} {seconds:9.3f}"
    )

# %%
# One draw
# --------
# Rings mark the true places; dots at the end of a line are the places found. Gray lines
# are the known distances.
shown_draw = 7
pairs, _ = draws[shown_draw]
figure, axes = plt.subplot_mosaic(
    [["map", "stuck"], ["map", "filled"]],
    figsize=(12, 6.8),
    width_ratios=[2, 1],
    layout="constrained",
)
shown = {
    "map": "low rank, rank=3",
    "stuck": "low rank, rank=2",
    "filled": "shortest paths, classical scaling",
}
for panel, name in shown.items():
    ax = axes[panel]
    P = aligned(maps[name][shown_draw])
    ax.plot(*np.stack([P, positions], axis=1).T, color="C3", lw=1)
    ax.plot(*positions.T, "o", mfc="none", mec="C0", ms=9, label="true")
    ax.plot(*P.T, "o", color="C3", ms=4, label="found")
    ax.set(aspect="equal", title=f"{name}\nrefined, error {error_in_km(P):.0f} km")
    ax.set_axis_off()
axes["map"].plot(*positions[pairs].T, color="0.9", lw=0.8, zorder=0)
for name, place in zip(cities, positions, strict=True):
    axes["map"].annotate(
        name,
        place,
        xytext=(7, 5),
        textcoords="offset points",
        path_effects=[withStroke(linewidth=3, foreground="white")],
    )
axes["map"].legend(loc="upper left", frameon=False)

plt.show()
