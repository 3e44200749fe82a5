"""Facts: what holds for every demonstration, one word each; a property signature (Odena & Sutton, arXiv 2002.09030).

A small model reads grids poorly and words well, and any model reads a word faster than four hundred cells. The words
come from tables (`looks` and the relations here), so the vocabulary is finite: `vocabulary()` lists it, and the
shipped tokenizer has one token for each. No fact is made for a task.

    same-shape          sizes: of an output against its input
    adds-3              colours: in every output and in no input
    objects-is-1        measures of the outputs that never change, or that equal one of the input's
    is-hmirror          the output is that image of the input; near-: all but a few cells; shape-: as large as it
    within-holes        changed cells lie in such places; exactly-: are all of them
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from arc_submit.prompts.looks import IMAGES, MEASURES, PLACES, SYMMETRIES, Look, look
from arc_submit.records import COLOURS, Pair

NEAR = 0.8  # share of cells right from which an image counts as near
FACTORS = (2, 3, 4, 5)
COUNTS = range(1, 10)
SIDES = ("height", "width")
_LOOKS = tuple[tuple[Look, Look], ...]


def facts(pairs: Sequence[Pair]) -> tuple[str, ...]:
    """Return the facts of some demonstrations, in the order of the vocabulary's groups; () for none."""
    if not pairs:
        return ()
    looks = tuple((look(pair.input), look(pair.output)) for pair in pairs)
    same = all(given.array.shape == made.array.shape for given, made in looks)
    found = [*_sizes(looks, same), *_colours(looks), *_measures(looks), *_symmetries(looks), *_images(looks, same)]
    if same:
        found.extend(_changes(looks))
    else:
        found.extend(_parts(looks))
    return tuple(found)


@lru_cache(maxsize=1)
def vocabulary() -> tuple[str, ...]:
    """Return every word that `facts` may use."""
    words = ["same-shape", "bigger", "smaller", "transposed", "out-square", "in-square"]
    for side in SIDES:
        words += [f"same-{side}", *(f"{side}-times-{n}" for n in FACTORS), *(f"{side}-over-{n}" for n in FACTORS)]
        words += [f"{side}-less-{n}" for n in (1, 2)] + [f"{side}-more-{n}" for n in (1, 2)]
    for name in ("back", "outback", "adds", "drops", "keeps", "from", "to"):
        words += [f"{name}-{colour}" for colour in range(COLOURS)]
    words += ["same-palette", "fewer-colours", "more-colours"]
    for measure in MEASURES:
        words += [f"{measure}-is-{n}" for n in COUNTS] + [f"in-{measure}-{n}" for n in COUNTS]
        words += [f"{measure}-of-{other}" for other in MEASURES]
    words += [f"{where}-{name}" for where in ("in", "out") for name in SYMMETRIES]
    words += ["in-row-lines", "in-column-lines", "out-row-lines", "out-column-lines"]
    for name in IMAGES:
        words += [f"is-{name}", f"near-{name}", f"shape-{name}"]
    words += ["few-changes", "some-changes", "many-changes", "changes-back", "changes-to-back", "whole-objects"]
    for name in PLACES:
        words += [f"within-{name}", f"exactly-{name}"]
    words += ["out-in-in", "in-in-out", "tiles"]
    return tuple(words)


def _sizes(looks: _LOOKS, same: bool) -> Iterator[str]:
    if same:
        yield "same-shape"
    elif all(given.array.shape == made.array.shape[::-1] for given, made in looks):
        yield "transposed"
    for side in () if same else SIDES:
        yield from _side(side, [(given.measures[side], made.measures[side]) for given, made in looks])
    if not same and all(made.array.size > given.array.size for given, made in looks):
        yield "bigger"
    if not same and all(made.array.size < given.array.size for given, made in looks):
        yield "smaller"
    for where, index in (("out", 1), ("in", 0)):
        if all(pair[index].array.shape[0] == pair[index].array.shape[1] for pair in looks):
            yield f"{where}-square"


def _side(side: str, sizes: Sequence[tuple[int, int]]) -> Iterator[str]:
    if all(given == made for given, made in sizes):
        yield f"same-{side}"
        return
    for n in FACTORS:
        if all(made == given * n for given, made in sizes):
            yield f"{side}-times-{n}"
        if all(made * n == given for given, made in sizes):
            yield f"{side}-over-{n}"
    for n in (1, 2):
        if all(made == given - n for given, made in sizes):
            yield f"{side}-less-{n}"
        if all(made == given + n for given, made in sizes):
            yield f"{side}-more-{n}"


