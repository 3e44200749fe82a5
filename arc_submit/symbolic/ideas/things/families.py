"""The acts that are tried, family by family; members of one family exclude each other.

One region in any colour; the moves; the turns; what is mended; the copies; each stamp; other colours; others' looks.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from arc_submit.dsl.extensions.neighbours import DIRECTIONS, Place
from arc_submit.dsl.extensions.things_acts import Act
from arc_submit.dsl.extensions.things_marks import COLOURS, Thing
from arc_submit.dsl.extensions.things_rays import FANS
from arc_submit.dsl.extensions.things_regions import REGIONS
from arc_submit.symbolic.ideas.things.learned import stamps, vectors
from arc_submit.symbolic.ideas.things.trying import Tried, Trying, union

HEAVY = 1800  # cells
MANY = 120  # things
FEW = 30  # things
LIGHT = ("cells", "holes", "rest of box", "halo", "skin", "core", "even cells", "odd cells", "few cells", "main cells")
"""Regions that are tried where things are many or large."""
MODELS = tuple(
    (name, 0) for name in ("most_size", "least_size", "most_colours", "most_holes", "least_top", "least_left")
)
MODELS += (("same_form", 1), ("same_colour", 1), ("symmetric", 1), ("not dot", 1))
DEARER = (
    ("cells", 0.3),
    ("holes", 0.3),
    ("ray", 0.5),
    ("stopped", 0.8),
    ("beam", 0.7),
    ("central", 0.7),
    ("even", 0.6),
    ("odd", 0.6),
)
"""What regions cost, by how their names begin."""
TURNS = ("lr", "ud", "half", "right", "left", "dg", "ad")


def families(trying: Trying) -> Iterator[Iterator[Tried]]:
    """Yield the families, the plain ones first; few of them where things are many or large."""
    heavy = sum(len(one.cells) for *_, one in trying.things) > HEAVY or len(trying.things) > MANY
    yield from _regions(trying, LIGHT if heavy else REGIONS)
    if heavy:
        return
    yield _moved(trying)
    yield trying.tried([("turn", way) for way in TURNS], 0.8)
    yield trying.tried([("mend", way) for way in ("lr", "ud", "both", "turns", "half", "dg", "ad")], 0.8)
    copies: list[Act] = [("reflect", way) for way in DIRECTIONS]
    copies += [("repeat", way, gap) for way in DIRECTIONS for gap in (0, 1)]
    copies += [("copy", *vector) for vector in vectors(trying)]
    yield trying.tried(copies, 0.9)
    yield (one for act in stamps(trying) for one in trying.tried([act], 1.1 + 0.08 * len(act[1])))
    yield trying.tried([("become", mark) for mark in ("colour", "inner", "twin", "near", "rare")], 1.0)
    yield trying.tried([(act, test) for act in ("become", "wear") for test in MODELS], 1.1)


def _regions(trying: Trying, names: Iterable[str]) -> Iterator[Iterator[Tried]]:
    single: dict[tuple[str, int], list[Place]] = {}
    for name in names:
        if name not in ("grid", "ground") or len(trying.things) <= FEW:
            cells = {k: _cells(trying, name, k, single) for k, *_ in trying.things}
            yield _painted(trying, name, cells)


def _cells(trying: Trying, name: str, k: int, single: dict[tuple[str, int], list[Place]]) -> list[Place]:
    """The cells of a region of a thing; those of several directions are put together from `single` ones, kept there."""
    kind = next((kind for kind in ("ray", "stopped ray", "beam") if name.startswith(kind + " ")), "")
    fan = FANS[name[len(kind) + 1 :]] if kind else ()
    if len(fan) > 1:
        return [place for part in fan for place in single[f"{kind} {part}", k]]
    number, one = trying.seen.members[k]
    found = list(REGIONS[name](trying.seen.scenes[number], one))
    if kind:
        single[name, k] = found
    return found


def _painted(trying: Trying, name: str, cells: dict[int, list[Place]]) -> Iterator[Tried]:
    """One region, with every colour that could be meant."""
    members, scenes = trying.seen.members, trying.seen.scenes
    empty, labels, gains = 0, {}, {}
    for k, places in cells.items():
        if not places:
            empty |= 1 << k
            continue
        number = members[k][0]
        shades = {trying.outputs[number][i][j] for i, j in places}
        if len(shades) == 1:
            labels[k] = shades.pop()
            gains[k] = trying.among(number, places)
    useful = {labels[k] for k, gain in gains.items() if gain}
    leaves: list[tuple[Any, float]] = [(colour, 0.4) for colour in sorted(useful)]
    leaves += [("background", 0.3), *((mark, 0.8) for mark in COLOURS)] if useful else []
    cost = next((cost for start, cost in DEARER if name.startswith(start)), 0.35)
    for leaf, more in leaves:
        right = empty
        for k, label in labels.items():
            number, one = members[k]
            own = scenes[number].background if leaf == "background" else one.marks.get(leaf, -1)
            if label == (leaf if isinstance(leaf, int) else own):
                right |= 1 << k
        mine = {k: gain for k, gain in gains.items() if right >> k & 1 and gain}
        if mine:
            yield Tried(("paint", name, leaf), cost + more, right, mine, union(mine))


def _moved(trying: Trying) -> Iterator[Tried]:
    """Ways to go: a slide is right where the thing lies anywhere ahead in the output."""
    acts: list[tuple[Act, float]] = [(("remove",), 0.6)]
    acts += [(("hop", way), 0.7) for way in tuple(DIRECTIONS)]
    acts += [(("shift", *vector), 0.9) for vector in vectors(trying)]
    acts += [(("stride", i, j), 1.0) for i, j in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (2, 0), (0, 2))]
    acts += [(("cross", way), 1.0) for way in ("lr", "ud", "half")]
    acts += [(("approach", colour), 1.0) for colour in (*range(10), "colour", "near", "largest_colour")]
    leaves = ("colour", "near", "largest_colour")
    acts += [(("step", colour, n), 1.2) for colour in (*range(10), *leaves) for n in (1, 2)]
    sides = ("top", "bottom", "left", "right", "row", "column")
    acts += [(("level", side, colour), 1.1) for side in sides for colour in (*range(10), *leaves)]
    for act, cost in acts:
        yield from trying.tried([act], cost)
    for way in DIRECTIONS:
        right, gains = 0, {}
        for k, n, one in trying.things:
            fits, gain = _ahead(trying, n, one, DIRECTIONS[way])
            right |= fits << k
            if fits and gain:
                gains[k] = gain
        yield Tried(("slide", way), 0.7, right, gains, union(gains))


def _ahead(trying: Trying, number: int, one: Thing, step: Place) -> tuple[bool, int]:
    """Whether the output has the thing somewhere in this direction, and the changed cells that this accounts for."""
    output = trying.outputs[number]
    fits, gain = False, trying.among(number, one.cells)
    for far in range(30):
        moved = {(i + step[0] * far, j + step[1] * far): c for (i, j), c in one.cells.items()}
        if any(not (0 <= i < len(output) and 0 <= j < len(output[0])) for i, j in moved):
            break
        if all(output[i][j] == c for (i, j), c in moved.items()):
            fits = True
            gain |= trying.among(number, moved)
    return fits, gain
