"""What generators draw with: boards, shapes, patterns, and the lines of a program.

A board is a grid under construction, a list of rows; `grid` freezes it. A shape is a frozenset of (row, column) whose
bounding box begins at (0, 0). Whatever cannot be placed raises Unfit, and the generator is asked again.
"""

import random
from collections.abc import Callable, Iterable, Sequence

from arc_submit.records import COLOURS, Grid
from training.tasks.item import Unfit

Board = list[list[int]]
Place = tuple[int, int]
Shape = frozenset[Place]

NAMES = ("ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE", "TEN")
"""The DSL's constants 0..10: `NAMES[colour]` in a program line."""
MIRRORS = ("hmirror", "vmirror", "dmirror", "cmirror")
TURNS = ("rot90", "rot180", "rot270")
STEPS = ((0, 1), (1, 0), (0, -1), (-1, 0))
DIAGONALS = ((1, 1), (1, -1), (-1, 1), (-1, -1))

# ---------------------------------------------------------------------- programs


class Body:
    """Collects program lines and names them.

    >>> body = Body()
    >>> found = body("objects(I, T, F, T)")
    >>> body.ending(f"merge({found})")
    ('x1 = objects(I, T, F, T)', 'O = merge(x1)')
    """

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, call: str) -> str:
        """Add a line and return the name of its value."""
        name = f"x{len(self.lines) + 1}"
        self.lines.append(f"{name} = {call}")
        return name

    def ending(self, call: str) -> tuple[str, ...]:
        """Return all lines, the last one making the output."""
        return (*self.lines, f"O = {call}")


def number(value: int) -> str:
    """Return how a program writes a number: `THREE`, and 11 as it is."""
    return NAMES[value] if 0 <= value < len(NAMES) else str(value)


def flag(value: bool) -> str:
    """Return how a program writes a truth value."""
    return "T" if value else "F"


# ---------------------------------------------------------------------- inputs


def inputs(rng: random.Random, one: Callable[[], Grid], low: int = 4, high: int = 6) -> tuple[Grid, ...]:
    """Return `low` to `high` different grids, few rather than many, each from a call of `one`.

    Raises:
        Unfit: `one` keeps repeating itself.
    """
    wanted = min(rng.randint(low, high), rng.randint(low, high))
    found: dict[Grid, None] = {}
    for _ in range(4 * wanted):
        found[one()] = None
        if len(found) == wanted:
            return tuple(found)
    raise Unfit("too few different inputs")


def retried(one: Callable[[], Grid]) -> Grid:
    """Return a drawer's grid, asking up to twenty times where it finds no room or a tie.

    Raises:
        Unfit: it failed each time.
    """
    for _ in range(20):
        try:
            return one()
        except Unfit:
            continue
    raise Unfit("a board fails twenty times")


def colours(rng: random.Random, count: int, without: Iterable[int] = ()) -> list[int]:
    """Return that many different colours, none of those in `without`."""
    out = set(without)
    return rng.sample([colour for colour in range(COLOURS) if colour not in out], count)


def background(rng: random.Random) -> int:
    """Return a background: black four times out of five."""
    return 0 if rng.random() < 0.8 else rng.randrange(1, COLOURS)


def side(rng: random.Random, low: int = 3, high: int = 10) -> int:
    """Return a side length, small rather than large."""
    return min(rng.randint(low, high), rng.randint(low, high))


# ---------------------------------------------------------------------- boards


def blank(height: int, width: int, colour: int = 0) -> Board:
    """Return a one-coloured board."""
    return [[colour] * width for _ in range(height)]


def grid(board: Sequence[Sequence[int]]) -> Grid:
    """Freeze a board."""
    return tuple(map(tuple, board))


def noise(rng: random.Random, height: int, width: int, palette: Sequence[int], base: float = 0.0) -> Board:
    """Return a board of random colours; `base` is the chance of palette[0] before the others get theirs."""
    return [
        [palette[0] if base and rng.random() < base else rng.choice(palette) for _ in range(width)]
        for _ in range(height)
    ]


def put(board: Board, shape: Iterable[Place], colour: int, at: Place = (0, 0)) -> None:
    """Colour a shape's places, shifted by `at`; places off the board are skipped."""
    for row, column in shape:
        if 0 <= row + at[0] < len(board) and 0 <= column + at[1] < len(board[0]):
            board[row + at[0]][column + at[1]] = colour


