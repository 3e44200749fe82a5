"""Objects and their properties: which one is chosen, by what, and what becomes of it.

Boards hold a few separate shapes; the property that a rule looks at never ties.
"""

import random
from collections.abc import Callable, Sequence

from arc_submit.records import Grid
from training.tasks import draw
from training.tasks.draw import NAMES, Body, Shape
from training.tasks.item import Draft, Unfit

MEASURES: dict[str, Callable[[Shape], object]] = {
    "size": len,
    "height": lambda shape: draw.extent(shape)[0],
    "width": lambda shape: draw.extent(shape)[1],
}
"""Primitive -> the same of a shape under construction."""
ENDS = (("argmin", "uppermost"), ("argmax", "lowermost"), ("argmin", "leftmost"), ("argmax", "rightmost"))
DIRECTIONS = ("UP", "DOWN", "LEFT", "RIGHT", "UNITY", "NEG_UNITY", "UP_RIGHT", "DOWN_LEFT")


def _shape(rng: random.Random, linked: bool = False, low: int = 2, high: int = 8) -> Shape:
    return draw.blob(rng, rng.randint(low, high), 4, 4, linked)


def _paints(rng: random.Random, count: int, without: Sequence[int]) -> list[int]:
    """Colours of the shapes of one board: all the same, all different, or as it comes."""
    palette = draw.colours(rng, min(count, 9 - len(set(without))), without)
    how = rng.randrange(3)
    if how == 0:
        return [palette[0]] * count
    return [palette[i % len(palette)] if how == 1 else rng.choice(palette[:2]) for i in range(count)]


def _various(rng: random.Random, measure: str, linked: bool, without: Sequence[int], base: int) -> Grid:
    """A board of 2 to 4 shapes that differ in the measure."""
    count = rng.randint(2, 4 if measure == "size" else 3)
    shapes = draw.unlike(rng, count, lambda: _shape(rng, linked), MEASURES[measure])
    paints = _paints(rng, count, (*without, base))
    return draw.grid(draw.fitted(rng, list(zip(shapes, paints, strict=True)), base))


def _extreme(rng: random.Random) -> tuple[Body, str, str, bool]:
    """Lines that choose the object of largest or smallest measure: body, its name, measure, diagonal."""
    linked, measure = rng.random() < 0.3, rng.choice(tuple(MEASURES))
    body = Body()
    found = body(f"objects(I, T, {draw.flag(linked)}, T)")
    return body, body(f"{rng.choice(('argmax', 'argmin'))}({found}, {measure})"), measure, linked


def crop_extreme(rng: random.Random) -> Draft:
    """The largest, smallest, tallest, widest ... object is cut out, perhaps mirrored."""
    body, chosen, measure, linked = _extreme(rng)
    base = draw.background(rng)
    grids = draw.inputs(rng, lambda: _various(rng, measure, linked, (), base))
    if rng.random() < 0.7:
        return Draft(grids, body.ending(f"subgrid({chosen}, I)"))
    cut = body(f"subgrid({chosen}, I)")
    return Draft(grids, body.ending(f"{rng.choice(draw.MIRRORS + draw.TURNS)}({cut})"))


def keep_extreme(rng: random.Random) -> Draft:
    """Only the object of largest or smallest measure stays on the board, perhaps in another colour."""
    body, chosen, measure, linked = _extreme(rng)
    base, colour = draw.colours(rng, 2) if rng.random() < 0.2 else (0, rng.randrange(1, 10))
    grids = draw.inputs(rng, lambda: _various(rng, measure, linked, (colour,), base))
    size = body("shape(I)")
    empty = body(f"canvas({NAMES[base]}, {size})")
    if rng.random() < 0.5:
        return Draft(grids, body.ending(f"paint({empty}, {chosen})"))
    return Draft(grids, body.ending(f"fill({empty}, {NAMES[colour]}, {chosen})"))


def recolour_extreme(rng: random.Random) -> Draft:
    """The object of largest or smallest measure gets a colour; sometimes it vanishes instead."""
    body, chosen, measure, linked = _extreme(rng)
    base = draw.background(rng)
    (colour,) = draw.colours(rng, 1, (base,))
    grids = draw.inputs(rng, lambda: _various(rng, measure, linked, (colour,), base))
    call = f"fill(I, {NAMES[colour]}, {chosen})" if rng.random() < 0.7 else f"cover(I, {chosen})"
    return Draft(grids, body.ending(call))


