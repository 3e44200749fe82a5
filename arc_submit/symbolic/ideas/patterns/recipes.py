"""Few calls that make an output of any shape from a picture with something missing, or from its tile."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any, TypeAlias

from arc_submit.dsl import hmirror, identity, ofcolor, replace, rot180, shape, subgrid, vmirror
from arc_submit.dsl.extensions import patterns as p
from arc_submit.dsl.extensions.templates import copies_completed, copies_recoloured
from arc_submit.records import Grid, Task
from arc_submit.symbolic.ideas.checks import FAILURES, is_grid, same_sizes
from arc_submit.symbolic.ideas.writing import program

Mender: TypeAlias = Callable[[Grid, int], Grid]

MENDERS = (p.mended, p.mirror_mended, p.tile_mended, p.patch_mended, p.rows_mended, p.columns_mended)
MOST_SWAPS = 2  # colours that a picture may be painted over in at the end


@dataclass(frozen=True, slots=True)
class Recipe:
    """Calls, one a line, with their result named O, and the same as a function."""

    lines: tuple[str, ...]
    make: Callable[[Grid], Grid]
    cost: float

    def on(self, grid: Grid) -> Grid | None:
        """What is made of the grid; None where that fails or is no picture of 1 to 30 a side."""
        try:
            made = self.make(grid)
        except FAILURES:
            return None
        return made if is_grid(made) else None

    def source(self) -> str:
        return program(self.lines)


def recipes(task: Task) -> Iterator[Recipe]:
    """Yield what the shapes of the task allow, the likely ones first."""
    same = same_sizes(task)
    for mask in _masks(task):
        if same or _fits(task, partial(_always, mask)):
            yield from _mending(task, mask)
    if _differing_blocks(task) and (same or _fits(task, p.block_colour)):
        yield from _mending(task, None)
    if same:
        yield from _copies()
    yield from _tiles(task)


def _copies() -> Iterator[Recipe]:
    for turned, kept in product((False, True), (True, False)):
        flags = f"{'T' if turned else 'F'}, {'T' if kept else 'F'}"
        make = partial(copies_completed, turned=turned, kept=kept)
        yield Recipe((f"O = copies_completed(I, {flags})",), make, 3.0 + turned)
    yield Recipe(("O = copies_recoloured(I)",), copies_recoloured, 3.0)


def _differing_blocks(task: Task) -> bool:
    """Every input has a full rectangle of one colour, not always the same one."""
    try:
        return len({p.block_colour(grid) for grid in task.inputs}) > 1
    except ValueError:
        return False


def repainted(grid: Grid, output: Grid, swaps: dict[int, int]) -> bool:
    """Whether each colour becomes one, few of them another, as in the swaps so far, to which this output adds."""
    if len(grid) != len(output) or len(grid[0]) != len(output[0]):
        return False
    for row, wanted in zip(grid, output, strict=True):
        for a, b in zip(row, wanted, strict=True):
            if swaps.setdefault(a, b) != b:
                return False
    return sum(a != b for a, b in swaps.items()) <= MOST_SWAPS


def finished(recipe: Recipe, swaps: dict[int, int]) -> Recipe | None:
    """Return the recipe with colours painted over at the end; None where one would be over the other."""
    changes = sorted((a, b) for a, b in swaps.items() if a != b)
    if not changes:
        return recipe
    if {a for a, _ in changes} & {b for _, b in changes}:
        return None
    return _painted_over(recipe, changes)


def _painted_over(recipe: Recipe, changes: list[tuple[int, int]]) -> Recipe:
    lines = list(recipe.lines)
    for a, b in changes:
        name = f"x{len(lines)}"
        lines[-1] = lines[-1].replace("O =", f"{name} =", 1)
        lines.append(f"O = replace({name}, {a}, {b})")

    def make(grid: Grid) -> Grid:
        grid = recipe.make(grid)
        for a, b in changes:
            grid = replace(grid, a, b)
        return grid

    return Recipe(tuple(lines), make, recipe.cost + len(changes))


def _masks(task: Task) -> list[int]:
    """Colours that every input has: first those that no output has."""
    shared = set.intersection(*({value for row in pair.input for value in row} for pair in task.train))
    left = {value for pair in task.train for row in pair.output for value in row}
    same = same_sizes(task)
    return sorted(shared - left) + ([] if same else sorted(shared & left))


def _always(mask: int, grid: Grid) -> int:
    return mask


def _fits(task: Task, mask: Callable[[Grid], int]) -> bool:
    """The box around the colour has the output's shape everywhere."""
    return all(shape(ofcolor(pair.input, mask(pair.input))) == shape(pair.output) for pair in task.train)


def _mending(task: Task, mask: int | None) -> Iterator[Recipe]:
    """Recipes for one mask; None: the colour of a full rectangle, whichever it is."""
    same = same_sizes(task)
    first = () if mask is not None else ("x1 = block_colour(I)",)
    name = "x1" if mask is None else str(mask)
    for mender in MENDERS:
        cost = (2.0 if mender is p.mended else 2.5) + len(first)
        mending = f"{mender.__name__}(I, {name})"
        if same:
            yield Recipe((*first, f"O = {mending}"), partial(_whole, mender, mask), cost)
            continue
        box, whole, part = (f"x{len(first) + number}" for number in (1, 2, 3))
        cut = *first, f"{box} = ofcolor(I, {name})", f"{whole} = {mending}"
        yield Recipe((*cut, f"O = subgrid({box}, {whole})"), partial(_part, mender, mask, identity), cost)
        for turn in (vmirror, hmirror, rot180):
            lines = (*cut, f"{part} = subgrid({box}, {whole})", f"O = {turn.__name__}({part})")
            yield Recipe(lines, partial(_part, mender, mask, turn), cost + 1)


def _whole(mender: Mender, mask: int | None, grid: Grid) -> Grid:
    return mender(grid, p.block_colour(grid) if mask is None else mask)


def _part(mender: Mender, mask: int | None, turn: Callable[[Any], Any], grid: Grid) -> Grid:
    hidden = p.block_colour(grid) if mask is None else mask
    turned: Grid = turn(subgrid(ofcolor(grid, hidden), mender(grid, hidden)))
    return turned


def _tiles(task: Task) -> Iterator[Recipe]:
    yield Recipe(("O = smallest_tile(I)",), p.smallest_tile, 1.0)
    yield from _extended(task)


def _extended(task: Task) -> Iterator[Recipe]:
    """Continued to the outputs' shape: always the same one, or a multiple of the input's."""
    shapes = {shape(pair.output) for pair in task.train}
    if len(shapes) == 1:
        side = min(shapes)
        yield Recipe((f"O = tile_extended(I, {side})",), lambda grid: p.tile_extended(grid, side), 2.0)
    ratios = {(len(pair.output) / len(pair.input), len(pair.output[0]) / len(pair.input[0])) for pair in task.train}
    if len(ratios) == 1 and all(ratio in (1, 2, 3) for ratio in min(ratios)) and ratios != {(1, 1)}:
        rows, columns = map(int, min(ratios))
        factor = rows if rows == columns else (rows, columns)
        lines = "x1 = shape(I)", f"x2 = multiply(x1, {factor})", "O = tile_extended(I, x2)"

        def larger(grid: Grid) -> Grid:
            return p.tile_extended(grid, (len(grid) * rows, len(grid[0]) * columns))

        yield Recipe(lines, larger, 2.5)
