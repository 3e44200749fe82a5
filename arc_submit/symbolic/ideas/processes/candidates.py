"""The steps worth trying in a situation, from its colours and from what has to change."""

from collections import Counter
from collections.abc import Iterator

from arc_submit.dsl import replace, switch
from arc_submit.dsl.extensions import processes as p
from arc_submit.dsl.extensions.neighbours import FOUR, Place, box, parts
from arc_submit.symbolic.ideas.chaining.colours import OWN, ROLES, Colour, Colours, colours, several
from arc_submit.symbolic.ideas.chaining.situation import Situation
from arc_submit.symbolic.ideas.chaining.steps import Role, Step

STRAIGHT = ((0, 1), (0, -1), (1, 0), (-1, 0))
SLANTING = ((1, 1), (1, -1), (-1, 1), (-1, -1))
LINES = ((0, 1, 0, -1), (1, 0, -1, 0))
CROSS = (0, 1, 0, -1, 1, 0, -1, 0)
SLASHES = ((1, 1, -1, -1), (1, -1, -1, 1))
SALTIRE = (1, 1, -1, -1, 1, -1, -1, 1)
STAR = CROSS + SALTIRE
WAYS = (*STRAIGHT, *SLANTING, *LINES, CROSS, *SLASHES, SALTIRE, STAR)
MOST_SIZES = 3  # of rectangles that change
AXES = ((0, 1), (1, 0), (1, 1), (1, -1), (0, 1, 1, 0), (1, 1, 1, -1), (0, 1, 1, 0, 1, 1, 1, -1))


def candidates(situation: Situation) -> Iterator[Step]:
    """Yield steps, the plain ones first."""
    shown = colours(situation)
    yield from _recoloured(shown)
    if shown.from_zero:
        yield from _floods(shown)
        yield from _growth(shown)
        yield from _beams(shown)
        yield from _bent(shown)
    yield from _blocks(situation, shown)
    if shown.over:
        yield from _over(shown)
    if shown.to_zero:
        yield from _falls(shown)


def trails(shown: Colours, colour: Colour) -> Iterator[Colour]:
    """Colours that a process from cells of a colour may leave; its own is spelled out unless any colour starts it."""
    yield from shown.paints
    if several(colour) and len(shown.paints) > 1:
        yield OWN


def _recoloured(shown: Colours) -> Iterator[Step]:
    for a, b in shown.changed:
        yield Step(replace, (a, b), 1.0)
        if a and b:
            yield Step(switch, (a, b), 1.2)
    roles = [colour for colour in shown.sources if isinstance(colour, Role)]
    if len(roles) == len(ROLES):
        yield Step(switch, ROLES, 1.6)
    for role in roles:
        for b in sorted({b for _, b in shown.changed}):
            yield Step(replace, (role, b), 1.4)
    for paint in shown.paints:
        if isinstance(paint, Role):
            for a in sorted({a for a, _ in shown.changed}):
                yield Step(replace, (a, paint), 1.4)


def _blocks(situation: Situation, shown: Colours) -> Iterator[Step]:
    """Rectangles: the largest, and those of a size that changes somewhere."""
    changed: dict[int, list[Place]] = {}
    for pair, i, j in situation.differences():
        changed.setdefault(pair, []).append((i, j))
    sizes: Counter[tuple[int, int]] = Counter()
    for places in changed.values():
        for part in parts(places, FOUR):
            top, left, bottom, right = box(part)
            if len(part) == (bottom - top + 1) * (right - left + 1) > 1:
                sizes[bottom - top + 1, right - left + 1] += 1
    for before, after in shown.changed:
        yield Step(p.largest_blocks_painted, (before, after), 1.3)
        for size, _ in sizes.most_common(MOST_SIZES):
            yield Step(p.blocks_painted, (before, size, after), 1.4)


def _beams(shown: Colours) -> Iterator[Step]:
    for colour in shown.sources:
        for trail in trails(shown, colour):
            other = 1.0 if trail in (colour, OWN) else 1.2
            for ways in WAYS:
                for function in (p.beam, p.beam_under, p.beam_free):
                    yield Step(function, (colour, ways, trail), other + (function is not p.beam) * 0.2)
            for target in shown.sources:
                for ways in WAYS if target != colour else AXES:
                    yield Step(p.beam_to, (colour, target, ways, trail), other + 0.4)
            for ways in AXES:
                yield Step(p.joined_under, (colour, ways, trail), other)
            yield Step(p.beam_away, (colour, trail), other)
            yield Step(p.beam_near, (colour, trail), other)
            yield Step(p.beam_tips, (colour, trail), other)


