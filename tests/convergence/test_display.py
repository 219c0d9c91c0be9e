"""ConvergenceDisplay: what it draws is what the fits recorded."""

import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.convergence import ConvergenceDisplay, estimate_rate
from lowrank_sense.datasets import make_matrix_sensing

from ..studies import GD

SHAPE = (12, 18)


pytestmark = pytest.mark.usefixtures("close_figures")


@pytest.fixture(scope="module")
def data():
    return make_matrix_sensing(360, SHAPE, 2, random_state=0)[:2]


@pytest.fixture(scope="module")
def fit(data):
    model = AsymmetricFactorSensing(
        4, shape=SHAPE, early_stopping=True, max_iter=60, tol=0, **GD
    )
    return model.fit(*data)


@pytest.mark.parametrize(
    ("quantity", "attribute", "first"),
    [
        ("loss", "loss_history_", 0),
        ("gradient_norm", "gradient_norm_history_", 0),
        ("step_size", "step_size_history_", 1),
        ("imbalance", "imbalance_history_", 0),
        ("validation", "validation_history_", 0),
    ],
)
def test_draws_each_history(fit, quantity, attribute, first):
    display = ConvergenceDisplay.from_estimator(fit, quantity=quantity)
    (line,) = display.lines_
    iterations, values = line.get_data()
    np.testing.assert_array_equal(values, getattr(fit, attribute))
    assert iterations[0] == first
    assert iterations[-1] == fit.n_iter_
    assert display.ax_.get_yscale() == "log"
    assert display.ax_.get_xscale() == "linear"


def test_marks_the_accelerated_step(fit):
    assert fit.accelerated_iteration_ is not None
    for quantity in ("loss", "step_size"):
        ax = ConvergenceDisplay.from_estimator(fit, quantity=quantity).ax_
        mark = ax.get_lines()[1]
        assert mark.get_xdata()[0] == fit.accelerated_iteration_
        labels = [text.get_text() for text in ax.get_legend().get_texts()]
        assert labels == ["AsymmetricFactorSensing", "accelerated step"]


def test_no_mark_without_the_step(data):
    model = AsymmetricFactorSensing(
        4, solver="gd", accelerated_step=False, shape=SHAPE, max_iter=5, tol=0
    )
    ax = ConvergenceDisplay.from_estimator(model.fit(*data), name="plain").ax_
    assert len(ax.get_lines()) == 1
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["plain"]


def test_several_fits_on_one_axis(data, fit):
    other = AsymmetricFactorSensing(
        3, shape=SHAPE, solver="pcg", max_iter=30, tol=0, random_state=0
    ).fit(*data)
    _, ax = plt.subplots()
    display = ConvergenceDisplay.from_estimators(
        {"gd": fit, "pcg": other}, ax=ax, scale="loglog", curve_kwargs={"alpha": 0.5}
    )
    assert display.ax_ is ax
    assert display.figure_ is ax.figure
    assert [line.get_label() for line in display.lines_] == ["gd", "pcg"]
    assert [line.get_alpha() for line in display.lines_] == [0.5, 0.5]
    assert ax.get_xscale() == ax.get_yscale() == "log"


def test_writes_the_rate_beside_the_line():
    curves = {
        "fast": np.exp(-0.3 * np.arange(100)),
        "slow": np.arange(1.0, 101) ** -2,
    }
    display = ConvergenceDisplay(curves, ylabel="Error", first_iteration=1)
    ax = display.plot(show_rate=True).ax_
    written = [text.get_text() for text in ax.texts]
    rates = [estimate_rate(curve, first_iteration=1) for curve in curves.values()]
    assert written == [rate._repr_latex_() for rate in rates]
    assert ax.get_ylabel() == "Error"
    figure = display.figure_
    figure.canvas.draw()
    for text in ax.texts:
        box, frame = text.get_window_extent(), figure.bbox
        assert frame.x0 <= box.x0 <= box.x1 <= frame.x1


def test_within_pipelines_and_searches(data):
    model = AsymmetricFactorSensing(shape=SHAPE, max_iter=5, tol=0, **GD)
    pipeline = make_pipeline(FunctionTransformer(), model)
    grid = {"asymmetricfactorsensing__rank": [1, 2]}
    search = GridSearchCV(pipeline, grid, cv=2).fit(*data)
    (line,) = ConvergenceDisplay.from_estimator(search).lines_
    best = search.best_estimator_[-1]
    np.testing.assert_array_equal(line.get_ydata(), best.loss_history_)


def test_what_cannot_be_drawn(data, fit):
    with pytest.raises(ValueError, match=r"quantity must be one of .*'losses'"):
        ConvergenceDisplay.from_estimator(fit, quantity="losses")
    with pytest.raises(ValueError, match=r"scale must be one of .*'linear'"):
        ConvergenceDisplay.from_estimator(fit, scale="linear")
    with pytest.raises(NotFittedError):
        ConvergenceDisplay.from_estimator(AsymmetricFactorSensing())
    symmetric = SymmetricFactorSensing(max_iter=2, tol=0, shape=(4, 4))
    symmetric.fit(np.eye(16), np.arange(16.0))
    with pytest.raises(
        ValueError, match=r"imbalance.*AsymmetricFactorSensing, not for"
    ):
        ConvergenceDisplay.from_estimator(symmetric, quantity="imbalance")
    with pytest.raises(ValueError, match="early_stopping=True"):
        ConvergenceDisplay.from_estimator(symmetric, quantity="validation")
    with pytest.raises(ValueError, match="Ridge"):
        ConvergenceDisplay.from_estimator(Ridge().fit(*data))


@pytest.mark.slow
def test_matplotlib_is_imported_only_to_draw():
    code = """
import sys
import numpy as np
sys.modules["matplotlib"] = None
from lowrank_sense.convergence import ConvergenceDisplay
from lowrank_sense.inspection import FactorDisplay
displays = [
    ConvergenceDisplay({"a": [1.0, 0.5]}),
    FactorDisplay(singular_values=np.ones(1), effective_rank=1, matrix=np.eye(2)),
]
for display in displays:
    try:
        display.plot()
    except ImportError as error:
        print(error)
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines() == [
        f"{name}.plot draws with matplotlib: pip install 'lowrank_sense[plot]'."
        for name in ("ConvergenceDisplay", "FactorDisplay")
    ]
