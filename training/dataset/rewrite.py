"""The same program for a task whose colours were renamed, or whose grids were turned: proposals, as text.

Colours: constants in places that take a colour, or else every small number. Turns: directions, halves, corners, mirrors
and what else has a mirror image in the DSL change their names; the halves of a `vconcat` change places upside down.
Nothing here is proven: `augment` runs every proposal.

Left out: programs in numpy are turned as they are or not at all; `first` and `last` of a split.
"""

import ast
from collections.abc import Callable, Iterator
from functools import lru_cache

from arc_submit.dsl.registry import PRIMITIVES
from arc_submit.records import View
from arc_submit.symbolic.grammar import COLOUR_PARAMETERS
from training.dataset.text import Text, read

DIGITS = ("ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE")
_PARTIAL = frozenset({"rbind", "lbind", "matcher", "equality", "compose"})
_OF_COLOURS = frozenset({name for name, _ in COLOUR_PARAMETERS} | {"color", "mostcolor", "leastcolor", "index"})
_NUMPY = frozenset({"where", "full", "full_like", "isin", "full_grid", "count_nonzero", "argwhere"})


def _both(*pairs: tuple[str, str]) -> dict[str, str]:
    return {**dict(pairs), **{after: before for before, after in pairs}}


_MIRRORED = (("rot90", "rot270"), ("dmirror", "cmirror"))
_NAMES: dict[str, dict[str, str]] = {
    "h": _both(
        ("UP", "DOWN"), ("UP_RIGHT", "UNITY"), ("DOWN_LEFT", "NEG_UNITY"), ("tophalf", "bottomhalf"),
        ("ulcorner", "llcorner"), ("urcorner", "lrcorner"), *_MIRRORED,
    ),
    "v": _both(
        ("LEFT", "RIGHT"), ("UNITY", "DOWN_LEFT"), ("UP_RIGHT", "NEG_UNITY"), ("lefthalf", "righthalf"),
        ("ulcorner", "urcorner"), ("llcorner", "lrcorner"), *_MIRRORED,
    ),
    "d": _both(
        ("UP", "LEFT"), ("DOWN", "RIGHT"), ("UP_RIGHT", "DOWN_LEFT"), ("ZERO_BY_TWO", "TWO_BY_ZERO"),
        ("tophalf", "lefthalf"), ("bottomhalf", "righthalf"), ("hmirror", "vmirror"), ("rot90", "rot270"),
        ("vconcat", "hconcat"), ("vsplit", "hsplit"), ("vline", "hline"), ("vfrontier", "hfrontier"),
        ("vupscale", "hupscale"), ("vperiod", "hperiod"), ("vmatching", "hmatching"), ("height", "width"),
        ("uppermost", "leftmost"), ("lowermost", "rightmost"), ("urcorner", "llcorner"), ("toivec", "tojvec"),
    ),
}  # fmt: skip
"""Mirror -> what each name becomes: h upside down, v left to right, d along the main diagonal."""
_ENDS = {"h": _both(("uppermost", "lowermost")), "v": _both(("leftmost", "rightmost")), "d": {}}
_EXTREME = {"argmin": "argmax", "argmax": "argmin"}
_SWAPPED = {"h": "vconcat", "v": "hconcat", "d": ""}
_STEPS = {
    "identity": "", "hmirror": "h", "vmirror": "v", "dmirror": "d", "rot180": "hv", "rot90": "hd", "rot270": "dh",
    "cmirror": "dhv",
}  # fmt: skip
"""Symmetry of a view -> mirrors one after the other."""


def proposals(source: str, view: View) -> list[str]:
    """Return sources that may do for the task as the view shows it what `source` does for the task as it is.

    The unchanged source comes first: most programs that name neither colours nor directions hold as they are.
    """
    coloured = [source, _recoloured(source, view.colours, _colour_places)]
    coloured.append(_recoloured(source, view.colours, _numbers))
    if view.symmetry != "identity":
        coloured = [found for text in coloured for found in (text, _turned(text, view.symmetry))]
    return list(dict.fromkeys(coloured))


# Colours. ------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _recoloured(source: str, colours: tuple[int, ...], places: Callable[[Text], Iterator[ast.expr]]) -> str:
    text = read(source)
    if text is None:
        return source
    own = _stored(text)
    changes = {}
    for node in places(text):
        if isinstance(node, ast.Name) and node.id in DIGITS and node.id not in own:
            changes[text.span(node)] = DIGITS[colours[DIGITS.index(node.id)]].encode()
        elif isinstance(node, ast.Constant) and type(node.value) is int and 0 <= node.value <= 9:
            changes[text.span(node)] = str(colours[node.value]).encode()
    return text.spliced(changes.items())


