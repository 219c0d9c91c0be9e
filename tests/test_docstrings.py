"""Every public docstring is complete numpydoc, and every public name has an example."""

import inspect
import re
from pydoc import locate

import pytest
from numpydoc.validate import validate

import lowrank_sense
from lowrank_sense import (
    convergence,
    datasets,
    inspection,
    losses,
    measurements,
    penalties,
    solvers,
    testing,
)

# Not asked for: a second paragraph, and return values without a name.
IGNORED = {"ES01", "RT02"}
# Methods are shown at work in the example of their class.
IGNORED_FOR_METHODS = IGNORED | {"EX01", "SA01"}
# What scikit-learn calls, not the user.
HOOKS = {"setup", "teardown", "on_fit_task_begin", "on_fit_task_end"}
MODULES = (lowrank_sense, convergence, datasets, inspection, testing)
PUBLIC = {module: module.__all__ for module in MODULES}
# What is set as it stands: code, roles such as :math:, examples, references.
LITERAL = re.compile(
    r"``.*?``|:\w+:`.*?`|`\w+`|\n {4,8}(?:Examples|References)\n.*", re.S
)
# A formula in plain characters: transposes, indices, norms, measurements.
PLAIN_FORMULA = re.compile(r"\S*(?:\^\w|\b[A-Za-z]{1,2}_\w\b|\bsigma_|\|\||<A)\S*")
# What others derive parts of their own from.
EXTENSION = {
    losses: ["Loss"],
    measurements: ["Measurement", "Operator"],
    penalties: ["Penalty"],
    solvers: ["Descent", "Solver"],
}


def public_names():
    for module in MODULES:
        for name in module.__all__:
            yield f"{module.__name__}.{name}"


def extension_names():
    for module, names in EXTENSION.items():
        for name in names:
            yield f"{module.__name__}.{name}"


def own_methods(listed):
    """Yield methods and properties of this package, not those of scikit-learn."""
    for module, names in listed.items():
        for name in names:
            cls = getattr(module, name)
            if not inspect.isclass(cls):
                continue
            for attribute in set(dir(cls)) - HOOKS:
                member = inspect.getattr_static(cls, attribute)
                function = getattr(member, "fget", getattr(member, "__func__", member))
                origin = getattr(function, "__module__", "")
                if not attribute.startswith("_") and origin.startswith("lowrank_sense"):
                    yield f"{module.__name__}.{name}.{attribute}"


@pytest.mark.parametrize("name", sorted(public_names()))
def test_public_docstring(name):
    assert complaints(name, IGNORED) == []


@pytest.mark.parametrize("name", sorted(extension_names()))
def test_docstring_of_the_extension_api(name):
    assert complaints(name, IGNORED) == []


@pytest.mark.parametrize("name", sorted(own_methods(PUBLIC)))
def test_docstring_of_a_method(name):
    assert complaints(name, IGNORED_FOR_METHODS) == []


@pytest.mark.parametrize(
    "name",
    sorted({*public_names(), *extension_names(), *own_methods(PUBLIC | EXTENSION)}),
)
def test_formulas_are_typeset(name):
    text = inspect.getdoc(locate(name)) or ""
    assert PLAIN_FORMULA.findall(LITERAL.sub("", text)) == []
    assert "\\\n" not in text, "a raw docstring keeps the backslash of a long line"


def complaints(name, ignored):
    return [error for error in validate(name)["errors"] if error[0] not in ignored]


def test_the_public_names_are_these():
    """A name that is lost, or made public by mistake, is noticed."""
    assert sorted(public_names()) == [
        "lowrank_sense.AsymmetricFactorSensing",
        "lowrank_sense.SymmetricFactorSensing",
        "lowrank_sense.convergence.ConvergenceDisplay",
        "lowrank_sense.convergence.RateEstimate",
        "lowrank_sense.convergence.RecoveryMonitor",
        "lowrank_sense.convergence.StopWhen",
        "lowrank_sense.convergence.estimate_rate",
        "lowrank_sense.datasets.make_matrix_sensing",
        "lowrank_sense.inspection.FactorDisplay",
        "lowrank_sense.testing.check_loss",
        "lowrank_sense.testing.check_measurement",
        "lowrank_sense.testing.check_penalty",
        "lowrank_sense.testing.check_solver",
    ]
