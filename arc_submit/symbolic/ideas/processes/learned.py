"""Steps whose constants are read off the demonstrations: stamps around cells, small pictures put for others."""

from collections import Counter
from collections.abc import Iterator
from itertools import product

from arc_submit.dsl.extensions.neighbours import EIGHT, box, parts
from arc_submit.dsl.extensions.processes import rewritten, stamped
from arc_submit.records import Grid
from arc_submit.symbolic.ideas.chaining.colours import OWN, colours
from arc_submit.symbolic.ideas.chaining.situation import Situation
from arc_submit.symbolic.ideas.chaining.steps import Role, Step

REACH = 4  # rows and columns from the cell that a stamp may lie
LEAST_PAIRS = 2  # demonstrations that must show each cell of a stamp, and each new picture
LEAST_SEEDS = 2  # cells of the colour that must show the stamp, over all demonstrations
WINDOWS = tuple(sorted(product(range(1, 6), repeat=2), key=lambda shape: (shape[0] * shape[1], shape)))
MOST_BLOCKS = 400  # places where something changes, over all demonstrations
BREATH = 40  # of them that are read in one go
FEW = 6  # different new pictures of one shape


def stamps(situation: Situation) -> Iterator[Step]:
    """Yield what is drawn around every cell of a colour alike."""
    shown = colours(situation)
    pairs = list(zip(situation.grids, situation.outputs, strict=True))
    for colour in shown.few:
        if isinstance(colour, Role):
            continue
        seeds = [
            (k, i, j)
            for k, (grid, _) in enumerate(pairs)
            for i, row in enumerate(grid)
            for j, value in enumerate(row)
            if value == colour or (colour < 0 and value not in (0, OWN - colour))
        ]
        if len(seeds) < LEAST_SEEDS:
            continue
        for over in (False, True) if shown.over else (False,):
            found = _stamp(pairs, seeds, colour, over)
            if found:
                places = tuple(part for place in found for part in place)
                yield Step(stamped, (colour, places, tuple(found.values()), over), 1.0 + 0.12 * len(found))


def _stamp(
    pairs: list[tuple[Grid, Grid]], seeds: list[tuple[int, int, int]], colour: int, over: bool
) -> dict[tuple[int, int], int]:
    found = {}
    for offset in product(range(-REACH, REACH + 1), range(-REACH, REACH + 1)):
        if offset == (0, 0) and colour >= 0:
            continue
        paint = _agreed(pairs, seeds, offset, colour, over)
        if paint is not None:
            found[offset] = paint
    return found


def _agreed(
    pairs: list[tuple[Grid, Grid]], seeds: list[tuple[int, int, int]], offset: tuple[int, int], colour: int, over: bool
) -> int | None:
    """The colour that all cells at this offset become, if any is changed at all."""
    paints: set[int] = set()
    own = colour < 0
    changed: set[int] = set()
    for k, i, j in seeds:
        grid, output = pairs[k]
        p, q = i + offset[0], j + offset[1]
        if not (0 <= p < len(grid) and 0 <= q < len(grid[0])) or (grid[p][q] and not over):
            continue
        paints.add(output[p][q])
        own = own and output[p][q] == grid[i][j]
        if grid[p][q] != output[p][q]:
            changed.add(k)
        if not own and len(paints) > 1:
            return None
    if len(changed) < LEAST_PAIRS:
        return None
    return OWN if own and len(paints) > 1 else min(paints)


def rewritings(situation: Situation) -> Iterator[Step | None]:
    """Yield small pictures that become others wherever they are found, and None to take breath; nothing where too much
    changes."""
    pairs = list(zip(situation.grids, situation.outputs, strict=True))
    places: list[list[tuple[int, int]]] = [[] for _ in pairs]
    for k, i, j in situation.differences():
        places[k].append((i, j))
    blocks = [block for k, changed in enumerate(places) for block in _blocks(k, changed)]
    if len(blocks) > MOST_BLOCKS:
        return
    for height, width in WINDOWS:
        counted: Counter[tuple[tuple[int, ...], tuple[int, ...]]] = Counter()
        shown: dict[tuple[tuple[int, ...], tuple[int, ...]], set[int]] = {}
        for number, (k, top, left, bottom, right) in enumerate(blocks):
            if number % BREATH == 0:
                yield None
            grid, output = pairs[k]
            if bottom - top >= height or right - left >= width:
                continue
            for i in range(max(0, bottom - height + 1), min(top, len(grid) - height) + 1):
                for j in range(max(0, right - width + 1), min(left, len(grid[0]) - width) + 1):
                    old = tuple(v for row in grid[i : i + height] for v in row[j : j + width])
                    new = tuple(v for row in output[i : i + height] for v in row[j : j + width])
                    counted[old, new] += 1
                    shown.setdefault((old, new), set()).add(k)
        for (old, new), _ in sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:FEW]:
            if len(shown[old, new]) >= LEAST_PAIRS and len(set(old)) > 1:
                changes = tuple(OWN if a == b else b for a, b in zip(old, new, strict=True))
                yield Step(rewritten, ((height, width), old, changes), 1.5 + 0.1 * height * width)


def _blocks(k: int, places: list[tuple[int, int]]) -> Iterator[tuple[int, int, int, int, int]]:
    """Boxes of changed cells that touch."""
    for part in parts(places, EIGHT):
        yield k, *box(part)
