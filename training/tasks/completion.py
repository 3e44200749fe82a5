"""Completion: noise taken out, hidden parts of regular patterns brought back, patterns carried on.

The hidden part always has a visible twin, so that the pattern and not a guess says what was there.
"""

import random

from arc_submit.records import Grid
from training.tasks import draw
from training.tasks.draw import Board, Body, Place
from training.tasks.item import Draft, Unfit
from training.tasks.retries import patient


def closing(body: Body) -> tuple[str, ...]:
    """Return all lines of a body whose last line already makes the output."""
    return (*body.lines[:-1], "O = " + body.lines[-1].split(" = ", 1)[1])


def drop_noise(rng: random.Random) -> Draft:
    """Single cells are noise: they vanish, or change colour; or they stay and the objects vanish."""
    base = draw.background(rng)
    palette = draw.colours(rng, 4, {base})
    new = draw.colours(rng, 1, {base, *palette})[0]
    way = rng.choice(["cover", "cover", "fill", "keep"])

    def one() -> Grid:
        height, width = rng.randint(6, 9), rng.randint(6, 9)
        shapes = draw.unlike(rng, rng.randint(1, 2), lambda: draw.rectangle(rng.randint(2, 3), rng.randint(2, 4)), len)
        shapes += [draw.rectangle(1, 1)] * rng.randint(2, 4)
        return draw.grid(draw.scene(rng, height, width, [(s, rng.choice(palette)) for s in shapes], base))

    body = Body()
    things = body("objects(I, T, F, T)")
    if way == "keep":
        return Draft(draw.inputs(rng, patient(one)), _without_objects(rng, body, things))
    singles = body(f"sizefilter({things}, ONE)")
    found = body(f"merge({singles})")
    call = f"cover(I, {found})" if way == "cover" else f"fill(I, {draw.number(new)}, {found})"
    return Draft(draw.inputs(rng, patient(one)), body.ending(call))


def _without_objects(rng: random.Random, body: Body, things: str) -> tuple[str, ...]:
    """End a program by wiping out everything larger than one cell, or the largest thing only."""
    if rng.random() < 0.5:
        largest = body(f"argmax({things}, size)")
        return body.ending(f"cover(I, {largest})")
    singles = body(f"sizefilter({things}, ONE)")
    large = body(f"difference({things}, {singles})")
    found = body(f"merge({large})")
    return body.ending(f"cover(I, {found})")


def sprinkled(rng: random.Random) -> Draft:
    """Dots of one colour lie over large rectangles and stripes; each row (or column) gets its main colour back."""
    upright = rng.random() < 0.5
    palette = draw.colours(rng, 5)
    dirt = palette.pop()

    def one() -> Grid:
        height, width = draw.side(rng, 3, 7), rng.randint(5, 8)
        board = [[rng.choice(palette)] * width for _ in range(height)]
        for row in board:
            for column in rng.sample(range(width), rng.randint(0, (width - 1) // 2)):
                row[column] = dirt
        if not any(dirt in row for row in board):
            board[0][rng.randrange(width)] = dirt
        return draw.grid(draw.transposed(board) if upright else board)

    body = Body()
    grid = body("dmirror(I)") if upright else "I"
    main = body(f"apply(mostcommon, {grid})")
    length = body("height(I)" if upright else "width(I)")
    stretch = body(f"rbind(repeat, {length})")
    if not upright:
        return Draft(draw.inputs(rng, one), body.ending(f"apply({stretch}, {main})"))
    rows = body(f"apply({stretch}, {main})")
    return Draft(draw.inputs(rng, one), body.ending(f"dmirror({rows})"))


def uncover(rng: random.Random) -> Draft:
    """A block hides part of a symmetric pattern: the pattern is completed, or only the hidden part is shown."""
    mirror = rng.choice(["hmirror", "vmirror", "dmirror", "rot180"])
    palette = draw.colours(rng, 4)
    block = palette.pop()
    part = rng.random() < 0.4

    def one() -> Grid:
        height = rng.randint(5, 8)
        width = height if mirror == "dmirror" else rng.randint(5, 8)
        board = draw.symmetric(rng, height, width, palette, mirror)
        tall, wide = rng.randint(1, 3), rng.randint(2, 3)
        at = (rng.randint(0, height - tall), rng.randint(0, width - wide))
        hidden = {(r + at[0], c + at[1]) for r in range(tall) for c in range(wide)}
        if any(_image(place, mirror, height, width) in hidden for place in hidden):
            raise Unfit("the twin is hidden too")
        draw.put(board, hidden, block)
        return draw.grid(board)

    body = Body()
    patch = body(f"ofcolor(I, {draw.number(block)})")
    twin = body(f"{mirror}(I)")
    if part:
        return Draft(draw.inputs(rng, patient(one)), body.ending(f"subgrid({patch}, {twin})"))
    found = body(f"toobject({patch}, {twin})")
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"paint(I, {found})"))