def paste(board: Board, piece: Sequence[Sequence[int]], at: Place) -> None:
    """Copy a smaller board or grid into a board, its upper left corner at `at`."""
    for row, line in enumerate(piece):
        board[at[0] + row][at[1] : at[1] + len(line)] = line


def transposed(board: Sequence[Sequence[int]]) -> Board:
    """Return rows as columns."""
    return [list(row) for row in zip(*board, strict=True)]


def beside(panels: Sequence[Sequence[Sequence[int]]], separator: int | None = None) -> Board:
    """Return panels of one height side by side, with a one-cell wall of colour `separator` between neighbours."""
    rows: Board = []
    for lines in zip(*panels, strict=True):
        row: list[int] = []
        for place, line in enumerate(lines):
            row += [separator] * (place > 0 and separator is not None)  # type: ignore[list-item]
            row += line
        rows.append(row)
    return rows


def stacked(panels: Sequence[Sequence[Sequence[int]]], separator: int | None = None) -> Board:
    """Return panels of one width one above the other, with a wall between neighbours as in `beside`."""
    return transposed(beside([transposed(panel) for panel in panels], separator))


def symmetric(rng: random.Random, height: int, width: int, palette: Sequence[int], mirror: str) -> Board:
    """Return a random board that the mirror leaves as it is: `hmirror`, `vmirror`, `dmirror` (square) or `rot180`."""
    image: Callable[[int, int], Place] = {
        "hmirror": lambda r, c: (height - 1 - r, c),
        "vmirror": lambda r, c: (r, width - 1 - c),
        "dmirror": lambda r, c: (c, r),
        "cmirror": lambda r, c: (width - 1 - c, height - 1 - r),
        "rot180": lambda r, c: (height - 1 - r, width - 1 - c),
    }[mirror]
    board = noise(rng, height, width, palette)
    for row in range(height):
        for column in range(width):
            other = image(row, column)
            board[other[0]][other[1]] = board[row][column]
    return board


# ---------------------------------------------------------------------- shapes


def normal(places: Iterable[Place]) -> Shape:
    """Shift places so that their bounding box begins at (0, 0)."""
    found = list(places)
    top, left = min(r for r, _ in found), min(c for _, c in found)
    return frozenset((r - top, c - left) for r, c in found)


def extent(shape: Iterable[Place]) -> Place:
    """Return (height, width) of a shape that begins at (0, 0)."""
    found = list(shape)
    return max(r for r, _ in found) + 1, max(c for _, c in found) + 1


def blob(rng: random.Random, size: int, height: int = 4, width: int = 4, diagonal: bool = False) -> Shape:
    """Return a random connected shape of `size` cells that fits into height x width; corners connect if `diagonal`."""
    if size > height * width:
        raise Unfit("a shape larger than its box")
    taken = {(rng.randrange(height), rng.randrange(width))}
    while len(taken) < size:
        row, column = rng.choice(sorted(taken))
        step = rng.choice(STEPS if not diagonal else (*STEPS, *DIAGONALS))
        place = (row + step[0], column + step[1])
        if 0 <= place[0] < height and 0 <= place[1] < width:
            taken.add(place)
    return normal(taken)


def rectangle(height: int, width: int) -> Shape:
    """Return a filled rectangle."""
    return frozenset((r, c) for r in range(height) for c in range(width))


def outline(height: int, width: int) -> Shape:
    """Return the border of a rectangle."""
    return frozenset((r, c) for r, c in rectangle(height, width) if r in (0, height - 1) or c in (0, width - 1))


def turned(shape: Shape, turns: int, mirrored: bool = False) -> Shape:
    """Return a shape after quarter turns clockwise, perhaps mirrored before."""
    found = shape if not mirrored else normal((r, -c) for r, c in shape)
    for _ in range(turns % 4):
        found = normal((c, -r) for r, c in found)
    return found


def is_symmetric(shape: Shape) -> bool:
    """Return whether some mirror or turn leaves the shape as it is."""
    images = [turned(shape, turns, mirrored) for mirrored in (False, True) for turns in range(4)]
    return shape in images[1:]


def lopsided(rng: random.Random, size: int, height: int = 4, width: int = 4) -> Shape:
    """Return a random connected shape that no mirror or turn leaves as it is; 4 cells at least."""
    for _ in range(50):
        shape = blob(rng, size, height, width)
        if not is_symmetric(shape):
            return shape
    raise Unfit("no lopsided shape")


