"""Colours: replaced, exchanged, told by a key, chosen by how common they are."""

import random
from collections.abc import Sequence

from arc_submit.records import Grid
from training.tasks import draw
from training.tasks.draw import NAMES, Body
from training.tasks.item import Draft


def _mixed(rng: random.Random, palette: Sequence[int], low: int = 3, high: int = 7) -> Grid:
    """A board that holds every colour of the palette."""
    return draw.grid(draw.sprite(rng, draw.side(rng, low, high), draw.side(rng, low, high), palette))


def _ranked(rng: random.Random, palette: Sequence[int]) -> Grid:
    """A board on which each colour has more cells than the next, by two at least."""
    amounts = [rng.randint(1, 2)]
    while len(amounts) < len(palette):
        amounts.append(amounts[-1] + rng.randint(2, 3))
    height = rng.randint(3, 5)
    width = max(3, -(-sum(amounts) // height))
    amounts[-1] += height * width - sum(amounts)
    cells = [colour for colour, amount in zip(palette, amounts[::-1], strict=True) for _ in range(amount)]
    rng.shuffle(cells)
    return draw.grid([cells[row * width : (row + 1) * width] for row in range(height)])


def replace_some(rng: random.Random) -> Draft:
    """One to three colours become other colours, the same ones every time."""
    count = rng.randint(1, 3)
    picked = draw.colours(rng, 2 * count)
    old, new = picked[:count], picked[count:]

    def one() -> Grid:
        return _mixed(rng, [*old, *draw.colours(rng, rng.randint(1, 2), (*old, *new))])

    body, value = Body(), "I"
    for before, after in list(zip(old, new, strict=True))[:-1]:
        value = body(f"replace({value}, {NAMES[before]}, {NAMES[after]})")
    return Draft(draw.inputs(rng, one), body.ending(f"replace({value}, {NAMES[old[-1]]}, {NAMES[new[-1]]})"))


def exchange(rng: random.Random) -> Draft:
    """Two colours change places, or two pairs of colours do."""
    a, b, c, d = draw.colours(rng, 4)
    twice = rng.random() < 0.4

    def one() -> Grid:
        given = [a, b, c, d] if twice else [a, b]
        return _mixed(rng, [*given, *draw.colours(rng, rng.randint(0, 2), (a, b, c, d))])

    body = Body()
    if not twice:
        return Draft(draw.inputs(rng, one), body.ending(f"switch(I, {NAMES[a]}, {NAMES[b]})"))
    half = body(f"switch(I, {NAMES[a]}, {NAMES[b]})")
    return Draft(draw.inputs(rng, one), body.ending(f"switch({half}, {NAMES[c]}, {NAMES[d]})"))


def exchange_extremes(rng: random.Random) -> Draft:
    """The commonest and the rarest colour change places, or one takes the other's place, whichever they are."""
    grids = draw.inputs(rng, lambda: _ranked(rng, draw.colours(rng, rng.randint(2, 4))))
    body = Body()
    most, least = body("mostcolor(I)"), body("leastcolor(I)")
    return Draft(grids, body.ending(rng.choice((f"switch(I, {most}, {least})", f"replace(I, {least}, {most})"))))


def mark_by_count(rng: random.Random) -> Draft:
    """The commonest or the rarest colour becomes a fixed colour."""
    mark, how = rng.randrange(10), rng.choice(("mostcolor", "leastcolor"))
    grids = draw.inputs(rng, lambda: _ranked(rng, draw.colours(rng, rng.randint(2, 4), (mark,))))
    body = Body()
    found = body(f"{how}(I)")
    return Draft(grids, body.ending(f"replace(I, {found}, {NAMES[mark]})"))


def flood(rng: random.Random) -> Draft:
    """The whole grid, or a small one, takes the commonest or the rarest colour."""
    how, size = rng.choice(("mostcolor", "leastcolor")), rng.choice(("shape", "UNITY", "TWO_BY_TWO", "THREE_BY_THREE"))
    grids = draw.inputs(rng, lambda: _ranked(rng, draw.colours(rng, rng.randint(2, 4))))
    body = Body()
    found = body(f"{how}(I)")
    size = body("shape(I)") if size == "shape" else size
    return Draft(grids, body.ending(f"canvas({found}, {size})"))


def told_by_key(rng: random.Random) -> Draft:
    """A cell in a corner tells the colour that the shapes take; the key stays or goes."""
    plain, (high, wide) = rng.randrange(1, 10), (rng.random() < 0.5, rng.random() < 0.5)
    keep = rng.random() < 0.6
    height, width = rng.randint(5, 8), rng.randint(5, 8)
    corner = (0 if high else height - 1, 0 if wide else width - 1)

    def one() -> Grid:
        (key,) = draw.colours(rng, 1, (0, plain))
        shapes = [(draw.blob(rng, rng.randint(3, 6), 3, 3), plain) for _ in range(rng.randint(1, 2))]
        board = draw.scene(rng, height, width, shapes, margin=1)
        draw.put(board, {corner}, key)
        return draw.grid(board)

    body = Body()
    place = "ORIGIN" if corner == (0, 0) else repr(corner)
    key = body(f"index(I, {place})")
    grids = draw.inputs(rng, lambda: draw.retried(one))
    if keep:
        return Draft(grids, body.ending(f"replace(I, {NAMES[plain]}, {key})"))
    bare = body(f"replace(I, {key}, ZERO)")
    return Draft(grids, body.ending(f"replace({bare}, {NAMES[plain]}, {key})"))


def keep_by_count(rng: random.Random) -> Draft:
    """Of the colours on the background only the one with the most or the fewest cells stays, or it alone goes."""
    how, goes = rng.choice(("argmax", "argmin")), rng.random() < 0.5

    def one() -> Grid:
        height, width = rng.randint(5, 7), rng.randint(5, 7)
        board = draw.blank(height, width)
        amounts = rng.sample(range(1, 6), rng.randint(2, 3))
        for colour, amount in zip(draw.colours(rng, len(amounts), (0,)), amounts, strict=True):
            draw.dots(rng, board, amount, colour)
        return draw.grid(board)

    body = Body()
    found = body("fgpartition(I)")
    chosen = body(f"{how}({found}, size)")
    if goes:
        return Draft(draw.inputs(rng, one), body.ending(f"cover(I, {chosen})"))
    size = body("shape(I)")
    empty = body(f"canvas(ZERO, {size})")
    return Draft(draw.inputs(rng, one), body.ending(f"paint({empty}, {chosen})"))


def all_alike(rng: random.Random) -> Draft:
    """Everything that is not background takes one colour: a fixed one, or the rarest of the grid."""
    base = draw.background(rng)
    mark, rare = draw.colours(rng, 1, (base,))[0], rng.random() < 0.4

    def one() -> Grid:
        board = draw.blank(rng.randint(5, 7), rng.randint(5, 7), base)
        amounts = (1, 3, 5) if rng.random() < 0.5 else (2, 4)
        for colour, amount in zip(draw.colours(rng, len(amounts), (base, mark)), amounts, strict=True):
            draw.dots(rng, board, amount, colour)
        return draw.grid(board)

    body = Body()
    colour = body("leastcolor(I)") if rare else NAMES[mark]
    found = body("fgpartition(I)")
    cells = body(f"merge({found})")
    return Draft(draw.inputs(rng, one), body.ending(f"fill(I, {colour}, {cells})"))


def only_in_half(rng: random.Random) -> Draft:
    """A colour changes in the upper or in the left half alone."""
    old, new, base = draw.colours(rng, 3)
    half = rng.choice(("tophalf", "lefthalf"))

    def one() -> Grid:
        height, width = 2 * rng.randint(2, 4), 2 * rng.randint(2, 4)
        board = draw.noise(rng, height, width, [base, old, base, *draw.colours(rng, 1, (old, new, base))])
        board[rng.randrange(2)][rng.randrange(2)] = old
        return draw.grid(board)

    body = Body()
    part = body(f"{half}(I)")
    cells = body(f"ofcolor({part}, {NAMES[old]})")
    return Draft(draw.inputs(rng, one), body.ending(f"fill(I, {NAMES[new]}, {cells})"))


def by_turns(rng: random.Random) -> Draft:
    """Colours go round: the first becomes the second, the second the third, the third the first."""
    a, b, c = draw.colours(rng, 3)

    def one() -> Grid:
        return _mixed(rng, [a, b, c, *draw.colours(rng, rng.randint(0, 1), (a, b, c))], 3, 6)

    body = Body()
    half = body(f"switch(I, {NAMES[a]}, {NAMES[b]})")
    return Draft(draw.inputs(rng, one), body.ending(f"switch({half}, {NAMES[a]}, {NAMES[c]})"))


GENERATORS = (
    replace_some,
    exchange,
    exchange_extremes,
    mark_by_count,
    flood,
    told_by_key,
    keep_by_count,
    all_alike,
    only_in_half,
    by_turns,
)
