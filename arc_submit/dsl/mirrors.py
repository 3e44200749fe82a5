"""Turning and mirroring. Patches are mirrored within their bounding box, whose upper left corner stays; grids are
tuples, anything else is a patch. Only grids can be turned."""

# mypy: disable-error-code="no-any-return"
from __future__ import annotations

from typing import Any

from arc_submit.dsl.patches import bounds, is_object
from arc_submit.dsl.types import Grid, Piece

__all__ = ("cmirror", "dmirror", "hmirror", "rot90", "rot180", "rot270", "vmirror")


def rot90(grid: Grid) -> Grid:
    """The grid turned clockwise by 90 degrees."""
    return tuple(zip(*grid[::-1], strict=False))


def rot180(grid: Grid) -> Grid:
    """The grid turned by 180 degrees."""
    return tuple([row[::-1] for row in grid[::-1]])


def rot270(grid: Grid) -> Grid:
    """The grid turned anticlockwise by 90 degrees."""
    return tuple(zip(*grid, strict=False))[::-1]


def hmirror(piece: Piece) -> Piece:
    """Upside down: row order reversed."""
    if isinstance(piece, tuple):
        return piece[::-1]
    return _mapped(piece, transpose=False, upside_down=True, sideways=False)


def vmirror(piece: Piece) -> Piece:
    """Left and right exchanged: column order reversed."""
    if isinstance(piece, tuple):
        return tuple([row[::-1] for row in piece])
    return _mapped(piece, transpose=False, upside_down=False, sideways=True)


def dmirror(piece: Piece) -> Piece:
    """Transposed: rows become columns, mirrored along the diagonal from upper left to lower right."""
    if isinstance(piece, tuple):
        return tuple(zip(*piece, strict=False))
    return _mapped(piece, transpose=True, upside_down=False, sideways=False)


def cmirror(piece: Piece) -> Piece:
    """Mirrored along the other diagonal, from lower left to upper right."""
    if isinstance(piece, tuple):
        return tuple(zip(*piece[::-1], strict=False))[::-1]
    return _mapped(piece, transpose=True, upside_down=True, sideways=True)


def _mapped(patch: Any, *, transpose: bool, upside_down: bool, sideways: bool) -> Any:
    """Mirror first (within the box), then transpose about the box's upper left corner."""
    if not patch:
        return patch
    top, left, bottom, right = bounds(patch)
    i0, di = (bottom, -1) if upside_down else (top, 1)
    j0, dj = (right, -1) if sideways else (left, 1)
    # (i, j) lies (i - i0) * di rows and (j - j0) * dj columns from the corner of the mirrored box.
    cells = patch if is_object(patch) else [(None, place) for place in patch]
    if transpose:
        image = [(value, (top + (j - j0) * dj, left + (i - i0) * di)) for value, (i, j) in cells]
    else:
        image = [(value, (top + (i - i0) * di, left + (j - j0) * dj)) for value, (i, j) in cells]
    return frozenset(image if cells is patch else [place for _, place in image])
