"""Is a grid written in a text? Rows of digits, or a literal with brackets, whatever the spacing.

    leftovers(text, wanted, known)   the wanted grids that stand in the text and are no part of a known one

Left out: grids in words, in colour names, transposed, or cell by cell.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from arc_submit.records import Grid

LEAST = 4  # cells: fewer stand in any text
_ROW = re.compile(r"[\s|\[(,]*((?:\d[\s,|]*)+)[\])|,;\s]*\Z")
_BLANK = re.compile(r"\s+")
_BRACKETS = str.maketrans("()", "[]")


def leftovers(text: str, wanted: Iterable[Grid], known: Iterable[Grid]) -> list[Grid]:
    """Return the wanted grids that the text holds and that are no part of any known grid."""
    grids = [grid for grid in dict.fromkeys(wanted) if len(grid) * len(grid[0]) >= LEAST]
    if not grids:
        return []
    blocks = list(_blocks(text))
    flat = _BLANK.sub("", text).translate(_BRACKETS).replace(",]", "]")
    shown = [rows(grid) for grid in known]
    return [
        grid
        for grid in grids
        if (any(_inside(rows(grid), block) for block in blocks) or any(text in flat for text in _literals(grid)))
        and not any(_inside(rows(grid), other) for other in shown)
    ]


def rows(grid: Grid) -> list[str]:
    """Return a grid as one string of digits per row."""
    return ["".join(map(str, row)) for row in grid]


def _blocks(text: str) -> Iterator[list[str]]:
    """Runs of lines that hold nothing but digits and separators, as strings of digits."""
    block: list[str] = []
    for line in [*text.split("\n"), ""]:
        found = _ROW.match(line)
        if found:
            block.append("".join(filter(str.isdigit, found.group(1))))
        elif block:
            yield block
            block = []


def _inside(small: Sequence[str], large: Sequence[str]) -> bool:
    """Whether the rows stand one below the other, each a whole row."""
    span = len(small)
    return any(list(large[start : start + span]) == list(small) for start in range(len(large) - span + 1))


def _literals(grid: Grid) -> tuple[str, str]:
    """As nested lists, and as `training.exercises.spelled`."""
    return "[" + ",".join("[" + ",".join(map(str, row)) + "]" for row in grid) + "]", "|".join(rows(grid))