def _bent(shown: Colours) -> Iterator[Step]:
    for colour in shown.few:
        for trail in trails(shown, colour):
            for way in SLANTING:
                for upright in (True, False):
                    yield Step(p.bounced, (colour, way, upright, trail), 1.8)
            for way in STRAIGHT:
                for clockwise in (True, False):
                    yield Step(p.winding, (colour, way, clockwise, trail), 1.8)
                for then in (*STRAIGHT, *SLANTING):
                    if then not in (way, (-way[0], -way[1])):
                        yield Step(p.cornered, (colour, way, then, trail), 1.6)
            for target in shown.sources:
                for upright in (True, False):
                    yield Step(p.elbowed, (colour, target, upright, trail), 1.6)
        for paints in _cycles(shown, colour):
            for ways in WAYS:
                yield Step(p.striped, (colour, ways, paints), 2.0)


def _cycles(shown: Colours, colour: Colour) -> Iterator[tuple[int, ...]]:
    own = OWN if isinstance(colour, Role) or colour < 0 else colour
    for paint in shown.paints:
        if not isinstance(paint, Role):
            yield (0, paint)
            yield (0, 0, paint)
            if paint != own:
                yield (paint, own)
    if own == OWN:
        yield (0, OWN)


def _over(shown: Colours) -> Iterator[Step]:
    for colour in shown.sources:
        for trail in trails(shown, colour):
            for ways in WAYS:
                yield Step(p.beam_over, (colour, ways, trail), 1.4)
            for ways in AXES:
                yield Step(p.joined_over, (colour, ways, trail), 1.2)
    for before, after in shown.changed:
        if before and after:
            for source in shown.sources:
                for diagonal in (False, True):
                    yield Step(p.spread, (source, before, after, diagonal), 1.4)
                    yield Step(p.touched, (before, source, after, diagonal), 1.4)
            yield from _regions(before, after)


def _floods(shown: Colours) -> Iterator[Step]:
    for paint in (*shown.paints, OWN):
        for diagonal in (False, True):
            yield Step(p.holes_painted, (paint, diagonal), 1.0)
    for paint in shown.paints:
        for colour in shown.sources:
            if not several(colour):
                yield Step(p.closed_in, (colour, paint), 1.2)
        yield from _regions(0, paint)
    for colour in shown.sources:
        for trail in trails(shown, colour):
            for diagonal in (False, True):
                yield Step(p.spread, (colour, 0, trail, diagonal), 1.1)


def _regions(colour: int, paint: Colour) -> Iterator[Step]:
    for trait, values in (
        (5, (0, 1)), (6, (0, 1, 2)), (7, (0, 1, 2)), (3, (1, 0)), (4, (1, 0)), (8, (0, 1)), (9, (0, 1, 2, 3)),
        (10, range(1, 10)),
        (0, range(1, 13)), (1, range(1, 7)), (2, range(1, 7)),
    ):  # fmt: skip
        for value in values:
            yield Step(p.filled_regions, (colour, trait, value, paint), 1.4 + 0.3 * (trait in (0, 1, 2)))


def _growth(shown: Colours) -> Iterator[Step]:
    for colour in shown.few:
        for flag in (False, True):
            for paints in _cycles(shown, colour):
                yield Step(p.rippled, (colour, paints, flag), 1.6)
    for colour in shown.sources:
        for trail in trails(shown, colour):
            for ways in WAYS if colour in shown.few else (*STRAIGHT, *LINES, CROSS):
                for gap in (0, 1):
                    yield Step(p.repeated, (colour, ways, gap, trail), 1.4 + 0.2 * gap)
        for paint in trails(shown, colour):
            for flag in (False, True):
                yield Step(p.ringed, (colour, paint, flag), 1.1)
                yield Step(p.boxed, (colour, paint, flag), 1.1)
                for distance in (0, 1, 2, -1):
                    yield Step(p.framed, (colour, paint, distance, flag), 1.3)


def _falls(shown: Colours) -> Iterator[Step]:
    for upright in (True, False):
        for largest_first in (True, False):
            yield Step(p.bars_sorted, (upright, largest_first), 1.2)
    for colour in shown.sources:
        for way in STRAIGHT:
            yield Step(p.fallen, (colour, way), 1.0)
            for distance in (1, 2, 3):
                for around in (False, True):
                    offset = way[0] * distance, way[1] * distance
                    yield Step(p.moved_by, (colour, offset, around), 1.2 + 0.2 * distance)
            for mixed in (False, True):
                yield Step(p.fallen_things, (colour, way, mixed), 1.1)
        for target in shown.sources:
            for erased in (False, True):
                if target != colour or target == OWN:
                    yield Step(p.drawn_to, (colour, target, erased), 1.3)
