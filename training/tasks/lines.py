"""Lines: rays, connections, frontiers, diagonals, stripes.

Rays that cross would need a rule for the crossing, so own-coloured rays start in rows, columns or diagonals
of their own.
"""

import random
from itertools import pairwise

from arc_submit.records import Grid
from training.tasks import draw
from training.tasks.draw import Body, Place
from training.tasks.item import Draft, Unfit
from training.tasks.retries import patient

STRAIGHT = {"DOWN": (1, 0), "UP": (-1, 0), "RIGHT": (0, 1), "LEFT": (0, -1)}
SLANTED = {"UNITY": (1, 1), "NEG_UNITY": (-1, -1), "UP_RIGHT": (-1, 1), "DOWN_LEFT": (1, -1)}
OPPOSITE = {
    "DOWN": "UP",
    "UP": "DOWN",
    "RIGHT": "LEFT",
    "LEFT": "RIGHT",
    "UNITY": "NEG_UNITY",
    "NEG_UNITY": "UNITY",
    "UP_RIGHT": "DOWN_LEFT",
    "DOWN_LEFT": "UP_RIGHT",
}


def track(place: Place, step: Place) -> int:
    """Return the number of the line that a place lies on, among the parallels in direction `step`."""
    return place[0] * step[1] - place[1] * step[0]


def apart(rng: random.Random, height: int, width: int, count: int, step: Place, clear: int = 1) -> list[Place]:
    """Return separate places on different parallels of `step`, each with `clear` cells ahead inside the grid."""
    free = [
        (r, c)
        for r in range(height)
        for c in range(width)
        if 0 <= r + clear * step[0] < height and 0 <= c + clear * step[1] < width
    ]
    rng.shuffle(free)
    found: list[Place] = []
    for place in free:
        if all(track(place, step) != track(q, step) and max(_distance(place, q)) > 1 for q in found):
            found.append(place)
        if len(found) == count:
            return found
    raise Unfit("too few parallels")


def _distance(a: Place, b: Place) -> Place:
    return abs(a[0] - b[0]), abs(a[1] - b[1])


def rays(rng: random.Random) -> Draft:
    """Every dot of one colour shoots a ray in one direction, in a new colour or its own."""
    direction, step = rng.choice([*STRAIGHT.items(), *SLANTED.items()])
    base = draw.background(rng)
    dot, ray, extra = draw.colours(rng, 3, {base})
    keep = rng.random() < 0.3
    decoy = rng.random() < 0.4

    def one() -> Grid:
        height, width = draw.side(rng, 5, 11), draw.side(rng, 5, 11)
        board = draw.blank(height, width, base)
        draw.put(board, apart(rng, height, width, rng.randint(1, 3), step, 2), dot)
        if decoy:
            draw.dots(rng, board, rng.randint(1, 2), extra)
        return draw.grid(board)

    body = Body()
    seeds = body(f"ofcolor(I, {draw.number(dot)})")
    shooter = body(f"rbind(shoot, {direction})")
    found = body(f"mapply({shooter}, {seeds})")
    painter = rng.choice(["fill", "underfill"]) if not decoy else "underfill"
    colour = draw.number(dot if keep else ray)
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"{painter}(I, {colour}, {found})"))


def own_rays(rng: random.Random) -> Draft:
    """Every dot shoots a ray of its own colour in one direction, or along the whole line."""
    direction, step = rng.choice([*STRAIGHT.items(), *SLANTED.items()])
    whole = rng.random() < 0.35
    base = draw.background(rng)
    palette = draw.colours(rng, 4, {base})

    def one() -> Grid:
        height, width = draw.side(rng, 5, 10), draw.side(rng, 5, 10)
        board = draw.blank(height, width, base)
        for place in apart(rng, height, width, rng.randint(2, 3), step, 2):
            board[place[0]][place[1]] = rng.choice(palette)
        return draw.grid(board)

    body = Body()
    dots = body("objects(I, T, F, T)")
    reach = _reach(body, direction, whole)
    coloured = body(f"fork(recolor, color, {reach})")
    found = body(f"mapply({coloured}, {dots})")
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"paint(I, {found})"))


def _reach(body: Body, direction: str, whole: bool) -> str:
    """Add the function from an object to the ray, or the whole line, through its centre."""
    if whole and direction in STRAIGHT:
        return body(f"compose({'vfrontier' if direction in ('DOWN', 'UP') else 'hfrontier'}, center)")
    ahead = body(f"rbind(shoot, {direction})")
    if not whole:
        return body(f"compose({ahead}, center)")
    back = body(f"rbind(shoot, {OPPOSITE[direction]})")
    both = body(f"fork(combine, {ahead}, {back})")
    return body(f"compose({both}, center)")


