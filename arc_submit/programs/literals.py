"""The test for programs that hold an output as a literal.

Such a program passes every demonstration by looking the answer up and knows nothing of the test; a handful of them
poisons a vote (SOAR, appendix F). A program is one when any grid it is asked about stands in its source: as nested
lists or tuples, however deep in others, as one flat sequence of at least 9 cells, or as digits in a string or in a
sequence of strings.
Left out: grids assembled from single rows, which honest pattern programs also do.
"""

import ast
from collections.abc import Iterable

from arc_submit.records import Grid

_MIN_CELLS = 2  # a nested literal of one cell is a number, not an answer
_MIN_FLAT = 9  # a flat run of fewer cells may well be a row, a kernel or a palette


def holds_literal(source: str, grids: Iterable[Grid]) -> bool:
    """Return whether one of `grids` stands in `source`. The source must parse (`extract` made sure)."""
    nested = {grid for grid in grids if len(grid) * len(grid[0]) >= _MIN_CELLS}
    if not nested:
        return False
    flat = {tuple(cell for row in grid for cell in row) for grid in nested}
    flat = {cells for cells in flat if len(cells) >= _MIN_FLAT}
    digits = {"".join(map(str, cells)) for cells in flat}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
            if "".join(filter(str.isdigit, text)) in digits:
                return True
        elif isinstance(node, ast.List | ast.Tuple):
            value = _plain(node)
            if value in nested or value in flat or _digits(node) in digits:
                return True
    return False


def _digits(node: ast.List | ast.Tuple) -> str:
    """The digits of a display of strings alone, one after the other."""
    texts = [item.value for item in node.elts if isinstance(item, ast.Constant) and isinstance(item.value, str)]
    return "".join(filter(str.isdigit, "".join(texts))) if len(texts) == len(node.elts) else ""


def _plain(node: ast.expr) -> object:
    """The tuple that a display of plain numbers stands for, or None."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return int(node.value)
    if isinstance(node, ast.List | ast.Tuple):
        items = tuple(_plain(item) for item in node.elts)
        return None if None in items else items
    return None
