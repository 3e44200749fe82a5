"""What one grid shows: measures, images of it, and sets of places in it, each with a name.

Facts (`arc_submit.prompts.facts`) compare these between inputs and outputs. Everything is a plain DSL call or a few
lines of numpy, chosen for being common in grids, not for any task. A look is cached by grid: a run asks for the same
inputs again and again.
"""

from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arc_submit.dsl.registry import PRIMITIVES
from arc_submit.records import Grid

Array = NDArray[np.int8]
Mask = NDArray[np.bool_]

_d = {name: primitive.function for name, primitive in PRIMITIVES.items()}


def _picked(flags: tuple[bool, bool, bool], chooser: str, key: str) -> Callable[[Grid], Any]:
    """The crop of the object that `chooser` picks by `key`."""

    def image(grid: Grid) -> Any:
        return _d["subgrid"](_d[chooser](_d["objects"](grid, *flags), _d[key]), grid)

    return image


def _colour_box(which: str) -> Callable[[Grid], Any]:
    return lambda grid: _d["subgrid"](_d["ofcolor"](grid, _d[which](grid)), grid)


IMAGES: Mapping[str, Callable[[Grid], Any]] = {
    **{name: _d[name] for name in (
        "hmirror", "vmirror", "dmirror", "cmirror", "rot90", "rot180", "rot270", "tophalf", "bottomhalf", "lefthalf",
        "righthalf", "trim", "compress",
    )},
    "upscale-2": lambda grid: _d["upscale"](grid, 2),
    "upscale-3": lambda grid: _d["upscale"](grid, 3),
    "downscale-2": lambda grid: _d["downscale"](grid, 2),
    "downscale-3": lambda grid: _d["downscale"](grid, 3),
    "top-third": lambda grid: _d["vsplit"](grid, 3)[0],
    "left-third": lambda grid: _d["hsplit"](grid, 3)[0],
    "twice-wide": lambda grid: _d["hconcat"](grid, grid),
    "twice-high": lambda grid: _d["vconcat"](grid, grid),
    "mirrored-wide": lambda grid: _d["hconcat"](grid, _d["vmirror"](grid)),
    "mirrored-high": lambda grid: _d["vconcat"](grid, _d["hmirror"](grid)),
    "box": lambda grid: _d["subgrid"](_d["merge"](_d["objects"](grid, False, True, True)), grid),
    "least-box": _colour_box("leastcolor"),
    "largest": _picked((True, True, True), "argmax", "size"),
    "smallest": _picked((True, True, True), "argmin", "size"),
    "largest-any": _picked((False, True, True), "argmax", "size"),
    "smallest-any": _picked((False, True, True), "argmin", "size"),
    "most-colours": _picked((False, True, True), "argmax", "numcolors"),
    "highest": _picked((False, True, True), "argmin", "uppermost"),
    "lowest": _picked((False, True, True), "argmax", "lowermost"),
    "leftmost": _picked((False, True, True), "argmin", "leftmost"),
    "rightmost": _picked((False, True, True), "argmax", "rightmost"),
    "tallest": _picked((False, True, True), "argmax", "height"),
    "densest": _picked((False, False, True), "argmax", "size"),
}  # fmt: skip
"""Name -> another grid made of a grid."""

MEASURES = ("height", "width", "colours", "objects", "shapes", "cells")
"""Names of whole numbers that a grid has."""

SYMMETRIES = ("hmirror", "vmirror", "dmirror")

PLACES = (
    "holes", "delta", "boxes", "around", "beside", "rows", "columns", "largest", "smallest", "border", "objects",
    "back", "between", "diagonals",
)  # fmt: skip
"""Names of sets of cells that a grid has."""


