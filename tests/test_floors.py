"""The versions that pyproject.toml allows: the oldest are pinned, the newest known."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

from packaging.specifiers import SpecifierSet

from lowrank_sense import __version__, _compat

TESTS = Path(__file__).parent


def test_every_floor_is_pinned():
    project = tomllib.loads((TESTS.parent / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    # What a wheel brings, and what the tests install besides.
    asked = project["dependencies"] + extras["plot"] + extras["distributed"]
    asked += [other for other in extras["test"] if ">=" in other]
    pinned = (TESTS / "lowest.txt").read_text().splitlines()
    pinned = {pin for pin in pinned if not pin.startswith("#")}
    # A constraint names neither extras nor an upper bound: dask[array]>=2025.4,<2027 is
    # pinned as dask==2025.4.
    assert {re.sub(r"\[.*\]|,.*", "", a).replace(">=", "==") for a in asked} == pinned


def test_scikit_learn_is_below_its_upper_bound():
    """Its private modules, imported in one place, are known up to that release."""
    project = tomllib.loads((TESTS.parent / "pyproject.toml").read_text())["project"]
    asked = {re.split("[<>=]", need)[0]: need for need in project["dependencies"]}
    bounds = SpecifierSet(asked["scikit-learn"].removeprefix("scikit-learn"))
    assert any(bound.operator == "<" for bound in bounds)
    assert bounds.contains(version("scikit-learn"))
    assert all(hasattr(_compat, name) for name in _compat.__all__)


def test_private_modules_of_scikit_learn_are_imported_in_one_place():
    private = re.compile(
        r"from sklearn\S*\._|from sklearn\.externals|import _\w+$", re.M
    )
    package = Path(_compat.__file__).parent
    found = {
        str(file.relative_to(package))
        for file in package.rglob("*.py")
        if any("sklearn" in line for line in private.findall(file.read_text()))
    }
    assert found == {"_compat.py"}


def test_the_citation_is_of_this_version():
    citation = (TESTS.parent / "CITATION.cff").read_text()
    assert f"\nversion: {__version__}\n" in citation