def unlike(rng: random.Random, count: int, one: Callable[[], Shape], by: Callable[[Shape], object]) -> list[Shape]:
    """Return `count` shapes that all differ in `by`.

    Raises:
        Unfit: `one` keeps giving equals.
    """
    found: dict[object, Shape] = {}
    for _ in range(20 * count):
        shape = one()
        found.setdefault(by(shape), shape)
        if len(found) == count:
            shapes = list(found.values())
            rng.shuffle(shapes)
            return shapes
    raise Unfit("shapes keep repeating")


def scatter(
    rng: random.Random, height: int, width: int, shapes: Sequence[Shape], gap: int = 1, margin: int = 0
) -> list[Place]:
    """Return a place for each shape so that no two come nearer than `gap` free cells, diagonals included.

    `margin` free cells stay at the grid's edge.

    Raises:
        Unfit: they do not fit.
    """
    places: list[Place] = [(0, 0)] * len(shapes)
    blocked: set[Place] = set()
    reach = range(-gap, gap + 1)
    for index in sorted(range(len(shapes)), key=lambda i: -len(shapes[i])):
        at = _free_place(rng, height, width, shapes[index], blocked, margin)
        places[index] = at
        blocked |= {(r + at[0] + i, c + at[1] + j) for r, c in shapes[index] for i in reach for j in reach}
    return places


def _free_place(rng: random.Random, height: int, width: int, shape: Shape, blocked: set[Place], margin: int) -> Place:
    tall, wide = extent(shape)
    rows, columns = height - tall - 2 * margin, width - wide - 2 * margin
    if rows < 0 or columns < 0:
        raise Unfit("a shape larger than the grid")
    for _ in range(40):
        at = (margin + rng.randint(0, rows), margin + rng.randint(0, columns))
        if not any((r + at[0], c + at[1]) in blocked for r, c in shape):
            return at
    raise Unfit("no room for a shape")


def scene(
    rng: random.Random,
    height: int,
    width: int,
    shapes: Sequence[tuple[Shape, int]],
    base: int = 0,
    gap: int = 1,
    margin: int = 0,
) -> Board:
    """Return a board with each (shape, colour) somewhere, none touching another.

    Raises:
        Unfit: they do not fit.
    """
    board = blank(height, width, base)
    for (shape, colour), at in zip(
        shapes, scatter(rng, height, width, [shape for shape, _ in shapes], gap, margin), strict=True
    ):
        put(board, shape, colour, at)
    return board


def fitted(
    rng: random.Random, shapes: Sequence[tuple[Shape, int]], base: int = 0, gap: int = 1, margin: int = 0
) -> Board:
    """Return a `scene` on a board hardly larger than it needs to be.

    Raises:
        Unfit: it would take more than 16 a side.
    """
    boxes = [extent(shape) for shape, _ in shapes]
    start = round((1.35 * sum((tall + gap) * (wide + gap) for tall, wide in boxes)) ** 0.5) + 2 * margin
    low, wide_low = (max(box[axis] for box in boxes) + 2 * margin + 1 for axis in (0, 1))
    for extra in range(6):
        height, width = max(low, start + extra + rng.randint(-1, 1)), max(wide_low, start + extra + rng.randint(-1, 1))
        if max(height, width) > 16:
            break
        try:
            return scene(rng, height, width, shapes, base, gap, margin)
        except Unfit:
            continue
    raise Unfit("no board for the shapes")


def dots(rng: random.Random, board: Board, count: int, colour: int) -> None:
    """Colour that many random cells of the board's first colour found at the most places.

    Raises:
        Unfit: not enough free cells.
    """
    flat = [cell for row in board for cell in row]
    base = max(sorted(set(flat)), key=flat.count)
    free = [(r, c) for r, row in enumerate(board) for c, cell in enumerate(row) if cell == base]
    if len(free) < count:
        raise Unfit("no room for dots")
    put(board, rng.sample(free, count), colour)


def sprite(rng: random.Random, height: int, width: int, palette: Sequence[int]) -> Board:
    """Return a small pattern that uses every colour of the palette and no other.

    Raises:
        Unfit: fewer cells than colours.
    """
    if height * width < len(palette):
        raise Unfit("a sprite smaller than its palette")
    cells = [*palette, *(rng.choice(palette) for _ in range(height * width - len(palette)))]
    rng.shuffle(cells)
    return [cells[row * width : (row + 1) * width] for row in range(height)]
