"""What is made of things other than a change in place: one of them cut out, a count, a list, a map."""

from arc_submit.dsl.extensions.things import Things, fits
from arc_submit.dsl.extensions.things_acts import floor, shade
from arc_submit.dsl.extensions.things_marks import CLEAR, Look, Thing
from arc_submit.dsl.types import Grid, Integer, Tuple, TupleTuple

__all__ = (
    "band_things",
    "bar_things",
    "count_things",
    "diagonal_grid",
    "joined_things",
    "listed_things",
    "map_things",
    "sorted_things",
    "tally_grid",
    "thing_colour",
    "thing_grid",
    "thing_window",
)


def thing_grid(things: Things) -> Grid:
    """The first thing alone, in its box on background."""
    return shown(things, _first(things))


def thing_window(things: Things, margin: Integer) -> Grid:
    """What the grid shows in the box of the first thing, the box grown by a margin (negative: shrunk)."""
    return window(things, _first(things), margin)


def thing_colour(things: Things) -> Integer:
    """The commonest colour of the first thing, background aside."""
    return _first(things).marks["colour"]


def count_things(things: Things) -> Integer:
    """How many things there are."""
    return len(things.members)


def tally_grid(count: Integer, colour: Integer, height: Integer, width: Integer) -> Grid:
    """A grid of 0 whose first cells, in reading order, have a colour."""
    if count > height * width:
        raise ValueError("tally_grid: more than there are cells")
    return tuple(tuple(colour if i * width + j < count else 0 for j in range(width)) for i in range(height))


def sorted_things(things: Things, order: Tuple) -> Things:
    """The things sorted by a mark: order is (mark, 1) for the least first or (mark, -1) for the most first."""
    name, way = order
    if not things.members:
        raise ValueError("sorted_things: nothing to sort")
    members = tuple(sorted(things.members, key=lambda one: way * one.marks.get(name, -1)))
    return Things(things.grid, things.background, members)


def listed_things(things: Things) -> Grid:
    """The colours of the things as a column."""
    return tuple((one.marks["colour"],) for one in things.members)


def bar_things(things: Things, mark: Tuple) -> Grid:
    """One row per thing: as many cells of its colour as its mark (name,) says, then 0."""
    lengths = [one.marks.get(mark[0], -1) for one in things.members]
    width = max(lengths)
    if not 0 < width <= 30:
        raise ValueError("bar_things: no bars")
    return tuple(
        (one.marks["colour"],) * max(n, 0) + (0,) * (width - max(n, 0))
        for one, n in zip(things.members, lengths, strict=True)
    )


def joined_things(things: Things, direction: Integer) -> Grid:
    """The things in their boxes, side by side (0) or one below the other (1); they must be of one height or width."""
    looks = [shown(things, one) for one in things.members]
    if direction:
        rows: tuple[tuple[int, ...], ...] = tuple(row for look in looks for row in look)
    else:
        if len({len(look) for look in looks}) > 1:
            raise ValueError("joined_things: several heights")
        rows = tuple(tuple(c for part in parts for c in part) for parts in zip(*looks, strict=True))
    if len(set(map(len, rows))) > 1:
        raise ValueError("joined_things: several widths")
    return rows


def band_things(things: Things) -> Grid:
    """A square with one row per thing, in its colour."""
    return tuple((one.marks["colour"],) * len(things.members) for one in things.members)


def diagonal_grid(count: Integer, colour: Integer) -> Grid:
    """A square of 0 with a diagonal of a colour from the upper left."""
    return tuple(tuple(colour if i == j else 0 for j in range(count)) for i in range(count))


def map_things(things: Things, rules: TupleTuple) -> Grid:
    """One cell per thing, placed as the things lie in rows and columns; a rule is (selector, colour or mark)."""
    places = map_places(things)
    height, width = max(i for i, _ in places) + 1, max(j for _, j in places) + 1
    rows = [[floor(things)] * width for _ in range(height)]
    for (i, j), one in zip(places, things.members, strict=True):
        leaf = next((leaf for selector, leaf in rules if fits(one, selector)), None)
        if leaf is not None:
            rows[i][j] = max(shade(things, one, leaf), 0)
    return tuple(map(tuple, rows))


def map_places(things: Things) -> list[tuple[int, int]]:
    """Return each thing's row and column among the things."""
    rows = _bands([(one.top, one.height) for one in things.members])
    columns = _bands([(one.left, one.width) for one in things.members])
    return list(zip(rows, columns, strict=True))


def _bands(spans: list[tuple[int, int]]) -> list[int]:
    """Number the spans that do not overlap from the start."""
    order = sorted(range(len(spans)), key=lambda k: spans[k])
    found, band, end = [0] * len(spans), -1, -1
    for k in order:
        start, length = spans[k]
        if start >= end:
            band, end = band + 1, start + length
        else:
            end = max(end, start + length)
        found[k] = band
    return found


def _first(things: Things) -> Thing:
    if not things.members:
        raise ValueError("no things")
    return things.members[0]


def shown(things: Things, one: Thing) -> Grid:
    """Return a thing's look on background."""
    ground = floor(things)
    return tuple(tuple(ground if c == CLEAR else c for c in row) for row in one.look)


def window(things: Things, one: Thing, margin: int) -> Look:
    """Return what the grid shows in a thing's box, grown by a margin."""
    rows = range(max(one.top - margin, 0), min(one.top + one.height + margin, len(things.grid)))
    columns = slice(max(one.left - margin, 0), max(one.left + one.width + margin, 0))
    found = tuple(things.grid[i][columns] for i in rows)
    if not found or not found[0]:
        raise ValueError("thing_window: nothing left")
    return found
