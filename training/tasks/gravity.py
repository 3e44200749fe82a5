"""Gravity and motion: shifts, falls, contact, steps towards, exchange of places.

Nothing overlaps and nothing leaves the grid unless the rule is the leaving.
"""

import random
from itertools import pairwise

from arc_submit.records import Grid
from training.tasks import draw
from training.tasks.draw import Body, Place, Shape
from training.tasks.item import Draft, Unfit
from training.tasks.lines import STRAIGHT, turned_grid
from training.tasks.retries import patient

STEPS = {**STRAIGHT, "UNITY": (1, 1), "NEG_UNITY": (-1, -1), "UP_RIGHT": (-1, 1), "DOWN_LEFT": (1, -1)}
TURN_LEFT = {"LEFT": ("", ""), "RIGHT": ("vmirror", "vmirror"), "UP": ("rot270", "rot90"), "DOWN": ("rot90", "rot270")}
"""What brings a side to the left, and what brings it back."""


def inside(rng: random.Random, height: int, width: int, shape: Shape, offset: Place) -> Place:
    """Return a place where a shape lies inside the grid, and still does after a shift by `offset`."""
    tall, wide = draw.extent(shape)
    rows = (max(0, -offset[0]), height - tall - max(0, offset[0]))
    columns = (max(0, -offset[1]), width - wide - max(0, offset[1]))
    if rows[0] > rows[1] or columns[0] > columns[1]:
        raise Unfit("no room to move")
    return rng.randint(*rows), rng.randint(*columns)


def shift_all(rng: random.Random) -> Draft:
    """All cells of one colour, or everything, move by a fixed offset; others stay."""
    name, step = rng.choice(sorted(STEPS.items()))
    far = rng.randint(1, 3)
    offset = (far * step[0], far * step[1])
    base = draw.background(rng)
    mover, still = draw.colours(rng, 2, {base})
    others = rng.random() < 0.5
    copy = rng.random() < 0.3
    new = draw.colours(rng, 1, {base, mover, still})[0]

    def one() -> Grid:
        height, width = rng.randint(5, 9), rng.randint(5, 9)
        board = draw.blank(height, width, base)
        shape = draw.blob(rng, rng.randint(2, 5), 3, 3)
        at = inside(rng, height, width, shape, offset)
        draw.put(board, shape, mover, at)
        taken = {(r + at[0] + k * step[0], c + at[1] + k * step[1]) for r, c in shape for k in range(far + 1)}
        if others:
            free = [(r, c) for r in range(height) for c in range(width) if (r, c) not in taken]
            draw.put(board, rng.sample(free, rng.randint(1, 3)), still)
        return draw.grid(board)

    body = Body()
    cells = body(f"ofcolor(I, {draw.number(mover)})")
    vector = name if far == 1 else f"({offset[0]}, {offset[1]})"
    if copy:
        moved = body(f"shift({cells}, {vector})")
        return Draft(draw.inputs(rng, patient(one)), body.ending(f"underfill(I, {draw.number(new)}, {moved})"))
    if rng.random() < 0.5:
        thing = body(f"recolor({draw.number(mover)}, {cells})")
        return Draft(draw.inputs(rng, patient(one)), body.ending(f"move(I, {thing}, {vector})"))
    empty = body(f"cover(I, {cells})")
    moved = body(f"shift({cells}, {vector})")
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"fill({empty}, {draw.number(mover)}, {moved})"))


def own_size(rng: random.Random) -> Draft:
    """The one object moves, or is copied, by its own height or width."""
    upright, back, copy = (rng.random() < 0.5 for _ in range(3))
    base = draw.background(rng)
    palette = draw.colours(rng, 4, {base})
    mixed = rng.random() < 0.4

    def one() -> Grid:
        tall, wide = rng.randint(1, 3), rng.randint(1, 3)
        piece = draw.noise(rng, tall, wide, palette if mixed else [rng.choice(palette)])
        far = (tall if upright else wide) * (-1 if back else 1)
        height, width = rng.randint(6, 9), rng.randint(6, 9)
        board = draw.blank(height, width, base)
        at = inside(rng, height, width, draw.rectangle(tall, wide), (far, 0) if upright else (0, far))
        draw.paste(board, piece, at)
        return draw.grid(board)

    body = Body()
    things = body(f"objects(I, {draw.flag(not mixed)}, {draw.flag(rng.random() < 0.5)}, T)")
    thing = body(f"first({things})")
    length = body(f"{'height' if upright else 'width'}({thing})")
    if back:
        length = body(f"invert({length})")
    offset = body(f"{'toivec' if upright else 'tojvec'}({length})")
    if copy:
        moved = body(f"shift({thing}, {offset})")
        return Draft(draw.inputs(rng, patient(one)), body.ending(f"paint(I, {moved})"))
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"move(I, {thing}, {offset})"))


