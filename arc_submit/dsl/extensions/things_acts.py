"""Acting on things where they are: painting, removing, moving, mirroring and copying those that fit a selector.

A rule is (selector, act); the first rule that fits a thing is its own, things without a rule stay. A colour is 0..9,
"background", or a mark such as "inner". Acts:

    ("paint", region, colour)      regions are in `things_regions`
    ("remove",)
    ("shift", i, j)                by a fixed way
    ("stride", i, j)               by so many of its own heights and widths
    ("cross", way)                 to the mirrored place on the grid: "lr" or "ud" or "half"
    ("slide", direction)           until something is in the way
    ("hop", direction)             to the edge, whatever is in the way
    ("approach", colour)           straight on if that will do, else slanting, until it touches a thing of that colour
    ("turn", way)                  in its box: "lr", "ud", "half", "right", "left", "dg", "ad"
    ("mend", way)                  its mirror image is added, in its box: "lr", "ud", "both", "turns"
    ("copy", i, j)                 and stays
    ("reflect", direction)         its mirror image next to it, and it stays
    ("repeat", direction, gap)     copies up to the edge, `gap` cells apart
    ("stamp", cells)               and stays; cells are (i, j, colour) from its upper left corner on
    ("become", model)              looks like another thing, centred on it: the largest one whose colour is the mark
                                   `model`, or the first that fits the test `model`
    ("wear", model)                the same in its own colour
    ("level", side, colour)        straight on, until its side ("top", "bottom", "left", "right", or its middle "row",
                                   "column") is level with that of a thing of that colour
    ("step", colour, n)            n cells towards the nearest thing of that colour, slanting where need be
    ("dyed", colour, act)          as the act, but what it paints, background aside, has that colour
    ("both", act, act)             one act, then the other over it
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from arc_submit.dsl.extensions.neighbours import DIRECTIONS, Place
from arc_submit.dsl.extensions.things import Things, fits
from arc_submit.dsl.extensions.things_marks import CLEAR, Look, Thing
from arc_submit.dsl.extensions.things_regions import REGIONS
from arc_submit.dsl.types import Grid, TupleTuple

__all__ = ("acted_things",)

Act: TypeAlias = tuple[Any, ...]
Painted: TypeAlias = dict[Place, int]
MOVES = ("shift", "stride", "cross", "slide", "hop", "approach", "level", "step", "turn", "become", "wear", "remove")
"""Acts that take the thing from where it was."""


def acted_things(things: Things, rules: TupleTuple) -> Grid:
    """The grid after each thing did what the first rule that fits it says; a rule is (selector, act)."""
    chosen = [
        (one, act) for one in things.members for act in [next((a for s, a in rules if fits(one, s)), None)] if act
    ]
    canvas = [list(row) for row in things.grid]
    ground = floor(things)
    for one, act in chosen:
        if _leaves(act):
            _put(canvas, dict.fromkeys(one.cells, ground))
    for one, act in sorted(chosen, key=_order):
        painted = deed(things, one, act, canvas)
        if painted is not None:
            _put(canvas, painted)
    return tuple(map(tuple, canvas))


def _leaves(act: Act) -> bool:
    return any(map(_leaves, act[1:])) if act[0] == "both" else act[0] in MOVES or (act[0] == "dyed" and _leaves(act[2]))


def _order(job: tuple[Thing, Act]) -> int:
    """Those that slide go in the order in which they get there."""
    one, act = job
    if act[0] != "slide":
        return 0
    di, dj = DIRECTIONS[act[1]]
    return -di * (one.top + (one.height if di > 0 else 0)) - dj * (one.left + (one.width if dj > 0 else 0))


def floor(things: Things) -> int:
    """Return the colour that is left where a thing was."""
    return things.background if 0 <= things.background <= 9 else 0


def deed(things: Things, one: Thing, act: Act, canvas: Any) -> Painted | None:
    """Return the cells that an act paints, some perhaps beyond the grid; None where it makes no sense."""
    if act[0] == "paint":
        colour = shade(things, one, act[2])
        return None if colour < 0 else dict.fromkeys(REGIONS[act[1]](things, one), colour)
    if act[0] == "dyed":
        painted, colour = deed(things, one, act[2], canvas), shade(things, one, act[1])
        if painted is None or colour < 0:
            return None
        return {place: c if c == things.background else colour for place, c in painted.items()}
    if act[0] == "both":
        first, second = (deed(things, one, part, canvas) for part in act[1:])
        return None if first is None or second is None else {**first, **second}
    return ACTS[act[0]](things, one, act[1:], canvas)


def shade(things: Things, one: Thing, colour: int | str) -> int:
    """Return the colour that a number or the name of a mark means for a thing."""
    if isinstance(colour, str):
        return floor(things) if colour == "background" else one.marks.get(colour, -1)
    return colour


def _put(canvas: list[list[int]], painted: Painted) -> None:
    height, width = len(canvas), len(canvas[0])
    for (i, j), c in painted.items():
        if 0 <= i < height and 0 <= j < width:
            canvas[i][j] = c


def _shifted(one: Thing, di: int, dj: int) -> Painted:
    return {(i + di, j + dj): c for (i, j), c in one.cells.items()}


def _at(look: Look, top: int, left: int) -> Painted:
    return {(top + i, left + j): c for i, row in enumerate(look) for j, c in enumerate(row) if c != CLEAR}


def _remove(things: Things, one: Thing, act: Act, canvas: Any) -> Painted | None:
    return {}


def _shift(things: Things, one: Thing, act: Act, canvas: Any) -> Painted | None:
    return _shifted(one, act[0], act[1])


def _stride(things: Things, one: Thing, act: Act, canvas: Any) -> Painted | None:
    return _shifted(one, act[0] * one.height, act[1] * one.width)


def _cross(things: Things, one: Thing, act: Act, canvas: Any) -> Painted | None:
    down = len(things.grid) - 2 * one.top - one.height if act[0] != "lr" else 0
    over = len(things.grid[0]) - 2 * one.left - one.width if act[0] != "ud" else 0
    return _shifted(one, down, over)


def _slide(things: Things, one: Thing, act: Act, canvas: Any) -> Painted | None:
    di, dj = DIRECTIONS[act[0]]
    ground = things.background
    height, width = len(canvas), len(canvas[0])
    far = 0
    while all(
        0 <= i + di * (far + 1) < height
        and 0 <= j + dj * (far + 1) < width
        and canvas[i + di * (far + 1)][j + dj * (far + 1)] == ground
        for i, j in one.cells
    ):
        far += 1
    return _shifted(one, di * far, dj * far)


def _hop(things: Things, one: Thing, act: Act, canvas: Any) -> Painted | None:
    di, dj = DIRECTIONS[act[0]]
    down = len(things.grid) - one.top - one.height if di > 0 else one.top
    over = len(things.grid[0]) - one.left - one.width if dj > 0 else one.left
    far = down if not dj else over if not di else min(down, over)
    return _shifted(one, di * far, dj * far)


def _approach(things: Things, one: Thing, act: Act, canvas: Any) -> Painted | None:
    colour = shade(things, one, act[0])
    best: tuple[bool, int, int, int] | None = None
    for other in things.members:
        if other is one or other.marks["colour"] != colour:
            continue
        di = max(other.top - one.top - one.height, 0) - max(one.top - other.top - other.height, 0)
        dj = max(other.left - one.left - one.width, 0) - max(one.left - other.left - other.width, 0)
        over = other.left < one.left + one.width and one.left < other.left + other.width
        beside = other.top < one.top + one.height and one.top < other.top + other.height
        order = not (over or beside), abs(di) + abs(dj)
        if best is None or order < best[:2]:
            best = *order, di, dj
    return None if best is None else _shifted(one, best[2], best[3])


def _level(things: Things, one: Thing, act: Act, canvas: Any) -> Painted | None:
    side, colour = act[0], shade(things, one, act[1])
    models = [m for m in things.members if m is not one and m.marks["colour"] == colour]
    if not models:
        return None
    ends = [_end(m, side) - _end(one, side) for m in models]
    far = min(ends, key=abs)
    return _shifted(one, far, 0) if side in ("top", "bottom", "row") else _shifted(one, 0, far)


def _end(one: Thing, side: str) -> int:
    bottom, right = one.top + one.height, one.left + one.width
    if side in ("row", "column"):
        return (one.top + bottom) // 2 if side == "row" else (one.left + right) // 2
    return {"top": one.top, "bottom": bottom, "left": one.left, "right": right}[side]


def _step(things: Things, one: Thing, act: Act, canvas: Any) -> Painted | None:
    colour = shade(things, one, act[0])
    best: tuple[int, int, int] | None = None
    for other in things.members:
        if other is one or other.marks["colour"] != colour:
            continue
        di = max(other.top - one.top - one.height + 1, 0) - max(one.top - other.top - other.height + 1, 0)
        dj = max(other.left - one.left - one.width + 1, 0) - max(one.left - other.left - other.width + 1, 0)
        far = abs(di) + abs(dj)
        if far and (best is None or far < best[0]):
            best = far, di, dj
    if best is None:
        return None
    _, di, dj = best
    return _shifted(one, max(-act[1], min(act[1], di)), max(-act[1], min(act[1], dj)))


def turned(look: Look, way: str) -> Look:
    """Return a look mirrored or turned."""
    if way == "lr":
        return tuple(row[::-1] for row in look)
    if way == "ud":
        return look[::-1]
    if way == "half":
        return tuple(row[::-1] for row in look[::-1])
    across: Look = tuple(zip(*look, strict=True))
    if way == "dg":
        return across
    if way == "right":
        return tuple(row[::-1] for row in across)
    if way == "left":
        return across[::-1]
    return tuple(row[::-1] for row in across[::-1])


def _turn(things: Things, one: Thing, act: Act, canvas: Any) -> Painted | None:
    return _at(turned(one.look, act[0]), one.top, one.left)


def _mend(things: Things, one: Thing, act: Act, canvas: Any) -> Painted | None:
    ways = {"both": ("lr", "ud", "half"), "turns": ("half", "right", "left")}.get(act[0], (act[0],))
    if act[0] == "turns" and one.height != one.width:
        return None
    painted: Painted = {}
    for way in ways:
        painted.update(_at(turned(one.look, way), one.top, one.left))
    return {**painted, **one.cells}


def _reflect(things: Things, one: Thing, act: Act, canvas: Any) -> Painted | None:
    di, dj = DIRECTIONS[act[0]]
    look = turned(one.look, "half" if di and dj else "ud" if di else "lr")
    return _at(look, one.top + di * one.height, one.left + dj * one.width)


def _repeat(things: Things, one: Thing, act: Act, canvas: Any) -> Painted | None:
    di, dj = DIRECTIONS[act[0]]
    step = di * (one.height + act[1]), dj * (one.width + act[1])
    painted: Painted = {}
    for count in range(1, max(len(things.grid), len(things.grid[0])) // max(*map(abs, step), 1) + 1):
        painted.update(_shifted(one, step[0] * count, step[1] * count))
    return painted


def _stamp(things: Things, one: Thing, act: Act, canvas: Any) -> Painted | None:
    painted = {(one.top + i, one.left + j): shade(things, one, c) for i, j, c in act[0]}
    return None if min(painted.values()) < 0 else painted


def _model(things: Things, one: Thing, name: Any) -> Thing | None:
    if isinstance(name, str):
        models = [m for m in things.members if m is not one and m.marks["colour"] == one.marks.get(name, -1)]
        return max(models, key=lambda m: m.marks["size"]) if models else None
    return next((m for m in things.members if m is not one and fits(m, (name,))), None)


def _become(things: Things, one: Thing, act: Act, canvas: Any) -> Painted | None:
    model = _model(things, one, act[0])
    if model is None:
        return None
    top = one.top + (one.height - model.height) // 2
    return _at(model.look, top, one.left + (one.width - model.width) // 2)


def _wear(things: Things, one: Thing, act: Act, canvas: Any) -> Painted | None:
    painted, ground = _become(things, one, act, canvas), things.background
    if painted is None:
        return None
    return {place: c if c == ground else one.marks["colour"] for place, c in painted.items()}


ACTS: dict[str, Callable[[Things, Thing, Act, Any], Painted | None]] = {
    "remove": _remove,
    "shift": _shift,
    "stride": _stride,
    "cross": _cross,
    "slide": _slide,
    "hop": _hop,
    "approach": _approach,
    "level": _level,
    "step": _step,
    "turn": _turn,
    "mend": _mend,
    "copy": _shift,
    "reflect": _reflect,
    "repeat": _repeat,
    "stamp": _stamp,
    "become": _become,
    "wear": _wear,
}