def recolour_both_ends(rng: random.Random) -> Draft:
    """The largest object gets one colour and the smallest another."""
    base, measure = draw.background(rng), rng.choice(tuple(MEASURES))
    large, small = draw.colours(rng, 2, (base,))
    body = Body()
    found = body("objects(I, T, F, T)")
    most, least = body(f"argmax({found}, {measure})"), body(f"argmin({found}, {measure})")
    half = body(f"fill(I, {NAMES[large]}, {most})")
    grids = draw.inputs(rng, lambda: _various(rng, measure, False, (large, small), base))
    return Draft(grids, body.ending(f"fill({half}, {NAMES[small]}, {least})"))


def by_position(rng: random.Random) -> Draft:
    """The uppermost, lowermost, leftmost or rightmost object is cut out, recoloured or removed."""
    how, edge = rng.choice(ENDS)
    base = draw.background(rng)
    (colour,) = draw.colours(rng, 1, (base,))

    def one() -> Grid:
        shapes = [_shape(rng, high=5) for _ in range(rng.randint(2, 3))]
        height, width = rng.randint(7, 9), rng.randint(7, 9)
        places = draw.scatter(rng, height, width, shapes)
        ends = [_edge(edge, shape, at) for shape, at in zip(shapes, places, strict=True)]
        if len(set(ends)) < len(ends):
            raise Unfit("a tie of position")
        board = draw.blank(height, width, base)
        for shape, at, paint in zip(shapes, places, _paints(rng, len(shapes), (colour, base)), strict=True):
            draw.put(board, shape, paint, at)
        return draw.grid(board)

    body = Body()
    found = body("objects(I, T, F, T)")
    chosen = body(f"{how}({found}, {edge})")
    call = rng.choice((f"subgrid({chosen}, I)", f"fill(I, {NAMES[colour]}, {chosen})", f"cover(I, {chosen})"))
    return Draft(draw.inputs(rng, lambda: draw.retried(one)), body.ending(call))


def _edge(edge: str, shape: Shape, at: draw.Place) -> int:
    tall, wide = draw.extent(shape)
    return {"uppermost": at[0], "lowermost": at[0] + tall, "leftmost": at[1], "rightmost": at[1] + wide}[edge]


def by_colour(rng: random.Random) -> Draft:
    """Objects of one colour are kept, removed or recoloured; which colour, the examples tell."""
    base = draw.background(rng)
    chosen, colour = draw.colours(rng, 2, (base,))

    def one() -> Grid:
        others = draw.colours(rng, 2, (base, chosen, colour))
        paints = [chosen] * rng.randint(1, 2) + [rng.choice(others) for _ in range(rng.randint(1, 3))]
        return draw.grid(draw.fitted(rng, [(_shape(rng, high=6), paint) for paint in paints], base))

    body = Body()
    cells = body(f"ofcolor(I, {NAMES[chosen]})")
    how = rng.randrange(3)
    grids = draw.inputs(rng, one)
    if how == 0:
        return Draft(grids, body.ending(f"cover(I, {cells})"))
    if how == 1:
        size = body("shape(I)")
        empty = body(f"canvas({NAMES[base]}, {size})")
        return Draft(grids, body.ending(f"fill({empty}, {NAMES[chosen]}, {cells})"))
    return Draft(grids, body.ending(f"subgrid({cells}, I)"))


def by_size(rng: random.Random) -> Draft:
    """Objects of exactly, or of more than, so many cells are recoloured or removed."""
    base, limit, exact = draw.background(rng), rng.randint(2, 5), rng.random() < 0.4
    (colour,) = draw.colours(rng, 1, (base,))

    def one() -> Grid:
        inside = [limit if exact else rng.randint(limit + 1, limit + 4) for _ in range(rng.randint(1, 2))]
        beyond = [rng.choice([n for n in range(1, limit + 3 * exact + 1) if n != limit or not exact]) for _ in "12"]
        shapes = [draw.blob(rng, count) for count in inside + beyond]
        return draw.grid(
            draw.fitted(rng, list(zip(shapes, _paints(rng, len(shapes), (base, colour)), strict=True)), base)
        )

    body = Body()
    found = body("objects(I, T, F, T)")
    if exact:
        kept = body(f"sizefilter({found}, {draw.number(limit)})")
        cells = body(f"merge({kept})")
    else:
        above = body(f"rbind(greater, {draw.number(limit)})")
        test = body(f"compose({above}, size)")
        cells = body(f"mfilter({found}, {test})")
    call = f"fill(I, {NAMES[colour]}, {cells})" if rng.random() < 0.7 else f"cover(I, {cells})"
    return Draft(draw.inputs(rng, one), body.ending(call))


