"""Cases for `fuzz.py`: parameters and data, drawn from one number.

FORMS hold the same numbers in another way, VALUES are at the limits of numbers, and
what BREAKS data must be refused. All of them are functions of a plain array.
"""

import copy
from operator import methodcaller

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, aslinearoperator

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

METHODS = "fit", "predict", "transform", "score"
GOOD = {
    "rank": [1, 3, np.int64(4), 9],
    "alpha": [1, 1e-6, 1e3, np.float32(0.5)],
    "accelerated_step": [False, 1, 7],
    "solver": ["gd", "cg", "pcg", "als"],
    "init": ["spectral"],
    "step_size": [0.25, 1e-9, 2.0],
    "init_ratio": [0, 1, 1e3],
    "penalty": [1e-3, 10.0, "auto"],
    "fit_intercept": [True],
    "tol": [0, 1e-12, 1e-2, 1e9],
    "early_stopping": [True],
    "validation_fraction": [0.5, 0.99, 1e-9],
    "n_iter_no_change": [1, 3],
    "warm_start": [True],
    "random_state": [0, np.random.RandomState(0)],
    "verbose": [1, True],
}
# Of a wrong type, or out of range, for most parameters.
BAD = [None, "bad", "", np.nan, np.inf, -np.inf, -1, -0.5, 0, 1j, (), {}, b"gd", int]
BAD += [
    (1, 2, 3),
    np.array([1, 2]),
    np.array(["gd", "cg"]),
    "auto",
    -(10**30),
    object(),
]
ENDS_OF_RANGE = 1e-320, 1e-100, 1e100, 1e300
EXTREME = {
    "rank": [10**9, 10**30],
    "shape": [
        (2**31 - 1, 2),
        (2**40, 1),
        (0, 3),
        (-1, -4),
        (2.0, 2),
        (True, 4),
        {1: 2},
    ],
    **dict.fromkeys(["alpha", "init_ratio", "penalty", "step_size"], ENDS_OF_RANGE),
    "random_state": [-1, 2**40, np.random.default_rng(0)],
}

DTYPES = ["f2", "f4", "i1", "i4", "u8", "bool", "g", ">f8", "O"]
ANY_FORM = {dtype: methodcaller("astype", dtype) for dtype in DTYPES} | {
    "as it is": np.copy,
    "list": np.ndarray.tolist,
    "with gaps": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "masked nowhere": lambda a: np.ma.masked_array(a, np.zeros(a.shape)),
    "unaligned": lambda a: np.ndarray(a.shape, a.dtype, b"x" + a.tobytes(), 1),
    "text of numbers": lambda a: a.astype(str).astype(object),
}
LAYOUTS = ["csr", "csc", "coo", "bsr", "lil", "dok", "dia"]
SPARSE = [f"{layout}_{kind}" for layout in LAYOUTS for kind in ("array", "matrix")]
DENSE = ANY_FORM | {
    "F order": np.asfortranarray,
    "frame": lambda X: pd.DataFrame(X, columns=[f"c{j}" for j in range(X.shape[1])]),
    "numbered frame": pd.DataFrame,
}
NUMBERS = DENSE | {name: getattr(sparse, name) for name in SPARSE}
OPERATORS = {
    "operator": aslinearoperator,
    "operator without adjoint": lambda X: LinearOperator(X.shape, lambda v: X @ v),
}
WEIGHT_FORMS = {
    "some zero": lambda w: w * (np.arange(len(w)) % 3 == 0),
    "all but one zero": lambda w: w * (np.arange(len(w)) == 0),
    "a number": lambda w: 2.5,
}
# Indices of what the fit has not seen, for methods other than fit.
UNKNOWN = {"unknown": lambda X: np.where(X.max() > X, X, -1)}
FORMS = {
    "matrix": NUMBERS | OPERATORS,
    "rank_one": NUMBERS,
    "entry": DENSE | {"csr_array": sparse.csr_array, "operator": aslinearoperator},
    "y": ANY_FORM | {"series": pd.Series, "column": lambda y: y[:, np.newaxis]},
    "sample_weight": ANY_FORM | WEIGHT_FORMS,
}

SIZES = 1e-310, 1e-150, 1e12, 1e150, 1e300
ANY_VALUE = {f"times {size:g}": lambda a, size=size: a * size for size in SIZES} | {
    "equal": lambda a: np.repeat(a[:1], len(a), axis=0),
    "of unequal size": lambda a: a * 10.0 ** (12 * (np.arange(a.shape[-1]) % 2)),
}
ZERO = {"zero": np.zeros_like}
VALUES = {
    "matrix": ANY_VALUE | ZERO,
    "rank_one": ANY_VALUE | ZERO,
    "entry": {"as it is": np.copy} | ZERO,
    "y": ANY_VALUE | ZERO,
    "sample_weight": ANY_VALUE,
}


