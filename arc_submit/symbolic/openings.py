"""Expressions that the shapes of a task suggest, tried before the enumeration starts.

Covered: copies and scaled copies when the output is a whole multiple of the input, plain and mirrored tilings, halves
and splits when it is a whole part. Everything here is within reach of the enumeration, only later.
"""

from collections.abc import Callable, Iterator
from typing import Any

from arc_submit.records import Task
from arc_submit.symbolic.expressions import Entry
from arc_submit.symbolic.goals import Argument, Call
from arc_submit.symbolic.grammar import find
from arc_submit.symbolic.terminals import hinted_numbers, ratio

Constant = Callable[[str, Any], Entry | None]


def openings(task: Task, grid: Entry, constant: Constant) -> Iterator[Call]:
    """Yield first steps for a task; `grid` is the expression `I`, `constant` looks up a constant's expression."""
    factors = ratio(task)
    if factors is not None and factors != (1, 1):
        yield from _multiples(factors, grid, constant)
    for number in hinted_numbers(task):
        entry = constant("N", number)
        if entry is not None:
            for name in ("hsplit", "vsplit"):
                parts = Call(find(name, "GN"), (grid, entry))
                yield Call(find("first", "L"), (parts,))
                yield Call(find("last", "L"), (parts,))


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
        strip = _repeated("hconcat", [grid] * columns)
        tiled = _repeated("vconcat", [strip] * rows)
        if isinstance(tiled, Call):
            yield tiled
        turned = Call(find("vmirror", "G"), (grid,))
        wave = _repeated("hconcat", [turned if c % 2 else grid for c in range(columns)])
        over = Call(find("hmirror", "G"), (wave,))
        mirrored = _repeated("vconcat", [over if r % 2 else wave for r in range(rows)])
        if isinstance(mirrored, Call):
            yield mirrored


def _repeated(name: str, parts: list[Argument]) -> Argument:
    production = find(name, "GG")
    result = parts[0]
    for part in parts[1:]:
        result = Call(production, (result, part))
    return result
