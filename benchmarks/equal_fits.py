"""Record what a grid of fits leaves, or compare with a record, bit for bit.

Run it before and after a change that is to leave behaviour alone, on one machine:

    python benchmarks/equal_fits.py record /tmp/before.pkl
    python benchmarks/equal_fits.py compare /tmp/before.pkl

Every fitted attribute, history, prediction and transformed X is compared. To record a
release other than the installed one, put its folder first in PYTHONPATH.
"""

import argparse
import hashlib
import pickle
import warnings
from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import aslinearoperator

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

ESTIMATORS = {"sym": SymmetricFactorSensing, "asym": AsymmetricFactorSensing}
SHAPES = {"sym": (14, 14), "asym": (12, 18)}
N_MEASUREMENTS = {"matrix": 330, "rank_one": 330, "entry": 150}


def cases() -> Iterator[tuple[str, Callable[[], dict[str, object]]]]:
    """Yield names of fits with the functions that run them."""
    for kind, sides, solver, noise, dtype in product(
        ("matrix", "rank_one", "entry"),
        ("sym", "asym"),
        ("gd", "cg", "pcg", "als"),
        (0.0, 0.1),
        (np.float64, np.float32),
    ):
        if solver == "als" and (kind, sides) != ("entry", "asym"):
            continue
        yield case(kind, sides, noise, dtype, solver=solver)
    for kind, sides, solver in product(
        ("matrix", "rank_one", "entry"), ("sym", "asym"), ("gd", "pcg", "als")
    ):
        if solver == "als" and (kind, sides) != ("entry", "asym"):
            continue
        for options in (
            {"fit_intercept": True},
            {"fit_intercept": True, "weighted": True},
            {"penalty": 0.01},
            {"early_stopping": True},
            {"early_stopping": True, "weighted": True, "fit_intercept": True},
            {"warm_start": True},
            {"warm_start": True, "penalty": 0.02},
            {"init": "spectral"},
            {"accelerated_step": False},
            {"rank": 2, "condition_number": 10},
            {"tol": 0, "max_iter": 40},
        ):
            yield case(kind, sides, 0.1, np.float64, solver=solver, **options)
    for sides, solver in product(("sym", "asym"), ("gd", "cg", "pcg", "auto", "als")):
        if (sides, solver) != ("sym", "als"):
            for noise, kappa in product((0.0, 0.1), (1, 10)):
                yield case(
                    "entry",
                    sides,
                    noise,
                    np.float64,
                    solver=solver,
                    penalty="auto",
                    condition_number=kappa,
                )
    for kind, sides in product(("matrix", "rank_one"), ("sym", "asym")):
        for options in (
            {"step_size": 0.25, "accelerated_step": 20},
            {"step_size": 0.25, "accelerated_step": False},
            {"step_size": 5.0},
            {"accelerated_step": 15, "penalty": 0.01},
        ):
            yield case(kind, sides, 0.0, np.float64, solver="gd", **options)
        for kappa, rank in product((1, 10, 100), (2, 6)):
            yield case(
                kind,
                sides,
                0.0,
                np.float64,
                solver="gd",
                condition_number=kappa,
                rank=rank,
            )
    for form, kind, sides in product(
        ("sparse", "fortran", "operator", "dask"),
        ("matrix", "rank_one", "entry"),
        ("sym", "asym"),
    ):
        if form in ("sparse", "fortran", "dask") and kind == "entry" and form != "dask":
            continue
        if form == "operator" and kind != "matrix":
            continue
        for options in ({}, {"fit_intercept": True, "weighted": True}):
            yield case(kind, sides, 0.1, np.float64, solver="pcg", form=form, **options)
    for kind, m in product(("matrix", "rank_one", "entry"), (60, 110, 190)):
        for sides in ("sym", "asym"):
            yield case(kind, sides, 0.0, np.float64, solver="auto", n_measurements=m)


def case(kind, sides, noise, dtype, *, weighted=False, form="dense", **params):
    """Return the name of a fit and the function that runs it."""
    shown = {"weighted": weighted, "form": form, **params}
    name = f"{kind} {sides} noise={noise} {np.dtype(dtype)} {shown}"
    return name, lambda: run(kind, sides, noise, dtype, weighted, form, dict(params))


def run(kind, sides, noise, dtype, weighted, form, params):
    """Fit, and return everything that the estimator holds and says afterwards."""
    X, y, _ = make_matrix_sensing(
        params.pop("n_measurements", N_MEASUREMENTS[kind]),
        SHAPES[sides],
        2,
        psd=sides == "sym",
        condition_number=params.pop("condition_number", 1),
        noise=noise,
        measurement=kind,
        random_state=0,
    )
    if kind != "entry":
        X = X.astype(dtype)
    y = y.astype(dtype)
    X = {
        "dense": lambda: X,
        "sparse": lambda: sparse.csr_array(X),
        "fortran": lambda: np.asfortranarray(X),
        "operator": lambda: aslinearoperator(X),
        "dask": lambda: _blocks(X),
    }[form]()
    weights = None
    if weighted:
        weights = np.random.default_rng(1).integers(0, 4, len(y)).astype(float)
    params = {"rank": 4, "max_iter": 300, "shape": SHAPES[sides]} | params
    model = ESTIMATORS[sides](measurement=kind, random_state=0, **params)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, y, sample_weight=weights)
        if model.warm_start:
            model.set_params(penalty=model.penalty / 2).fit(X, 1.1 * y, weights)
    left = {k: v for k, v in vars(model).items() if k.endswith("_") and k[0] != "_"}
    left |= {"predicted": model.predict(X), "transformed": model.transform(X)}
    if form != "operator":
        left["score"] = model.score(X, y, weights)
    return {name: _bits(value) for name, value in left.items()}


def _blocks(X):
    from dask import array

    return array.from_array(X, chunks=(X.shape[0] // 3 + 1, -1))


def _bits(value):
    """Return what two values share only if they are equal, bit for bit."""
    if hasattr(value, "compute"):
        value = value.compute()
    if isinstance(value, np.ndarray):
        digest = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
        return str(value.dtype), value.shape, digest
    return repr(value)


def main():
    """Record, or compare and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=("record", "compare"))
    parser.add_argument("file")
    parser.add_argument("--only", default="", help="run the cases that contain this")
    arguments = parser.parse_args()
    found = {name: fit() for name, fit in cases() if arguments.only in name}
    if arguments.action == "record":
        with open(arguments.file, "wb") as file:
            pickle.dump(found, file)
        print(f"{len(found)} fits recorded")
        return
    with open(arguments.file, "rb") as file:
        before = pickle.load(file)
    n_equal = 0
    for name, left in found.items():
        differing = [key for key in before[name] if before[name][key] != left.get(key)]
        n_equal += not differing
        if differing:
            print(f"{name}: {', '.join(differing)}")
    print(f"{n_equal} of {len(found)} fits are equal, bit for bit")


if __name__ == "__main__":
    main()
