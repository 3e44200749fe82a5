"""Counting: objects, cells and colours become a size, a bar, a colour or a choice."""

import random
from collections.abc import Callable

from arc_submit.records import Grid
from training.tasks import draw
from training.tasks.draw import NAMES, Body
from training.tasks.item import Draft, Unfit


def _crowd(rng: random.Random, count: int, paints: list[int], base: int = 0) -> Grid:
    """A board of `count` small objects in these colours (repeated as needed)."""
    shapes = [draw.blob(rng, rng.randint(1, 4), 3, 3) for _ in range(count)]
    return draw.grid(draw.fitted(rng, [(shape, paints[i % len(paints)]) for i, shape in enumerate(shapes)], base))


def _dotted(rng: random.Random, amounts: dict[int, int], base: int = 0) -> Grid:
    """A board with so many single cells of each colour, anywhere."""
    height, width = rng.randint(4, 7), rng.randint(4, 7)
    cells = [colour for colour, amount in amounts.items() for _ in range(amount)]
    if 2 * len(cells) >= height * width - max(amounts.values(), default=0):
        raise Unfit("too many dots")
    cells += [base] * (height * width - len(cells))
    rng.shuffle(cells)
    return draw.grid([cells[row * width : (row + 1) * width] for row in range(height)])


def _counted(rng: random.Random, body: Body, low: int, high: int) -> tuple[str, Callable[[], Grid]]:
    """A line that counts objects or the cells of a colour, and a drawer of boards."""
    colour, other = draw.colours(rng, 2, (0,))
    halves = [rng.sample(range(start, high + 1, 2), len(range(start, high + 1, 2))) for start in (low, low + 1)]
    numbers = [n for both in zip(*halves, strict=False) for n in both]  # odd and even by turns

    def count() -> int:
        return numbers.pop() if numbers else rng.randint(low, high)

    if rng.random() < 0.5:
        found = body("objects(I, T, F, T)")
        return body(f"size({found})"), lambda: _crowd(rng, count(), draw.colours(rng, rng.randint(1, 3), (0,)))
    line = body(f"colorcount(I, {NAMES[colour]})")
    return line, lambda: draw.retried(lambda: _dotted(rng, {colour: count(), other: rng.randint(1, 4)}))


def as_size(rng: random.Random) -> Draft:
    """The number of objects, or of cells of a colour, is the length of a bar or the side of a square."""
    body, colour = Body(), rng.randrange(1, 10)
    count, one = _counted(rng, body, 1, 5)
    pair = body(f"astuple({rng.choice((f'ONE, {count}', f'{count}, ONE', f'{count}, {count}', f'TWO, {count}'))})")
    return Draft(draw.inputs(rng, one), body.ending(f"canvas({NAMES[colour]}, {pair})"))


def as_bar(rng: random.Random) -> Draft:
    """A strip of fixed length is filled as far as the number of objects or cells goes."""
    body, colour, high = Body(), rng.randrange(1, 10), rng.randint(4, 6)
    count, one = _counted(rng, body, 1, high)
    upright = rng.random() < 0.5
    pair = body(f"astuple({count}, ONE)" if upright else f"astuple(ONE, {count})")
    bar = body(f"canvas({NAMES[colour]}, {pair})")
    cells = body(f"asobject({bar})")
    strip = body(f"canvas(ZERO, {(high, 1) if upright else (1, high)})")
    return Draft(draw.inputs(rng, one), body.ending(f"paint({strip}, {cells})"))


def as_diagonal(rng: random.Random) -> Draft:
    """The number of objects or cells is the side of a square with a diagonal."""
    body, (colour, base) = Body(), draw.colours(rng, 2)
    count, one = _counted(rng, body, 2, 5)
    pair = body(f"astuple({count}, {count})")
    empty = body(f"canvas({NAMES[base]}, {pair})")
    ray = body("shoot(ORIGIN, UNITY)")
    if rng.random() < 0.5:
        return Draft(draw.inputs(rng, one), body.ending(f"fill({empty}, {NAMES[colour]}, {ray})"))
    full = body(f"fill({empty}, {NAMES[colour]}, {ray})")
    return Draft(draw.inputs(rng, one), body.ending(f"vmirror({full})"))


def as_factor(rng: random.Random) -> Draft:
    """The number of colours in the grid is the factor by which it grows."""
    how = rng.choice(("upscale", "upscale", "hupscale", "vupscale"))
    counts = [2, 3, 2, 3, 4]
    rng.shuffle(counts)

    def one() -> Grid:
        palette = draw.colours(rng, counts.pop() if counts else rng.randint(2, 3))
        return draw.grid(draw.sprite(rng, 2, rng.randint(2, 3), palette))

    body = Body()
    count = body("numcolors(I)")
    if rng.random() < 0.4:
        count = body(f"{rng.choice(('increment', 'double')) if how != 'upscale' else 'increment'}({count})")
    return Draft(draw.inputs(rng, one), body.ending(f"{how}(I, {count})"))


