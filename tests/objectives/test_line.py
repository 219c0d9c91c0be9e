"""The exact minimum of a quartic."""

import numpy as np
import pytest

from lowrank_sense.objectives.line import Quartic


def change(coefficients, t):
    return sum(c * t ** (i + 1) for i, c in enumerate(coefficients))


def quartic(seed, scale=1.0):
    """Return the coefficients of ||r + t a + t^2 b||^2 / 2 with <r, a> < 0."""
    rng = np.random.default_rng(seed)
    r, a, b = rng.standard_normal((3, 6)) * np.array([[1.0], [scale], [scale**2]])
    a = -a if r @ a > 0 else a
    return r @ a, a @ a / 2 + r @ b, a @ b, b @ b / 2


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
@pytest.mark.parametrize("seed", range(20))
def test_minimizes_over_positive_steps(seed, scale):
    coefficients = quartic(seed, scale)
    step = Quartic(np.array(coefficients)).best_step()
    assert step > 0
    grid = step * np.concatenate([np.linspace(0.01, 3, 2000), np.geomspace(3, 1e4)])
    best = change(coefficients, step)
    assert best < 0
    assert best <= change(coefficients, grid).min() * (1 - 1e-12)


def test_quadratic_is_the_textbook_step():
    assert Quartic(np.array((-2.0, 1.0, 0.0, 0.0))).best_step() == pytest.approx(1.0)
    assert Quartic(np.array((-2.0, 1.0, 1e-30, 1e-40))).best_step() == pytest.approx(
        1.0
    )


def test_pure_quartic():
    assert Quartic(np.array((-4.0, 0.0, 0.0, 1.0))).best_step() == pytest.approx(1.0)


@pytest.mark.parametrize(
    "coefficients",
    [(0.0, 1.0, 0.0, 1.0), (1.0, 1.0, 0.0, 1.0), (-1.0, 0.0, 0.0, 0.0)],
    ids=["stationary", "ascent", "unbounded"],
)
def test_no_step(coefficients):
    assert Quartic(np.array(coefficients)).best_step() == 0.0
