"""
==================================================
Learn a metric from pairs of the same class or not
==================================================

In a good metric samples of the same class are near and others far apart. A squared
Mahalanobis distance :math:`(x_i - x_j)^T M (x_i - x_j)` is a rank-one measurement of a
positive semi-definite M, so that it can be fitted by regression: to 0 for pairs of the
same class, to 1 for others. With :math:`M = L L^T` of low rank it is the distance
between the projections :math:`L^T x`, a supervised reduction of dimension that asks for
no class labels, only which pairs belong together.

How good it is we ask nearest neighbors, which classify the projected samples.
"""

# %%
# A metric as a transformer
# -------------------------
# Most pairs are of different classes; as many of either kind are drawn. The intercept
# takes up that even the nearest pairs are not at distance 0; the penalty keeps the
# metric small where the pairs say little.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.datasets import load_digits, load_wine
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import StratifiedShuffleSplit, cross_validate
from sklearn.neighbors import KNeighborsClassifier, NeighborhoodComponentsAnalysis
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lowrank_sense import SymmetricFactorSensing


def draw_pairs(y, n_pairs, random_state):
    """Indices of pairs, half of them of the same class, and whether they differ."""
    rng = np.random.default_rng(random_state)
    i, j = np.triu_indices(len(y), 1)
    kinds = np.flatnonzero(y[i] == y[j]), np.flatnonzero(y[i] != y[j])
    n_each = min(n_pairs // 2, *map(len, kinds))
    drawn = np.concatenate([rng.choice(kind, n_each, replace=False) for kind in kinds])
    return i[drawn], j[drawn], np.repeat([0.0, 1.0], n_each)


class MetricLearner(TransformerMixin, BaseEstimator):
    """Project such that squared distances tell whether a pair is of one class."""

    def __init__(self, rank, n_pairs=5_000, penalty=0.1, random_state=0):
        self.rank = rank
        self.n_pairs = n_pairs
        self.penalty = penalty
        self.random_state = random_state

    def fit(self, X, y):
        i, j, differ = draw_pairs(y, self.n_pairs, self.random_state)
        self.metric_ = SymmetricFactorSensing(
            rank=self.rank,
            measurement="rank_one",
            solver="pcg",
            penalty=self.penalty,
            fit_intercept=True,
            tol=1e-3,
            random_state=self.random_state,
        ).fit(X[i] - X[j], differ)
        return self

    def transform(self, X):
        return X @ self.metric_.factor_


def projections(rank, n_classes):
    return {
        "none": "passthrough",
        "PCA": PCA(rank, random_state=0),
        "LDA": LinearDiscriminantAnalysis(
            solver="eigen", shrinkage="auto", n_components=min(rank, n_classes - 1)
        ),
        "NCA": NeighborhoodComponentsAnalysis(rank, random_state=0),
        "low rank": MetricLearner(rank),
    }


# %%
# Nearest neighbors on what was held out
# --------------------------------------
# Linear discriminant analysis (LDA) and neighborhood components analysis (NCA) are the
# supervised peers. The penalty was chosen once, on other splits than these; the others
# have nothing to choose, LDA finding its shrinkage itself.
#
# Where there are dimensions enough for the classes low rank comes first, though by less
# than the scatter between splits. With two for ten digits NCA wins and low rank is
# behind LDA too: no plane has room for ten classes at mutual distance 1, as the
# regression wants it, while NCA cares for near neighbors only.
wine, digits = load_wine(return_X_y=True), load_digits(return_X_y=True)
wine_splits = StratifiedShuffleSplit(20, train_size=0.5, random_state=1)
digit_splits = StratifiedShuffleSplit(4, train_size=300, random_state=1)
problems = {
    "wine, rank 2": (wine, 2, wine_splits),
    "digits, rank 8": (digits, 8, digit_splits),
    "digits, rank 2": (digits, 2, digit_splits),
}
results = {name: {} for name in problems}

for name, ((X, y), rank, splits) in problems.items():
    print(f"{name:17} test accuracy    seconds")
    for method, projection in projections(rank, len(np.unique(y))).items():
        model = make_pipeline(StandardScaler(), projection, KNeighborsClassifier())
        result = cross_validate(
            model, X, y, cv=splits, return_estimator=True, return_indices=True
        )
        scores = result["test_score"]
        print(
            f"  {method:15} {scores.mean():.3f} +- {scores.std():.3f} "
            f"{result['fit_time'].mean():10.3f}"
        )
        results[name][method] = result
    print()

# %%
# The planes
# ----------
# The first split of both problems of rank 2, with its accuracy. Pale dots are of the
# training set, the others, at most 300 of them, were held out.
figure, axes = plt.subplots(2, 4, figsize=(12, 6.2), layout="constrained")
for row, name in zip(axes, ["wine, rank 2", "digits, rank 2"], strict=True):
    (X, y), _, _ = problems[name]
    methods = ["PCA", "LDA", "NCA", "low rank"]
    for ax, method in zip(row, methods, strict=True):
        result = results[name][method]
        train, test = (result["indices"][part][0] for part in ("train", "test"))
        for part, opacity in ((train, 0.15), (test[:300], 1.0)):
            plane = result["estimator"][0][:-1].transform(X[part])
            ax.scatter(*plane.T, c=y[part], cmap="tab10", vmax=9, s=12, alpha=opacity)
        accuracy = result["test_score"][0]
        ax.set(title=f"{method}: {accuracy:.2f}", xticks=[], yticks=[])
    row[0].set_ylabel(name)

plt.show()