def row_or_column(rng: random.Random) -> Draft:
    """Dots of one colour become whole rows, dots of another whole columns; one kind lies on top."""
    base = draw.background(rng)
    across, down = draw.colours(rng, 2, {base})
    first = rng.random() < 0.5

    def one() -> Grid:
        height, width = draw.side(rng, 4, 9), draw.side(rng, 4, 9)
        board = draw.blank(height, width, base)
        places = [(r, c) for r in range(height) for c in range(width)]
        rows, columns = (rng.sample(places, rng.randint(1, 2)) for _ in range(2))
        draw.put(board, rows, across)
        draw.put(board, [place for place in columns if place not in rows], down)
        return draw.grid(board)

    body = Body()
    kinds = [(across, "hfrontier"), (down, "vfrontier")]
    grid = "I"
    for colour, frontier in kinds if first else kinds[::-1]:
        seeds = body(f"ofcolor(I, {draw.number(colour)})")
        found = body(f"mapply({frontier}, {seeds})")
        call = f"fill({grid}, {draw.number(colour)}, {found})"
        grid = body(call) if grid == "I" else call
    return Draft(draw.inputs(rng, patient(one)), body.ending(grid))


def dots_to_lines(rng: random.Random) -> Draft:
    """Every dot of the rarest colour, or of a fixed one, becomes a row, a column or a cross."""
    base = draw.background(rng)
    dot, line = draw.colours(rng, 2, {base})
    frontiers = rng.choice([["hfrontier"], ["vfrontier"], ["hfrontier", "vfrontier"]])
    colour = rng.choice([dot, line])
    named = rng.random() < 0.5

    def one() -> Grid:
        height, width = draw.side(rng, 4, 9), draw.side(rng, 4, 9)
        board = draw.blank(height, width, base)
        draw.dots(rng, board, rng.randint(1, 2), dot)
        return draw.grid(board)

    body = Body()
    seeds = body(f"ofcolor(I, {draw.number(dot)})" if named else f"ofcolor(I, {body('leastcolor(I)')})")
    found = [body(f"mapply({frontier}, {seeds})") for frontier in frontiers]
    patch = body(f"combine({found[0]}, {found[1]})") if len(found) == 2 else found[0]
    painter = rng.choice(["fill", "underfill"])
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"{painter}(I, {draw.number(colour)}, {patch})"))


def _pair(rng: random.Random, height: int, width: int, step: Place) -> tuple[Place, Place]:
    """Return two places on one line of direction `step` with a free cell between them."""
    longest = min(side - 1 for side, moves in ((height, step[0]), (width, step[1])) if moves)
    length = rng.randint(2, max(2, longest))
    rows, columns = height - length * abs(step[0]), width - length * abs(step[1])
    if rows < 1 or columns < 1:
        raise Unfit("no room for a pair")
    row, column = rng.randrange(rows), rng.randrange(columns)
    if step[0] * step[1] < 0:
        return (row + length, column), (row, column + length)
    return (row, column), (row + length * step[0], column + length * step[1])


def join_pairs(rng: random.Random) -> Draft:
    """Two dots of one colour are joined by a line, in their own or a new colour, along rows, columns or diagonals."""
    kind, step = rng.choice([("h", (0, 1)), ("v", (1, 0)), ("d", (1, 1)), ("c", (-1, 1))])
    base = draw.background(rng)
    palette = draw.colours(rng, 5, {base})
    new = rng.random() < 0.4
    ends = ("llcorner", "urcorner") if kind == "c" else ("ulcorner", "lrcorner")

    def one() -> Grid:
        height, width = draw.side(rng, 5, 10), draw.side(rng, 5, 10)
        board = draw.blank(height, width, base)
        tracks: set[int] = set()
        for colour in rng.sample(palette[1:], rng.randint(1, 3)):
            pair = _pair(rng, height, width, step)
            if track(pair[0], step) not in tracks:
                tracks.add(track(pair[0], step))
                draw.put(board, pair, colour)
        return draw.grid(board)

    body = Body()
    pairs = body("fgpartition(I)")
    joined = body(f"fork(connect, {ends[0]}, {ends[1]})")
    if new:
        found = body(f"mapply({joined}, {pairs})")
        return Draft(draw.inputs(rng, patient(one)), body.ending(f"underfill(I, {draw.number(palette[0])}, {found})"))
    coloured = body(f"fork(recolor, color, {joined})")
    found = body(f"mapply({coloured}, {pairs})")
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"paint(I, {found})"))