def _kinds(rng: random.Random) -> dict[str, Callable[[], Shape]]:
    """Drawers of shapes by the predicate that holds of them and of no other here."""
    return {
        "square": lambda: draw.rectangle(*(rng.randint(2, 3),) * 2),
        "hline": lambda: draw.rectangle(1, rng.randint(2, 5)),
        "vline": lambda: draw.rectangle(rng.randint(2, 5), 1),
    }


def by_kind(rng: random.Random) -> Draft:
    """Squares, horizontal lines or vertical lines among other shapes are recoloured, removed or kept."""
    base = draw.background(rng)
    (colour,) = draw.colours(rng, 1, (base,))
    kinds = _kinds(rng)
    test = rng.choice(tuple(kinds))

    def one() -> Grid:
        others = [kind for kind in kinds if kind != test]
        shapes = [kinds[test]() for _ in range(rng.randint(1, 2))]
        shapes += [kinds[rng.choice(others)]() for _ in range(rng.randint(1, 2))]
        shapes.append(draw.lopsided(rng, 4))
        return draw.grid(
            draw.fitted(rng, list(zip(shapes, _paints(rng, len(shapes), (base, colour)), strict=True)), base)
        )

    body = Body()
    found = body("objects(I, T, F, T)")
    cells = body(f"mfilter({found}, {test})")
    how = rng.randrange(3)
    grids = draw.inputs(rng, one)
    if how == 0:
        return Draft(grids, body.ending(f"cover(I, {cells})"))
    if how == 1:
        return Draft(grids, body.ending(f"fill(I, {NAMES[colour]}, {cells})"))
    size = body("shape(I)")
    empty = body(f"canvas({NAMES[base]}, {size})")
    return Draft(grids, body.ending(f"paint({empty}, {cells})"))


def upright_or_lying(rng: random.Random) -> Draft:
    """Rectangles higher than wide get one colour, the others another or stay as they are."""
    base = draw.background(rng)
    given, tall, flat = draw.colours(rng, 3, (base,))

    def one() -> Grid:
        sides = [(rng.randint(3, 4), rng.randint(1, 2)) for _ in range(rng.randint(2, 4))]
        turns = [True, False] + [rng.random() < 0.5 for _ in sides[2:]]
        shapes = [draw.rectangle(*(box if up else box[::-1])) for box, up in zip(sides, turns, strict=True)]
        return draw.grid(draw.fitted(rng, [(shape, given) for shape in shapes], base))

    body = Body()
    found = body("objects(I, T, F, T)")
    cells = body(f"mfilter({found}, portrait)")
    if rng.random() < 0.5:
        return Draft(draw.inputs(rng, one), body.ending(f"fill(I, {NAMES[tall]}, {cells})"))
    other = body(f"replace(I, {NAMES[given]}, {NAMES[flat]})")
    return Draft(draw.inputs(rng, one), body.ending(f"fill({other}, {NAMES[tall]}, {cells})"))


def at_the_edge(rng: random.Random) -> Draft:
    """Objects that touch the edge of the grid, or those that do not, are recoloured or removed."""
    base, inner = draw.background(rng), rng.random() < 0.4
    (colour,) = draw.colours(rng, 1, (base,))

    def one() -> Grid:
        height, width = rng.randint(7, 9), rng.randint(7, 9)
        shapes = [_shape(rng, high=5) for _ in range(rng.randint(2, 3))]
        places = draw.scatter(rng, height, width, shapes)
        touching = {_touches(shape, at, height, width) for shape, at in zip(shapes, places, strict=True)}
        if len(touching) < 2:
            raise Unfit("all or nothing at the edge")
        board = draw.blank(height, width, base)
        for shape, at, paint in zip(shapes, places, _paints(rng, len(shapes), (base, colour)), strict=True):
            draw.put(board, shape, paint, at)
        return draw.grid(board)

    body = Body()
    found = body("objects(I, T, F, T)")
    test = body("rbind(bordering, I)")
    if inner:
        test = body(f"compose(flip, {test})")
    cells = body(f"mfilter({found}, {test})")
    call = f"fill(I, {NAMES[colour]}, {cells})" if rng.random() < 0.6 else f"cover(I, {cells})"
    return Draft(draw.inputs(rng, lambda: draw.retried(one)), body.ending(call))


