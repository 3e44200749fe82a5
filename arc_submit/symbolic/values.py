"""Kinds of values, and what makes a value worth keeping. A kind is one letter; functions are written `O>N`.

    G grid   O object   P places (Indices)   S set of objects   Q set of sets of places   L container of grids
    T tuple of objects  N number   C colour   V pair of ints   B bool   D set of colours   K cell (in functions only)

The DSL's types are coarser: a colour is an Integer there, and a Patch is an object or places; `expand` lists the kinds
that a DSL type stands for. Left out: containers of numbers, of functions, and deeper nesting than Q.

`weigh` is a rough size in bytes, good enough to bound memory: a cell of an object is a set
slot or two, for the cells themselves are shared (`sharing`).
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

from arc_submit.records import COLOURS, MAX_SIDE

Value: TypeAlias = Any
"""What an expression has on one input. The kind says which type it is."""
Vector: TypeAlias = tuple[Value, ...]
"""One value per input."""

KINDS = "GOPSQLTNCVBDK"

EXPANSION: Mapping[str, str] = {
    "Grid": "G",
    "Object": "O",
    "Objects": "S",
    "Indices": "P",
    "IndicesSet": "Q",
    "Integer": "N",
    "IntegerTuple": "V",
    "Boolean": "B",
    "Patch": "OP",
    "Piece": "GOP",
    "Element": "GO",
    "Numerical": "NV",
    "Cell": "K",
}

LARGEST_NUMBER = 900  # cells of the largest grid; no count in a task is larger
FARTHEST_PLACE = 60  # places farther out cannot come back onto a grid in one step

CELL_BYTES = {"O": 60, "P": 60, "S": 30, "T": 30, "Q": 60}
ITEM_BYTES = 250  # a container, a tuple and its slots


def expand(text: str) -> str:
    """Return the kinds that a DSL type stands for; empty for containers and functions.

    >>> expand("Patch"), expand("Container")
    ('OP', '')
    """
    return EXPANSION.get(text, "")


def is_function(kind: str) -> bool:
    return len(kind) > 1


def _grid_cells(grid: Value) -> int:
    """Number of cells of a well-formed grid, 0 for anything else."""
    if type(grid) is not tuple or not grid or len(grid) > MAX_SIDE:
        return 0
    width = len(grid[0])
    if not 0 < width <= MAX_SIDE or any(len(row) != width for row in grid):
        return 0
    return len(grid) * width


def _grids_cells(grids: Value) -> int:
    if type(grids) not in (tuple, frozenset) or not 0 < len(grids) <= MAX_SIDE:
        return 0
    cells = 0
    for grid in grids:
        one = _grid_cells(grid)
        if not one:
            return 0
        cells += one
    return cells


def _pair_ok(pair: Value) -> bool:
    if type(pair) is not tuple or len(pair) != 2:
        return False
    i, j = pair
    return (
        isinstance(i, int)
        and isinstance(j, int)
        and -FARTHEST_PLACE <= i <= FARTHEST_PLACE
        and -FARTHEST_PLACE <= j <= FARTHEST_PLACE
    )


def weigh(kind: str, value: Value, objects_limit: int, cells_limit: int) -> int:
    """Return the estimated bytes of one value, or -1 when it is not a value of that kind or is too large.

    >>> weigh("N", 3, 10, 10) > 0, weigh("C", 10, 10, 10), weigh("G", (), 10, 10)
    (True, -1, -1)
    """
    if kind == "G":
        cells = _grid_cells(value)
        return ITEM_BYTES + 6 * cells if cells else -1
    if kind in "OP":
        if type(value) is not frozenset or len(value) > cells_limit or () in value:
            return -1
        return ITEM_BYTES + CELL_BYTES[kind] * len(value)
    if kind in "SQT":
        if type(value) is not (tuple if kind == "T" else frozenset) or len(value) > objects_limit:
            return -1
        cells = 0
        for item in value:
            if type(item) is not frozenset:
                return -1
            cells += len(item)
        if cells > 2 * cells_limit:
            return -1
        return ITEM_BYTES * (1 + len(value)) + CELL_BYTES[kind] * cells
    if kind == "L":
        cells = _grids_cells(value)
        return ITEM_BYTES * (1 + len(value)) + 9 * cells if cells else -1
    if kind == "N":
        return 40 if isinstance(value, int) and -LARGEST_NUMBER <= value <= LARGEST_NUMBER else -1
    if kind == "C":
        return 40 if isinstance(value, int) and 0 <= value < COLOURS else -1
    if kind == "V":
        return 80 if _pair_ok(value) else -1
    if kind == "B":
        return 40 if isinstance(value, bool) else -1
    if kind == "D":
        return ITEM_BYTES if type(value) is frozenset and value else -1
    return 200 if callable(value) else -1


def hollow(kind: str, vector: Vector) -> bool:
    """A container kind that is empty on every input carries nothing."""
    return kind in "OPSQTL" and not any(vector)