def join_along(rng: random.Random) -> Draft:
    """Dots of one colour that share a row (or a column, or either) are joined; those on a diagonal are not."""
    base = draw.background(rng)
    dot, line = draw.colours(rng, 2, {base})
    lines = rng.choice([["hline"], ["vline"], ["hline", "vline"]])

    def one() -> Grid:
        height, width = draw.side(rng, 5, 10), draw.side(rng, 5, 10)
        board = draw.blank(height, width, base)
        draw.put(board, _pair(rng, height, width, (0, 1) if lines[0] == "hline" else (1, 0)), dot)
        if rng.random() < 0.6:
            draw.put(board, _pair(rng, height, width, (1, 0) if lines[-1] == "vline" else (0, 1)), dot)
        draw.dots(rng, board, rng.randint(0, 1), dot)
        return draw.grid(board)

    body = Body()
    seeds = body(f"ofcolor(I, {draw.number(dot)})")
    found = body(f"prapply(connect, {seeds}, {seeds})")
    kept = [body(f"mfilter({found}, {test})") for test in lines]
    patch = body(f"combine({kept[0]}, {kept[1]})") if len(kept) == 2 else kept[0]
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"underfill(I, {draw.number(line)}, {patch})"))


def full_lines(rng: random.Random) -> Draft:
    """In a random pattern, one-coloured rows and columns (or only one sort of them) change colour."""
    noise, new = draw.colours(rng, 3), draw.colours(rng, 1)[0]
    walls = draw.colours(rng, 2, {*noise, new})
    way = rng.choice(["all", "hline", "vline", "colour"])

    def one() -> Grid:
        height, width = draw.side(rng, 5, 10), draw.side(rng, 5, 10)
        board = draw.noise(rng, height, width, noise)
        kinds = walls if way == "colour" else walls[:1]
        for row, colour in zip(rng.sample(range(height), len(kinds)), kinds, strict=True):
            draw.put(board, [(row, c) for c in range(width)], colour)
        if way != "colour":
            column = rng.randrange(width)
            draw.put(board, [(r, column) for r in range(height)], walls[0])
        return draw.grid(board)

    body = Body()
    found = body("frontiers(I)")
    if way == "colour":
        found = body(f"colorfilter({found}, {draw.number(walls[0])})")
    patch = body(f"merge({found})" if way in ("all", "colour") else f"mfilter({found}, {way})")
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"fill(I, {draw.number(new)}, {patch})"))


def extend_bars(rng: random.Random) -> Draft:
    """Short bars grow to whole rows or columns of the grid in their own colour; other shapes stay as they are."""
    upright = rng.random() < 0.5
    base = draw.background(rng)
    palette = draw.colours(rng, 4, {base})
    chosen = rng.random() < 0.5  # bars of the other direction lie about and stay

    def one() -> Grid:
        height, width = draw.side(rng, 6, 10), draw.side(rng, 6, 10)
        shapes = [draw.rectangle(rng.randint(2, 3), 1) for _ in range(rng.randint(1, 2))]
        others = [draw.rectangle(1, rng.randint(2, 3))] if chosen else []
        colours = rng.choices(palette, k=len(shapes) + len(others))
        board = draw.scene(rng, height, width, list(zip(shapes + others, colours, strict=True)), base)
        if any(_stacked_bars(list(column), base) for column in zip(*board, strict=True)):
            raise Unfit("two bars in one line")
        return draw.grid(board if upright else draw.transposed(board))

    body = Body()
    bars = body("objects(I, T, F, T)")
    if chosen:
        bars = body(f"sfilter({bars}, {'vline' if upright else 'hline'})")
    whole = body(f"compose({'vfrontier' if upright else 'hfrontier'}, center)")
    coloured = body(f"fork(recolor, color, {whole})")
    found = body(f"mapply({coloured}, {bars})")
    painter = "underpaint" if chosen else "paint"
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"{painter}(I, {found})"))


def _stacked_bars(column: list[int], base: int) -> bool:
    """Return whether a column meets more than one thing."""
    return sum(a != base and b == base for a, b in pairwise([*column, base])) > 1


def star(rng: random.Random) -> Draft:
    """One dot sends rays in two or four directions."""
    base = draw.background(rng)
    dot, ray = draw.colours(rng, 2, {base})
    arms = rng.choice([STRAIGHT, SLANTED])
    pair = rng.sample(sorted(arms), 2) if rng.random() < 0.6 else sorted(arms)
    way = rng.choice(["first(ofcolor)", "center"])

    def one() -> Grid:
        height, width = draw.side(rng, 5, 9), draw.side(rng, 5, 9)
        board = draw.blank(height, width, base)
        board[rng.randint(1, height - 2)][rng.randint(1, width - 2)] = dot
        return draw.grid(board)

    body = Body()
    seeds = body(f"ofcolor(I, {draw.number(dot)})")
    seed = body(f"{'center' if way == 'center' else 'first'}({seeds})")
    patch = body(f"shoot({seed}, {pair[0]})")
    for direction in pair[1:]:
        patch = body(f"combine({patch}, {body(f'shoot({seed}, {direction})')})")
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"underfill(I, {draw.number(ray)}, {patch})"))