def _touches(shape: Shape, at: draw.Place, height: int, width: int) -> bool:
    tall, wide = draw.extent(shape)
    return 0 in at or at[0] + tall == height or at[1] + wide == width


def odd_colour(rng: random.Random) -> Draft:
    """The one object whose colour no other object has is cut out, recoloured or removed."""
    base = draw.background(rng)
    (mark,) = draw.colours(rng, 1, (base,))

    def one() -> Grid:
        usual, odd = draw.colours(rng, 2, (base, mark))
        paints = [odd] + [usual] * rng.randint(2, 3)
        return draw.grid(draw.fitted(rng, [(_shape(rng, high=6), paint) for paint in paints], base))

    body = Body()
    found = body("objects(I, T, F, T)")
    listed = body(f"totuple({found})")
    paints = body(f"apply(color, {listed})")
    rare = body(f"leastcommon({paints})")
    test = body(f"matcher(color, {rare})")
    chosen = body(f"extract({found}, {test})")
    call = rng.choice((f"subgrid({chosen}, I)", f"cover(I, {chosen})", f"fill(I, {NAMES[mark]}, {chosen})"))
    return Draft(draw.inputs(rng, one), body.ending(call))


def odd_shape(rng: random.Random) -> Draft:
    """The one object whose form no other object has is cut out, recoloured or removed; colours mislead."""
    base = draw.background(rng)
    (mark,) = draw.colours(rng, 1, (base,))

    def one() -> Grid:
        usual, odd = draw.unlike(rng, 2, lambda: _shape(rng, low=3, high=6), lambda shape: shape)
        shapes = [odd] + [usual] * rng.randint(2, 3)
        paints = _paints(rng, len(shapes), (base, mark))
        return draw.grid(draw.fitted(rng, list(zip(shapes, paints, strict=True)), base))

    body = Body()
    found = body("objects(I, T, F, T)")
    form = body("compose(toindices, normalize)")
    listed = body(f"totuple({found})")
    forms = body(f"apply({form}, {listed})")
    rare = body(f"leastcommon({forms})")
    test = body(f"matcher({form}, {rare})")
    chosen = body(f"extract({found}, {test})")
    call = rng.choice((f"subgrid({chosen}, I)", f"cover(I, {chosen})", f"fill(I, {NAMES[mark]}, {chosen})"))
    return Draft(draw.inputs(rng, one), body.ending(call))


def _patched(rng: random.Random, palettes: Sequence[Sequence[int]]) -> Grid:
    """A board of rectangular patches, one for each palette."""
    boards = [draw.sprite(rng, rng.randint(2, 3), rng.randint(2, 3), palette) for palette in palettes]
    shapes = [draw.rectangle(len(board), len(board[0])) for board in boards]
    height, width = rng.randint(8, 10), rng.randint(8, 10)
    scene = draw.blank(height, width)
    for board, at in zip(boards, draw.scatter(rng, height, width, shapes), strict=True):
        draw.paste(scene, board, at)
    return draw.grid(scene)


def most_colours(rng: random.Random) -> Draft:
    """The patch with the most or the fewest colours is cut out."""
    how = rng.choice(("argmax", "argmin"))

    def one() -> Grid:
        counts = rng.sample((1, 2, 3, 4), rng.randint(2, 3))
        return _patched(rng, [draw.colours(rng, count, (0,)) for count in counts])

    body = Body()
    found = body("objects(I, F, F, T)")
    chosen = body(f"{how}({found}, numcolors)")
    call = f"subgrid({chosen}, I)" if rng.random() < 0.7 else f"cover(I, {chosen})"
    return Draft(draw.inputs(rng, lambda: draw.retried(one)), body.ending(call))


