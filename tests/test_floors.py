"""The oldest versions that pyproject.toml allows are those that lowest.txt pins."""

import re
import tomllib
from pathlib import Path

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
