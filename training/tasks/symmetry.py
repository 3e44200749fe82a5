"""Mirrors and turns: of whole grids, of objects; symmetry seen, completed, repaired, broken."""

import random

from arc_submit.records import Grid
from training.tasks import draw
from training.tasks.draw import MIRRORS, NAMES, TURNS, Body
from training.tasks.item import Draft, Unfit

LEVEL = ("hmirror", "vmirror")


def _picture(rng: random.Random, high: int = 6, even: bool = False) -> Grid:
    """A small board of random colours, one of them in the majority."""
    height = draw.side(rng, 2, high)
    width = height if even else draw.side(rng, 2, high)
    palette = [0, *draw.colours(rng, rng.randint(1, 3), (0,))]
    return draw.grid(draw.noise(rng, height, width, palette, rng.choice((0.0, 0.4))))


def turn_whole(rng: random.Random) -> Draft:
    """The whole grid is mirrored or turned; sometimes a colour changes as well."""
    move = rng.choice(MIRRORS + TURNS)
    old, new = draw.colours(rng, 2, (0,))
    changed = rng.random() < 0.4

    def one() -> Grid:
        height, width = draw.side(rng, 3, 8), draw.side(rng, 3, 8)
        palette = [0, old, *draw.colours(rng, rng.randint(0, 2), (0, old, new))]
        return draw.grid(draw.noise(rng, height, width, palette, 0.3))

    body = Body()
    if not changed:
        return Draft(draw.inputs(rng, one), body.ending(f"{move}(I)"))
    moved = body(f"{move}(I)")
    return Draft(draw.inputs(rng, one), body.ending(f"replace({moved}, {NAMES[old]}, {NAMES[new]})"))


def unfold(rng: random.Random) -> Draft:
    """The grid is joined to its mirror image: beside, above or below, or both ways."""
    mirror, across = rng.choice((("vmirror", "hconcat"), ("hmirror", "vconcat")))
    other = ("hmirror", "vconcat") if across == "hconcat" else ("vmirror", "hconcat")
    grids = draw.inputs(rng, lambda: _picture(rng, 5))
    body = Body()
    image = body(f"{mirror}(I)")
    parts = ("I", image) if rng.random() < 0.6 else (image, "I")
    call = f"{across}({', '.join(parts)})"
    if rng.random() < 0.5:
        return Draft(grids, body.ending(call))
    half = body(call)
    image = body(f"{other[0]}({half})")
    parts = (half, image) if rng.random() < 0.6 else (image, half)
    return Draft(grids, body.ending(f"{other[1]}({', '.join(parts)})"))


def pinwheel(rng: random.Random) -> Draft:
    """A square grid and its three turns stand in the four quarters."""
    turns = rng.choice((("I", "rot90", "rot270", "rot180"), ("I", "rot270", "rot90", "rot180")))
    grids = draw.inputs(rng, lambda: _picture(rng, 4, even=True))
    body = Body()
    parts = [part if part == "I" else body(f"{part}(I)") for part in turns]
    upper = body(f"hconcat({parts[0]}, {parts[1]})")
    lower = body(f"hconcat({parts[2]}, {parts[3]})")
    return Draft(grids, body.ending(f"vconcat({upper}, {lower})"))


def complete(rng: random.Random) -> Draft:
    """A pattern in one half of the grid is mirrored into the empty half, across a wall or none."""
    mirror, wall = rng.choice((*LEVEL, "rot180")), rng.random() < 0.4
    paint = rng.randrange(1, 10)

    def one() -> Grid:
        half, length = rng.randint(2, 4), rng.randint(3, 8)
        palette = [0, *draw.colours(rng, rng.randint(1, 2), (0, paint))]
        pattern = draw.noise(rng, length, half, palette, 0.5)
        empty = draw.blank(length, half)
        parts = [pattern, empty] if rng.random() < 0.7 else [empty, pattern]
        board = draw.beside(parts, paint if wall else None)
        return draw.grid(board if mirror == "vmirror" else draw.transposed(board))

    body = Body()
    image = body(f"{mirror}(I)")
    cells = body(f"asobject({image})")
    return Draft(draw.inputs(rng, one), body.ending(f"underpaint(I, {cells})"))