def most_of_a_colour(rng: random.Random) -> Draft:
    """The patch with the most cells of one colour is cut out."""
    counted = rng.randrange(1, 10)

    def one() -> Grid:
        (other,) = draw.colours(rng, 1, (0, counted))
        amounts = rng.sample((1, 2, 3, 4), rng.randint(2, 3))
        boards = [[counted] * amount + [other] * rng.randint(1, 2) for amount in amounts]
        return _patched_cells(rng, boards, other)

    body = Body()
    found = body("objects(I, F, F, T)")
    amount = body(f"rbind(colorcount, {NAMES[counted]})")
    chosen = body(f"{rng.choice(('argmax', 'argmin'))}({found}, {amount})")
    return Draft(draw.inputs(rng, lambda: draw.retried(one)), body.ending(f"subgrid({chosen}, I)"))


def _patched_cells(rng: random.Random, parts: Sequence[Sequence[int]], filler: int) -> Grid:
    """A board of rectangles that hold exactly these cells and filler."""
    height, width = rng.randint(8, 10), rng.randint(8, 10)
    boxes = [(2, 3) if len(cells) > 4 else (2, 2) for cells in parts]
    boxes = [box[::-1] if rng.random() < 0.5 else box for box in boxes]
    scene = draw.blank(height, width)
    for (tall, wide), cells, at in zip(
        boxes, parts, draw.scatter(rng, height, width, [draw.rectangle(*box) for box in boxes]), strict=True
    ):
        flat = [*cells, *[filler] * (tall * wide - len(cells))]
        rng.shuffle(flat)
        draw.paste(scene, [flat[row * wide : (row + 1) * wide] for row in range(tall)], at)
    return draw.grid(scene)


def hollow_or_full(rng: random.Random) -> Draft:
    """Rectangles with a hole, or those without, are recoloured or removed."""
    base, full = draw.background(rng), rng.random() < 0.5
    (mark,) = draw.colours(rng, 1, (base,))

    def one() -> Grid:
        hollow = [draw.outline(3, rng.randint(3, 4)) for _ in range(rng.randint(1, 2))]
        filled = [draw.rectangle(2, rng.randint(2, 4)) for _ in range(rng.randint(1, 2))]
        paints = _paints(rng, len(hollow + filled), (base, mark))
        return draw.grid(draw.fitted(rng, list(zip(hollow + filled, paints, strict=True)), base))

    body = Body()
    found = body("objects(I, T, F, T)")
    gaps = body("compose(size, delta)")
    test = body(f"matcher({gaps}, ZERO)" if full else f"compose(positive, {gaps})")
    cells = body(f"mfilter({found}, {test})")
    call = f"fill(I, {NAMES[mark]}, {cells})" if rng.random() < 0.7 else f"cover(I, {cells})"
    return Draft(draw.inputs(rng, one), body.ending(call))


def dress(rng: random.Random) -> Draft:
    """Each object gets a frame around it, its gaps filled, its corners or its middle marked."""
    what = rng.choice(("outbox", "delta", "corners", "box", "backdrop"))
    base = draw.background(rng)
    colour, given = draw.colours(rng, 2, (base,))
    solid = what in ("outbox", "corners", "box") and rng.random() < 0.6

    def one() -> Grid:
        shapes = [
            draw.rectangle(rng.randint(2, 3), rng.randint(2, 4)) if solid else draw.lopsided(rng, rng.randint(4, 6), 3)
            for _ in range(rng.randint(1, 2))
        ]
        around = what == "outbox"
        return draw.grid(
            draw.fitted(rng, [(shape, given) for shape in shapes], base, gap=1 + 2 * around, margin=int(around))
        )

    body = Body()
    found = body("objects(I, T, F, T)")
    places = body(f"mapply({what}, {found})")
    under = "underfill" if what == "backdrop" else "fill"
    return Draft(draw.inputs(rng, one), body.ending(f"{under}(I, {NAMES[colour]}, {places})"))


def turn_over(rng: random.Random) -> Draft:
    """Each object is mirrored on the spot."""
    mirror = rng.choice(("hmirror", "vmirror"))
    base = draw.background(rng)

    def one() -> Grid:
        shapes = [draw.lopsided(rng, rng.randint(4, 7)) for _ in range(rng.randint(1, 3))]
        paints = _paints(rng, len(shapes), (base,))
        return draw.grid(draw.fitted(rng, list(zip(shapes, paints, strict=True)), base, gap=2))

    body = Body()
    found = body("objects(I, T, F, T)")
    cells = body(f"merge({found})")
    cleared = body(f"cover(I, {cells})")
    turned = body(f"mapply({mirror}, {found})")
    return Draft(draw.inputs(rng, one), body.ending(f"paint({cleared}, {turned})"))


