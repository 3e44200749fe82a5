"""Facts (`arc_submit.prompts.facts`) as a person would say them, the most telling first.

said(facts, count, rng)   -> ["the output is as large as the input", "changed cells become colour 3"]
"""

import random
import re
from collections.abc import Sequence

from arc_submit.prompts.looks import IMAGES, PLACES

_IMAGE = {
    "hmirror": "turned upside down", "vmirror": "mirrored left to right", "dmirror": "mirrored along the diagonal",
    "cmirror": "mirrored along the other diagonal", "rot90": "turned clockwise", "rot180": "turned by half a turn",
    "rot270": "turned anticlockwise", "trim": "without its frame", "compress":
    "without its one-coloured rows and columns",
}  # fmt: skip
_PART = {
    "tophalf": "upper half", "bottomhalf": "lower half", "lefthalf": "left half", "righthalf": "right half",
    "top-third": "upper third", "left-third": "left third", "box": "part under its shapes", "least-box":
    "part around its rarest colour", "largest": "largest object", "smallest": "smallest object", "largest-any":
    "largest shape", "smallest-any": "smallest shape", "most-colours": "shape with the most colours", "highest":
    "topmost shape", "lowest": "lowest shape", "leftmost": "leftmost shape", "rightmost": "rightmost shape", "tallest":
    "tallest shape", "densest": "densest shape",
}  # fmt: skip
_PLACE = {
    "holes": "enclosed gaps", "delta": "gaps in the objects' boxes", "boxes": "boxes of objects", "around":
    "cells around objects", "beside": "cells beside objects", "rows": "rows of objects", "columns":
    "columns of objects",
    "largest": "the largest object", "smallest": "the smallest object", "border": "the border", "objects": "objects",
    "back": "the background", "between": "cells between two of a colour", "diagonals": "diagonals through cells",
}  # fmt: skip

_RULES: tuple[tuple[int, str, tuple[str, ...]], ...] = (
    (0, r"is-(?P<image>.+)", ("the output is the input {image}", "each output is its input {image}")),
    (1, r"exactly-(?P<place>.+)", ("exactly {place} change", "what changes is just {place}")),
    (2, r"near-(?P<image>.+)", ("the output is nearly the input {image}", "all but a few cells are the input {image}")),
    (3, r"to-(\d)", ("changed cells become colour {0}", "the new colour is {0} everywhere")),
    (3, r"from-(\d)", ("only cells of colour {0} change", "what changes had colour {0}")),
    (3, r"adds-(\d)", ("colour {0} is new in the outputs", "every output has colour {0}, no input does")),
    (3, r"drops-(\d)", ("colour {0} is gone from the outputs", "no output has colour {0} any more")),
    (4, r"tiles", ("the input fits a whole number of times into the output",)),
    (4, r"out-in-in", ("the output is a piece of the input", "each output can be found inside its input")),
    (4, r"in-in-out", ("the input stands inside the output", "each output holds its input")),
    (4, r"whole-objects", ("objects keep their shape, only colours change",)),
    (4, r"changes-to-back", ("changed cells become background", "something is wiped out")),
    (4, r"changes-back", ("only background cells change", "something is added on the background")),
    (5, r"(height|width)-times-(\d)", ("the {0} grows {1} times", "the {0} is multiplied by {1}")),
    (5, r"(height|width)-over-(\d)", ("the {0} is divided by {1}",)),
    (5, r"(height|width)-(less|more)-(\d)", ("the {0} is {2} {1}",)),
    (5, r"transposed", ("height and width change places",)),
    (6, r"within-(?P<place>.+)", ("changes lie within {place}", "nothing outside {place} changes")),
    (6, r"(out)-(?:h|v|d)mirror", ("the outputs are symmetric",)),
    (7, r"few-changes", ("few cells change", "most cells stay as they are")),
    (7, r"same-shape", ("the size stays", "the output is as large as the input")),
    (7, r"(bigger|smaller)", ("the output is {0} than the input",)),
    (7, r"height-is-(\d)", ("every output has {0} rows",)),
    (7, r"width-is-(\d)", ("every output has {0} columns",)),
    (8, r"many-changes", ("most cells change",)),
    (8, r"same-palette", ("the colours stay the same",)),
    (8, r"fewer-colours", ("some colours vanish",)),
)  # fmt: skip
_COMPILED = [(rank, re.compile(rf"{pattern}\Z"), ways) for rank, pattern, ways in _RULES]


def said(facts: Sequence[str], count: int, rng: random.Random) -> list[str]:
    """Return up to `count` facts in words, the most telling first; the words vary with the random numbers.

    >>> said(["same-shape", "to-3", "from-0"], 2, random.Random(0))
    ['the new colour is 3 everywhere', 'only cells of colour 0 change']
    """
    found: list[tuple[int, int, str]] = []
    for number, fact in enumerate(facts):
        for rank, pattern, ways in _COMPILED:
            match = pattern.match(fact)
            words = {} if match is None else _words(match)
            if match is not None and None not in words.values():
                found.append((rank, number, rng.choice(ways).format(*match.groups(), **words)))
                break
    return list(dict.fromkeys(text for _, _, text in sorted(found)))[:count]


def _words(match: re.Match[str]) -> dict[str, str | None]:
    named = match.groupdict()
    words: dict[str, str | None] = {}
    if "image" in named:
        words["image"] = _image(named["image"])
    if "place" in named:
        words["place"] = _PLACE.get(named["place"]) if named["place"] in PLACES else None
    return words


def _image(name: str) -> str | None:
    if name in _IMAGE:
        return _IMAGE[name]
    if name in _PART:
        return f"cut down to its {_PART[name]}"
    scale, _, factor = name.partition("-")
    if name in IMAGES and scale in ("upscale", "downscale"):
        return f"{'enlarged' if scale == 'upscale' else 'shrunk'} {factor} times"
    return {
        "twice-wide": "put twice side by side", "twice-high": "put twice above itself", "mirrored-wide":
        "with its mirror image beside it", "mirrored-high": "with its upside-down image below it",
    }.get(name)  # fmt: skip
