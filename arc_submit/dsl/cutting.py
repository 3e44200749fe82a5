"""Cutting, joining and scaling of grids (and scaling of objects)."""

from __future__ import annotations

from operator import add
from typing import Any

from arc_submit.dsl.patches import bounds
from arc_submit.dsl.types import Element, Grid, Integer, IntegerTuple, Patch, Tuple

__all__ = (
    "bottomhalf",
    "cellwise",
    "compress",
    "crop",
    "downscale",
    "hconcat",
    "hsplit",
    "hupscale",
    "lefthalf",
    "righthalf",
    "subgrid",
    "tophalf",
    "trim",
    "upscale",
    "vconcat",
    "vsplit",
    "vupscale",
)


def crop(grid: Grid, start: IntegerTuple, dims: IntegerTuple) -> Grid:
    """The part of the grid of size dims that begins at start; cut off at the far edges. A negative start counts from
    the end, as Python slices do."""
    rows = slice(start[0], start[0] + dims[0])
    columns = slice(start[1], start[1] + dims[1])
    return tuple([row[columns] for row in grid[rows]])


def subgrid(patch: Patch, grid: Grid) -> Grid:
    """The part of the grid under the patch's bounding box; the patch is given FIRST."""
    top, left, bottom, right = bounds(patch)
    return crop(grid, (top, left), (bottom - top + 1, right - left + 1))


def trim(grid: Grid) -> Grid:
    """The grid without its outermost rows and columns."""
    return tuple([row[1:-1] for row in grid[1:-1]])


def tophalf(grid: Grid) -> Grid:
    """The upper half; a middle row belongs to neither half."""
    return grid[: len(grid) // 2]


def bottomhalf(grid: Grid) -> Grid:
    """The lower half; a middle row belongs to neither half."""
    return grid[len(grid) - len(grid) // 2 :]


def lefthalf(grid: Grid) -> Grid:
    """The left half; a middle column belongs to neither half."""
    half = _width(grid) // 2
    return tuple([row[:half] for row in grid]) if half else ()


def righthalf(grid: Grid) -> Grid:
    """The right half; a middle column belongs to neither half."""
    width = _width(grid)
    half = width // 2
    return tuple([row[width - half :] for row in grid]) if half else ()


def hsplit(grid: Grid, n: Integer) -> Tuple:
    """Tuple of n grids of equal width, side by side; if the width does not divide, one column is skipped between
    neighbours."""
    width, rest = divmod(_width(grid), n)
    stride = width + (rest != 0)
    return tuple([tuple([row[k * stride : k * stride + width] for row in grid]) for k in range(n)])


def vsplit(grid: Grid, n: Integer) -> Tuple:
    """Tuple of n grids of equal height, top to bottom; if the height does not divide, one row is skipped between
    neighbours."""
    height, rest = divmod(len(grid), n)
    stride = height + (rest != 0)
    return tuple([grid[k * stride : k * stride + height] for k in range(n)])


def hconcat(a: Grid, b: Grid) -> Grid:
    """a and b side by side; surplus rows of the taller one are dropped."""
    return tuple(map(add, a, b))


def vconcat(a: Grid, b: Grid) -> Grid:
    """a above b; the widths are not checked."""
    return a + b


def hupscale(grid: Grid, factor: Integer) -> Grid:
    """Every cell repeated factor times sideways."""
    times = range(factor)
    return tuple([tuple([value for value in row for _ in times]) for row in grid])


def vupscale(grid: Grid, factor: Integer) -> Grid:
    """Every row repeated factor times."""
    times = range(factor)
    return tuple([row for row in grid for _ in times])


def upscale(element: Element, factor: Integer) -> Element:
    """Every cell becomes a factor x factor block; an object keeps its upper left corner."""
    if isinstance(element, tuple):
        return vupscale(hupscale(element, factor), factor)
    if not element:
        return frozenset()
    top, left, _, _ = bounds(element)
    block = [(top + di, left + dj) for di in range(factor) for dj in range(factor)]
    return frozenset(
        [(value, (di + (i - top) * factor, dj + (j - left) * factor)) for value, (i, j) in element for di, dj in block]
    )


def downscale(grid: Grid, factor: Integer) -> Grid:
    """Every factor-th cell of every factor-th row: the upper left cell of each block, no vote."""
    return tuple([row[::factor] for row in grid[::factor]])


def compress(grid: Grid) -> Grid:
    """The grid without its one-coloured rows and columns."""
    kept = [j for j, column in enumerate(zip(*grid, strict=False)) if len(set(column)) != 1]
    return tuple([tuple([row[j] for j in kept]) for row in grid if len(set(row)) != 1])


def cellwise(a: Grid, b: Grid, fallback: Integer) -> Grid:
    """A grid with the common colour where a and b agree and the fallback where they do not."""
    if len(b) < len(a) or _width(b) < _width(a):
        raise ValueError("the second grid is smaller than the first")
    return tuple(
        [
            tuple([value if value == twin else fallback for value, twin in zip(row, twins, strict=False)])
            for row, twins in zip(a, b, strict=False)
        ]
    )


def _width(grid: Any) -> int:
    return len(grid[0]) if grid else 0
