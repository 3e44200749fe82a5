"""No idea imports from another; `composed` puts one behind the other, and what they share belongs to none."""

import ast
from pathlib import Path

import pytest

from arc_submit.symbolic import ideas

HERE = Path(ideas.__file__).parent
PACKAGE = ideas.__name__
ROOMS = sorted(path.name for path in HERE.iterdir() if (path / "__init__.py").exists())
SHARED = ("chaining",)


def imported(room):
    for file in (HERE / room).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{PACKAGE}."):
                yield node.module.removeprefix(f"{PACKAGE}.").split(".")[0]


def test_every_folder_is_an_idea_or_is_shared():
    assert set(ROOMS) - set(SHARED) == set(ideas.IDEAS) - {"layers", "composed"}


@pytest.mark.parametrize("room", ROOMS)
def test_an_idea_imports_itself_and_what_is_shared(room):
    assert set(imported(room)) <= {room, *SHARED, "checks", "idea", "writing"}
