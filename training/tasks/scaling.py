"""Scaling, tiling, splitting and joining of whole grids."""

import random

from arc_submit.records import Grid
from training.tasks import draw
from training.tasks.draw import NAMES, Board, Body
from training.tasks.item import Draft, Unfit

HALVES = ("tophalf", "bottomhalf", "lefthalf", "righthalf")


def _picture(rng: random.Random, low: int = 2, high: int = 5, count: int = 3) -> Board:
    """A small board of black and one or more colours."""
    palette = [0, *draw.colours(rng, rng.randint(1, count), (0,))]
    return draw.noise(rng, draw.side(rng, low, high), draw.side(rng, low, high), palette, rng.choice((0.0, 0.4)))


def grow(rng: random.Random) -> Draft:
    """Every cell becomes a block, or is stretched one way; sometimes the result is mirrored."""
    how, factor = rng.choice(("upscale", "hupscale", "vupscale")), rng.randint(2, 4)
    factor = min(factor, 3) if how == "upscale" else factor
    grids = draw.inputs(rng, lambda: draw.grid(_picture(rng, 2, 4)))
    body = Body()
    call = f"{how}(I, {draw.number(factor)})"
    if rng.random() < 0.7:
        return Draft(grids, body.ending(call))
    large = body(call)
    return Draft(grids, body.ending(f"{rng.choice(draw.MIRRORS + draw.TURNS)}({large})"))


def _blown_up(board: Board, tall: int, wide: int) -> Board:
    return [[cell for cell in row for _ in range(wide)] for row in board for _ in range(tall)]


def shrink(rng: random.Random) -> Draft:
    """Every block of equal cells becomes one cell; sometimes a colour changes or the result is mirrored."""
    factor = rng.randint(2, 3)
    old, new = draw.colours(rng, 2, (0,))

    def one() -> Grid:
        palette = [0, old, *draw.colours(rng, 1, (0, old, new))]
        board = draw.noise(rng, draw.side(rng, 2, 4), draw.side(rng, 2, 4), palette)
        return draw.grid(_blown_up(board, factor, factor))

    body = Body()
    call, how = f"downscale(I, {draw.number(factor)})", rng.random()
    if how < 0.4:
        return Draft(draw.inputs(rng, one), body.ending(call))
    small = body(call)
    last = f"replace({small}, {NAMES[old]}, {NAMES[new]})" if how < 0.7 else f"{rng.choice(draw.MIRRORS)}({small})"
    return Draft(draw.inputs(rng, one), body.ending(last))


def tile(rng: random.Random) -> Draft:
    """The grid is repeated two or three times in a row, a column or a block, some copies perhaps mirrored."""
    grids = draw.inputs(rng, lambda: draw.grid(_picture(rng, 2, 4)))
    body = Body()
    flat, tall = rng.sample(("hconcat", "vconcat"), 2)
    copies = {"hconcat": ("vmirror", "hmirror", "rot180"), "vconcat": ("hmirror", "vmirror", "rot180")}[flat]
    second = body(f"{rng.choice(copies)}(I)") if rng.random() < 0.5 else "I"
    parts = [second, "I"] if second != "I" and rng.random() < 0.4 else ["I", second]
    line = f"{flat}({parts[0]}, {parts[1]})"
    how = rng.randrange(3)
    if how == 0:
        return Draft(grids, body.ending(line))
    pair = body(line)
    if how == 1:
        return Draft(grids, body.ending(f"{flat}({pair}, {parts[0]})"))
    below = body(f"{rng.choice(('hmirror', 'vmirror', 'rot180'))}({pair})") if rng.random() < 0.5 else pair
    return Draft(grids, body.ending(f"{tall}({pair}, {below})"))


def cut_half(rng: random.Random) -> Draft:
    """One half of the grid, or one quarter, is left; sometimes it is mirrored or joined to its image."""
    grids = draw.inputs(rng, lambda: draw.grid(_halvable(rng)))
    body, half = Body(), rng.choice(HALVES)
    how = rng.randrange(4)
    if how == 0:
        return Draft(grids, body.ending(f"{half}(I)"))
    part = body(f"{half}(I)")
    if how == 1:
        return Draft(grids, body.ending(f"{rng.choice(draw.MIRRORS + draw.TURNS)}({part})"))
    if how == 2:
        other = rng.choice(HALVES[2:] if half in HALVES[:2] else HALVES[:2])
        return Draft(grids, body.ending(f"{other}({part})"))
    lying = half in HALVES[:2]
    image = body(f"{'hmirror' if lying else 'vmirror'}({part})")
    first = half in ("tophalf", "lefthalf")
    parts = (part, image) if first else (image, part)
    return Draft(grids, body.ending(f"{'vconcat' if lying else 'hconcat'}({parts[0]}, {parts[1]})"))


