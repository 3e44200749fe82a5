"""Expressions that the shapes of a task suggest, tried before the enumeration starts.

Covered: copies and scaled copies when the output is a whole multiple of the input, plain and mirrored tilings, splits
when it is a whole part, and objects against a background of 0 when that is not the most common colour. Everything here
is within reach of the enumeration, only later.
"""

from collections.abc import Callable, Iterator
from typing import Any

from arc_submit.dsl.registry import PRIMITIVES
from arc_submit.records import Task
from arc_submit.symbolic.expressions import Entry
from arc_submit.symbolic.grammar import find
from arc_submit.symbolic.steps import Call, joined
from arc_submit.symbolic.terminals import hinted_numbers, ratio

Constant = Callable[[str, Any], Entry | None]


def openings(task: Task, grid: Entry, constant: Constant) -> Iterator[Call]:
    """Yield first steps for a task; `grid` is the expression `I`, `constant` looks up a constant's expression."""
    factors = ratio(task)
    if factors is not None and factors != (1, 1):
        yield from _multiples(factors, grid, constant)
    yield from _dark_background(task, constant, grid)
    for number in hinted_numbers(task):
        entry = constant("N", number)
        if entry is not None:
            for name in ("hsplit", "vsplit"):
                parts = Call(find(name, "GN"), (grid, entry))
                yield Call(find("first", "L"), (parts,))
                last = Call(find("last", "L"), (parts,))
                yield last
                if number == 3:
                    yield Call(find("last", "L"), (Call(find("remove", "GL"), (last, parts)),))


def _dark_background(task: Task, constant: Constant, grid: Entry) -> Iterator[Call]:
    """Objects of all colours but 0, where 0 is not the most common colour everywhere."""
    flats = [[v for row in g for v in row] for g in task.inputs]
    if all(0 not in flat or 2 * flat.count(0) > len(flat) for flat in flats):
        return
    black, colour = constant("C", 0), constant("O>C", PRIMITIVES["color"].function)
    if black is None or colour is None:
        return
    is_black = Call(find("matcher", ["O>C", "C"]), (colour, black))
    shown = Call(find("compose(flip)", ["O>B"]), (is_black,))
    for flags in ("T, F, F", "T, T, F"):
        everything = Call(find("objects", "G", f"objects({{0}}, {flags})"), (grid,))
        yield Call(find("sfilter", ["S", "O>B"]), (everything, shown))


def _multiples(factors: tuple[int, int], grid: Entry, constant: Constant) -> Iterator[Call]:
    rows, columns = factors
    if rows == columns:
        factor = constant("N", rows)
        if factor is not None:
            yield Call(find("upscale", "GN"), (grid, factor))
    for name, count in (("hupscale", columns), ("vupscale", rows)):
        factor = constant("N", count)
        if count > 1 and factor is not None:
            yield Call(find(name, "GN"), (grid, factor))
    if rows * columns <= 36:
        strip = joined(find("hconcat", "GG"), [grid] * columns)
        tiled = joined(find("vconcat", "GG"), [strip] * rows)
        if isinstance(tiled, Call):
            yield tiled
        turned = Call(find("vmirror", "G"), (grid,))
        wave = joined(find("hconcat", "GG"), [turned if c % 2 else grid for c in range(columns)])
        over = Call(find("hmirror", "G"), (wave,))
        mirrored = joined(find("vconcat", "GG"), [over if r % 2 else wave for r in range(rows)])
        if isinstance(mirrored, Call):
            yield mirrored
