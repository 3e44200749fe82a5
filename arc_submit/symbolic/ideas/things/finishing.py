"""How programs over things end: some of them in an order, and the grid that is made changed as a whole."""

from collections.abc import Callable
from typing import Any, TypeAlias

from arc_submit import dsl
from arc_submit.records import Grid

Change: TypeAlias = tuple[str, Callable[[Grid], Grid], float]
"""The last line, with X for the grid before it; what it does; cost."""


def _whole(change: Callable[[Any], Any]) -> Callable[[Grid], Grid]:
    """Of what the DSL changes, grids only."""
    return change


CHANGES: tuple[Change, ...] = (
    ("", lambda grid: grid, 0.0),
    ("vmirror(X)", _whole(dsl.vmirror), 0.6),
    ("hmirror(X)", _whole(dsl.hmirror), 0.6),
    ("rot180(X)", _whole(dsl.rot180), 0.7),
    ("rot90(X)", _whole(dsl.rot90), 0.7),
    ("rot270(X)", _whole(dsl.rot270), 0.7),
    ("dmirror(X)", _whole(dsl.dmirror), 0.7),
    ("cmirror(X)", _whole(dsl.cmirror), 0.8),
    ("upscale(X, 2)", _whole(lambda grid: dsl.upscale(grid, 2)), 0.8),
    ("upscale(X, 3)", _whole(lambda grid: dsl.upscale(grid, 3)), 0.8),
    ("downscale(X, 2)", lambda grid: dsl.downscale(grid, 2), 0.9),
    ("downscale(X, 3)", lambda grid: dsl.downscale(grid, 3), 0.9),
    ("hconcat(X, X)", _whole(lambda grid: dsl.hconcat(grid, grid)), 0.9),
    ("vconcat(X, X)", _whole(lambda grid: dsl.vconcat(grid, grid)), 0.9),
)
ORDERS = (
    ("left", 1), ("top", 1), ("size", 1), ("size", -1), ("left", -1), ("top", -1),
    ("holes", 1), ("holes", -1), ("height", 1), ("height", -1), ("width", 1), ("width", -1),
)  # fmt: skip
"""Marks to sort by, and which way."""


def ending(name: str, made: str, change: str) -> tuple[str, ...]:
    """Return the last lines: what is made, and the change of it, unless there is none.

    >>> ending("x3", "thing_grid(x2)", "vmirror(X)")
    ('x3 = thing_grid(x2)', 'O = vmirror(x3)')
    """
    return (f"{name} = {made}", "O = " + change.replace("X", name)) if change else (f"O = {made}",)
