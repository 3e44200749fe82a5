"""How large a grid or patch is, what shape it has, where its bounding box lies. A tuple is always read as a grid here,
except by the edges and corners, which take patches only."""

# mypy: disable-error-code="no-any-return"
from __future__ import annotations

from typing import Any

from arc_submit.dsl.patches import bounds, is_object, places
from arc_submit.dsl.types import Boolean, Indices, Integer, IntegerTuple, Patch, Piece

__all__ = (
    "center",
    "centerofmass",
    "corners",
    "height",
    "hline",
    "leftmost",
    "llcorner",
    "lowermost",
    "lrcorner",
    "portrait",
    "rightmost",
    "shape",
    "square",
    "ulcorner",
    "uppermost",
    "urcorner",
    "vline",
    "width",
)


def height(piece: Piece) -> Integer:
    """Number of rows of a grid or of a patch's bounding box."""
    if isinstance(piece, tuple) or not piece:
        return len(piece)
    rows = [i for i, _ in places(piece)]
    return max(rows) - min(rows) + 1


def width(piece: Piece) -> Integer:
    """Number of columns of a grid or of a patch's bounding box."""
    if not piece:
        return 0
    if isinstance(piece, tuple):
        return len(piece[0])
    columns = [j for _, j in places(piece)]
    return max(columns) - min(columns) + 1


def shape(piece: Piece) -> IntegerTuple:
    """(height, width) of a grid or of a patch's bounding box; (0, 0) if empty."""
    return (height(piece), width(piece))


def portrait(piece: Piece) -> Boolean:
    """Whether it is strictly higher than wide."""
    return height(piece) > width(piece)


def square(piece: Piece) -> Boolean:
    """Whether a grid has as many rows as columns, or a patch is a completely filled square."""
    if isinstance(piece, tuple):
        return len(piece) == len(piece[0])
    side = height(piece)
    return side == width(piece) and side * side == len(piece)


def vline(patch: Patch) -> Boolean:
    """Whether the patch is one column wide and has no gaps; a single cell counts."""
    return width(patch) == 1 and height(patch) == len(patch)


def hline(patch: Patch) -> Boolean:
    """Whether the patch is one row high and has no gaps; a single cell counts."""
    return height(patch) == 1 and width(patch) == len(patch)


def uppermost(patch: Patch) -> Integer:
    """Smallest row that the patch occupies."""
    return min([i for i, _ in places(patch)])


def lowermost(patch: Patch) -> Integer:
    """Largest row that the patch occupies."""
    return max([i for i, _ in places(patch)])


def leftmost(patch: Patch) -> Integer:
    """Smallest column that the patch occupies."""
    return min([j for _, j in places(patch)])


def rightmost(patch: Patch) -> Integer:
    """Largest column that the patch occupies."""
    return max([j for _, j in places(patch)])


def ulcorner(patch: Patch) -> IntegerTuple:
    """Upper left corner of the bounding box, whether or not the patch has a cell there."""
    return _corner(patch, 0, 1)


def urcorner(patch: Patch) -> IntegerTuple:
    """Upper right corner of the bounding box."""
    return _corner(patch, 0, 3)


def llcorner(patch: Patch) -> IntegerTuple:
    """Lower left corner of the bounding box."""
    return _corner(patch, 2, 1)


def lrcorner(patch: Patch) -> IntegerTuple:
    """Lower right corner of the bounding box."""
    return _corner(patch, 2, 3)


def corners(patch: Patch) -> Indices:
    """The four corners of the bounding box; fewer if they coincide."""
    return frozenset((ulcorner(patch), urcorner(patch), llcorner(patch), lrcorner(patch)))


def center(patch: Patch) -> IntegerTuple:
    """Middle of the bounding box; of two middle lines the lower, or the right one."""
    top, left, bottom, right = bounds(patch)
    return (top + (bottom - top + 1) // 2, left + (right - left + 1) // 2)


def centerofmass(patch: Patch) -> IntegerTuple:
    """Mean row and mean column of the patch, both rounded down."""
    if not patch:
        return _nowhere()
    spots: Any = places(patch)
    if is_object(patch):
        spots = set(spots)
    return (sum([i for i, _ in spots]) // len(patch), sum([j for _, j in spots]) // len(patch))


def _corner(patch: Patch, row: int, column: int) -> IntegerTuple:
    if not patch:
        return _nowhere()
    box = bounds(patch)
    return (box[row], box[column])


def _nowhere() -> Any:
    """Corners of nothing are the empty tuple, not an error."""
    return ()