def _halvable(rng: random.Random) -> Board:
    palette = [0, *draw.colours(rng, rng.randint(2, 3), (0,))]
    return draw.noise(rng, 2 * rng.randint(2, 4), 2 * rng.randint(2, 4), palette)


def _panels(rng: random.Random, colours: list[int], wall: int | None, upright: bool) -> Grid:
    """Panels of equal size, each of black and its own colour, side by side or stacked."""
    height, width = rng.randint(3, 5), rng.randint(3, 5)
    panels = [draw.noise(rng, height, width, [0, colour]) for colour in colours]
    return draw.grid(draw.stacked(panels, wall) if upright else draw.beside(panels, wall))


def combine_halves(rng: random.Random) -> Draft:
    """Two halves are laid over each other: cells set in both, in either, in one alone or in none are marked."""
    left, right, mark, wall = draw.colours(rng, 4, (0,))
    if rng.random() < 0.3:
        right = left
    upright, how = rng.random() < 0.4, rng.choice(("both", "either", "first", "none", "one"))
    fence = wall if rng.random() < 0.7 else None
    grids = draw.inputs(rng, lambda: _panels(rng, [left, right], fence, upright))
    names = HALVES[:2] if upright else HALVES[2:]
    body = Body()
    a, b = body(f"{names[0]}(I)"), body(f"{names[1]}(I)")
    free = how == "none"
    p = body(f"ofcolor({a}, {'ZERO' if free else NAMES[left]})")
    q = body(f"ofcolor({b}, {'ZERO' if free else NAMES[right]})")
    if how == "one":
        p, q = body(f"difference({p}, {q})"), body(f"difference({q}, {p})")
    call = {"both": "intersection", "none": "intersection", "first": "difference"}.get(how, "combine")
    cells = body(f"{call}({p}, {q})")
    size = body(f"shape({a})")
    empty = body(f"canvas(ZERO, {size})")
    return Draft(grids, body.ending(f"fill({empty}, {NAMES[mark]}, {cells})"))


def overlay(rng: random.Random) -> Draft:
    """Panels are laid over each other, one hiding the other where both are set."""
    left, right, wall = draw.colours(rng, 3, (0,))
    upright, over = rng.random() < 0.4, rng.random() < 0.5
    fence = wall if rng.random() < 0.6 else None
    grids = draw.inputs(rng, lambda: _panels(rng, [left, right], fence, upright))
    names = HALVES[:2] if upright else HALVES[2:]
    body = Body()
    a, b = body(f"{names[0]}(I)"), body(f"{names[1]}(I)")
    under, top, colour = (a, b, right) if over else (b, a, left)
    cells = body(f"ofcolor({top}, {NAMES[colour]})")
    return Draft(grids, body.ending(f"fill({under}, {NAMES[colour]}, {cells})"))


def choose_panel(rng: random.Random) -> Draft:
    """Of three or four panels the one with the most, or fewest, colours or cells of a colour is the output."""
    count, upright, counted = rng.randint(2, 4), rng.random() < 0.5, rng.randrange(1, 10)
    by_colours = rng.random() < 0.4
    count = min(count, 3) if by_colours else count
    wall = rng.choice([c for c in range(10) if c != counted]) if rng.random() < 0.6 else None
    taken = {counted} if wall is None else {counted, wall}
    length = rng.randint(2, 3)

    def one() -> Grid:
        palette = draw.colours(rng, 4, taken)
        amounts = rng.sample(range(1, 5), count)
        panels = []
        for amount in amounts:
            others = [counted] * amount + [palette[0]] * (length * 3 - amount)
            rng.shuffle(others)
            flat = [others[row * 3 : row * 3 + 3] for row in range(length)]
            panels.append(draw.sprite(rng, length, 3, palette[:amount]) if by_colours else flat)
        return draw.grid(draw.stacked(panels, wall) if upright else draw.beside(panels, wall))

    body = Body()
    parts = body(f"{'vsplit' if upright else 'hsplit'}(I, {draw.number(count)})")
    key = "numcolors" if by_colours else body(f"rbind(colorcount, {NAMES[counted]})")
    return Draft(draw.inputs(rng, one), body.ending(f"{rng.choice(('argmax', 'argmin'))}({parts}, {key})"))


