"""Is a grid written in a text? Rows of digits, or a literal with brackets, whatever the spacing.

A grid of one row may also stand in the middle of a line, as digits with nothing but spaces or commas between them and
no further digit beside them: a part of a longer row is none.

    leftovers(text, wanted, known)   the wanted grids that stand in the text and are no part of a known one

Left out: grids in words, in colour names, transposed, or cell by cell.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from arc_submit.records import Grid

LEAST = 4  # cells: fewer stand in any text
_ROW = re.compile(r"[\s|\[(,]*+(\d[\d\s,|]*+)[\])|,;\s]*+\Z")  # nothing is tried twice: texts are long and not ours
_RUN = re.compile(r"\d(?:[ \t,]*+\d)*+")  # digits of one line
_BLANK = re.compile(r"\s+")
_BRACKETS = str.maketrans("()", "[]")


def leftovers(text: str, wanted: Iterable[Grid], known: Iterable[Grid]) -> list[Grid]:
    """Return the wanted grids that the text holds and that are no part of any known grid."""
    grids = [grid for grid in dict.fromkeys(wanted) if len(grid) * len(grid[0]) >= LEAST]
    if not grids:
        return []
    blocks = list(_blocks(text))
    flat = _BLANK.sub("", text).translate(_BRACKETS).replace(",]", "]")
    runs = (
        {"".join(filter(str.isdigit, run)) for run in _RUN.findall(text)}
        if any(len(grid) == 1 for grid in grids)
        else ()
    )
    shown = [rows(grid) for grid in known]
    return [
        grid
        for grid in grids
        if (
            any(_inside(rows(grid), block) for block in blocks)
            or any(text in flat for text in _literals(grid))
            or (len(grid) == 1 and rows(grid)[0] in runs)
        )
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


def _literals(grid: Grid) -> list[str]:
    """As nested lists and, where that has a mark of its own, as `training.exercises.spelled`."""
    nested = "[" + ",".join("[" + ",".join(map(str, row)) + "]" for row in grid) + "]"
    return [nested, "|".join(rows(grid))] if len(grid) > 1 else [nested]