def until_contact(rng: random.Random) -> Draft:
    """A small object moves in a straight line until it touches the large one; named by size or by colour."""
    base = draw.background(rng)
    mover, target = draw.colours(rng, 2, {base})
    named = rng.random() < 0.5
    fixed = rng.random() < 0.5 or named
    turns = [0, 1, 2, 3]

    def one() -> Grid:
        mine, goal = (mover, target) if fixed else draw.colours(rng, 2, {base})
        height, width = rng.randint(7, 10), rng.randint(5, 8)
        small = draw.blob(rng, rng.randint(1, 3), 2, 2)
        wide = rng.randint(3, 4)
        board = draw.blank(height, width, base)
        left = rng.randint(0, width - wide)
        draw.put(board, draw.rectangle(2, wide), goal, (height - rng.randint(2, 3), left))
        column = rng.randint(left, left + wide - draw.extent(small)[1])
        draw.put(board, small, mine, (rng.randint(0, 1), column))
        return turned_grid(draw.grid(board), rng.choice(turns))

    body = Body()
    things = body("objects(I, T, F, T)")
    if named:
        small = body(f"extract({things}, {_of_colour(body, mover)})")
        large = body(f"ofcolor(I, {draw.number(target)})")
    else:
        small, large = body(f"argmin({things}, size)"), body(f"argmax({things}, size)")
    offset = body(f"gravitate({small}, {large})")
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"move(I, {small}, {offset})"))


def _of_colour(body: Body, colour: int) -> str:
    """Add the test whether an object has a colour."""
    return body(f"matcher(color, {draw.number(colour)})")


def to_border(rng: random.Random) -> Draft:
    """The one object moves to a border, or into a corner of the grid."""
    base = draw.background(rng)
    palette = draw.colours(rng, 4, {base})
    way = rng.choice(["UP", "LEFT", "DOWN", "RIGHT", "ulcorner", "lrcorner"])

    def one() -> Grid:
        height, width = rng.randint(4, 9), rng.randint(4, 9)
        shape = draw.blob(rng, rng.randint(2, 5), 3, 3)
        board = draw.scene(rng, height - 1, width - 1, [(shape, rng.choice(palette))], base)
        return draw.grid(_pushed(board, way, base))

    body = Body()
    things = body("objects(I, T, F, T)")
    thing = body(f"first({things})")
    offset = _to_side(body, thing, way) if way in STRAIGHT else _to_corner(body, thing, way)
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"move(I, {thing}, {offset})"))


def _pushed(board: draw.Board, way: str, base: int) -> draw.Board:
    """Add a free row and a free column on the side that things will move to."""
    column, row = [[base] for _ in board], [[base] * (len(board[0]) + 1)]
    first = way in ("UP", "LEFT", "ulcorner")
    wider = draw.beside([column, board] if first else [board, column])
    return row + wider if first else wider + row


def _to_corner(body: Body, thing: str, corner: str) -> str:
    if corner == "ulcorner":
        place = body(f"ulcorner({thing})")
        return body(f"invert({place})")
    places = body("asindices(I)")
    end = body(f"lrcorner({places})")
    place = body(f"lrcorner({thing})")
    return body(f"subtract({end}, {place})")


def _to_side(body: Body, thing: str, way: str) -> str:
    upright = way in ("UP", "DOWN")
    if way in ("UP", "LEFT"):
        free = body(f"{'uppermost' if upright else 'leftmost'}({thing})")
        steps = body(f"invert({free})")
    else:
        edge = body(f"{'lowermost' if upright else 'rightmost'}({thing})")
        past = body(f"increment({edge})")
        length = body(f"{'height' if upright else 'width'}(I)")
        steps = body(f"subtract({length}, {past})")
    return body(f"{'toivec' if upright else 'tojvec'}({steps})")