def _colours(looks: _LOOKS) -> Iterator[str]:
    for name, index in (("back", 0), ("outback", 1)):
        found = {pair[index].back for pair in looks}
        if len(found) == 1:
            yield f"{name}-{found.pop()}"
    everywhere = frozenset(range(COLOURS))
    adds = drops = keeps = everywhere
    for given, made in looks:
        adds, drops = adds & (made.palette - given.palette), drops & (given.palette - made.palette)
        keeps &= given.palette & made.palette
    for name, colours in (("adds", adds), ("drops", drops), ("keeps", keeps)):
        yield from (f"{name}-{colour}" for colour in sorted(colours))
    if all(given.palette == made.palette for given, made in looks):
        yield "same-palette"
    elif all(made.palette < given.palette for given, made in looks):
        yield "fewer-colours"
    elif all(made.palette > given.palette for given, made in looks):
        yield "more-colours"


def _measures(looks: _LOOKS) -> Iterator[str]:
    for measure in MEASURES:
        ins = [given.measures[measure] for given, _ in looks]
        outs = [made.measures[measure] for _, made in looks]
        if len(set(ins)) == 1 and ins[0] in COUNTS:
            yield f"in-{measure}-{ins[0]}"
        if len(set(outs)) == 1:
            if outs[0] in COUNTS:
                yield f"{measure}-is-{outs[0]}"
            continue
        for other in MEASURES:
            if outs == [given.measures[other] for given, _ in looks] and not (measure == other and measure in SIDES):
                yield f"{measure}-of-{other}"


def _symmetries(looks: _LOOKS) -> Iterator[str]:
    for where, index in (("in", 0), ("out", 1)):
        held = frozenset(SYMMETRIES).intersection(*(pair[index].symmetric for pair in looks))
        yield from (f"{where}-{name}" for name in SYMMETRIES if name in held)
        for axis, name in enumerate(("row", "column")):
            if all(pair[index].splits[axis] for pair in looks):
                yield f"{where}-{name}-lines"


def _images(looks: _LOOKS, same: bool) -> Iterator[str]:
    for name in IMAGES:
        worst = 1.0
        for given, made in looks:
            image = given.image(name)
            if image is None or image.shape != made.array.shape:
                worst = -1.0
                break
            worst = min(worst, float((image == made.array).mean()))
        if worst == 1.0:
            yield f"is-{name}"
        elif worst >= NEAR:
            yield f"near-{name}"
        elif worst >= 0.0 and not same:
            yield f"shape-{name}"


def _changes(looks: _LOOKS) -> Iterator[str]:
    masks = [given.array != made.array for given, made in looks]
    share = max(float(mask.mean()) for mask in masks)
    yield "few-changes" if share < 0.1 else "some-changes" if share < 0.3 else "many-changes"
    before = {colour for (given, _), mask in zip(looks, masks, strict=True) for colour in given.array[mask].tolist()}
    after = {colour for (_, made), mask in zip(looks, masks, strict=True) for colour in made.array[mask].tolist()}
    if len(before) == 1:
        yield f"from-{before.pop()}"
    if len(after) == 1:
        yield f"to-{after.pop()}"
    if all((given.array[mask] == given.back).all() for (given, _), mask in zip(looks, masks, strict=True)):
        yield "changes-back"
    if all((made.array[mask] == given.back).all() for (given, made), mask in zip(looks, masks, strict=True)):
        yield "changes-to-back"
    if all(_whole(given, made) for given, made in looks):
        yield "whole-objects"
    for name in PLACES:
        places = [given.places[name] for given, _ in looks]
        if all(np.array_equal(mask, place) for mask, place in zip(masks, places, strict=True)):
            yield f"exactly-{name}"
        elif all(not (mask & ~place).any() for mask, place in zip(masks, places, strict=True)):
            yield f"within-{name}"


def _whole(given: Look, made: Look) -> bool:
    """Every object keeps its shape and is one colour again, and nothing else changes."""
    rest = given.array != made.array
    for cells in given.objects:
        rows, columns = zip(*cells, strict=True)
        if len(set(made.array[rows, columns].tolist())) > 1:
            return False
        rest[rows, columns] = False
    return not rest.any()


def _parts(looks: _LOOKS) -> Iterator[str]:
    if all(_inside(made.array, given.array) for given, made in looks):
        yield "out-in-in"
    if all(_inside(given.array, made.array) for given, made in looks):
        yield "in-in-out"
        if all(_tiles(given, made) for given, made in looks):
            yield "tiles"


def _inside(small: np.ndarray, large: np.ndarray) -> bool:
    if small.shape[0] > large.shape[0] or small.shape[1] > large.shape[1]:
        return False
    windows = np.lib.stride_tricks.sliding_window_view(large, small.shape)
    return bool((windows == small).all(axis=(2, 3)).any())


def _tiles(given: Look, made: Look) -> bool:
    """The output has room for a whole number of inputs, both ways."""
    (height, width), (rows, columns) = given.array.shape, made.array.shape
    return bool(rows % height == 0 and columns % width == 0)
