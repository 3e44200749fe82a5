"""Grids in a terminal, in the colours ARC is usually shown in."""

from collections.abc import Sequence

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.text import Text

from arc_submit.records import Grid, Task

PALETTE = ("#000000", "#0074d9", "#ff4136", "#2ecc40", "#ffdc00", "#aaaaaa", "#f012be", "#ff851b", "#7fdbff", "#870c25")
"""Colour 0..9; the same in the HTML report."""


def grid(value: Grid, title: str = "") -> RenderableType:
    """Return a picture of a grid: two characters per cell, the digit in it for readers without colours."""
    picture = Text()
    for number, row in enumerate(value):
        if number:
            picture.append("\n")
        for cell in row:
            ink = "#ffffff" if cell in (0, 1, 2, 6, 9) else "#000000"
            picture.append(f"{cell} ", style=f"{ink} on {PALETTE[cell]}")
    return Group(Text(f"{title} {len(value)}x{len(value[0])}".strip(), style="dim"), picture, Text())


def task(value: Task, outputs: Sequence[Grid] = ()) -> RenderableType:
    """Return a picture of a task; with `outputs`, its solutions too."""
    rows: list[RenderableType] = [Text(value.id, style="bold")]
    for number, pair in enumerate(value.train):
        rows.append(Columns([grid(pair.input, f"train {number} in"), grid(pair.output, "out")], padding=(0, 4)))
    for number, test_input in enumerate(value.test):
        pictures = [grid(test_input, f"test {number} in")]
        if number < len(outputs):
            pictures.append(grid(outputs[number], "out"))
        rows.append(Columns(pictures, padding=(0, 4)))
    return Group(*rows)