def step_aside(rng: random.Random) -> Draft:
    """All objects, or the largest or smallest alone, move one or two cells in one direction."""
    direction, all_of_them = rng.choice(DIRECTIONS), rng.random() < 0.4
    base, far = draw.background(rng), rng.random() < 0.4

    def one() -> Grid:
        shapes = draw.unlike(rng, rng.randint(1 + (not all_of_them), 2), lambda: _shape(rng, high=5), len)
        paints = _paints(rng, len(shapes), (base,))
        return draw.grid(draw.fitted(rng, list(zip(shapes, paints, strict=True)), base, gap=1 + far, margin=1 + far))

    body = Body()
    found = body("objects(I, T, F, T)")
    chosen = body(f"merge({found})" if all_of_them else f"{rng.choice(('argmax', 'argmin'))}({found}, size)")
    way = body(f"double({direction})") if far else direction
    return Draft(draw.inputs(rng, one), body.ending(f"move(I, {chosen}, {way})"))


def twin(rng: random.Random) -> Draft:
    """The one object gets a copy right beside it, perhaps mirrored, perhaps in another colour."""
    base = draw.background(rng)
    (mark,) = draw.colours(rng, 1, (base,))
    axis, sign = rng.choice(("width", "height")), rng.random() < 0.5

    def one() -> Grid:
        shape = _shape(rng, low=3, high=7)
        (paint,) = draw.colours(rng, 1, (base, mark))
        tall, wide = draw.extent(shape)
        height, width = (
            tall * (1 + (axis == "height")) + rng.randint(1, 4),
            wide * (1 + (axis == "width")) + rng.randint(1, 4),
        )
        at = [rng.randint(0, height - tall), rng.randint(0, width - wide)]
        along, room = (0, tall) if axis == "height" else (1, wide)
        side = (height, width)[along]
        at[along] = rng.randint(room, side - room) if sign else rng.randint(0, side - 2 * room)
        board = draw.blank(height, width, base)
        draw.put(board, shape, paint, (at[0], at[1]))
        return draw.grid(board)

    body = Body()
    found = body("objects(I, T, F, T)")
    thing = body(f"first({found})")
    length = body(f"{axis}({thing})")
    if sign:
        length = body(f"invert({length})")
    way = body(f"{'tojvec' if axis == 'width' else 'toivec'}({length})")
    if rng.random() < 0.4:
        thing = body(f"{'vmirror' if axis == 'width' else 'hmirror'}({thing})")
    copy = body(f"shift({thing}, {way})")
    call = f"paint(I, {copy})" if rng.random() < 0.6 else f"fill(I, {NAMES[mark]}, {copy})"
    return Draft(draw.inputs(rng, one), body.ending(call))


def line_up(rng: random.Random) -> Draft:
    """The colours of the objects in a row or column, ordered by size, height or position."""
    measure = rng.choice(("size", "size", "leftmost", "uppermost"))
    count, upright = rng.randint(2, 3), rng.random() < 0.5

    def one() -> Grid:
        shapes = draw.unlike(rng, count, lambda: _shape(rng, high=6), len)
        height, width = rng.randint(6, 9), rng.randint(6, 9)
        places = draw.scatter(rng, height, width, shapes)
        if len({at[0] for at in places}) < count or len({at[1] for at in places}) < count:
            raise Unfit("a tie of position")
        board = draw.blank(height, width)
        for shape, at, paint in zip(shapes, places, draw.colours(rng, count, (0,)), strict=True):
            draw.put(board, shape, paint, at)
        return draw.grid(board)

    body = Body()
    found = body("objects(I, T, F, T)")
    row = body(f"order({found}, {measure})")
    paints = body(f"apply(color, {row})")
    grids = draw.inputs(rng, lambda: draw.retried(one))
    if not upright:
        return Draft(grids, body.ending(f"repeat({paints}, ONE)"))
    flat = body(f"repeat({paints}, ONE)")
    return Draft(grids, body.ending(f"dmirror({flat})"))


GENERATORS = (
    crop_extreme,
    keep_extreme,
    recolour_extreme,
    recolour_both_ends,
    by_position,
    by_colour,
    by_size,
    by_kind,
    upright_or_lying,
    at_the_edge,
    odd_colour,
    odd_shape,
    most_colours,
    most_of_a_colour,
    hollow_or_full,
    dress,
    turn_over,
    step_aside,
    twin,
    line_up,
)