def _image(place: Place, mirror: str, height: int, width: int) -> Place:
    row, column = place
    return {
        "hmirror": (height - 1 - row, column),
        "vmirror": (row, width - 1 - column),
        "dmirror": (column, row),
        "rot180": (height - 1 - row, width - 1 - column),
    }[mirror]


def _tiled(rng: random.Random, height: int, width: int, period: int, palette: list[int]) -> Board:
    """Return a board whose rows repeat after exactly `period` columns."""
    for _ in range(30):
        tile = draw.noise(rng, height, period, palette)
        columns = draw.transposed(tile)
        if all(columns[0] != column for column in columns[1:]):
            return [[row[column % period] for column in range(width)] for row in tile]
    raise Unfit("no tile of that period")


def repair_period(rng: random.Random) -> Draft:
    """A pattern repeats along the rows (or columns); holes in it are filled from one period before and after."""
    period = rng.randint(2, 4)
    upright = rng.random() < 0.5
    one_way = rng.random() < 0.3  # the first period has no holes
    hole, *palette = [0, *draw.colours(rng, 3, {0})] if rng.random() < 0.6 else draw.colours(rng, 4)

    def one() -> Grid:
        height, width = draw.side(rng, 3, 6), rng.randint(2 * period + 1, 10)
        board = _tiled(rng, height, width, period, palette)
        tall, wide = rng.randint(1, min(3, height - 1)), rng.randint(1, period)
        at = (rng.randint(0, height - tall), rng.randint(period if one_way else 0, width - wide))
        draw.put(board, draw.rectangle(tall, wide), hole, at)
        return draw.grid(draw.transposed(board) if upright else board)

    body = Body()
    holes = body(f"ofcolor(I, {draw.number(hole)})")
    places = body("asindices(I)")
    whole = body(f"difference({places}, {holes})")
    seen = body(f"toobject({whole}, I)")
    step, back = (f"({k}, 0)" if upright else f"(0, {k})" for k in (period, -period))
    after = body(f"shift({seen}, {step})")
    if one_way:
        return Draft(draw.inputs(rng, one), body.ending(f"paint(I, {after})"))
    before = body(f"shift({seen}, {back})")
    both = body(f"combine({after}, {before})")
    return Draft(draw.inputs(rng, one), body.ending(f"paint(I, {both})"))


def carry_on(rng: random.Random) -> Draft:
    """The empty second half is filled with the first half, as it is or mirrored, and back to front as well."""
    base = 0 if rng.random() < 0.7 else draw.background(rng)
    palette = draw.colours(rng, 3, {base})
    upright, late = rng.random() < 0.5, rng.random() < 0.3
    how = rng.choice(["", "hmirror", "vmirror", "rot180", "recolour"])
    changed = draw.colours(rng, 1, {base, *palette})[0]

    def one() -> Grid:
        tall, wide = rng.randint(2, 5), rng.randint(2, 5)
        full = draw.noise(rng, tall, wide, [*palette, base])
        full[rng.randrange(tall)][rng.randrange(wide)] = palette[0]
        panels = [full, draw.blank(tall, wide, base)]
        panels = panels[::-1] if late else panels
        return draw.grid(draw.stacked(panels) if upright else draw.beside(panels))

    body = Body()
    half = body(
        f"{'bottomhalf' if upright else 'righthalf'}(I)" if late else f"{'tophalf' if upright else 'lefthalf'}(I)"
    )
    twin = half
    if how == "recolour":
        twin = body(f"replace({half}, {draw.number(palette[0])}, {draw.number(changed)})")
    elif how:
        twin = body(f"{how}({half})")
    pair = f"{twin}, {half}" if late else f"{half}, {twin}"
    return Draft(draw.inputs(rng, one), body.ending(f"{'vconcat' if upright else 'hconcat'}({pair})"))