def commonest_object_colour(rng: random.Random) -> Draft:
    """The colour that most objects, or the fewest, have fills a small grid; sizes mislead."""
    how, size = rng.choice(("mostcommon", "leastcommon")), rng.choice(("UNITY", "TWO_BY_TWO", "THREE_BY_THREE"))

    def one() -> Grid:
        few, many = draw.colours(rng, 2, (0,))
        paints = [few] * rng.randint(1, 2) + [many] * 3
        return _crowd(rng, len(paints), paints)

    body = Body()
    found = body("objects(I, T, F, T)")
    listed = body(f"totuple({found})")
    paints = body(f"apply(color, {listed})")
    colour = body(f"{how}({paints})")
    return Draft(draw.inputs(rng, one), body.ending(f"canvas({colour}, {size})"))


def which_is_more(rng: random.Random) -> Draft:
    """The colour, of two, with more cells or with fewer fills a small grid."""
    one_colour, other = draw.colours(rng, 2, (0,))
    size = rng.choice(("UNITY", "TWO_BY_TWO", "THREE_BY_THREE", "shape"))
    more = iter([True, False] * 50)

    def one() -> Grid:
        low, high = sorted(rng.sample(range(1, 8), 2))
        amounts = {one_colour: high, other: low} if next(more) else {one_colour: low, other: high}
        return draw.retried(lambda: _dotted(rng, amounts))

    body = Body()
    here, there = body(f"colorcount(I, {NAMES[one_colour]})"), body(f"colorcount(I, {NAMES[other]})")
    test = body(f"greater({here}, {there})")
    ends = [NAMES[one_colour], NAMES[other]]
    rng.shuffle(ends)
    colour = body(f"branch({test}, {ends[0]}, {ends[1]})")
    size = body("shape(I)") if size == "shape" else size
    return Draft(draw.inputs(rng, one), body.ending(f"canvas({colour}, {size})"))


def odd_or_even(rng: random.Random) -> Draft:
    """One colour says that the number of objects or cells is even, another that it is odd."""
    body, (even, odd) = Body(), draw.colours(rng, 2)
    count, one = _counted(rng, body, 1, 6)
    test = body(f"even({count})")
    colour = body(f"branch({test}, {NAMES[even]}, {NAMES[odd]})")
    size = rng.choice(("UNITY", "TWO_BY_TWO", "THREE_BY_THREE"))
    return Draft(draw.inputs(rng, one), body.ending(f"canvas({colour}, {size})"))


def rank_colours(rng: random.Random) -> Draft:
    """Colours in a row or column, from the one with the fewest cells to the one with the most, or the other way."""
    count, upright, down = rng.randint(2, 3), rng.random() < 0.5, rng.random() < 0.5

    def one() -> Grid:
        amounts = rng.sample(range(1, 7), count)
        return draw.retried(lambda: _dotted(rng, dict(zip(draw.colours(rng, count, (0,)), amounts, strict=True))))

    body = Body()
    found = body("fgpartition(I)")
    row = body(f"order({found}, size)")
    paints = body(f"apply(color, {row})")
    flat = body(f"repeat({paints}, ONE)")
    call = {(False, True): "vmirror", (True, False): "dmirror", (True, True): "rot270"}.get((upright, down))
    if call is None:
        return Draft(draw.inputs(rng, one), (*body.lines[:-1], f"O = repeat({paints}, ONE)"))
    return Draft(draw.inputs(rng, one), body.ending(f"{call}({flat})"))


def size_is_count(rng: random.Random) -> Draft:
    """Objects with as many cells as there are objects are recoloured or removed."""
    base = draw.background(rng)
    (mark,) = draw.colours(rng, 1, (base,))

    def one() -> Grid:
        count = rng.randint(2, 4)
        sizes = [count, *(rng.choice([n for n in range(1, 6) if n != count]) for _ in range(count - 1))]
        paints = [rng.choice(draw.colours(rng, 3, (base, mark))) for _ in sizes]
        shapes = [draw.blob(rng, size, 3, 3) for size in sizes]
        return draw.grid(draw.fitted(rng, list(zip(shapes, paints, strict=True)), base))

    body = Body()
    found = body("objects(I, T, F, T)")
    count = body(f"size({found})")
    kept = body(f"sizefilter({found}, {count})")
    cells = body(f"merge({kept})")
    call = f"fill(I, {NAMES[mark]}, {cells})" if rng.random() < 0.7 else f"cover(I, {cells})"
    return Draft(draw.inputs(rng, one), body.ending(call))


GENERATORS = (
    as_size,
    as_bar,
    as_diagonal,
    as_factor,
    commonest_object_colour,
    which_is_more,
    odd_or_even,
    rank_colours,
    size_is_count,
)