def cells_fall(rng: random.Random) -> Draft:
    """Every coloured cell falls to one side and piles up; the order of colours in a row or column stays."""
    base = draw.background(rng)
    palette = draw.colours(rng, rng.randint(1, 3), {base})
    way = rng.choice(["LEFT", "RIGHT", "UP", "DOWN"])
    share = rng.choice([0.5, 0.65])

    def one() -> Grid:
        height, width = draw.side(rng, 3, 8), draw.side(rng, 3, 8)
        return draw.grid(draw.noise(rng, height, width, [base, *palette], share))

    def floating(grid: Grid) -> bool:
        turns = {"LEFT": 0, "DOWN": 1, "RIGHT": 2, "UP": 3}[way]
        rows = turned_grid(grid, turns)
        return any(left == base != right for row in rows for left, right in pairwise(row))

    body = Body()
    turn, back = {
        "LEFT": ("", ""),
        "RIGHT": ("vmirror", "vmirror"),
        "UP": ("rot270", "rot90"),
        "DOWN": ("rot90", "rot270"),
    }[way]
    grid = body(f"{turn}(I)") if turn else "I"
    test = body(f"matcher(identity, {draw.number(base)})")
    sort = body(f"rbind(order, {test})")
    if not back:
        return Draft(draw.inputs(rng, patient(one, floating)), body.ending(f"apply({sort}, {grid})"))
    sorted_rows = body(f"apply({sort}, {grid})")
    return Draft(draw.inputs(rng, patient(one, floating)), body.ending(f"{back}({sorted_rows})"))


def exchange(rng: random.Random) -> Draft:
    """Two objects of two fixed colours and one size of box: they change places, or one is copied to the other's."""
    base = draw.background(rng)
    left, right = draw.colours(rng, 2, {base})
    box = rng.choice([(2, 2), (2, 3), (3, 2), (3, 3)])
    copy = rng.random() < 0.6

    def one() -> Grid:
        shapes = draw.unlike(rng, 2, lambda: _filling(rng, box), lambda shape: shape)
        size = rng.randint(6, 9)
        return draw.grid(draw.scene(rng, size, rng.randint(6, 9), list(zip(shapes, (left, right), strict=True)), base))

    body = Body()
    one_place, other_place = (body(f"ofcolor(I, {draw.number(colour)})") for colour in (left, right))
    corners = [body(f"ulcorner({place})") for place in (one_place, other_place)]
    offset = body(f"subtract({corners[1]}, {corners[0]})")
    first = body(f"shift({one_place}, {offset})")
    if copy:
        empty = body(f"cover(I, {other_place})")
        return Draft(draw.inputs(rng, patient(one)), body.ending(f"fill({empty}, {draw.number(left)}, {first})"))
    back = body(f"invert({offset})")
    second = body(f"shift({other_place}, {back})")
    both = body(f"combine({one_place}, {other_place})")
    empty = body(f"cover(I, {both})")
    half = body(f"fill({empty}, {draw.number(left)}, {first})")
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"fill({half}, {draw.number(right)}, {second})"))


def _filling(rng: random.Random, box: Place) -> Shape:
    """Return a connected shape whose bounding box is exactly `box`."""
    for _ in range(30):
        shape = draw.blob(rng, rng.randint(box[0] + box[1] - 1, box[0] * box[1]), *box)
        if draw.extent(shape) == box:
            return shape
    raise Unfit("no shape fills its box")


def step_towards(rng: random.Random) -> Draft:
    """A dot moves one or two steps towards, or away from, a dot or block of another colour, or leaves a copy there."""
    base = draw.background(rng)
    mover, goal = draw.colours(rng, 2, {base})
    away = rng.random() < 0.3
    far = rng.randint(1, 2)
    copy = rng.random() < 0.3

    def one() -> Grid:
        height, width = rng.randint(6, 9), rng.randint(6, 9)
        board = draw.blank(height, width, base)
        row, column = rng.randint(2, height - 3), rng.randint(2, width - 3)
        at = (rng.randrange(height), rng.randrange(width))
        apart = (abs(at[0] - row), abs(at[1] - column))
        if max(apart) < 3 or 0 < min(apart) < 3:
            raise Unfit("too near")
        board[row][column], board[at[0]][at[1]] = mover, goal
        return draw.grid(board)

    body = Body()
    cells, target = body(f"ofcolor(I, {draw.number(mover)})"), body(f"ofcolor(I, {draw.number(goal)})")
    step = body(f"position({target}, {cells})" if away else f"position({cells}, {target})")
    if far == 2:
        step = body(f"double({step})")
    if copy:
        moved = body(f"shift({cells}, {step})")
        return Draft(draw.inputs(rng, patient(one)), body.ending(f"fill(I, {draw.number(mover)}, {moved})"))
    thing = body(f"toobject({cells}, I)")
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"move(I, {thing}, {step})"))


GENERATORS = (shift_all, own_size, until_contact, to_border, cells_fall, exchange, step_towards)
