"""Pictures: a state that is the output, or pieces on a frame; what they make of the tests, and as a program."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from arc_submit.records import MAX_SIDE, Grid
from arc_submit.symbolic.layers import cover
from arc_submit.symbolic.layers.aims import Aim
from arc_submit.symbolic.layers.graph import Graph
from arc_submit.symbolic.layers.text import Text


@dataclass(slots=True)
class Sheet:
    """One frame with its canvas and the pieces drawn on it."""

    state: int | None
    """The state that has the frame's box; None: a constant size."""
    canvas: cover.Canvas
    pieces: cover.Pieces
    drawn: int = 0
    """States looked at."""
    covered: int = 0
    """Pieces when covers were last sought."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What gives every output."""

    cost: int
    """Cost units."""
    aim: Aim
    """What it is the picture of."""
    state: int = -1
    """The state that is the picture already, or -1."""
    sheet: Sheet | None = None
    pieces: tuple[int, ...] = ()
    """Numbers of pieces of the sheet, uppermost first."""


def answer(graph: Graph, picture: Picture, tests: Sequence[int]) -> bytes | None:
    """Return what a picture is for some inputs, as bytes that differ where the grids do; None: larger than a grid."""
    if picture.sheet is None:
        made = [_grid(graph, picture.state, n)[0] for n in tests]
    else:
        made = [_painted(graph, picture.sheet, picture.pieces, n) for n in tests]
    if picture.aim.last is not None:
        last, number = picture.aim.last.extension, picture.aim.last.number
        made = [last.kernel(grid, 0, 0, *(() if number is None else (number,)))[0] for grid in made]
    if not all(1 <= side <= MAX_SIDE for grid in made for side in grid.shape):
        return None
    return b"|".join(bytes(grid.shape) + grid.tobytes() for grid in made)


def source(graph: Graph, picture: Picture) -> str:
    """Return the program that makes a picture."""
    text = Text(graph)
    made = text.state(picture.state) if picture.sheet is None else _stacked(text, picture.sheet, picture.pieces)
    return text.done(made if picture.aim.last is None else text.line(picture.aim.last.text(made)))


def grids(graph: Graph, state: int, count: int) -> list[Grid]:
    """Return the cells of a state of one layer per input, for the first `count` inputs."""
    return [tuple(map(tuple, _grid(graph, state, n)[0].tolist())) for n in range(count)]


def _painted(graph: Graph, sheet: Sheet, pieces: Sequence[int], n: int) -> Any:
    height, width, y, x = sheet.canvas.frame[n].tolist()
    out = np.zeros((height, width), np.uint8)
    for piece in reversed(pieces):
        drawn = int(sheet.pieces.drawn[piece])
        a, v, u = _grid(graph, int(sheet.pieces.state[piece]), n)
        if drawn & cover.FILLED:
            out[:] = a
            continue
        top, left = (0, 0) if drawn & cover.MOVED else (v - y, u - x)
        i, j = max(0, top), max(0, left)
        k, m = min(height, top + a.shape[0]), min(width, left + a.shape[1])
        if i < k and j < m:
            part = a[i - top : k - top, j - left : m - left]
            out[i:k, j:m] = np.where(part != 0, part, out[i:k, j:m])
    return out


def _grid(graph: Graph, state: int, n: int) -> tuple[Any, int, int]:
    """Return the layer of a state of one layer per input: uint8[h, w], y, x."""
    held = graph.arena
    rects = held.rects[held.rect0[state] : held.rect0[state] + n + 1].astype(np.int64)
    cell = int(held.cell0[state]) + int((rects[:n, 1] * rects[:n, 2]).sum())
    _, h, w, y, x = rects[n].tolist()
    return held.cells[cell : cell + h * w].reshape(h, w), y, x


def _stacked(text: Text, sheet: Sheet, pieces: Sequence[int]) -> str:
    """Write the picture, lowest piece first; return the name of its variable."""
    ground: str | None = None
    for piece in reversed(pieces):
        drawn = int(sheet.pieces.drawn[piece])
        top = text.state(int(sheet.pieces.state[piece]))
        if drawn & cover.MOVED and not (drawn & cover.FILLED and len(pieces) == 1):
            top = text.line(f"moved_onto({top}, {_frame(text, sheet)})")
        if drawn & cover.FILLED:
            ground = top
        else:
            ground = text.line(f"atop({top}, {ground or text.line(f'blank({_frame(text, sheet)})')})")
    if ground is None:
        raise AssertionError("a picture of no pieces")
    return ground


def _frame(text: Text, sheet: Sheet) -> str:
    if sheet.state is not None:
        return text.state(sheet.state)
    height, width = sheet.canvas.frame[0, :2].tolist()
    return text.constant(f"canvas(0, ({height}, {width}))")
