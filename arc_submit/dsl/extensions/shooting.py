"""Cells that shoot: rays from coloured cells over empty ones, straight and diagonal.

A ray starts at a coloured cell, paints the empty cells it comes to and ends at the edge or before the next coloured
cell of the layer as it was. Where rays cross, those across lie on those upright, and diagonal ones on both.
"""

from arc_submit.dsl.extensions.kernel import Cells, Placed, one
from arc_submit.dsl.extensions.tools import nothing

__all__ = (
    "prolonged",
    "prolonged_diagonally",
    "rays_across",
    "rays_all_ways",
    "rays_both_ways",
    "rays_diagonally",
    "rays_down",
    "rays_down_left",
    "rays_down_right",
    "rays_from_edges",
    "rays_left",
    "rays_of",
    "rays_right",
    "rays_up",
    "rays_up_left",
    "rays_up_right",
    "rays_upright",
)

NUMBERS = {"rays_of": "colours"}
"""Which numbers are worth trying: "colours" of the task."""


@one
def rays_up(a: Cells, y: int, x: int) -> Placed:
    """Draw a ray up from each coloured cell, in its colour, until the edge or the next coloured cell."""
    return _rays(a, a.copy(), -1, 0, 0), y, x


@one
def rays_down(a: Cells, y: int, x: int) -> Placed:
    """Draw a ray down from each coloured cell, in its colour, until the edge or the next coloured cell."""
    return _rays(a, a.copy(), 1, 0, 0), y, x


@one
def rays_left(a: Cells, y: int, x: int) -> Placed:
    """Draw a ray to the left from each coloured cell, in its colour, until the edge or the next coloured cell."""
    return _rays(a, a.copy(), 0, -1, 0), y, x


@one
def rays_right(a: Cells, y: int, x: int) -> Placed:
    """Draw a ray to the right from each coloured cell, in its colour, until the edge or the next coloured cell."""
    return _rays(a, a.copy(), 0, 1, 0), y, x


@one
def rays_across(a: Cells, y: int, x: int) -> Placed:
    """Draw rays to the left and to the right from each coloured cell, in its colour."""
    return _rays(a, _rays(a, a.copy(), 0, -1, 0), 0, 1, 0), y, x


@one
def rays_upright(a: Cells, y: int, x: int) -> Placed:
    """Draw rays up and down from each coloured cell, in its colour."""
    return _rays(a, _rays(a, a.copy(), -1, 0, 0), 1, 0, 0), y, x


@one
def rays_both_ways(a: Cells, y: int, x: int) -> Placed:
    """Draw rays up, down, left and right from each coloured cell, in its colour."""
    return _straight(a), y, x


@one
def rays_diagonally(a: Cells, y: int, x: int) -> Placed:
    """Draw rays in the four diagonal directions from each coloured cell, in its colour."""
    return _diagonal(a, a.copy()), y, x


@one
def rays_all_ways(a: Cells, y: int, x: int) -> Placed:
    """Draw rays in all eight directions from each coloured cell, in its colour."""
    return _diagonal(a, _straight(a)), y, x


@one
def rays_up_left(a: Cells, y: int, x: int) -> Placed:
    """Draw a diagonal ray up and to the left from each coloured cell, in its colour."""
    return _rays(a, a.copy(), -1, -1, 0), y, x


@one
def rays_up_right(a: Cells, y: int, x: int) -> Placed:
    """Draw a diagonal ray up and to the right from each coloured cell, in its colour."""
    return _rays(a, a.copy(), -1, 1, 0), y, x


@one
def rays_down_left(a: Cells, y: int, x: int) -> Placed:
    """Draw a diagonal ray down and to the left from each coloured cell, in its colour."""
    return _rays(a, a.copy(), 1, -1, 0), y, x


@one
def rays_down_right(a: Cells, y: int, x: int) -> Placed:
    """Draw a diagonal ray down and to the right from each coloured cell, in its colour."""
    return _rays(a, a.copy(), 1, 1, 0), y, x


@one
def rays_of(a: Cells, y: int, x: int, colour: int) -> Placed:
    """Draw rays up, down, left and right from each cell of one colour; the other colours stop them."""
    if not 1 <= colour <= 9:
        return nothing()
    found = a.copy()
    for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        _rays(a, found, down, right, colour)
    return found, y, x


@one
def rays_from_edges(a: Cells, y: int, x: int) -> Placed:
    """Draw a ray straight into the layer from each coloured cell at its edge, corners aside."""
    h, w = a.shape
    found = a.copy()
    for j in range(1, w - 1):
        if a[0, j] != 0:
            _ray(a, found, 0, j, 1, 0)
        if a[h - 1, j] != 0:
            _ray(a, found, h - 1, j, -1, 0)
    for i in range(1, h - 1):
        if a[i, 0] != 0:
            _ray(a, found, i, 0, 0, 1)
        if a[i, w - 1] != 0:
            _ray(a, found, i, w - 1, 0, -1)
    return found, y, x


@one
def prolonged(a: Cells, y: int, x: int) -> Placed:
    """Prolong each straight line of two or more cells of one colour at both ends."""
    found = a.copy()
    for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        _prolonged(a, found, down, right)
    return found, y, x


@one
def prolonged_diagonally(a: Cells, y: int, x: int) -> Placed:
    """Prolong each diagonal line of two or more cells of one colour at both ends."""
    found = a.copy()
    for down, right in ((-1, -1), (1, 1), (-1, 1), (1, -1)):
        _prolonged(a, found, down, right)
    return found, y, x


def _rays(a: Cells, onto: Cells, down: int, right: int, colour: int) -> Cells:
    """Draw onto `onto` the rays that the cells of one colour of `a` send in one direction; colour 0: of any."""
    h, w = a.shape
    for i in range(h):
        for j in range(w):
            if a[i, j] != 0 and (colour == 0 or a[i, j] == colour):
                _ray(a, onto, i, j, down, right)
    return onto


def _ray(a: Cells, onto: Cells, i: int, j: int, down: int, right: int) -> None:
    """Draw onto `onto` the ray that cell (i, j) of `a` sends in one direction."""
    h, w = a.shape
    p, q = i + down, j + right
    while 0 <= p < h and 0 <= q < w and a[p, q] == 0:
        onto[p, q] = a[i, j]
        p, q = p + down, q + right


def _straight(a: Cells) -> Cells:
    upright = _rays(a, _rays(a, a.copy(), -1, 0, 0), 1, 0, 0)
    return _rays(a, _rays(a, upright, 0, -1, 0), 0, 1, 0)


def _diagonal(a: Cells, onto: Cells) -> Cells:
    found = _rays(a, _rays(a, onto, -1, -1, 0), 1, 1, 0)
    return _rays(a, _rays(a, found, -1, 1, 0), 1, -1, 0)


def _prolonged(a: Cells, onto: Cells, down: int, right: int) -> None:
    """Draw onto `onto` the rays that lines of `a` in one direction send on."""
    h, w = a.shape
    for i in range(h):
        for j in range(w):
            p, q = i - down, j - right
            if a[i, j] != 0 and 0 <= p < h and 0 <= q < w and a[p, q] == a[i, j]:
                _ray(a, onto, i, j, down, right)
