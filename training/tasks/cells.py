"""Cells and panels: halves compared, walls taken out, panels picked, sorted, summed up.

Panels have one size and lie beside or above each other, with a one-cell wall between them or without one.
"""

import random

from arc_submit.records import Grid
from training.tasks import draw
from training.tasks.draw import Board, Body
from training.tasks.item import Draft, Unfit
from training.tasks.retries import patient


def panelled(panels: list[Board], upright: bool, wall: int | None) -> Grid:
    """Return panels stacked or side by side as one grid."""
    return draw.grid(draw.stacked(panels, wall) if upright else draw.beside(panels, wall))


def split(body: Body, upright: bool, count: int) -> str:
    """Add the line that cuts the grid into panels."""
    return body(f"{'vsplit' if upright else 'hsplit'}(I, {draw.number(count)})")


def halves(rng: random.Random, body: Body, upright: bool) -> tuple[str, str]:
    """Add the lines that find both halves."""
    if rng.random() < 0.5:
        parts = split(body, upright, 2)
        return body(f"first({parts})"), body(f"last({parts})")
    names = ("tophalf", "bottomhalf") if upright else ("lefthalf", "righthalf")
    return body(f"{names[0]}(I)"), body(f"{names[1]}(I)")


def half_logic(rng: random.Random) -> Draft:
    """Both halves are laid over each other: cells coloured in both, either, one, neither, or one only are marked."""
    upright, walled = rng.random() < 0.5, rng.random() < 0.7
    base = 0 if rng.random() < 0.8 else draw.background(rng)
    left, right, wall, new = draw.colours(rng, 4, {base})
    if rng.random() < 0.3:
        right = left
    logic = rng.choice(["and", "or", "xor", "less", "nor"])

    def one() -> Grid:
        height, width = draw.side(rng, 3, 6), draw.side(rng, 3, 6)
        panels = [draw.noise(rng, height, width, [base, colour]) for colour in (left, right)]
        return panelled(panels, upright, wall if walled else None)

    body = Body()
    first, second = halves(rng, body, upright)
    found = _marked(body, logic, (first, second), (left, right), base)
    area = body(f"shape({first})")
    empty = body(f"canvas({draw.number(base)}, {area})")
    return Draft(draw.inputs(rng, one), body.ending(f"fill({empty}, {draw.number(new)}, {found})"))


def _marked(body: Body, logic: str, panels: tuple[str, str], marks: tuple[int, int], base: int) -> str:
    """Add the lines that find the marked cells of two panels."""
    sought = (base, base) if logic == "nor" else marks
    a, b = (body(f"ofcolor({panel}, {draw.number(colour)})") for panel, colour in zip(panels, sought, strict=True))
    if logic in ("and", "nor"):
        return body(f"intersection({a}, {b})")
    if logic == "less":
        return body(f"difference({a}, {b})")
    union = body(f"combine({a}, {b})")
    if logic == "or":
        return union
    common = body(f"intersection({a}, {b})")
    return body(f"difference({union}, {common})")


def agreement(rng: random.Random) -> Draft:
    """Where two halves agree their colour stays, elsewhere a fixed colour comes; or one half lies on the other."""
    upright, walled = rng.random() < 0.5, rng.random() < 0.7
    base = 0
    palette = draw.colours(rng, 3, {base})
    wall, new = draw.colours(rng, 2, {base, *palette})
    over = rng.random() < 0.5

    def one() -> Grid:
        height, width = draw.side(rng, 3, 6), draw.side(rng, 3, 6)
        panels = [draw.noise(rng, height, width, [base, *palette], 0.4) for _ in range(2)]
        if not over:
            for place in [(r, c) for r in range(height) for c in range(width) if rng.random() < 0.5]:
                panels[1][place[0]][place[1]] = panels[0][place[0]][place[1]]
        return panelled(panels, upright, wall if walled else None)

    body = Body()
    first, second = halves(rng, body, upright)
    if not over:
        fallback = draw.number(rng.choice([base, new]))
        return Draft(draw.inputs(rng, one), body.ending(f"cellwise({first}, {second}, {fallback})"))
    top, bottom = (first, second) if rng.random() < 0.5 else (second, first)
    holes = body(f"ofcolor({top}, {draw.number(base)})")
    shown = body(f"toobject({holes}, {bottom})")
    return Draft(draw.inputs(rng, one), body.ending(f"paint({top}, {shown})"))


