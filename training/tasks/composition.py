"""Composition: a part of the grid is found or a scene is changed, then steps from grid to grid follow one another.

Openers draw the inputs and write the first lines; STEPS are the grid-to-grid steps. A step knows how large its result
may get and which colours are sure to occur in it. A chain has no two steps of one kind, and every step has to show.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

from arc_submit.records import Grid
from training.tasks import draw
from training.tasks.cells import halves, panelled, split
from training.tasks.completion import closing
from training.tasks.draw import Body, Shape
from training.tasks.item import Draft, Unfit, compiled
from training.tasks.lines import SLANTED, STRAIGHT
from training.tasks.retries import patient

LONGEST = 10  # lines of a program
LARGEST = 140  # cells of an output, at most
WIDEST = 16  # cells a side of an output, at most


@dataclass(frozen=True, slots=True)
class State:
    """What is known of the grid that a chain has reached."""

    name: str
    """Variable that holds it."""
    sides: tuple[int, int]
    """Most rows and most columns it can have over all inputs."""
    sure: tuple[int, ...]
    """Colours that occur in it whatever the input."""
    least: int
    """Its shorter side is never below this, cells."""


@dataclass(frozen=True, slots=True)
class Step:
    """A way from grid to grid."""

    kind: str
    """Steps of one kind come once in a chain."""
    write: Callable[[random.Random, Body, State], State]
    """Adds the lines and returns the state reached."""
    after: frozenset[str] = frozenset()
    """Kinds that must not have come before: they would undo or hide the step."""


# ---------------------------------------------------------------------- steps


def _turn(rng: random.Random, body: Body, state: State) -> State:
    call = rng.choice([*draw.MIRRORS, *draw.TURNS])
    height, width = state.sides
    sides = (width, height) if call in ("dmirror", "cmirror", "rot90", "rot270") else (height, width)
    return replace(state, name=body(f"{call}({state.name})"), sides=sides)


def _scale(rng: random.Random, body: Body, state: State) -> State:
    call = rng.choice(["upscale", "upscale", "hupscale", "vupscale"])
    factor = rng.randint(2, 3)
    down, across = (1 if call == "hupscale" else factor), (1 if call == "vupscale" else factor)
    name = body(f"{call}({state.name}, {draw.number(factor)})")
    return replace(state, name=name, sides=(down * state.sides[0], across * state.sides[1]))


def _tile(rng: random.Random, body: Body, state: State) -> State:
    call = rng.choice(["hconcat", "vconcat"])
    name = body(f"{call}({state.name}, {state.name})")
    times = 2
    if rng.random() < 0.25:
        name, times = body(f"{call}({name}, {state.name})"), 3
    return replace(state, name=name, sides=_stretched(state.sides, call, times))


def _reflect(rng: random.Random, body: Body, state: State) -> State:
    call = rng.choice(["hconcat", "vconcat"])
    before = body.lines[-1] if body.lines else ""
    mirrors = [mirror for mirror in ("hmirror", "vmirror", "rot180") if f" {mirror}(" not in before]
    twin = body(f"{rng.choice(mirrors)}({state.name})")
    pair = f"{state.name}, {twin}" if rng.random() < 0.6 else f"{twin}, {state.name}"
    return replace(state, name=body(f"{call}({pair})"), sides=_stretched(state.sides, call, 2))


def _stretched(sides: tuple[int, int], call: str, times: int) -> tuple[int, int]:
    return (sides[0], times * sides[1]) if call == "hconcat" else (times * sides[0], sides[1])


def _recolour(rng: random.Random, body: Body, state: State) -> State:
    if len(state.sure) > 1 and rng.random() < 0.4:
        first, second = rng.sample(state.sure, 2)
        return replace(state, name=body(f"switch({state.name}, {draw.number(first)}, {draw.number(second)})"))
    old = rng.choice(state.sure)
    new = draw.colours(rng, 1, state.sure)[0]
    name = body(f"replace({state.name}, {draw.number(old)}, {draw.number(new)})")
    return replace(state, name=name, sure=(*(colour for colour in state.sure if colour != old), new))


def _edge(rng: random.Random, body: Body, state: State) -> State:
    """Colour the outermost cells, or the corners."""
    if state.least < 3:
        raise Unfit("all cells lie at the edge")
    colour = draw.colours(rng, 1, state.sure)[0]
    places = body(f"asindices({state.name})")
    part = body(f"{'box' if rng.random() < 0.7 else 'corners'}({places})")
    name = body(f"fill({state.name}, {draw.number(colour)}, {part})")
    return replace(state, name=name, sure=(colour,))


def _mount(rng: random.Random, body: Body, state: State) -> State:
    """Put a frame of one cell around the grid."""
    colour = draw.colours(rng, 1, state.sure)[0]
    sides = body(f"shape({state.name})")
    larger = body(f"add({sides}, TWO)")
    frame = body(f"canvas({draw.number(colour)}, {larger})")
    cells = body(f"asobject({state.name})")
    moved = body(f"shift({cells}, UNITY)")
    height, width = state.sides
    return State(body(f"paint({frame}, {moved})"), (height + 2, width + 2), (*state.sure, colour), state.least + 2)


def _cut(rng: random.Random, body: Body, state: State) -> State:
    if state.least < 4:
        raise Unfit("too small to cut")
    height, width = state.sides
    call = rng.choice(["tophalf", "bottomhalf", "lefthalf", "righthalf", "trim"])
    if call == "trim":
        return State(body(f"trim({state.name})"), (height - 2, width - 2), (), state.least - 2)
    sides = (height // 2, width) if call in ("tophalf", "bottomhalf") else (height, width // 2)
    return State(body(f"{call}({state.name})"), sides, (), state.least // 2)


def _diagonal(rng: random.Random, body: Body, state: State) -> State:
    colour = draw.colours(rng, 1, state.sure)[0]
    line = body("shoot(ORIGIN, UNITY)")
    name = body(f"fill({state.name}, {draw.number(colour)}, {line})")
    return replace(state, name=name, sure=(colour,))


def _settle(rng: random.Random, body: Body, state: State) -> State:
    """Move the cells of one colour to the end of their rows."""
    wanted = body(f"matcher(identity, {draw.number(rng.choice(state.sure))})")
    sort = body(f"rbind(order, {wanted})")
    return replace(state, name=body(f"apply({sort}, {state.name})"))


DOUBLED = frozenset({"tile", "reflect"})
STEPS = (
    Step("turn", _turn, frozenset({"reflect"})),
    Step("scale", _scale),
    Step("tile", _tile),
    Step("reflect", _reflect, DOUBLED),
    Step("colour", _recolour),
    Step("edge", _edge, frozenset({"mount"})),
    Step("mount", _mount, frozenset({"edge"})),
    Step("cut", _cut, DOUBLED | {"mount", "edge", "scale"}),
    Step("diagonal", _diagonal),
    Step("settle", _settle, frozenset({"mount", "diagonal"})),
)
COLOURING = frozenset({"colour", "settle"})  # kinds that need a colour that is sure to occur


def chain(rng: random.Random, body: Body, state: State, count: int, kinds: frozenset[str] = frozenset()) -> list[str]:
    """Add `count` steps, of the given kinds if any are given, and return the variables that hold their grids.

    Raises:
        Unfit: the steps drawn make the program too long or its output too large.
    """
    names = [state.name]
    done: set[str] = set()
    for _ in range(count):
        fitting = [step for step in STEPS if step.kind not in done and not step.after & done]
        fitting = [step for step in fitting if state.sure or step.kind not in COLOURING]
        step = rng.choice([step for step in fitting if not kinds or step.kind in kinds])
        state = step.write(rng, body, state)
        done.add(step.kind)
        names.append(state.name)
    height, width = state.sides
    if len(body.lines) > LONGEST or max(height, width) > WIDEST or height * width > LARGEST:
        raise Unfit("too long or too large")
    return names


def composed(
    rng: random.Random, body: Body, state: State, one: Callable[[], Grid], steps: tuple[int, int], kinds: str = ""
) -> Draft:
    """Return the draft of an opener's inputs and lines with a chain after them.

    Raises:
        Unfit: no chain fits, or a step changes none of the inputs.
    """
    opened = len(body.lines)
    for _ in range(20):
        del body.lines[opened:]
        try:
            names = chain(rng, body, state, rng.randint(*steps), frozenset(kinds.split()))
            break
        except Unfit:
            continue
    else:
        raise Unfit("no chain fits")
    draft = Draft(draw.inputs(rng, patient(one)), closing(body))
    _check_steps(draft, body, names)
    return draft


def _check_steps(draft: Draft, body: Body, names: list[str]) -> None:
    text = "def solve(I):\n" + "".join(f"    {line}\n" for line in body.lines) + f"    return [{', '.join(names)}]\n"
    reached = [compiled(text)(grid) for grid in draft.inputs]
    for before, after in pairwise(zip(*reached, strict=True)):
        if before == after:
            raise Unfit("a step that does not show")


# ---------------------------------------------------------------------- openers


def pattern_chain(rng: random.Random) -> Draft:
    """A small pattern goes through two to four steps."""
    palette = draw.colours(rng, rng.randint(2, 3))
    low, high = rng.choice([(2, 3), (3, 4), (4, 6)])

    def one() -> Grid:
        return draw.grid(draw.sprite(rng, rng.randint(low, high), rng.randint(low, high), palette))

    return composed(rng, Body(), State("I", (high, high), tuple(palette), low), one, (2, 4))


def _things(rng: random.Random, count: int, palette: list[int]) -> list[tuple[Shape, int]]:
    """Return shapes of different sizes, each with its own colour."""
    shapes = draw.unlike(rng, count, lambda: draw.lopsided(rng, rng.randint(4, 7), 3, 4), len)
    return list(zip(shapes, rng.sample(palette, count), strict=True))


def crop_chain(rng: random.Random) -> Draft:
    """One object is cut out, by size, place or colour, and goes through one to three steps."""
    base = draw.background(rng)
    palette = draw.colours(rng, 4, {base})
    test = rng.choice(["size", "size", "uppermost", "leftmost", "colour"])

    def one() -> Grid:
        things = _things(rng, 2, palette[1:])
        if test == "colour":
            things[0] = (things[0][0], palette[0])
        board = draw.scene(rng, rng.randint(6, 8), rng.randint(6, 8), things, base)
        firsts = [_first(board if test == "uppermost" else draw.transposed(board), colour) for _, colour in things]
        if test in ("uppermost", "leftmost") and firsts[0] == firsts[1]:
            raise Unfit("a tie")
        return draw.grid(board)

    body = Body()
    if test == "colour":
        patch = body(f"ofcolor(I, {draw.number(palette[0])})")
    else:
        things = body("objects(I, T, F, T)")
        patch = body(f"{rng.choice(['argmax', 'argmin'])}({things}, {test})")
    part = body(f"subgrid({patch}, I)")
    sure = (base, palette[0]) if test == "colour" else (base,)
    return composed(rng, body, State(part, (4, 4), sure, 2), one, (1, 3))


def _first(board: draw.Board, colour: int) -> int:
    """Return the first row with a colour."""
    return next(row for row, line in enumerate(board) if colour in line)


def scene_chain(rng: random.Random) -> Draft:
    """One object of the scene changes colour or vanishes; then the whole scene goes through one or two steps."""
    base = draw.background(rng)
    palette = draw.colours(rng, 3, {base})
    new = draw.colours(rng, 1, {base, *palette})[0]
    wipe = rng.random() < 0.3

    def one() -> Grid:
        return draw.grid(draw.scene(rng, rng.randint(4, 6), rng.randint(5, 7), _small(rng, palette), base))

    body = Body()
    things = body("objects(I, T, F, T)")
    thing = body(f"{rng.choice(['argmax', 'argmin'])}({things}, size)")
    changed = body(f"cover(I, {thing})" if wipe else f"fill(I, {draw.number(new)}, {thing})")
    state = State(changed, (6, 7), (base,) if wipe else (base, new), 4)
    return composed(rng, body, state, one, (1, 2))


def _small(rng: random.Random, palette: list[int]) -> list[tuple[Shape, int]]:
    shapes = draw.unlike(rng, 2, lambda: draw.blob(rng, rng.randint(1, 5), 3, 3), len)
    return [(shape, rng.choice(palette)) for shape in shapes]


def halves_chain(rng: random.Random) -> Draft:
    """Two halves are laid over each other, and the result goes through one or two steps."""
    left, right, wall, new = draw.colours(rng, 4, {0})
    upright, walled, agree = (rng.random() < p for p in (0.5, 0.7, 0.5))
    combined = rng.choice(["intersection", "combine", "difference"])

    def one() -> Grid:
        height, width = rng.randint(3, 5), rng.randint(3, 5)
        panels = [draw.noise(rng, height, width, [0, left if agree else mark]) for mark in (left, right)]
        cells = [cell for lines in zip(*panels, strict=True) for cell in zip(*lines, strict=True)]
        if len({(bool(a), bool(b)) for a, b in cells}) < 4:
            raise Unfit("a case is missing")
        return panelled(panels, upright, wall if walled else None)

    body = Body()
    first, second = halves(rng, body, upright)
    if agree:
        result = body(f"cellwise({first}, {second}, {draw.number(new)})")
        sure: tuple[int, ...] = (0, left, new)
    else:
        a = body(f"ofcolor({first}, {draw.number(left)})")
        b = body(f"ofcolor({second}, {draw.number(right)})")
        found = body(f"{combined}({a}, {b})")
        result = body(f"fill({first}, {draw.number(new)}, {found})")
        sure = (0, new)
    return composed(rng, body, State(result, (5, 5), sure, 3), one, (1, 2))


def panel_chain(rng: random.Random) -> Draft:
    """A fixed panel, or the one with the most or fewest colours, is picked and goes through one to three steps."""
    count = rng.randint(2, 3)
    upright, walled = rng.random() < 0.5, rng.random() < 0.8
    palette = draw.colours(rng, 3)
    wall = draw.colours(rng, 1, palette)[0]
    pick = rng.choice(["first", "last", "many", "few"])

    def one() -> Grid:
        height, width = rng.randint(2, 3), rng.randint(2, 4)
        amounts = [3, 2, 2] if pick == "many" else [1, 3, 2]
        panels = [draw.sprite(rng, height, width, rng.sample(palette, amount)) for amount in amounts[:count]]
        if pick in ("first", "last"):
            panels = [draw.sprite(rng, height, width, palette) for _ in range(count)]
        rng.shuffle(panels)
        return panelled(panels, upright, wall if walled else None)

    body = Body()
    panels = split(body, upright, count)
    call = {"many": f"argmax({panels}, numcolors)", "few": f"argmin({panels}, numcolors)"}.get(
        pick, f"{pick}({panels})"
    )
    sure = () if pick == "few" else tuple(palette)
    kinds = "scale tile edge mount diagonal" if pick == "few" else ""
    return composed(rng, body, State(body(call), (3, 4), sure, 2), one, (1, 3), kinds)


def clean_chain(rng: random.Random) -> Draft:
    """Single cells of noise are ignored: the one object is cut out clean and goes through one or two steps."""
    base = draw.background(rng)
    palette = draw.colours(rng, 3, {base})
    many = rng.random() < 0.5

    def one() -> Grid:
        shape = draw.lopsided(rng, rng.randint(5, 8), 3, 4)
        noise = [(draw.rectangle(1, 1), rng.choice(palette)) for _ in range(rng.randint(2, 4))]
        scene = draw.scene(rng, rng.randint(6, 8), rng.randint(6, 8), [(shape, rng.choice(palette)), *noise], base)
        return draw.grid(scene)

    body = Body()
    things = body("objects(I, T, F, T)")
    if many:
        thing = body(f"argmax({things}, size)")
        part = body(f"subgrid({thing}, I)")
    else:
        singles = body(f"sizefilter({things}, ONE)")
        noise = body(f"merge({singles})")
        clean = body(f"cover(I, {noise})")
        part = _cut_out(body, clean)
    return composed(rng, body, State(part, (4, 4), (base,), 2), one, (1, 2))


def _cut_out(body: Body, grid: str) -> str:
    """Add the lines that crop a grid to all that is not background."""
    parts = body(f"fgpartition({grid})")
    whole = body(f"merge({parts})")
    return body(f"subgrid({whole}, {grid})")


def content_chain(rng: random.Random) -> Draft:
    """What a frame holds is cut out and goes through one or two steps."""
    frame, *palette = draw.colours(rng, 4)
    base = draw.colours(rng, 1, {frame, *palette})[0]

    def one() -> Grid:
        tall, wide = rng.randint(2, 3), rng.randint(2, 4)
        height, width = tall + rng.randint(3, 5), wide + rng.randint(3, 5)
        board = draw.noise(rng, height, width, [base, palette[0]], 0.8)
        at = (rng.randint(0, height - tall - 2), rng.randint(0, width - wide - 2))
        draw.put(board, draw.rectangle(tall + 2, wide + 2), frame, at)
        draw.paste(board, draw.sprite(rng, tall, wide, palette), (at[0] + 1, at[1] + 1))
        return draw.grid(board)

    body = Body()
    border = body(f"ofcolor(I, {draw.number(frame)})")
    if rng.random() < 0.5:
        inner = body(f"inbox({border})")
        part = body(f"subgrid({inner}, I)")
    else:
        whole = body(f"subgrid({border}, I)")
        part = body(f"trim({whole})")
    return composed(rng, body, State(part, (3, 4), tuple(palette), 2), one, (1, 3))


def line_chain(rng: random.Random) -> Draft:
    """A dot shoots a ray; the scene with the ray goes through one or two steps."""
    base = draw.background(rng)
    dot, ray = draw.colours(rng, 2, {base})
    direction, step = rng.choice([*STRAIGHT.items(), *SLANTED.items()])

    def one() -> Grid:
        height, width = rng.randint(4, 6), rng.randint(4, 6)
        row, column = rng.randrange(height), rng.randrange(width)
        if not (0 <= row + 2 * step[0] < height and 0 <= column + 2 * step[1] < width):
            raise Unfit("a short ray")
        board = draw.blank(height, width, base)
        board[row][column] = dot
        return draw.grid(board)

    body = Body()
    seeds = body(f"ofcolor(I, {draw.number(dot)})")
    seed = body(f"{rng.choice(['first', 'center'])}({seeds})")
    line = body(f"shoot({seed}, {direction})")
    drawn = body(f"underfill(I, {draw.number(ray)}, {line})")
    return composed(rng, body, State(drawn, (6, 6), (base, dot, ray), 4), one, (1, 2))


GENERATORS = (
    pattern_chain,
    crop_chain,
    scene_chain,
    halves_chain,
    panel_chain,
    clean_chain,
    content_chain,
    line_chain,
)
