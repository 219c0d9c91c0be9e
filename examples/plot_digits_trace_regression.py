"""
===================================================
Low-rank trace regression on handwritten digits
===================================================

A sample is an 8 x 8 image A_i, the target is +1 for a zero and -1 for any other digit,
and the model is linear, y_i = <A_i, M> + intercept. Ridge shrinks all the 64
coefficients of M; low-rank trace regression lets M have few singular components, which
is about 16 coefficients for each, and stops gradient descent early.

Both are tuned by cross-validation on the same splits, at several training sizes. If
anywhere, low rank should help where samples are few.
"""

# %%
# Two models, tuned alike
# -----------------------
# Neither pixels nor target have mean zero, and the low-rank model has no intercept, so
# both are centered within each split. Pixels keep their scale: near the border some
# hardly vary, and to standardize them would blow up their noise.

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_digits
from sklearn.linear_model import Ridge
from sklearn.model_selection import (
    GridSearchCV,
    StratifiedKFold,
    StratifiedShuffleSplit,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from lowrank_sense import AsymmetricFactorSensing

digits = load_digits()
X = digits.data
y = np.where(digits.target == 0, 1.0, -1.0)


def tuned(regressor, grid):
    model = Pipeline(
        [
            ("center", StandardScaler(with_std=False)),
            (
                "fit",
                TransformedTargetRegressor(regressor, transformer=StandardScaler()),
            ),
        ]
    )
    grid = {f"fit__regressor__{name}": values for name, values in grid.items()}
    return GridSearchCV(
        model,
        grid,
        cv=StratifiedKFold(5, shuffle=True, random_state=0),
    )


# Neighboring pixels are correlated, so that descent fits strong directions first and
# needs long for the weak ones, which are mostly noise. To stop early is therefore a
# regularization, tuned like the rank; tol=0 takes the max_iter iterations as intended
# and does not warn that they were too few. Rank 8 is no restriction at all.
models = {
    "low rank": tuned(
        AsymmetricFactorSensing(shape=(8, 8), tol=0, random_state=0),
        {"rank": [1, 2, 3, 4, 8], "max_iter": [5, 10, 20, 40]},
    ),
    "ridge": tuned(Ridge(), {"alpha": np.logspace(0, 6, 13)}),
}

# %%
# Test scores for several training sizes
# --------------------------------------
# Nested cross-validation: what is left out of a training set is seen neither by the
# fits nor by the grid searches.
train_sizes = [50, 100, 200, 500]
n_splits = 6
scores = {name: np.empty((len(train_sizes), n_splits)) for name in models}

print("test R^2, mean +- std over splits; the difference is paired by split\n")
print("n_train       low rank          ridge     difference   chosen ranks")
for i, train_size in enumerate(train_sizes):
    splitter = StratifiedShuffleSplit(
        n_splits, train_size=train_size, test_size=1000, random_state=0
    )
    ranks = []
    for j, (train, test) in enumerate(splitter.split(X, y)):
        for name, model in models.items():
            model.fit(X[train], y[train])
            scores[name][i, j] = model.score(X[test], y[test])
        ranks.append(models["low rank"].best_params_["fit__regressor__rank"])
    columns = [
        *(s[i] for s in scores.values()),
        scores["low rank"][i] - scores["ridge"][i],
    ]
    cells = "   ".join(f"{c.mean():5.2f} +- {c.std():.2f}" for c in columns)
    print(f"{train_size:7d}  {cells}   {ranks}")
