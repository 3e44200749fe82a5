"""What can be said of a thing on a grid, as named whole numbers: its marks.

Marks of one thing alone (size, holes, symmetry), among the others (ranks, how many are alike), of its surroundings
(colours that it touches, holds, faces). A mark that a thing does not have is -1. Sets of things with more than
`MOST_RELATED` members are too many to compare by pairs: their marks of surroundings are left out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from arc_submit.dsl.extensions.neighbours import EIGHT, FOUR, Place, box, parts
from arc_submit.dsl.types import Grid

Look: TypeAlias = tuple[tuple[int, ...], ...]

MOST_RELATED = 60
CLEAR = 10
"""In a look: not of the thing."""
RANKED = (
    "size",
    "height",
    "width",
    "area",
    "colours",
    "top",
    "left",
    "holes",
    "same_shape",
    "same_colour",
    "few",
    "hole_size",
    "same_look",
    "same_form",
)
NUMBERS = frozenset(
    ("size", "height", "width", "area", "holes", "same_shape", "same_colour", "hole_size", "few", "touches")
)
"""Marks that are amounts, so that more and less make sense."""
COLOURS = (
    *("colour", "rare", "touched", "inner", "outer", "near", "up", "down", "west", "east", "row_end", "column_end"),
    *("twin", "key", "yek", "held", "under", "first"),
    *("common_colour", "rarest_colour", "largest_colour", "smallest_colour", "lone_colour"),
)
"""Marks that are colours."""
CORNERS = {
    (True, False, True, False): 1,
    (True, False, False, True): 2,
    (False, True, True, False): 3,
    (False, True, False, True): 4,
}
"""Which edges it touches: the mark `corner`."""


@dataclass(frozen=True, slots=True, eq=False)
class Thing:
    """Cells of a grid that are looked at as one."""

    cells: Mapping[Place, int]
    top: int
    left: int
    height: int
    width: int
    look: Look
    """Its box, CLEAR where the box is not of the thing."""
    marks: dict[str, int] = field(default_factory=dict)


def thing(cells: Mapping[Place, int]) -> Thing:
    """Return a thing of these cells, yet without marks."""
    top, left, bottom, right = box(cells)
    height, width = bottom - top + 1, right - left + 1
    look = tuple(tuple(cells.get((i, j), CLEAR) for j in range(left, left + width)) for i in range(top, top + height))
    return Thing(cells, top, left, height, width, look)


def hole_cells(one: Thing) -> list[list[Place]]:
    """Return the regions of the box that are not of the thing and do not reach the rim of the box."""
    bottom, right = one.top + one.height - 1, one.left + one.width - 1
    open_cells = [
        (i, j) for i in range(one.top, bottom + 1) for j in range(one.left, right + 1) if (i, j) not in one.cells
    ]
    return [
        sorted(region)
        for region in parts(open_cells, FOUR)
        if not any(i in (one.top, bottom) or j in (one.left, right) for i, j in region)
    ]


def mark(things: Iterable[Thing], grid: Grid, background: int) -> None:
    """Give every thing its marks."""
    every = list(things)
    for one in every:
        _mark_alone(one, grid, background)
    _mark_among(every, background)
    if len(every) <= MOST_RELATED:
        _mark_around(every, grid, background)
    _mark_grid(every, grid, background)


def _mark_alone(one: Thing, grid: Grid, background: int) -> None:
    ink = [c for c in one.cells.values() if c != background]
    shades = Counter(ink or one.cells.values()).most_common()
    shades.sort(key=lambda pair: (-pair[1], pair[0]))
    holes = hole_cells(one) if one.height > 2 and one.width > 2 else []
    look, h, w = one.look, one.height, one.width
    bottom, right = one.top + h, one.left + w
    lr = all(row == row[::-1] for row in look)
    ud = look == look[::-1]
    turned = tuple(zip(*look, strict=True))
    dg = look == turned or look == tuple(row[::-1] for row in turned)[::-1]
    edges = (one.top == 0, bottom == len(grid), one.left == 0, right == len(grid[0]))
    for colour in set(ink):
        one.marks[f"has_{colour}"] = 1
    box_corners = {(one.top, one.left), (one.top, right - 1), (bottom - 1, one.left), (bottom - 1, right - 1)}
    centre = (len(grid) - 1) // 2, (len(grid[0]) - 1) // 2
    one.marks.update(
        corner=CORNERS.get(edges, 0),
        corners=sum(place in one.cells for place in box_corners),
        central=int(centre in one.cells),
        size=len(ink), height=h, width=w, area=h * w, colours=len(shades) if ink else 0, colour=shades[0][0],
        rare=shades[-1][0] if len(shades) > 1 else -1, few=shades[-1][1] if len(shades) > 1 else 0,
        solid=int(len(ink) == h * w), square=int(h == w), tall=int(h > w), wide=int(w > h),
        line=int(min(h, w) == 1), dot=int(len(ink) == 1), holes=len(holes), hollow=int(bool(holes)),
        hole_size=sum(map(len, holes)), lr=int(lr), ud=int(ud), dg=int(dg), symmetric=int(lr or ud or dg),
        frame=int(len(holes) == 1 and len(ink) + len(holes[0]) == h * w and len(holes[0]) == (h - 2) * (w - 2)),
        edge=int(any(edges)), at_top=int(edges[0]), at_bottom=int(edges[1]), at_left=int(edges[2]),
        at_right=int(edges[3]), odd=len(ink) % 2, top=one.top, left=one.left,
        first=min(one.cells.items())[1],
    )  # fmt: skip


def _mark_among(every: list[Thing], background: int) -> None:
    shapes = [tuple(tuple(c not in (CLEAR, background) for c in row) for row in one.look) for one in every]
    kinds: dict[str, list[Any]] = {
        "same_shape": shapes,
        "same_form": [min(_turns(shape)) for shape in shapes],
        "same_look": [one.look for one in every],
        "same_colour": [one.marks["colour"] for one in every],
        "same_size": [one.marks["size"] for one in every],
    }
    for name, values in kinds.items():
        counts = Counter(values)
        for one, value in zip(every, values, strict=True):
            one.marks[name] = counts[value]
    for one in every:
        one.marks["bottom"] = one.top + one.height
        one.marks["right"] = one.left + one.width
    for name in RANKED:
        levels = sorted({one.marks[name] for one in every})
        for one in every:
            rank = levels.index(one.marks[name])
            one.marks["least_" + name] = rank
            one.marks["most_" + name] = len(levels) - 1 - rank
    by_shape: dict[object, set[int]] = {}
    for one, shape in zip(every, kinds["same_form"], strict=True):
        by_shape.setdefault(shape, set()).add(one.marks["colour"])
    for one, shape in zip(every, kinds["same_form"], strict=True):
        others = by_shape[shape] - {one.marks["colour"]}
        one.marks["twin"] = others.pop() if len(others) == 1 else -1


def _turns(shape: tuple[tuple[bool, ...], ...]) -> list[tuple[tuple[bool, ...], ...]]:
    found = []
    for _ in range(4):
        shape = tuple(zip(*shape[::-1], strict=True))
        found += [shape, shape[::-1]]
    return found


def _mark_around(every: list[Thing], grid: Grid, background: int) -> None:
    owner = {place: number for number, one in enumerate(every) for place in one.cells}
    for number, one in enumerate(every):
        touched = {
            owner[i + di, j + dj]
            for i, j in one.cells
            for di, dj in EIGHT
            if owner.get((i + di, j + dj), number) != number
        }
        others = [other for other in every if other is not one]
        inner = [other for other in others if _holds(one, other)]
        outer = [other for other in others if _holds(other, one)]
        gaps = sorted((_gap(one, other), k) for k, other in enumerate(others))
        one.marks.update(
            touches=len(touched),
            touched=_single(every[k].marks["colour"] for k in touched),
            in_row=sum(o.top < one.top + one.height and one.top < o.top + o.height for o in others),
            in_column=sum(o.left < one.left + one.width and one.left < o.left + o.width for o in others),
            inside=int(bool(outer)),
            contains=len(inner),
            inner=_single(other.marks["colour"] for other in inner),
            outer=_single(other.marks["colour"] for other in outer),
            near=others[gaps[0][1]].marks["colour"] if gaps else -1,
            gap=gaps[0][0] if gaps else -1,
        )
    keys = _keys(grid, background)
    for one in every:
        _mark_views(one, grid, background)
        one.marks["key"] = keys.get(one.marks["colour"], -1)
        one.marks["yek"] = _single(a for a, b in keys.items() if b == one.marks["colour"])


def _holds(one: Thing, other: Thing) -> bool:
    return (
        one.top <= other.top
        and one.left <= other.left
        and other.top + other.height <= one.top + one.height
        and other.left + other.width <= one.left + one.width
        and one.height * one.width > other.height * other.width
    )


def _gap(one: Thing, other: Thing) -> int:
    down = max(one.top - other.top - other.height, other.top - one.top - one.height, -1) + 1
    over = max(one.left - other.left - other.width, other.left - one.left - one.width, -1) + 1
    return down + over


def _single(values: Iterable[int]) -> int:
    found = set(values)
    return found.pop() if len(found) == 1 else -1


def _mark_views(one: Thing, grid: Grid, background: int) -> None:
    """What it sees when it looks up, down and sideways from its middle, and at the ends of its rows and columns."""
    rows, columns = len(grid), len(grid[0])
    i, j = one.top + one.height // 2, one.left + one.width // 2
    one.marks["up"] = _seen([grid[k][j] for k in range(one.top - 1, -1, -1)], background)
    one.marks["down"] = _seen([grid[k][j] for k in range(one.top + one.height, rows)], background)
    one.marks["west"] = _seen([grid[i][k] for k in range(one.left - 1, -1, -1)], background)
    one.marks["east"] = _seen([grid[i][k] for k in range(one.left + one.width, columns)], background)
    row_ends = [grid[i][j] for j in (0, columns - 1) if (i, j) not in one.cells and grid[i][j] != background]
    column_ends = [grid[i][j] for i in (0, rows - 1) if (i, j) not in one.cells and grid[i][j] != background]
    one.marks["row_end"] = _single(row_ends)
    one.marks["column_end"] = _single(column_ends)
    in_box = Counter(
        grid[i][j]
        for i in range(one.top, one.top + one.height)
        for j in range(one.left, one.left + one.width)
        if (i, j) not in one.cells and grid[i][j] != background
    )
    one.marks["held"] = in_box.most_common(1)[0][0] if in_box else -1
    around = Counter(
        grid[i + di][j + dj]
        for i, j in one.cells
        for di, dj in FOUR
        if 0 <= i + di < rows and 0 <= j + dj < columns and (i + di, j + dj) not in one.cells
    )
    one.marks["under"] = around.most_common(1)[0][0] if around else -1


def _seen(ahead: list[int], background: int) -> int:
    return next((c for c in ahead if c != background), -1)


def _keys(grid: Grid, background: int) -> dict[int, int]:
    """Pairs of two cells, left and right, with background around them: a legend, from left to right."""
    found: dict[int, int] = {}
    rows, columns = len(grid), len(grid[0])

    def clear(i: int, j: int) -> bool:
        return not (0 <= i < rows and 0 <= j < columns) or grid[i][j] == background

    for i, row in enumerate(grid):
        for j in range(columns - 1):
            a, b = row[j], row[j + 1]
            if background in (a, b) or a == b or not (clear(i, j - 1) and clear(i, j + 2)):
                continue
            alone = all(clear(i + di, j + dj) for di in (-1, 1) for dj in (0, 1))
            listed = j == 0 or j + 2 == columns
            if alone or listed:
                found.setdefault(a, b)
    return found


def _mark_grid(every: list[Thing], grid: Grid, background: int) -> None:
    counts = Counter(c for row in grid for c in row if c != background)
    order = sorted(counts, key=lambda c: (-counts[c], c))
    largest = max(every, key=lambda one: one.marks["size"])
    smallest = min(every, key=lambda one: one.marks["size"])
    lone = [one for one in every if one.marks["same_shape"] == 1]
    for one in every:
        one.marks.update(
            common_colour=order[0] if order else -1,
            rarest_colour=order[-1] if order else -1,
            largest_colour=largest.marks["colour"],
            smallest_colour=smallest.marks["colour"],
            lone_colour=lone[0].marks["colour"] if len(lone) == 1 else -1,
        )