def grow_object(rng: random.Random) -> Draft:
    """The one object, or the largest, is cut out and blown up or repeated."""
    several = rng.random() < 0.5

    def one() -> Grid:
        count = rng.randint(2, 3) if several else 1
        shapes = draw.unlike(rng, count, lambda: draw.blob(rng, rng.randint(2, 6), 3, 3), len)
        paints = draw.colours(rng, count, (0,))
        return draw.grid(draw.fitted(rng, list(zip(shapes, paints, strict=True)), margin=0 if several else 1))

    body = Body()
    found = body("objects(I, T, F, T)")
    thing = body(f"{rng.choice(('argmax', 'argmin'))}({found}, size)" if several else f"first({found})")
    cut = body(f"subgrid({thing}, I)")
    call = rng.choice(
        (f"upscale({cut}, TWO)", f"upscale({cut}, THREE)", f"hconcat({cut}, {cut})", f"vconcat({cut}, {cut})")
    )
    return Draft(draw.inputs(rng, one), body.ending(call))


def squeeze(rng: random.Random) -> Draft:
    """One-coloured rows and columns are taken out."""

    def one() -> Grid:
        *palette, wall = draw.colours(rng, 4)
        board = draw.noise(rng, 3, rng.randint(3, 4), palette)
        if any(len(set(line)) == 1 for line in (*board, *draw.transposed(board))):
            raise Unfit("a line that would go")
        for _ in range(2):
            board.insert(rng.randint(0, len(board)), [wall] * len(board[0]))
            board = draw.transposed(board)
        return draw.grid(board)

    body, how = Body(), rng.random()
    grids = draw.inputs(rng, lambda: draw.retried(one))
    if how < 0.3:
        return Draft(grids, body.ending("compress(I)"))
    small = body("compress(I)")
    last = f"upscale({small}, TWO)" if how < 0.6 else f"{rng.choice(draw.MIRRORS + draw.TURNS)}({small})"
    return Draft(grids, body.ending(last))


def frame(rng: random.Random) -> Draft:
    """The grid gets a frame of one colour, one or two cells wide."""
    colour, wide = rng.randrange(1, 10), rng.random() < 0.3
    grids = draw.inputs(rng, lambda: draw.grid(_picture(rng, 2, 5)))
    body = Body()
    size = body("shape(I)")
    outer = body(f"add({size}, {'FOUR' if wide else 'TWO'})")
    empty = body(f"canvas({NAMES[colour]}, {outer})")
    cells = body("asobject(I)")
    moved = body(f"shift({cells}, {'TWO_BY_TWO' if wide else 'UNITY'})")
    return Draft(grids, body.ending(f"paint({empty}, {moved})"))


def peel(rng: random.Random) -> Draft:
    """The frame of the grid is taken off; sometimes two, sometimes the inside is mirrored."""
    twice = rng.random() < 0.3

    def one() -> Grid:
        board = _picture(rng, 2, 4)
        for colour in draw.colours(rng, 1 + twice):
            board = [[colour] * (len(board[0]) + 2), *([colour, *row, colour] for row in board)]
            board.append(board[0][:])
        return draw.grid(board)

    body = Body()
    inner = body("trim(I)") if twice else "I"
    if rng.random() < 0.5:
        return Draft(draw.inputs(rng, one), body.ending(f"trim({inner})"))
    inner = body(f"trim({inner})")
    return Draft(draw.inputs(rng, one), body.ending(f"{rng.choice(draw.MIRRORS + draw.TURNS)}({inner})"))


def tile_where_set(rng: random.Random) -> Draft:
    """A copy of the small grid stands for each of its own cells of a colour, none for the others."""
    colour, length = rng.randrange(1, 10), rng.choice((2, 2, 3))
    turned = rng.choice(("I", "I", *draw.MIRRORS[:2]))

    def one() -> Grid:
        board = draw.noise(rng, length, length, [0, colour])
        if not 0 < sum(map(sum, board)) // colour < length * length:
            raise Unfit("blank or full")
        return draw.grid(board)

    body = Body()
    large = body(f"upscale(I, {draw.number(length)})")
    copy = "I" if turned == "I" else body(f"{turned}(I)")
    row = body(f"hconcat({copy}, {copy})")
    row = body(f"hconcat({row}, {copy})") if length == 3 else row
    block = body(f"vconcat({row}, {row})")
    block = body(f"vconcat({block}, {row})") if length == 3 else block
    return Draft(draw.inputs(rng, lambda: draw.retried(one)), body.ending(f"cellwise({large}, {block}, ZERO)"))


GENERATORS = (
    grow,
    shrink,
    tile,
    cut_half,
    combine_halves,
    overlay,
    choose_panel,
    grow_object,
    squeeze,
    frame,
    peel,
    tile_where_set,
)
