r"""
=====================
Low-rank interactions
=====================

A second-order model has a coefficient for each pair of features,
:math:`y = b + \sum_{jk} M_{jk} x_j x_k`. These soon outnumber the samples. If only a
few combinations of the features interact, M has low rank. With :math:`z = (1, x)`, the
constant, linear and quadratic terms form one quadratic form :math:`z^T M z`, a rank-one
measurement with :math:`a_i = b_i = z_i`. M may be indefinite, hence two factors. Only
its symmetric part is determined.

The usual method is ridge regression on all products of features, which ignores rank.
"""

# %%
# The models, tuned alike
# -----------------------
# Ridge chooses its penalty by leave-one-out cross-validation, low rank by three folds.
# The rank need not be known; four is enough. With ``tol=0`` a fit runs all `max_iter`
# iterations without a warning, which is plenty for predictions.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GridSearchCV, ShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    PolynomialFeatures,
    StandardScaler,
)

from lowrank_sense import AsymmetricFactorSensing


def form_arguments(X):
    """Return rows [z, z] with z = (1, x)."""
    Z = np.column_stack([np.ones(len(X)), X])
    return np.hstack([Z, Z])


def with_scaled_target(*steps):
    return TransformedTargetRegressor(
        make_pipeline(StandardScaler(), *steps), transformer=StandardScaler()
    )


alphas = np.logspace(-2, 4, 13)
low_rank = with_scaled_target(
    FunctionTransformer(form_arguments),
    AsymmetricFactorSensing(
        rank=4,
        measurement="rank_one",
        solver="pcg",
        max_iter=30,
        tol=0,
        random_state=0,
    ),
)
penalty = "regressor__asymmetricfactorsensing__penalty"
models = {
    "low rank": GridSearchCV(low_rank, {penalty: [0.01, 0.05, 0.25]}, cv=3),
    "ridge, all products": with_scaled_target(
        PolynomialFeatures(2, include_bias=False), StandardScaler(), RidgeCV(alphas)
    ),
    "ridge, linear": with_scaled_target(RidgeCV(alphas)),
}


# %%
# A teacher of low rank, and diabetes
# -----------------------------------
# The teacher adds two products of linear functions of 20 features,
# :math:`y = l_1(x) r_1(x) + l_2(x) r_2(x)`, with 10% noise. It has 84 parameters,
# against 231 coefficients of all terms. Low rank learns more of it from 200 samples
# than ridge on all products learns from 300.
#
# The other problem is diabetes, with 10 features of 442 patients. There the products
# mislead low rank less than ridge, but linear ridge, without any products, is as good
# or better.
def make_teacher(n_samples=1500, n_features=20, rank=2, noise=0.1, random_state=0):
    rng = np.random.default_rng(random_state)
    X = rng.standard_normal((n_samples, n_features))
    Z = np.column_stack([np.ones(n_samples), X])
    L, R = rng.standard_normal((2, n_features + 1, rank))
    y = np.sum((Z @ L) * (Z @ R), axis=1)
    return X, y + noise * y.std() * rng.standard_normal(n_samples)


problems = {
    "teacher": (make_teacher(), [60, 100, 150, 200, 300]),
    "diabetes": (load_diabetes(return_X_y=True), [50, 150, 350]),
}
n_splits = 4
scores = {}

print(f"test R^2, mean +- std over {n_splits} splits")
for name, ((X, y), train_sizes) in problems.items():
    print(f"\n{name:9} n_train  " + "".join(f"{method:>22}" for method in models))
    scores[name] = np.empty((len(models), len(train_sizes), n_splits))
    for i, train_size in enumerate(train_sizes):
        splits = ShuffleSplit(n_splits, train_size=train_size, random_state=0)
        for j, (train, test) in enumerate(splits.split(X)):
            for k, model in enumerate(models.values()):
                model.fit(X[train], y[train])
                scores[name][k, i, j] = model.score(X[test], y[test])
        cells = (f"{s.mean():.2f} +- {s.std():.2f}" for s in scores[name][:, i])
        print(f"{train_size:17}  " + "".join(f"{cell:>22}" for cell in cells))

# %%
# Learning curves
# ---------------
figure, axes = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
for ax, (name, ((X, _), train_sizes)) in zip(axes, problems.items(), strict=True):
    for k, (method, values) in enumerate(zip(models, scores[name], strict=True)):
        ax.errorbar(
            np.array(train_sizes) + 3 * (k - 1),  # so that the bars do not overlap
            values.mean(axis=1),
            values.std(axis=1),
            marker="o",
            capsize=3,
            label=method,
        )
    ax.set(
        xlabel="training samples",
        ylabel="test $R^2$",
        title=f"{name}, p = {X.shape[1]}",
    )
    ax.grid(alpha=0.3)
axes[0].legend()

plt.show()
