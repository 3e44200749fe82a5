"""Acts whose constants are read off the demonstrations: stamps around things, and ways that things went."""

from arc_submit.dsl.extensions.neighbours import Place
from arc_submit.dsl.extensions.things_acts import Act
from arc_submit.dsl.extensions.things_marks import CLEAR, Look, Thing
from arc_submit.symbolic.ideas.things.trying import Trying

REACH = 4  # cells around a thing that a stamp may lie
MOST_STAMPS = 8
MOST_VECTORS = 5


def stamps(trying: Trying) -> list[Act]:
    """For each form that several small things share: what the output shows around them all."""
    alike: dict[Look, list[tuple[int, Thing]]] = {}
    for _, n, one in trying.things:
        if one.height <= 3 and one.width <= 3:
            names = {CLEAR: -1, one.marks["colour"]: 11, one.marks["rare"]: 12}
            alike.setdefault(one.look, []).append((n, one))
            alike.setdefault(tuple(tuple(names.get(c, c) for c in row) for row in one.look), []).append((n, one))
    found: list[Act] = []
    for things in alike.values():
        cells = _around(trying, things)
        if cells and ("stamp", cells) not in found and len(found) < MOST_STAMPS:
            found.append(("stamp", cells))
    return found


def vectors(trying: Trying) -> list[Place]:
    """The fixed ways by which the most things lie somewhere else in the output."""
    counts: dict[Place, set[int]] = {}
    for k, n, one in trying.things[:40]:
        output = trying.outputs[n]
        height, width = len(output), len(output[0])
        ground = trying.seen.scenes[n].background
        ai, aj = next(iter(one.cells))
        for i in range(height):
            for j in range(width):
                di, dj = i - ai, j - aj
                if output[i][j] == ground or not (di or dj):
                    continue
                if all(
                    0 <= y + di < height and 0 <= x + dj < width and output[y + di][x + dj] == output[i][j]
                    for y, x in one.cells
                ) or all(
                    0 <= y + di < height and 0 <= x + dj < width and output[y + di][x + dj] == c
                    for (y, x), c in one.cells.items()
                ):
                    counts.setdefault((di, dj), set()).add(k)
    order = sorted(counts, key=lambda v: (-len(counts[v]), abs(v[0]) + abs(v[1]), v))
    return order[:MOST_VECTORS]


def _around(trying: Trying, things: list[tuple[int, Thing]]) -> tuple[tuple[int, int, int | str], ...]:
    """The changed cells, from the upper left corner on, that the output shows around most of these things."""
    shown: dict[Place, list[tuple[int, Thing]]] = {}
    changed = set()
    for n, one in things:
        output, here = trying.outputs[n], trying.bits[n]
        for i in range(-REACH, one.height + REACH):
            for j in range(-REACH, one.width + REACH):
                y, x = one.top + i, one.left + j
                if 0 <= y < len(output) and 0 <= x < len(output[0]):
                    shown.setdefault((i, j), []).append((output[y][x], one))
                    if (y, x) in here:
                        changed.add((i, j))
    enough = max(2.0, 0.5 * len(things))
    cells = (
        (i, j, _meant(seen)) for (i, j), seen in sorted(shown.items()) if (i, j) in changed and len(seen) >= enough
    )
    return tuple((i, j, colour) for i, j, colour in cells if colour is not None)


def _meant(seen: list[tuple[int, Thing]]) -> int | str | None:
    """Return the colour that explains what is seen with each thing: a mark of theirs, or one number."""
    for mark in ("colour", "rare"):
        if all(colour == one.marks[mark] for colour, one in seen):
            return mark
    colours = {colour for colour, _ in seen}
    return colours.pop() if len(colours) == 1 else None