def mend_boxes(rng: random.Random) -> Draft:
    """Filled rectangles with missing cells are made whole, in their own colour or with marked repairs."""
    base = draw.background(rng)
    palette = draw.colours(rng, 3, {base})
    new = draw.colours(rng, 1, {base, *palette})[0]
    own = rng.random() < 0.5

    def one() -> Grid:
        height, width = rng.randint(6, 9), rng.randint(6, 9)
        shapes = []
        for _ in range(rng.randint(1, 2)):
            tall, wide = rng.randint(3, 4), rng.randint(3, 4)
            kept = draw.rectangle(tall, wide)
            inner = sorted((r, c) for r, c in kept if (r, c) not in draw.outline(tall, wide))
            side = [(0, rng.randint(1, wide - 2)), (rng.randint(1, tall - 2), wide - 1)]
            gone = rng.sample(inner, rng.randint(1, min(2, len(inner)))) if rng.random() < 0.5 else side[:1]
            shapes.append((kept - set(gone), rng.choice(palette)))
        return draw.grid(draw.scene(rng, height, width, shapes, base))

    body = Body()
    things = body("objects(I, T, F, T)")
    if own:
        solid = body(f"fork(recolor, color, {rng.choice(['delta', 'backdrop'])})")
        found = body(f"mapply({solid}, {things})")
        return Draft(draw.inputs(rng, patient(one)), body.ending(f"paint(I, {found})"))
    found = body(f"mapply(delta, {things})")
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"fill(I, {draw.number(new)}, {found})"))


def mirror_over(rng: random.Random) -> Draft:
    """Cells lie in a symmetric board with some of them lost: what the mirror image has is added, once or both ways."""
    base = draw.background(rng)
    palette = draw.colours(rng, rng.randint(1, 3), {base})
    mirrors = rng.choice([["hmirror"], ["vmirror"], ["hmirror", "vmirror"], ["dmirror"], ["rot180"]])
    new = draw.colours(rng, 1, {base, *palette})[0] if rng.random() < 0.4 and len(mirrors) == 1 else None
    square = "dmirror" in mirrors

    def one() -> Grid:
        height = rng.randint(4, 8)
        width = height if square else rng.randint(4, 8)
        board = draw.blank(height, width, base)
        rows = (height + 1) // 2 if mirrors[0] != "vmirror" else height
        columns = width // 2 if "vmirror" in mirrors else width
        places = [(r, c) for r in range(rows) for c in range(columns) if not square or c < r]
        for place in rng.sample(places, min(len(places), rng.randint(2, 6))):
            board[place[0]][place[1]] = rng.choice(palette)
        return draw.grid(board)

    body = Body()
    if new is not None:
        twin = body(f"{mirrors[0]}(I)")
        whole = body(f"fgpartition({twin})")
        found = body(f"merge({whole})")
        return Draft(draw.inputs(rng, patient(one)), body.ending(f"underfill(I, {draw.number(new)}, {found})"))
    grid = "I"
    for mirror in mirrors:
        twin = body(f"{mirror}({grid})")
        whole = body(f"asobject({twin})")
        grid = body(f"underpaint({grid}, {whole})")
    return Draft(draw.inputs(rng, patient(one)), closing(body))


GENERATORS = (drop_noise, sprinkled, uncover, repair_period, carry_on, mend_boxes, mirror_over)