def _with(value):
    """What puts a value in the middle."""

    def broken(a):
        a = a.astype(np.result_type(a, np.array(value)))
        a.flat[a.size // 2] = value
        return a

    return broken


ANY_BREAK = {str(value): _with(value) for value in (np.nan, -np.inf, 1j)} | {
    "of length 0": lambda a: a[:0],
    "of other length": lambda a: np.concatenate([a, a[:1]]),
    "3-D": lambda a: a.reshape((*a.shape, 1, 1)[:3]),
    "text": lambda a: a.astype(str).astype(object) + "a",
    "bytes": lambda a: np.full(a.shape, b"a"),
    "ragged": lambda a: [[1, 2], [3]],
    "dict": lambda a: {"a": 1},
    "set": lambda a: set(a.ravel().tolist()),
    "generator": iter,
    "masked": lambda a: np.ma.masked_equal(a, a.flat[0]),
    "dates": lambda a: a.astype(int).astype("M8[D]"),
}
X_BREAKS = ANY_BREAK | {
    "None": lambda X: None,
    "1-D": lambda X: X[:, 0],
    "0-D": lambda X: 1.0,
    "no columns": lambda X: X[:, :0],
    "NaN in a frame": lambda X: pd.DataFrame(_with(np.nan)(X)),
    "NaN in csr": lambda X: sparse.csr_array(_with(np.nan)(X)),
    "complex csr": lambda X: sparse.csr_array(_with(1j)(X)),
    "complex operator": lambda X: aslinearoperator(_with(1j)(X)),
}
INDEX_BREAKS = {
    "negative": lambda X: X - X.max() - 2,
    "half": lambda X: X + 0.5,
    **UNKNOWN,
    "labels": lambda X: pd.DataFrame(X).astype(str).astype("category"),
    "beyond int32": lambda X: X + 2**40,
    "beyond int64": lambda X: X + 1e300,
    "three of them": lambda X: X[:, [0, 1, 1]],
}
BREAKS = {
    "matrix": X_BREAKS,
    "rank_one": X_BREAKS,
    "entry": X_BREAKS | INDEX_BREAKS,
    "y": ANY_BREAK
    | {"two": lambda y: np.stack([y, y], axis=1), "None": lambda y: None},
    "sample_weight": ANY_BREAK | ZERO | {"negative": lambda w: w - 2},
}


def _with_unknown(source):
    """Return changes for methods other than fit, where -1 is no break but a form."""
    entry = {k: v for k, v in source["entry"].items() if k not in UNKNOWN}
    return source | {"entry": entry | (UNKNOWN if source is FORMS else {})}


class Case:
    """An estimator and arguments for its methods, all drawn from one number."""

    def __init__(self, number):
        self._rng = np.random.default_rng(number)
        np.random.seed(number)  # for random_state=None
        symmetric = self._chance(0.5)
        measurement = self._pick(["matrix", "matrix", "rank_one", "entry"])
        n1, n2 = self._rng.integers(1, 8, 2).tolist()
        shape = (n1, n1) if symmetric or self._chance(0.3) else (n1, n2)
        most = np.prod(shape) if measurement == "entry" else 60
        X, y, _ = make_matrix_sensing(
            int(self._rng.integers(1, most + 1)),
            shape,
            rank=1,
            psd=symmetric,
            noise=self._pick([0, 0.1]),
            measurement=measurement,
            random_state=number,
        )
        weights = 0.1 + self._rng.random(len(y))
        if self._chance(0.2):
            rows = self._rng.integers(0, len(y), len(y))
            X, y, weights = X[rows], y[rows], weights[rows]
        if self._chance(0.2):
            X, shape = self._with_gaps(X, measurement, shape, symmetric)
        self.data = {"X": X, "y": y, "sample_weight": weights}
        self._measurement = measurement
        kind = SymmetricFactorSensing if symmetric else AsymmetricFactorSensing
        parameters = {"measurement": measurement, "max_iter": self._pick([1, 5, 50])}
        parameters["solver"] = "gd"
        # That of a rectangle is known of entries alone.
        if self._chance(0.7) or (shape != (n1, n1) and measurement != "entry"):
            parameters["shape"] = shape
        for name in kind().get_params():
            if name in GOOD and self._chance(0.2):
                parameters[name] = self._pick(GOOD[name])
            if self._chance(0.01):
                extreme = EXTREME.get(name, ())
                parameters[name] = self._pick([*BAD, *extreme, *extreme])
        self.model = kind(**copy.deepcopy(parameters))

    def calls(self):
        """(method, arguments, how they were changed, whether one is broken).

        A second fit, of changed data, may follow the first.
        """
        for method in ("fit", *METHODS) if self._chance(0.15) else METHODS:
            names = ["X", "y", "sample_weight"] if method in ("fit", "score") else ["X"]
            if self._chance(0.7):
                names = names[:2]
            arguments, story, changes = {}, [], set()
            for name in names:
                kind = self._measurement if name == "X" else name
                breaks = self._chance(0.06)
                source = BREAKS if breaks else self._pick([FORMS, FORMS, VALUES])
                if method != "fit":
                    source = _with_unknown(source)
                change = self._pick(list(source[kind]))
                arguments[name] = source[kind][change](self.data[name])
                story.append(f"{name} {change}")
                changes.add((breaks, change))
            # X, y and the weights of another length, all of them, are none broken.
            broken = any(breaks for breaks, _ in changes)
            broken &= changes != {(True, "of other length")}
            yield method, arguments, ", ".join(story), broken

    def _with_gaps(self, X, measurement, shape, symmetric):
        """Return X and the shape of a matrix with rows that are not seen."""
        n1, n2 = shape
        if measurement == "entry":
            X = X * 3
            return X, (3 * n1, 3 * n2)
        unseen = self._rng.integers(0, n1)
        if measurement == "rank_one":
            X[:, unseen] = 0
            return X, shape
        A = X.reshape(-1, n1, n2)
        A[:, unseen] = 0
        if symmetric:
            A[:, :, unseen] = 0
        return X, shape

    def _chance(self, probability):
        return self._rng.random() < probability

    def _pick(self, values):
        return values[self._rng.integers(len(values))]