def repair(rng: random.Random) -> Draft:
    """A symmetric pattern has a hole of one colour: the mirror image fills it, or its contents are the output."""
    mirror, mask = rng.choice((*LEVEL, "rot180")), rng.randrange(10)
    only = rng.random() < 0.5

    def one() -> Grid:
        length, breadth = rng.randint(6, 9), rng.randint(4, 7)
        height, width = (breadth, length) if mirror == "vmirror" else (length, breadth)
        palette = draw.colours(rng, rng.randint(3, 4), (mask,))
        board = draw.symmetric(rng, height, width, palette, mirror)
        tall, wide = rng.randint(2, min(3, height // 2)), rng.randint(2, min(3, width // 2))
        row = rng.choice((0, height // 2 + height % 2)) if mirror != "vmirror" else rng.randint(0, height - tall)
        column = rng.choice((0, width // 2 + width % 2)) if mirror == "vmirror" else rng.randint(0, width - wide)
        draw.put(board, draw.rectangle(tall, wide), mask, (row, column))
        return draw.grid(board)

    body = Body()
    image = body(f"{mirror}(I)")
    places = body(f"ofcolor(I, {NAMES[mask]})")
    if only:
        return Draft(draw.inputs(rng, one), body.ending(f"subgrid({places}, {image})"))
    cells = body(f"toobject({places}, {image})")
    return Draft(draw.inputs(rng, one), body.ending(f"paint(I, {cells})"))


def find_symmetric(rng: random.Random) -> Draft:
    """The one object that is its own mirror image is cut out, recoloured or removed."""
    mirror, base = rng.choice(LEVEL), draw.background(rng)
    (mark,) = draw.colours(rng, 1, (base,))

    def one() -> Grid:
        half = draw.blob(rng, rng.randint(3, 5), 4, 2)
        wide = draw.extent(half)[1]
        whole = half | {(r, 2 * wide - 1 - c) for r, c in half}
        if not any(c == wide - 1 for _, c in half):
            raise Unfit("two halves apart")
        shapes = [whole if mirror == "vmirror" else draw.turned(whole, 1)]
        shapes += [draw.lopsided(rng, rng.randint(4, 6)) for _ in range(rng.randint(1, 2))]
        paints = draw.colours(rng, len(shapes), (base, mark))
        return draw.grid(draw.fitted(rng, list(zip(shapes, paints, strict=True)), base))

    body = Body()
    found = body("objects(I, T, F, T)")
    test = body(f"fork(equality, identity, {mirror})")
    chosen = body(f"extract({found}, {test})")
    call = rng.choice((f"subgrid({chosen}, I)", f"fill(I, {NAMES[mark]}, {chosen})", f"cover(I, {chosen})"))
    return Draft(draw.inputs(rng, lambda: draw.retried(one)), body.ending(call))


def is_it_symmetric(rng: random.Random) -> Draft:
    """One colour says that the grid equals its mirror image, another that it does not."""
    mirror, (yes, no) = rng.choice((*LEVEL, "dmirror", "rot180")), draw.colours(rng, 2)
    size = rng.choice(("UNITY", "TWO_BY_TWO", "THREE_BY_THREE"))
    palette = draw.colours(rng, rng.randint(2, 3))
    turn = iter([True, False] * 50)

    def one() -> Grid:
        length = rng.randint(3, 5)
        breadth = length if mirror == "dmirror" else rng.randint(3, 5)
        if next(turn):
            return draw.grid(draw.symmetric(rng, length, breadth, palette, mirror))
        return draw.grid(draw.noise(rng, length, breadth, palette))

    body = Body()
    image = body(f"{mirror}(I)")
    same = body(f"equality(I, {image})")
    colour = body(f"branch({same}, {NAMES[yes]}, {NAMES[no]})")
    return Draft(draw.inputs(rng, one), body.ending(f"canvas({colour}, {size})"))


def make_symmetric(rng: random.Random) -> Draft:
    """Each object is laid over its own mirror image."""
    mirror, base = rng.choice((*LEVEL, *LEVEL, "dmirror")), draw.background(rng)
    (mark,) = draw.colours(rng, 1, (base,))
    shown = rng.random() < 0.5

    def one() -> Grid:
        shapes = [draw.lopsided(rng, rng.randint(4, 6)) for _ in range(rng.randint(1, 2))]
        if mirror == "dmirror":
            shapes = [shape for shape in shapes if len(set(draw.extent(shape))) == 1] or [draw.lopsided(rng, 6, 3, 3)]
        paints = [rng.choice(draw.colours(rng, 3, (base, mark))) for _ in shapes]
        return draw.grid(draw.fitted(rng, list(zip(shapes, paints, strict=True)), base, gap=2))

    body = Body()
    found = body("objects(I, T, F, T)")
    images = body(f"mapply({mirror}, {found})")
    call = f"underfill(I, {NAMES[mark]}, {images})" if shown else f"paint(I, {images})"
    return Draft(draw.inputs(rng, one), body.ending(call))


def mark_breaks(rng: random.Random) -> Draft:
    """Cells that differ from their mirror image are marked."""
    mirror, mark = rng.choice((*LEVEL, "rot180")), rng.randrange(10)
    palette = draw.colours(rng, rng.randint(2, 3), (mark,))

    def one() -> Grid:
        board = draw.symmetric(rng, rng.randint(3, 7), rng.randint(3, 7), palette, mirror)
        for _ in range(rng.randint(1, 3)):
            board[rng.randrange(len(board))][rng.randrange(len(board[0]))] = rng.choice(palette)
        image = board[::-1] if mirror != "vmirror" else board
        image = [row[::-1] for row in image] if mirror != "hmirror" else image
        if image == board:
            raise Unfit("nothing is broken")
        return draw.grid(board)

    body = Body()
    image = body(f"{mirror}(I)")
    return Draft(draw.inputs(rng, lambda: draw.retried(one)), body.ending(f"cellwise(I, {image}, {NAMES[mark]})"))


GENERATORS = (
    turn_whole,
    unfold,
    pinwheel,
    complete,
    repair,
    find_symmetric,
    is_it_symmetric,
    make_symmetric,
    mark_breaks,
)
