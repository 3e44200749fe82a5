"""Containment: inside and outside, frames and what they hold, boxes around things, touching the border."""

import random

from arc_submit.records import Grid
from training.tasks import draw
from training.tasks.draw import Body, Shape
from training.tasks.item import Draft
from training.tasks.retries import patient

INSIDE = ("delta", "inbox")


def ring(rng: random.Random, low: int = 3, high: int = 5) -> Shape:
    """Return the outline of a rectangle with at least one cell inside."""
    return draw.outline(draw.side(rng, low, high), draw.side(rng, low, high))


def loop(rng: random.Random) -> Shape:
    """Return a closed loop: a rectangle's outline, or the rim around a random shape."""
    if rng.random() < 0.5:
        return ring(rng)
    core = draw.blob(rng, rng.randint(2, 4), 3, 3)
    rim = {(r + i, c + j) for r, c in core for i in (-1, 0, 1) for j in (-1, 0, 1)}
    return draw.normal(rim - core)


def broken(rng: random.Random, shape: Shape) -> Shape:
    """Return an outline with a side cell taken out, so that it encloses nothing."""
    tall, wide = draw.extent(shape)
    corners = {(0, 0), (0, wide - 1), (tall - 1, 0), (tall - 1, wide - 1)}
    return shape - {rng.choice(sorted(shape - corners))}


def enclosed(rng: random.Random) -> Draft:
    """Background that the border cannot reach is coloured (or all the rest); broken loops hold nothing."""
    base = draw.background(rng)
    wall, inner, outer = draw.colours(rng, 3, {base})
    way = rng.choice(["inside", "inside", "outside", "both"])
    gaps = rng.random() < 0.5

    def one() -> Grid:
        shapes = [loop(rng)]
        if rng.random() < 0.3 and not gaps:
            shapes.append(ring(rng, 3, 4))
        if gaps:
            shapes.append(broken(rng, ring(rng, 3, 4)))
        low = 5 + 2 * len(shapes)
        height, width = rng.randint(low - 1, low + 1), rng.randint(low - 1, low + 1)
        return draw.grid(draw.scene(rng, height, width, [(s, wall) for s in shapes], base))

    body = Body()
    parts = body("objects(I, T, F, F)")
    empty = body(f"colorfilter({parts}, {draw.number(base)})")
    border = body("rbind(bordering, I)")
    if way == "outside":
        found = body(f"mfilter({empty}, {border})")
        return Draft(draw.inputs(rng, patient(one)), body.ending(f"fill(I, {draw.number(outer)}, {found})"))
    free = body(f"compose(flip, {border})")
    found = body(f"mfilter({empty}, {free})")
    if way == "inside":
        return Draft(draw.inputs(rng, patient(one)), body.ending(f"fill(I, {draw.number(inner)}, {found})"))
    filled = body(f"fill(I, {draw.number(inner)}, {found})")
    return Draft(
        draw.inputs(rng, patient(one)), body.ending(f"replace({filled}, {draw.number(base)}, {draw.number(outer)})")
    )


def fill_frames(rng: random.Random) -> Draft:
    """Rectangular frames are filled inside, with a fixed colour, perhaps only those of one colour."""
    base = draw.background(rng)
    chosen, other, inner = draw.colours(rng, 3, {base})
    picky = rng.random() < 0.5
    inside = rng.choice(INSIDE)

    def one() -> Grid:
        frames = [(ring(rng, 3, 4 if inside == "inbox" else 5), chosen)]
        if rng.random() < 0.4:
            frames.append((ring(rng, 3, 4), chosen))
        if picky:
            frames.append((ring(rng, 3, 4), other))
        return draw.grid(draw.scene(rng, rng.randint(6, 9), rng.randint(6, 9), frames, base))

    body = Body()
    frames = body("objects(I, T, F, T)")
    if picky:
        frames = body(f"colorfilter({frames}, {draw.number(chosen)})")
    found = body(f"mapply({inside}, {frames})")
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"fill(I, {draw.number(inner)}, {found})"))


def around(rng: random.Random) -> Draft:
    """Every object gets an outline one step outside its box, or its box edge, corners or gaps coloured."""
    base = draw.background(rng)
    palette = draw.colours(rng, 3, {base})
    new = draw.colours(rng, 1, {base, *palette})[0]
    what = rng.choice(["outbox", "outbox", "box", "corners", "delta"])
    picky = rng.random() < 0.4
    merged = rng.random() < 0.3 and not picky and what != "corners"

    def one() -> Grid:
        count = 1 if merged else rng.randint(1, 3)
        shapes = [(_rough(rng, what), rng.choice(palette)) for _ in range(count)]
        if picky:
            shapes[0] = (shapes[0][0], palette[0])
        side = rng.randint(5, 7) + len(shapes)
        return draw.grid(draw.scene(rng, side, rng.randint(side - 1, side + 1), shapes, base, margin=what == "outbox"))

    body = Body()
    if merged:
        parts = body("fgpartition(I)")
        whole = body(f"merge({parts})")
        found = body(f"{what}({whole})")
    else:
        things = body("objects(I, T, T, T)")
        if picky:
            things = body(f"colorfilter({things}, {draw.number(palette[0])})")
        found = body(f"mapply({what}, {things})")
    painter = "fill" if what == "corners" else rng.choice(["fill", "underfill"])
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"{painter}(I, {draw.number(new)}, {found})"))


def _rough(rng: random.Random, what: str) -> Shape:
    """Return a small shape that is no rectangle where the rule needs gaps."""
    if what == "outbox":
        return draw.blob(rng, rng.randint(1, 5), 3, 3)
    return draw.lopsided(rng, rng.randint(4, 6), 3, 4)


