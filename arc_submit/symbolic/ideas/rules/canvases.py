"""Grids of the output's size, made of the input: what rules may paint on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from arc_submit.dsl.extensions.rules import (
    Sights,
    overview,
    panels,
    repainted,
    repainted_again,
    seen,
    upscaled_and_tiled,
)
from arc_submit.records import Grid, Task
from arc_submit.symbolic.ideas.checks import compared, same_sizes

MOST_CELLS = 36  # of an output whose cells are looked up in the whole


@dataclass(frozen=True, slots=True)
class Canvas:
    """Grids to paint on, for each input, and the lines that make them."""

    lines: tuple[str, ...]
    """Program text that makes what is painted on; `{rules}` stands for the rules in the last one."""
    sights: tuple[Sights, ...]
    cost: float
    same_size: bool = False
    """The first grids are the inputs themselves."""


def canvases(task: Task) -> Iterator[Canvas]:
    """Yield those that fit all demonstrations, the plainest first."""
    inputs, outputs = task.inputs, [pair.output for pair in task.train]
    shapes = [(len(i), len(i[0]), len(o), len(o[0])) for i, o in zip(inputs, outputs, strict=False)]
    if same_sizes(task):
        yield Canvas(("O = repainted(I, {rules})",), _sights([(grid,) for grid in inputs]), 0.0, True)
        return
    yield from _multiplied(inputs, shapes)
    yield from _divided(inputs, shapes)
    yield from _summed(inputs, shapes)


def staged(task: Task, written: Any, cost: float) -> Canvas | None:
    """Return what a first rule leaves to paint on: applied again and again if all it paints is right, else once."""
    for call in (repainted_again, repainted):
        painted = [call(pair.input, written) for pair in task.train]
        changes = (compared(pair.input, grid, pair.output) for pair, grid in zip(task.train, painted, strict=True))
        if not any(wrong for _, wrong in changes):
            grids = [*painted, *(call(grid, written) for grid in task.test)]
            lines = (f"x1 = {call.__name__}(I, {written!r})", "O = repainted(x1, {rules})")
            return Canvas(lines, _sights([(grid,) for grid in grids]), cost)
    return None


def _sights(grids: list[tuple[Grid, ...]]) -> tuple[Sights, ...]:
    return tuple(seen(some) for some in grids)


def _multiplied(inputs: tuple[Grid, ...], shapes: list[Any]) -> Iterator[Canvas]:
    a, b, c, d = shapes[0]
    rows, columns = c // a, d // b
    if rows * columns < 2 or any((a * rows, b * columns) != (c, d) for a, b, c, d in shapes):
        return
    if any(len(g) * rows > 60 or len(g[0]) * columns > 60 for g in inputs):
        return
    grids = [upscaled_and_tiled(grid, rows, columns) for grid in inputs]
    lines = (f"x1 = upscaled_and_tiled(I, {rows}, {columns})", "O = overlaid(x1, {rules})")
    yield Canvas(lines, _sights(grids), 1.0)


def _divided(inputs: tuple[Grid, ...], shapes: list[Any]) -> Iterator[Canvas]:
    for rows in range(1, 6):
        for columns in range(1, 6):
            if 2 <= rows * columns <= 9:
                try:
                    grids = [panels(grid, rows, columns) for grid in inputs]
                except ValueError:
                    continue
                if all((len(g[0]), len(g[0][0])) == (c, d) for g, (_, _, c, d) in zip(grids, shapes, strict=False)):
                    lines = (f"x1 = panels(I, {rows}, {columns})", "O = overlaid(x1, {rules})")
                    yield Canvas(lines, _sights(grids), 1.0)


def _summed(inputs: tuple[Grid, ...], shapes: list[Any]) -> Iterator[Canvas]:
    rows, columns = shapes[0][2:]
    if any(shape[2:] != (rows, columns) for shape in shapes) or rows * columns > MOST_CELLS:
        return
    if rows * columns > 1:
        try:
            cut = [panels(grid, rows, columns) for grid in inputs]
        except ValueError:
            cut = []
        if cut and all(len(grids[0]) * len(grids[0][0]) > 1 for grids in cut):
            lines = (f"x1 = panels(I, {rows}, {columns})", f"O = judged(x1, {rows}, {columns}, {{rules}})")
            yield Canvas(lines, tuple((overview(grids, rows, columns),) for grids in cut), 1.0)
    wholes = tuple((overview((grid,), rows, columns),) for grid in inputs)
    yield Canvas((f"O = summarised(I, {rows}, {columns}, {{rules}})",), wholes, 1.0)