def dots_to_wall(rng: random.Random) -> Draft:
    """Dots throw a line onto the wall: the cells between dot and wall are coloured."""
    turns = rng.randrange(4)
    base = draw.background(rng)
    dot, wall, line = draw.colours(rng, 3, {base})
    keep = rng.random() < 0.3

    def one() -> Grid:
        height, width = draw.side(rng, 5, 9), draw.side(rng, 4, 8)
        board = draw.blank(height, width, base)
        draw.put(board, [(height - 1, c) for c in range(width)], wall)
        columns = rng.sample(range(width), rng.randint(1, 3))
        columns = [c for c in columns if not any(abs(c - d) == 1 for d in columns if d < c)]
        draw.put(board, [(rng.randint(0, height - 3), c) for c in columns], dot)
        return turned_grid(draw.grid(board), turns)

    body = Body()
    walls = body(f"ofcolor(I, {draw.number(wall)})")
    every = body("objects(I, T, F, T)")
    dots = body(f"colorfilter({every}, {draw.number(dot)})")
    way = body(f"rbind(gravitate, {walls})")
    end = body(f"fork(add, center, {way})")
    joined = body(f"fork(connect, center, {end})")
    found = body(f"mapply({joined}, {dots})")
    colour, painter = (dot, "fill") if keep else (line, rng.choice(["fill", "underfill"]))
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"{painter}(I, {draw.number(colour)}, {found})"))


def turned_grid(grid: Grid, turns: int) -> Grid:
    """Return a grid after quarter turns clockwise."""
    for _ in range(turns % 4):
        grid = tuple(zip(*grid[::-1], strict=True))
    return grid


def stripes(rng: random.Random) -> Draft:
    """From a dot onwards, every n-th column (or row) is coloured."""
    upright = rng.random() < 0.5
    period = rng.randint(2, 3)
    base = draw.background(rng)
    palette = draw.colours(rng, 3, {base})
    own = rng.random() < 0.5
    colour = "leastcolor(I)" if own else None

    def one() -> Grid:
        height, width = draw.side(rng, 3, 6), draw.side(rng, 2 * period + 1, 12)
        board = draw.blank(height, width, base)
        board[rng.randrange(height)][rng.randint(0, width - period - 1)] = rng.choice(palette) if own else palette[0]
        return draw.grid(board if upright else draw.transposed(board))

    body = Body()
    value = body(colour) if colour else draw.number(palette[0])
    seeds = body(f"ofcolor(I, {value})")
    start = body(f"{'leftmost' if upright else 'uppermost'}({seeds})")
    stop = body(f"{'width' if upright else 'height'}(I)")
    steps = body(f"interval({start}, {stop}, {draw.number(period)})")
    line = body("compose(vfrontier, tojvec)" if upright else "compose(hfrontier, toivec)")
    found = body(f"mapply({line}, {steps})")
    painted = value if own or rng.random() < 0.5 else draw.number(palette[1])
    return Draft(draw.inputs(rng, patient(one)), body.ending(f"fill(I, {painted}, {found})"))


def grid_diagonals(rng: random.Random) -> Draft:
    """A diagonal of the grid, or a ray from a corner, is drawn over a pattern, and perhaps a second one."""
    starts = [("ORIGIN", "UNITY"), ("urcorner", "DOWN_LEFT"), ("llcorner", "UP_RIGHT"), ("lrcorner", "NEG_UNITY")]
    chosen = rng.sample(starts, rng.choice([1, 1, 2]))
    new = draw.colours(rng, 2)
    noise = draw.colours(rng, rng.randint(2, 3), new)
    base = rng.choice([0.0, 0.0, 0.7])
    mixed = rng.random() < 0.5

    def one() -> Grid:
        height, width = draw.side(rng, 3, 9), draw.side(rng, 3, 9)
        return draw.grid(draw.noise(rng, height, width, noise, base))

    body = Body()
    grid = "I"
    for number, (corner, direction) in enumerate(chosen):
        colour = draw.number(new[number if mixed else 0])
        start = corner if corner == "ORIGIN" else body(f"{corner}({body('asindices(I)')})")
        line = body(f"shoot({start}, {direction})")
        call = f"fill({grid}, {colour}, {line})"
        grid = body(call) if number + 1 < len(chosen) else call
    return Draft(draw.inputs(rng, patient(one)), body.ending(grid))


GENERATORS = (
    rays,
    own_rays,
    row_or_column,
    dots_to_lines,
    join_pairs,
    join_along,
    full_lines,
    extend_bars,
    star,
    dots_to_wall,
    stripes,
    grid_diagonals,
)