class Look:
    """Everything that is asked about one grid, worked out when asked."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.array: Array = np.array(grid, dtype=np.int8)
        self.counts = np.bincount(self.array.ravel(), minlength=10)
        self.palette = frozenset(np.flatnonzero(self.counts).tolist())
        self.back = int(self.counts.argmax())
        self._images: dict[str, Array | None] = {}

    @cached_property
    def measures(self) -> dict[str, int]:
        """Return every measure by name."""
        height, width = self.array.shape
        return {
            "height": height,
            "width": width,
            "colours": len(self.palette),
            "objects": len(self.objects),
            "shapes": len(_d["objects"](self.grid, False, True, True)),
            "cells": int(self.array.size - self.counts[self.back]),
        }

    @cached_property
    def objects(self) -> list[list[tuple[int, int]]]:
        """Return the cells of each single-coloured object, diagonals counting as touching, background left out."""
        found = _d["objects"](self.grid, True, True, True)
        return sorted(sorted(place for _, place in obj) for obj in found)

    @cached_property
    def symmetric(self) -> frozenset[str]:
        """Return the mirrors that leave the grid as it is."""
        flips = {"hmirror": self.array[::-1], "vmirror": self.array[:, ::-1], "dmirror": self.array.T}
        return frozenset(name for name, flipped in flips.items() if np.array_equal(flipped, self.array))

    @cached_property
    def splits(self) -> tuple[int, int]:
        """Return the numbers of rows and of columns that are one colour, the background left out."""
        rows = (self.array == self.array[:, :1]).all(axis=1) & (self.array[:, 0] != self.back)
        columns = (self.array == self.array[:1]).all(axis=0) & (self.array[0] != self.back)
        return int(rows.sum()), int(columns.sum())

    def image(self, name: str) -> Array | None:
        """Return an image of the grid, None where it has none."""
        if name not in self._images:
            self._images[name] = _made(IMAGES[name], self.grid)
        return self._images[name]

    @cached_property
    def places(self) -> dict[str, Mask]:
        """Return every set of places by name, as masks of the grid's shape."""
        front = self.array != self.back
        boxes = self._boxes()
        sizes = sorted(self.objects, key=len)
        around = _grown(front, True) & ~front
        return {
            "holes": ~front & ~_outside(~front),
            "delta": boxes & ~front,
            "boxes": boxes,
            "around": around,
            "beside": _grown(front, False) & ~front,
            "rows": np.broadcast_to(front.any(axis=1)[:, None], front.shape),
            "columns": np.broadcast_to(front.any(axis=0)[None], front.shape),
            "largest": self._mask(sizes[-1] if sizes else []),
            "smallest": self._mask(sizes[0] if sizes else []),
            "border": _rim(front.shape),
            "objects": front,
            "back": ~front,
            "between": self._between() & ~front,
            "diagonals": self._diagonals(front),
        }

    def _mask(self, cells: list[tuple[int, int]]) -> Mask:
        mask = np.zeros(self.array.shape, dtype=bool)
        for row, column in cells:
            mask[row, column] = True
        return mask

    def _boxes(self) -> Mask:
        mask = np.zeros(self.array.shape, dtype=bool)
        for cells in self.objects:
            rows, columns = zip(*cells, strict=True)
            mask[min(rows) : max(rows) + 1, min(columns) : max(columns) + 1] = True
        return mask

    def _between(self) -> Mask:
        """Cells with the same foreground colour on both sides in their row or column."""
        mask = np.zeros(self.array.shape, dtype=bool)
        for colour in self.palette - {self.back}:
            for axis in (0, 1):
                here = (self.array == colour).astype(np.int8)
                before = np.maximum.accumulate(here, axis=axis)
                after = np.flip(np.maximum.accumulate(np.flip(here, axis), axis=axis), axis)
                mask |= (before & after).astype(bool)
        return mask

    def _diagonals(self, front: Mask) -> Mask:
        mask = np.zeros(front.shape, dtype=bool)
        rows, columns = np.nonzero(front)
        i, j = np.indices(front.shape)
        mask |= np.isin(i - j, rows - columns) | np.isin(i + j, rows + columns)
        return mask


@lru_cache(maxsize=8192)
def look(grid: Grid) -> Look:
    """Return the look at a grid."""
    return Look(grid)


def _made(make: Callable[[Grid], Any], grid: Grid) -> Array | None:
    try:
        made = np.array(make(grid), dtype=np.int8)
    except Exception:  # a primitive without an answer for this grid: it has no such image
        return None
    return made if made.ndim == 2 and 0 < made.size <= 900 else None


def _grown(mask: Mask, diagonal: bool) -> Mask:
    """The mask and its neighbours."""
    padded = np.pad(mask, 1)
    height, width = mask.shape
    grown = mask.copy()
    for down in range(3):
        for right in range(3):
            if diagonal or 1 in (down, right):
                grown |= padded[down : down + height, right : right + width]
    return grown


def _outside(free: Mask) -> Mask:
    """Free cells that are connected to the border through free cells, four directions."""
    reached: Mask = free & _rim(free.shape)
    while True:
        more = _grown(reached, False) & free
        if np.array_equal(more, reached):
            return reached
        reached = more


def _rim(shape: tuple[int, ...]) -> Mask:
    rim = np.ones(shape, dtype=bool)
    rim[1:-1, 1:-1] = False
    return rim