def without_walls(rng: random.Random) -> Draft:
    """One-coloured rows and columns divide a pattern: they are taken out, perhaps with a recolouring or a mirror."""
    palette = draw.colours(rng, 3)
    wall, new = draw.colours(rng, 2, palette)
    after = rng.choice(["", "mirror", "replace"])
    mirror = rng.choice(draw.MIRRORS)

    def one() -> Grid:
        height, width = rng.randint(3, 6), rng.randint(3, 6)
        board = draw.noise(rng, height, width, palette)
        if any(len(set(line)) == 1 for line in [*board, *draw.transposed(board)]):
            raise Unfit("a one-coloured line that is no wall")
        for row in sorted(rng.sample(range(1, height), rng.randint(1, 2)), reverse=True):
            board.insert(row, [wall] * width)
        board = draw.transposed(board)
        for row in sorted(rng.sample(range(1, width), rng.randint(0, 2)), reverse=True):
            board.insert(row, [wall] * len(board[0]))
        return draw.grid(draw.transposed(board))

    body = Body()
    if not after:
        return Draft(draw.inputs(rng, patient(one)), body.ending("compress(I)"))
    cut = body("compress(I)")
    call = f"{mirror}({cut})" if after == "mirror" else f"replace({cut}, {draw.number(palette[0])}, {draw.number(new)})"
    return Draft(draw.inputs(rng, patient(one)), body.ending(call))


def odd_panel(rng: random.Random) -> Draft:
    """Of three or four panels all but one are equal: the odd one, or the usual one, is the output."""
    upright, walled, odd = (rng.random() < p for p in (0.5, 0.7, 0.7))
    count = rng.randint(3, 4)
    palette = draw.colours(rng, 3)
    wall = draw.colours(rng, 1, palette)[0]

    def one() -> Grid:
        height, width = rng.randint(2, 4), rng.randint(2, 4)
        if not walled and height == width == 2:
            height = 3
        usual = draw.noise(rng, height, width, palette)
        other = [list(row) for row in usual]
        for _ in range(rng.randint(1, 3)):
            other[rng.randrange(height)][rng.randrange(width)] = rng.choice(palette)
        if usual == other:
            raise Unfit("no odd panel")
        panels = [usual] * (count - 1)
        panels.insert(rng.randrange(count), other)
        return panelled(panels, upright, wall if walled else None)

    body = Body()
    panels = split(body, upright, count)
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"{'leastcommon' if odd else 'mostcommon'}({panels})"))


def _panels_by(rng: random.Random, sides: tuple[int, int], colours: list[int], count: int) -> list[Board]:
    """Return panels in which the second colour has different numbers of cells, in random order."""
    height, width = sides
    amounts = rng.sample(range(height * width), count)
    panels = []
    for amount in amounts:
        cells = [colours[1]] * amount + [rng.choice([colours[0], *colours[2:]]) for _ in range(height * width - amount)]
        rng.shuffle(cells)
        panels.append([cells[row * width : (row + 1) * width] for row in range(height)])
    return panels


def best_panel(rng: random.Random) -> Draft:
    """The panel with the most (or fewest) cells of one colour is the output, perhaps without its other colours."""
    upright, walled, most = (rng.random() < p for p in (0.5, 0.7, 0.6))
    count = rng.randint(2, 4)
    palette = draw.colours(rng, rng.randint(2, 3))
    wall = draw.colours(rng, 1, palette)[0]

    def one() -> Grid:
        sides = (rng.randint(2, 4), rng.randint(2, 4))
        return panelled(_panels_by(rng, sides, palette, count), upright, wall if walled else None)

    body = Body()
    panels = split(body, upright, count)
    key = body(f"rbind(colorcount, {draw.number(palette[1])})")
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"{'argmax' if most else 'argmin'}({panels}, {key})"))


def sort_panels(rng: random.Random) -> Draft:
    """Panels stacked on each other, without walls, are ordered by how many cells of one colour they have."""
    count = rng.randint(3, 4)
    falling = rng.random() < 0.5
    palette = draw.colours(rng, rng.randint(2, 3))
    upright = rng.random() < 0.7
    single = rng.random() < 0.4

    def one() -> Grid:
        sides = (1, rng.randint(count, 6)) if single else (2, rng.randint(2, 4))
        board = draw.stacked(_panels_by(rng, sides, palette, count))
        if _sorted_already(board, sides[0], palette[1], falling):
            raise Unfit("in order already")
        return draw.grid(board)

    body = Body()
    panels = "I" if single else split(body, True, count)
    counted = body(f"rbind(colorcount, {draw.number(palette[1])})") if not single else _counted(body, palette[1])
    key = body(f"compose(invert, {counted})") if falling else counted
    if single:
        return Draft(draw.inputs(rng, patient(one)), body.ending(f"order(I, {key})"))
    ordered = body(f"order({panels}, {key})")
    if upright:
        return Draft(draw.inputs(rng, patient(one)), body.ending(f"merge({ordered})"))
    best = body(f"first({ordered})")
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"hconcat({best}, {best})"))


