"""Imports point one way: every module of the package stands on a line, and imports from its own line or those above.

The table is the design. A module that is not in it, or that imports from below, fails here; so does a package that
imports tests, scripts, training or the Kaggle kernel.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = "arc_submit"

LINES = """
records errors
dsl
sandbox symbolic
config
tasks programs trace budget draw curve memory devices sample
views
prompts
verify
vote submission canary folder serve
search adapt
solve score
run worker doctor report plan kaggle
dryrun
cli
__main__
"""
ORDER = {name: number for number, line in enumerate(LINES.strip().splitlines()) for name in line.split()}
ROOMS = {"kernel", "scripts", "tests", "training", "weights"}
"""Rooms that the package knows nothing of."""
ALLOWED = {
    "training": {PACKAGE, "training"},
    "scripts": {PACKAGE, "training", "scripts"},
    "kernel": {PACKAGE, "kernel"},
}
"""Room -> the rooms that it may import from."""


def imported(file: Path) -> Iterator[str]:
    """Dotted names that a file imports, at any depth; `from a import b` gives `a.b`."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import; name the module in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def module(file: Path) -> str:
    """The top-level name that a file of the package belongs to: `search` for search/hunt.py."""
    return file.relative_to(ROOT / PACKAGE).parts[0].removesuffix(".py")


MODULES = sorted({module(file) for file in files(PACKAGE)} - {"__init__"})


def test_the_walk_sees_the_package():
    assert {"records", "search", "cli"} <= set(MODULES)
    assert f"{PACKAGE}.records.Task" in set(imported(ROOT / PACKAGE / "views.py"))


def test_every_module_has_its_line_and_every_name_its_module():
    assert sorted(ORDER) == MODULES


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_from_its_own_line_or_above(name):
    below = [
        f"{file.relative_to(ROOT)} imports {other}"
        for file in files(PACKAGE)
        if module(file) == name
        for other in imported(file)
        if other.startswith(f"{PACKAGE}.") and other.split(".")[1] in ORDER and ORDER[other.split(".")[1]] > ORDER[name]
    ]
    assert not below


def test_modules_of_one_line_do_not_import_each_other_in_a_circle():
    arrows = {
        (module(file), other.split(".")[1])
        for file in files(PACKAGE)
        for other in imported(file)
        if other.startswith(f"{PACKAGE}.")
    }
    pairs = {(one, other) for one, other in arrows if one != other and ORDER.get(one) == ORDER.get(other)}
    assert not {(one, other) for one, other in pairs if (other, one) in pairs}


def test_the_package_itself_imports_nothing():
    assert list(imported(ROOT / PACKAGE / "__init__.py")) == []


@pytest.mark.parametrize("file", files(PACKAGE), ids=lambda file: str(file.relative_to(ROOT)))
def test_the_package_knows_no_other_room(file):
    assert not {name for name in imported(file) if name.split(".")[0] in ROOMS}


@pytest.mark.parametrize("room", ALLOWED)
def test_the_other_rooms_import_only_what_they_may(room):
    rooms = {PACKAGE, *ROOMS}
    wrong = {
        f"{file.relative_to(ROOT)} imports {name}"
        for file in files(room)
        for name in imported(file)
        if name.split(".")[0] in rooms - ALLOWED[room]
    }
    assert not wrong
