"""The rooms of the package import what docs/architecture.md says, and nothing else."""

import ast
import importlib
import inspect
from enum import Enum
from pathlib import Path

import pytest

import lowrank_sense

PACKAGE = Path(lowrank_sense.__file__).parent
GROUND = {"_types", "_compat", "_registry", "_version", "solution"}
BELOW = GROUND | {"arrays", "kernels"}
AXES = {"measurements", "losses", "penalties", "parameterizations", "inference"}
ALLOWED = {
    **dict.fromkeys(GROUND, GROUND),
    "arrays": GROUND,
    "kernels": GROUND,
    **dict.fromkeys(AXES, BELOW),
    "objectives": BELOW | AXES,
    "solvers": BELOW | AXES | {"objectives"},
    "problem": BELOW | AXES | {"objectives"},
    "estimators": BELOW | AXES | {"objectives", "problem", "solvers"},
    "testing": BELOW | AXES | {"objectives", "solvers"},
    "datasets": BELOW | AXES,
    "convergence": GROUND | {"arrays", "_plots"},
    "inspection": GROUND | {"arrays", "_plots"},
    "_plots": GROUND,
}
FILES = sorted(PACKAGE.rglob("*.py"))


def imported_rooms(file):
    """Rooms of the package that a file imports when it runs, not for types only."""
    inside = file.relative_to(PACKAGE).parts
    tree = ast.parse(file.read_text())
    for_types = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.ImportFrom)
            and node.level
            and id(node) not in for_types
        ):
            above = inside[: len(inside) - node.level]
            path = [*above, *(node.module or "").split(".")]
            yield next(part for part in path if part) if any(path) else None


def room_of(file):
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_go_down(file):
    room = room_of(file)
    if room == "__init__":
        return
    rooms = set(imported_rooms(file)) - {room, None}
    assert rooms <= ALLOWED[room], f"{room} imports {rooms - ALLOWED[room]}"


def test_every_room_has_its_place():
    assert {room_of(file) for file in FILES} - {"__init__"} <= set(ALLOWED)


def test_the_page_names_every_room():
    page = (PACKAGE.parent / "docs" / "architecture.md").read_text()
    drawing = (PACKAGE.parent / "docs" / "_static" / "architecture.svg").read_text()
    for room in AXES | {"arrays", "kernels", "objectives", "solvers", "estimators"}:
        assert f"{room}/" in page + drawing


# Its methods call one another, as scipy's LinearOperator has it.
BETWEEN = {"ProductForm"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_class_is_abstract_or_final(file):
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    name = ".".join(part for part in parts if part != "__init__")
    for cls in vars(importlib.import_module(name)).values():
        if not inspect.isclass(cls) or cls.__module__ != name:
            continue
        is_protocol = getattr(cls, "_is_protocol", False)
        if is_protocol or issubclass(cls, Enum) or cls.__name__ in BETWEEN:
            continue
        assert inspect.isabstract(cls) != getattr(cls, "__final__", False), cls


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_no_cached_property(file):
    """Before Python 3.12 it locks all instances out, also while dask computes."""
    assert "cached_property" not in {
        alias.name
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