def _counted(body: Body, colour: int) -> str:
    """Add the function from a row to its number of cells of a colour."""
    wanted = body(f"matcher(identity, {draw.number(colour)})")
    kept = body(f"rbind(sfilter, {wanted})")
    return body(f"compose(size, {kept})")


def _sorted_already(board: Board, tall: int, colour: int, falling: bool) -> bool:
    cells = [sum(row.count(colour) for row in board[top : top + tall]) for top in range(0, len(board), tall)]
    return cells == sorted(cells, reverse=falling)


def panel_colours(rng: random.Random) -> Draft:
    """Each panel is summed up by its main (or rarest) colour, as one row or column, perhaps made thicker."""
    upright, walled = rng.random() < 0.5, rng.random() < 0.6
    count = rng.randint(2, 4)
    main = rng.random() < 0.7
    times = rng.randint(1, 3)
    palette = draw.colours(rng, 5)
    wall = palette.pop()

    def one() -> Grid:
        height, width = rng.randint(2, 4), rng.randint(3, 4)
        return panelled(
            [_one_sided(rng, height, width, palette) for _ in range(count)], upright, wall if walled else None
        )

    body = Body()
    panels = split(body, upright, count)
    summed = body(f"apply({'mostcolor' if main else 'leastcolor'}, {panels})")
    if not upright:
        return Draft(draw.inputs(rng, one), body.ending(f"repeat({summed}, {draw.number(times)})"))
    row = body(f"repeat({summed}, {draw.number(times)})")
    return Draft(draw.inputs(rng, one), body.ending(f"dmirror({row})"))


def _one_sided(rng: random.Random, height: int, width: int, palette: list[int]) -> Board:
    """Return a panel of two colours, one of them clearly more frequent."""
    many, few = rng.sample(palette, 2)
    board = draw.blank(height, width, many)
    draw.dots(rng, board, rng.randint(1, max(1, (height * width - 1) // 3)), few)
    return board


def rearrange(rng: random.Random) -> Draft:
    """The halves change places, or one of them is mirrored; a wall between them is dropped."""
    upright, walled = rng.random() < 0.5, rng.random() < 0.5
    palette = draw.colours(rng, 3)
    wall = draw.colours(rng, 1, palette)[0]
    change = rng.choice(["swap", "first", "last", "both"])
    mirror = rng.choice(["hmirror", "vmirror", "rot180"])

    def one() -> Grid:
        height, width = draw.side(rng, 2, 6), draw.side(rng, 2, 6)
        return panelled([draw.noise(rng, height, width, palette) for _ in range(2)], upright, wall if walled else None)

    body = Body()
    first, second = halves(rng, body, upright)
    if change in ("first", "both"):
        first = body(f"{mirror}({first})")
    if change in ("last", "both"):
        second = body(f"{mirror}({second})")
    pair = f"{second}, {first}" if change in ("swap", "both") else f"{first}, {second}"
    return Draft(draw.inputs(rng, one), body.ending(f"{'vconcat' if upright else 'hconcat'}({pair})"))


def lattice(rng: random.Random) -> Draft:
    """A lattice of one-coloured cells between walls becomes one pixel a cell, or one cell of the lattice is cut out."""
    size = rng.randint(2, 3)
    wall, *palette = draw.colours(rng, 5)
    way = rng.choice(["pixels", "pixels", "mirror", "cell"])
    row, column = rng.randint(0, 1), rng.randint(0, 1)
    mirror = rng.choice([*draw.MIRRORS, *draw.TURNS])

    def cell() -> Board:
        if way == "cell":
            return draw.noise(rng, size, size, palette)
        return draw.blank(size, size, rng.choice(palette))

    def one() -> Grid:
        height, width = rng.randint(2, 3), rng.randint(2, 4 if size == 2 else 3)
        rows = [draw.beside([cell() for _ in range(width)], wall) for _ in range(height)]
        return draw.grid(draw.stacked(rows, wall))

    body = Body()
    step = draw.number(size + 1)
    if way == "cell":
        corner, area = f"({row * (size + 1)}, {column * (size + 1)})", f"({size}, {size})"
        return Draft(draw.inputs(rng, one), body.ending(f"crop(I, {corner}, {area})"))
    if way == "pixels":
        return Draft(draw.inputs(rng, one), body.ending(f"downscale(I, {step})"))
    small = body(f"downscale(I, {step})")
    return Draft(draw.inputs(rng, one), body.ending(f"{mirror}({small})"))


GENERATORS = (
    half_logic,
    agreement,
    without_walls,
    odd_panel,
    best_panel,
    sort_panels,
    panel_colours,
    rearrange,
    lattice,
)
