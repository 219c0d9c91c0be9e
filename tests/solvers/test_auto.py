"""solver="auto", and what is said of solvers that do not suit."""

import warnings

import pytest
from sklearn.exceptions import ConvergenceWarning

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing

from ..grids import slowly
from ..studies import KINDS, completion, problem, relative_error


@pytest.mark.parametrize("seed", [0, *slowly(1, 2)])
@pytest.mark.slow
def test_few_measurements_are_for_cg(seed):
    """m = 5nr and k = 3r: more degrees of freedom than measurements."""
    X, y, M = problem(AsymmetricFactorSensing, 300, (30, 30), 2, seed)
    errors = {}
    for solver in ("pcg", "cg", "auto"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model = AsymmetricFactorSensing(
                6, solver=solver, max_iter=2000, random_state=seed
            ).fit(X, y)
        errors[solver] = relative_error(model, M)
    assert model.solver_ == "cg"
    assert errors["auto"] == errors["cg"] < 1e-4
    assert errors["pcg"] > 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_auto_is_pcg_where_measurements_are_enough(kind):
    X, y, _ = problem(kind)
    assert kind(3, solver="auto", random_state=0).fit(X, y).solver_ == "pcg"


@pytest.mark.slow
def test_solver_auto_of_entries():
    X, y, _ = completion(800, (30, 40), 2)
    model = AsymmetricFactorSensing(2, solver="auto", measurement="entry")
    assert model.set_params(random_state=0).fit(X, y).solver_ == "als"
    assert model.set_params(rank=12).fit(X, y).solver_ == "cg"
    psd, y, _ = completion(400, (30, 30), 2, psd=True)
    symmetric = SymmetricFactorSensing(2, solver="auto", measurement="entry")
    assert symmetric.set_params(random_state=0).fit(psd, y).solver_ == "pcg"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", ["cg", "pcg", "auto"])
def test_fixed_step_is_for_gradient_descent(kind, solver):
    X, y, _ = problem(kind)
    message = f"step_size=0.25 is for solver='gd'.*solver='{solver}'.*must be 'auto'"
    with pytest.raises(ValueError, match=message):
        kind(solver=solver, step_size=0.25).fit(X, y)


@pytest.mark.parametrize(
    ("params", "n_measurements", "advice"),
    [
        ({"solver": "gd"}, 600, "Try solver='pcg'"),
        ({"solver": "cg"}, 600, "Try solver='pcg'"),
        ({"solver": "gd", "rank": 6}, 150, "Try solver='cg'"),
        ({"solver": "pcg", "rank": 6}, 150, "Try solver='cg'"),
        ({"solver": "pcg"}, 600, "reached. Increase max_iter"),
        ({"solver": "auto"}, 600, "reached. Increase max_iter"),
    ],
)
def test_warning_names_the_solver_to_try(params, n_measurements, advice):
    X, y, _ = problem(AsymmetricFactorSensing, n_measurements)
    model = AsymmetricFactorSensing(**params, max_iter=5, random_state=0)
    with pytest.warns(ConvergenceWarning, match=advice):
        model.fit(X, y)