def _numbers(text: Text) -> Iterator[ast.expr]:
    """Every number, but for those of a pair."""
    inside = {id(item) for node in text.nodes if isinstance(node, ast.Tuple) for item in node.elts}
    for node in text.nodes:
        if isinstance(node, ast.Name | ast.Constant) and id(node) not in inside:
            yield node


def _colour_places(text: Text) -> Iterator[ast.expr]:
    """Arguments that are colours; in numpy what cells are compared with and set to."""
    for node in text.nodes:
        if isinstance(node, ast.Call):
            yield from _colour_arguments(node)
        elif isinstance(node, ast.Compare):
            yield from (side for side in (node.left, *node.comparators) if isinstance(side, ast.Constant))
        elif isinstance(node, ast.Assign) and any(isinstance(target, ast.Subscript) for target in node.targets):
            yield node.value


def _colour_arguments(node: ast.Call) -> Iterator[ast.expr]:
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name in PRIMITIVES:
        parameters = [parameter for parameter, _ in PRIMITIVES[name].parameters]
        yield from (
            argument
            for parameter, argument in zip(parameters, node.args, strict=False)
            if (name, parameter) in COLOUR_PARAMETERS
        )
        named = node.args[0] if node.args else None
        if name in _PARTIAL and isinstance(named, ast.Name) and named.id in _OF_COLOURS:
            yield from node.args[1:]
    elif name in _NUMPY:
        yield from node.args[1:]


# Turns. --------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _turned(source: str, symmetry: str) -> str:
    for mirror in _STEPS[symmetry]:
        source = _mirrored(source, mirror)
    return source


@lru_cache(maxsize=4096)
def _mirrored(source: str, mirror: str) -> str:
    text = read(source)
    if text is None:
        return source
    own, changes = _stored(text), {}
    for node in text.nodes:
        if isinstance(node, ast.Name) and node.id in _NAMES[mirror] and node.id not in own:
            changes[text.span(node)] = _NAMES[mirror][node.id].encode()
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _EXTREME:
            last = node.args[-1] if node.args else None
            if (
                isinstance(last, ast.Name) and last.id in _ENDS[mirror]
            ):  # the least row from above is the most from below
                changes[text.span(node.func)] = _EXTREME[node.func.id].encode()
                changes[text.span(last)] = _ENDS[mirror][last.id].encode()
        elif mirror == "d" and isinstance(node, ast.Tuple) and len(node.elts) == 2 and _plain(node):
            changes[text.span(node)] = b"(%b, %b)" % (text.said(node.elts[1]), text.said(node.elts[0]))
    renamed = text.spliced(changes.items())
    joined = read(renamed) if _SWAPPED[mirror] else None
    return renamed if joined is None else _exchanged(joined, _SWAPPED[mirror])


def _plain(node: ast.Tuple) -> bool:
    return all(isinstance(item, ast.Constant | ast.UnaryOp) for item in node.elts)


def _exchanged(text: Text, name: str) -> str:
    """The source with both arguments of every call of `name` exchanged, calls within calls too."""

    def calls(node: ast.AST) -> Iterator[ast.Call]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call) and _is_joint(child, name):
                yield child
            else:
                yield from calls(child)

    def said(node: ast.expr) -> bytes:
        if isinstance(node, ast.Call) and _is_joint(node, name):
            return exchanged(node)
        first, last = text.span(node)
        return between(first, last, list(calls(node)))

    def between(first: int, last: int, inner: list[ast.Call]) -> bytes:
        raw = text.raw[first:last]
        for call in sorted(inner, key=text.span, reverse=True):
            begin, end = text.span(call)
            raw = raw[: begin - first] + exchanged(call) + raw[end - first :]
        return raw

    def exchanged(call: ast.Call) -> bytes:
        one, other = call.args
        (first, last), (a, b), (c, d) = text.span(call), text.span(one), text.span(other)
        return text.raw[first:a] + said(other) + text.raw[b:c] + said(one) + text.raw[d:last]

    return between(0, len(text.raw), list(calls(text.tree))).decode()


def _is_joint(node: ast.Call, name: str) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == name and len(node.args) == 2 and not node.keywords


def _stored(text: Text) -> set[str]:
    """Names that the program gives values of its own."""
    names = {node.id for node in text.nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return names | {node.arg for node in text.nodes if isinstance(node, ast.arg)}
