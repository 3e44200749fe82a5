"""Which function of a program is its entry."""

import ast

import pytest

from arc_submit.programs import find_entry
from arc_submit.records import Dialect


def entry(*definitions: str):
    return find_entry(ast.parse("\n".join(definitions)))


def define(name: str) -> str:
    return f"def {name}(x):\n    return x\n"


@pytest.mark.parametrize(
    ("name", "dialect"),
    [
        ("transform", Dialect.TRANSFORM),
        ("solve", Dialect.SOLVE),
        ("solve_00d62c1b", Dialect.SOLVE),
        ("solve_x_y", Dialect.SOLVE),
        ("main", Dialect.MAIN),
    ],
)
def test_the_entrys_name_tells_the_dialect(name, dialect):
    assert entry(define(name)) == (dialect, name)


@pytest.mark.parametrize("name", ["solver", "solve_", "resolve", "transform_grid", "transform2", "Main", "main_", "f"])
def test_other_names_are_no_entry(name):
    assert entry(define(name)) is None


def test_transform_goes_before_solve_and_solve_before_main():
    assert entry(define("transform"), define("solve"), define("main")) == (Dialect.TRANSFORM, "transform")
    assert entry(define("main"), define("solve_1")) == (Dialect.SOLVE, "solve_1")


def test_of_several_of_one_kind_the_last_counts():
    assert entry(define("solve_1"), define("solve_2"), define("helper")) == (Dialect.SOLVE, "solve_2")


def test_a_plain_assignment_counts():
    assert entry("solve = compose(first, second)") == (Dialect.SOLVE, "solve")
    assert entry("f = main = print") == (Dialect.MAIN, "main")


@pytest.mark.parametrize(
    "source",
    [
        "class A:\n    def transform(self, grid):\n        return grid",
        "def helper():\n    def transform(grid):\n        return grid",
        "async def transform(grid):\n    return grid",
        "import solve",
        "",
    ],
)
def test_only_functions_at_the_top_count(source):
    assert entry(source) is None