def at_border(rng: random.Random) -> Draft:
    """Objects that touch the border (or those that do not) are recoloured or wiped out."""
    base = draw.background(rng)
    palette = draw.colours(rng, rng.randint(1, 3), {base})
    new = draw.colours(rng, 1, {base, *palette})[0]
    free = rng.random() < 0.5
    wipe = rng.random() < 0.4

    def one() -> Grid:
        height, width = rng.randint(7, 9), rng.randint(7, 9)
        inner = [(draw.blob(rng, rng.randint(2, 4), 3, 3), rng.choice(palette))]
        board = draw.blank(height, width, base)
        draw.paste(board, draw.scene(rng, height - 4, width - 4, inner, base), (2, 2))
        for row in rng.sample([0, height - 1], rng.randint(1, 2)):
            left = rng.randint(0, width - 2)
            shape = draw.rectangle(1, rng.randint(1, min(3, width - left)))
            draw.put(board, shape, rng.choice(palette), (row, left))
        return turned(draw.grid(board), rng.randrange(4))

    body = Body()
    things = body("objects(I, T, F, T)")
    test = body("rbind(bordering, I)")
    if free:
        test = body(f"compose(flip, {test})")
    found = body(f"mfilter({things}, {test})")
    return Draft(
        draw.inputs(rng, patient(one)),
        body.ending(f"cover(I, {found})" if wipe else f"fill(I, {draw.number(new)}, {found})"),
    )


def turned(grid: Grid, turns: int) -> Grid:
    """Return a grid after quarter turns clockwise."""
    for _ in range(turns % 4):
        grid = tuple(zip(*grid[::-1], strict=True))
    return grid


def frame_content(rng: random.Random) -> Draft:
    """The output is what a frame holds, with or without the frame, out of a grid of loose dots."""
    base = draw.background(rng)
    frame, *dots = draw.colours(rng, 4, {base})
    way = rng.choice(["trim", "keep", "inside"])
    named = rng.random() < 0.6

    def one() -> Grid:
        tall, wide = rng.randint(4, 6), rng.randint(4, 6)
        height, width = tall + rng.randint(2, 4), wide + rng.randint(2, 4)
        board = draw.noise(rng, height, width, [base, *dots], 0.75)
        at = (rng.randint(0, height - tall), rng.randint(0, width - wide))
        draw.put(board, draw.outline(tall, wide), frame, at)
        return draw.grid(board)

    body = Body()
    patch = body(f"ofcolor(I, {draw.number(frame)})") if named else _largest(body)
    if way == "keep":
        return Draft(draw.inputs(rng, patient(one)), body.ending(f"subgrid({patch}, I)"))
    if way == "inside":
        inner = body(f"inbox({patch})")
        return Draft(draw.inputs(rng, patient(one)), body.ending(f"subgrid({inner}, I)"))
    part = body(f"subgrid({patch}, I)")
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"trim({part})"))


def _largest(body: Body) -> str:
    """Add the lines that find the object with the most cells."""
    things = body("objects(I, T, F, T)")
    return body(f"argmax({things}, size)")


def in_or_out(rng: random.Random) -> Draft:
    """Dots inside (or outside) the one frame are wiped out or recoloured."""
    base = draw.background(rng)
    frame, dot, new = draw.colours(rng, 3, {base})
    out = rng.random() < 0.5
    wipe = rng.random() < 0.4

    def one() -> Grid:
        tall, wide = rng.randint(4, 6), rng.randint(4, 6)
        height, width = tall + rng.randint(2, 4), wide + rng.randint(2, 4)
        board = draw.noise(rng, height, width, [base, dot], 0.55)
        at = (rng.randint(0, height - tall), rng.randint(0, width - wide))
        draw.put(board, draw.outline(tall, wide), frame, at)
        return draw.grid(board)

    body = Body()
    border = body(f"ofcolor(I, {draw.number(frame)})")
    zone = body(f"backdrop({border})")
    dots = body(f"ofcolor(I, {draw.number(dot)})")
    found = body(f"{'difference' if out else 'intersection'}({dots}, {zone})")
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"fill(I, {draw.number(base if wipe else new)}, {found})"))


def dot_paints_frame(rng: random.Random) -> Draft:
    """Each frame holds one dot: the inside, or the frame, takes the dot's colour."""
    base = draw.background(rng)
    frame, *dots = draw.colours(rng, 5, {base})
    what = rng.choice(["delta", "box", "backdrop"])

    def one() -> Grid:
        height, width = rng.randint(5, 10), rng.randint(5, 10)
        board = draw.blank(height, width, base)
        shapes = [_roomy(rng) if what == "delta" else ring(rng, 3, 4) for _ in range(rng.randint(1, 2))]
        for shape, at in zip(shapes, draw.scatter(rng, height, width, shapes), strict=True):
            draw.put(board, shape, frame, at)
            tall, wide = draw.extent(shape)
            place = (at[0] + rng.randint(1, tall - 2), at[1] + rng.randint(1, wide - 2))
            board[place[0]][place[1]] = rng.choice(dots)
        return draw.grid(board)

    body = Body()
    things = body("objects(I, F, F, T)")
    coloured = body(f"fork(recolor, leastcolor, {what})")
    found = body(f"mapply({coloured}, {things})")
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"paint(I, {found})"))


def _roomy(rng: random.Random) -> Shape:
    """Return a frame that holds more than the dot, every place inside being next to the frame."""
    return rng.choice([draw.outline(3, 4), draw.outline(4, 3), draw.outline(4, 4)])


GENERATORS = (enclosed, fill_frames, around, at_border, frame_content, in_or_out, dot_paints_frame)
