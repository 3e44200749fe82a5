"""The grammar: productions over kinds, derived from the signatures in the DSL's registry.

First-order primitives come from their types alone: `shift(patch: Patch, directions: IntegerTuple) -> Patch` gives
`O V -> O` and `P V -> P`. Primitives over containers and functions have types too coarse for that; `SCHEMES` writes
their useful instances out. A function is a value of a kind such as `O>N`: the name of a one-parameter primitive, a
two-parameter one with one side bound (`lbind`, `rbind`), or a `matcher`, `compose` or `fork` of functions.

Costs are about half bits: `USES` holds how many of the 400 published training solvers use a primitive, everything else
counts as rare. Left out: `chain`, `power`, `rapply`, `papply`, `mpapply`, `pair`, `interval`, `repeat`, `product`,
and functions of functions.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import product
from math import log2
from typing import Any

from arc_submit.dsl.registry import PRIMITIVES, Primitive
from arc_submit.symbolic.expressions import Production
from arc_submit.symbolic.guards import BOUND_GUARDS, GUARDS, PLACES_GUARD
from arc_submit.symbolic.values import expand

USES: Mapping[str, int] = {
    "objects": 217, "fill": 166, "mapply": 139, "compose": 131, "ofcolor": 124, "rbind": 123, "apply": 118, "fork": 114,
    "paint": 112, "lbind": 108, "shift": 103, "first": 102, "size": 90, "astuple": 82, "sfilter": 75, "merge": 69,
    "color": 63, "argmax": 60, "subgrid": 59, "colorfilter": 59, "last": 58, "difference": 56, "canvas": 55,
    "replace": 54, "recolor": 51, "ulcorner": 50, "combine": 48, "matcher": 48, "branch": 47, "subtract": 45,
    "width": 45, "vmirror": 42, "multiply": 39, "leastcolor": 39, "height": 37, "add": 35, "normalize": 35,
    "equality": 35,
}  # fmt: skip
RARE = 18  # assumed number of solvers of a primitive that is not among the forty most used

EXTRA_COST: Mapping[str, int] = {
    "toindices": -5, "merge": -2, "mapply": -1, "neighbors": -1, "dneighbors": -1, "mfilter": -2, "argmax": -1,
    "argmin": -1, "extract": -1, "tophalf": -2, "dedupe": -1,
    "bottomhalf": -2, "lefthalf": -2, "righthalf": -2, "hmirror": -1, "rot90": -1, "rot180": -1, "dmirror": -1,
    "shape": -1, "asindices": -1, "delta": -1, "backdrop": -1, "box": -1, "outbox": -1, "inbox": -1, "compress": -1,
    "intersection": -1, "mostcolor": -1, "numcolors": -1, "branch": 3, "either": 2, "both": 2, "sign": 3,
    "divide": 2, "multiply": 2, "crement": 2, "invert": 1, "square": -1, "portrait": -1, "partition": -1,
    "fgpartition": -2, "hconcat": -1, "vconcat": -1, "upscale": -1, "cellwise": -1, "maximum": 2, "minimum": 2,
    "centerofmass": 1, "index": 1, "apply": 1, "fill": 3, "paint": 1, "underfill": 2, "cover": 1, "switch": 2,
    "toivec": 1, "tojvec": 1, "contained": 2, "greater": 1, "compose": 2, "fork": 2, "lbind": 1, "rbind": 1,
    "first": 1, "last": 1, "hfrontier": -1, "vfrontier": -1, "connect": -1, "shoot": -1, "remove": 1,
    "bordering": -1,
}  # fmt: skip
"""Corrections: down for what is specific to a kind and cheap, up for what fits everywhere and multiplies."""

COLOUR_PARAMETERS = frozenset(
    {
        ("fill", "value"), ("underfill", "value"), ("canvas", "value"), ("recolor", "value"), ("ofcolor", "value"),
        ("replace", "replacee"), ("replace", "replacer"), ("switch", "a"), ("switch", "b"), ("colorfilter", "value"),
        ("colorcount", "value"), ("cellwise", "fallback"),
    }
)  # fmt: skip
COLOUR_RESULTS = frozenset({"mostcolor", "leastcolor", "color", "index"})

SCHEMES: Mapping[str, tuple[str, ...]] = {
    "size": ("O -> N", "P -> N", "S -> N", "Q -> N", "L -> N"),
    "combine": ("P P -> P", "O O -> O", "S S -> S"),
    "intersection": ("P P -> P", "O O -> O", "S S -> S"),
    "difference": ("P P -> P", "O O -> O", "S S -> S", "D D -> D"),
    "argmax": ("S O>N -> O", "L G>N -> G", "Q P>N -> P"),
    "argmin": ("S O>N -> O", "L G>N -> G", "Q P>N -> P"),
    "valmax": ("S O>N -> N",),
    "valmin": ("S O>N -> N",),
    "order": ("S O>N -> T",),
    "merge": ("S -> O", "Q -> P", "L -> G"),
    "first": ("S -> O", "T -> O", "L -> G", "V -> N", "P -> V", "K -> C"),
    "last": ("S -> O", "T -> O", "L -> G", "V -> N", "P -> V", "K -> V"),
    "mostcommon": ("L -> G",),
    "leastcommon": ("L -> G",),
    "initset": ("V -> P", "O -> S"),
    "insert": ("V P -> P", "O S -> S"),
    "remove": ("O S -> S", "V P -> P", "G L -> L"),
    "other": ("S O -> O", "D C -> C", "L G -> G"),
    "sfilter": ("S O>B -> S", "O K>B -> O", "P V>B -> P", "L G>B -> L"),
    "mfilter": ("S O>B -> O", "Q P>B -> P"),
    "dedupe": ("G -> G",),
    "extract": ("S O>B -> O", "L G>B -> G"),
    "sizefilter": ("S N -> S",),
    "colorfilter": ("S C -> S",),
    "apply": ("O>O S -> S", "O>P S -> Q", "O>G S -> L", "G>G L -> L", "O>V S -> P", "O>G T -> L"),
    "mapply": ("O>O S -> O", "O>P S -> P", "V>P P -> P", "V>O P -> O"),
    "prapply": ("V,V>P P P -> Q",),
    "palette": ("G -> D", "O -> D"),
    "maximum": ("D -> C",),
    "minimum": ("D -> C",),
    "hsplit": ("G N -> L",),
    "vsplit": ("G N -> L",),
    "branch": ("B G G -> G", "B C C -> C", "B O O -> O", "B P P -> P"),
    "equality": ("N N -> B", "G G -> B", "C C -> B", "V V -> B"),
    "contained": ("C D -> B", "V P -> B"),
    "astuple": ("N N -> V",),
}  # fmt: skip
"""Useful instances of primitives over containers and functions."""

SKIPPED = frozenset(
    {
        "identity", "chain", "power", "rapply", "papply", "mpapply", "pair", "interval", "repeat", "product", "totuple",
        "both", "either", "flip", "objects", "compose", "fork", "matcher", "lbind", "rbind", "sign",
        "crement", "even", "positive", "toobject", "subgrid", "bordering", "occurrences",
    }
)  # fmt: skip
"""Not derived: without use in short programs, or given below in a narrower form."""

OBJECT_FLAGS: Mapping[str, int] = {"T, F, T": 3, "T, T, T": 4, "T, F, F": 5, "F, T, T": 5, "F, F, T": 6, "T, T, F": 7}
"""Costs of the flags of `objects`: univalued, diagonal, without_bg."""

ARGUMENT_LIMITS: Mapping[tuple[str, str], tuple[int, ...]] = {
    ("objects", "G"): (14,),
    ("partition", "G"): (8,),
    ("fgpartition", "G"): (8,),
    ("frontiers", "G"): (8,),
    ("palette", "G"): (8,),
    ("palette", "O"): (14,),
    ("mostcolor", "G"): (14,),
    ("leastcolor", "G"): (14,),
    ("canvas", "CV"): (12, 16),
    ("fill", "GCP"): (12, 8, 16),
    ("fill", "GCO"): (0, 0, 0),
    ("underfill", "GCP"): (6, 6, 14),
    ("underfill", "GCO"): (0, 0, 0),
    ("paint", "GO"): (14, 26),
    ("underpaint", "GO"): (10, 22),
    ("cover", "GO"): (10, 18),
    ("cover", "GP"): (10, 14),
    ("move", "GOV"): (6, 22, 18),
    ("asobject", "G"): (18,),
    ("asindices", "G"): (12,),
    ("crop", "GVV"): (4, 12, 12),
    ("index", "GV"): (4, 10),
    ("branch", "BGG"): (16, 14, 14),
    ("colorcount", "GC"): (8, 6),
    ("colorcount", "OC"): (12, 6),
    ("other", "LG"): (12, 14),
    ("shift", "PV"): (22, 9),
    ("shift", "OV"): (24, 13),
    ("insert", "VP"): (6, 9),
    ("remove", "VP"): (6, 9),
    ("insert", "OS"): (12, 12),
    ("remove", "OS"): (14, 12),
    ("hsplit", "GN"): (8, 5),
    ("vsplit", "GN"): (8, 5),
    ("hupscale", "GN"): (14, 8),
    ("vupscale", "GN"): (14, 8),
    ("downscale", "GN"): (14, 5),
    ("upscale", "ON"): (18, 5),
    ("gravitate", "PP"): (9, 9),
    ("gravitate", "OP"): (18, 9),
    ("gravitate", "PO"): (9, 14),
    ("adjacent", "PP"): (9, 9),
    ("manhattan", "PP"): (9, 9),
    ("position", "PP"): (9, 9),
    ("hmatching", "PP"): (9, 9),
    ("vmatching", "PP"): (9, 9),
    ("prapply", "V,V>PPP"): (9, 16, 16),
}
"""Largest cost of each argument, by primitive and kinds: keeps wide productions on simple arguments."""

NUMBER_ARGUMENT = 9  # largest cost of a number, pair or bool inside arithmetic

BINARY_FOR_FORK: Mapping[str, int] = {
    "recolor": 4, "shift": 4, "connect": 4, "shoot": 6, "combine": 6, "difference": 6, "intersection": 6,
    "subtract": 6, "equality": 6, "multiply": 7, "add": 7, "greater": 7,
}  # fmt: skip

HIGHER_ORDER_KINDS = (
    "O>N", "O>C", "O>B", "O>O", "O>P", "O>G", "O>V", "G>N", "G>C", "G>B", "G>G", "V>P", "V>O", "V>B", "V>N", "P>N",
    "P>B", "P>P", "C>G", "K>C", "K>V", "K>B", "V,V>P",
)  # fmt: skip
"""Kinds of functions that are built."""

COMMUTATIVE = frozenset({"combine", "intersection", "add", "multiply", "cellwise", "equality", "connect"})


def base_cost(name: str) -> int:
    """Return the cost units of a primitive: 3 for the most used, two more for every halving of its use.

    >>> base_cost("objects") < base_cost("vmirror") < base_cost("hperiod")
    True
    """
    uses = USES.get(name, RARE)
    return max(1, 3 + round(1.2 * log2(217 / uses)) + EXTRA_COST.get(name, 0))


def _instances(primitive: Primitive) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (kinds of parameters, kind of result) of a first-order primitive."""
    texts = [text for _, text in primitive.parameters]
    choices = [_parameter_kinds(primitive.name, name, text) for name, text in primitive.parameters]
    for kinds in product(*choices):
        result = _result_kind(primitive, texts, kinds)
        if result:
            yield kinds, result


def _parameter_kinds(primitive: str, parameter: str, text: str) -> str:
    return "C" if (primitive, parameter) in COLOUR_PARAMETERS else expand(text)


def _result_kind(primitive: Primitive, texts: list[str], kinds: tuple[str, ...]) -> str:
    """The kind of the result: a type that stands for several kinds follows the parameter of the same type."""
    if primitive.name in COLOUR_RESULTS:
        return "C"
    if primitive.returns == "Numerical":
        return "V" if "V" in kinds else "N"
    options = expand(primitive.returns)
    if len(options) <= 1:
        return options
    for text, kind in zip(texts, kinds, strict=True):
        if text == primitive.returns:
            return kind
    return ""


def _scheme(text: str) -> tuple[tuple[str, ...], str]:
    left, right = text.split(" -> ")
    return tuple(left.split()), right


@lru_cache(maxsize=1)
def signatures() -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    """Return the instances of every primitive: (kinds of parameters, kind of result), also for edits of programs."""
    table: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = {}
    for name, primitive in PRIMITIVES.items():
        if name in SCHEMES:
            table[name] = tuple(_scheme(text) for text in SCHEMES[name])
        else:
            table[name] = tuple(_instances(primitive))
    return table


def _template(name: str, arity: int) -> str:
    return f"{name}({', '.join(f'{{{i}}}' for i in range(arity))})"


def _cost(name: str, kinds: tuple[str, ...]) -> int:
    """Mirrors and outlines of bare places are rarer than those of objects."""
    return base_cost(name) + (1 if kinds == ("P",) and name != "size" else 0)


def _limits(name: str, kinds: tuple[str, ...]) -> tuple[int, ...]:
    given = ARGUMENT_LIMITS.get((name, "".join(kinds)))
    if given is not None:
        return given
    if all(kind in "NVB" for kind in kinds) and len(kinds) > 1:
        return (NUMBER_ARGUMENT,) * len(kinds)
    return ()


def _plain_productions() -> Iterator[Production]:
    for name, instances in signatures().items():
        if name in SKIPPED:
            continue
        function = PRIMITIVES[name].function
        for kinds, result in instances:
            guard = GUARDS.get(name)
            if name in ("mapply", "apply") and kinds[1] == "P":
                guard = PLACES_GUARD
            if not kinds:
                continue
            yield Production(
                name=name,
                template=_template(name, len(kinds)),
                parameters=kinds,
                returns=result,
                cost=_cost(name, kinds),
                call=function,
                limits=_limits(name, kinds),
                commutative=name in COMMUTATIVE and kinds[0] == kinds[1],
                guard=guard,
            )


def _narrow_productions() -> Iterator[Production]:
    """Primitives with a form of their own: flags of `objects`, and those that look at the input grid only."""
    objects = PRIMITIVES["objects"].function
    for flags, cost in OBJECT_FLAGS.items():
        values = tuple(flag == "T" for flag in flags.split(", "))
        yield Production(
            "objects", f"objects({{0}}, {flags})", ("G",), "S", cost, _with_flags(objects, values),
            limits=ARGUMENT_LIMITS["objects", "G"],
        )  # fmt: skip
    for name, kinds, result, limits in (
        ("subgrid", ("O", "G"), "G", (40, 8)),
        ("subgrid", ("P", "G"), "G", (40, 6)),
        ("toobject", ("P", "G"), "O", (30, 8)),
        ("bordering", ("O", "G"), "B", (14, 1)),
        ("occurrences", ("G", "O"), "P", (4, 24)),
    ):
        yield Production(
            name, _template(name, 2), kinds, result, base_cost(name), PRIMITIVES[name].function, limits,
            guard=GUARDS.get(name),
        )  # fmt: skip


def _with_flags(objects: Callable[..., Any], flags: tuple[bool, ...]) -> Callable[..., Any]:
    univalued, diagonal, without_bg = flags

    def call(grid: Any) -> Any:
        return objects(grid, univalued, diagonal, without_bg)

    return call


def _named_functions() -> Iterator[Production]:
    """Primitives as values: a name where a function is expected."""
    for name, instances in signatures().items():
        if name in ("identity",):
            continue
        function = PRIMITIVES[name].function
        for kinds, result in instances:
            kind = f"{','.join(kinds)}>{result}"
            if kind in HIGHER_ORDER_KINDS and (len(kinds) == 1 or name == "connect"):
                yield _constant_function(name, kind, function, max(1, base_cost(name) - 1))
    identity = PRIMITIVES["identity"].function
    for kind in ("O>O", "V>V"):
        yield _constant_function("identity", kind, identity, 2)


def _constant_function(name: str, kind: str, function: Callable[..., Any], cost: int) -> Production:
    return Production(name, name, (), kind, cost, lambda: function, inline=True)


BINDABLE_LIMITS: Mapping[str, int] = {"G": 1, "O": 16, "P": 8, "S": 10, "N": 5, "C": 9, "V": 8, "B": 0}
"""Largest cost of a bound argument, by kind."""

NOT_BOUND = frozenset(
    {
        "branch", "equality", "contained", "greater", "add", "multiply", "divide", "subtract", "initset", "insert",
        "remove", "combine", "argmax", "argmin", "apply", "mapply", "sfilter", "mfilter", "extract", "valmax", "valmin",
        "order", "index", "difference", "hsplit", "vsplit", "downscale", "crop", "hupscale", "vupscale", "other",
        "paint", "underpaint", "cover",
    }
)  # fmt: skip
"""Primitives that are never bound: an unbound form says the same, or they multiply without use."""


def _bound_functions() -> Iterator[Production]:
    lbind = PRIMITIVES["lbind"].function
    rbind = PRIMITIVES["rbind"].function
    for name, instances in signatures().items():
        if name in NOT_BOUND:
            continue
        function = PRIMITIVES[name].function
        for kinds, result in instances:
            if len(kinds) != 2:
                continue
            first, last = kinds
            cost = max(2, base_cost(name)) + 1
            for binder, text, bound, free in ((lbind, "lbind", first, last), (rbind, "rbind", last, first)):
                kind = f"{free}>{result}"
                if kind in HIGHER_ORDER_KINDS and BINDABLE_LIMITS.get(bound, 0) and (text, name) != ("lbind", "shoot"):
                    title = f"{text}({name})"
                    yield Production(
                        title, f"{text}({name}, {{0}})", (bound,), kind, cost, _bind(binder, function),
                        limits=(BINDABLE_LIMITS[bound],), guard=BOUND_GUARDS.get(title),
                    )  # fmt: skip


def _bind(binder: Callable[..., Any], function: Callable[..., Any]) -> Callable[..., Any]:
    def call(value: Any) -> Any:
        return binder(function, value)

    return call


FUNCTION_LIMIT = 9  # largest cost of a function inside a compose or fork


def _closures() -> Iterator[Production]:
    """`matcher`, `compose` and `fork` of functions."""
    function = {name: PRIMITIVES[name].function for name in ("matcher", "compose", "fork", "flip")}
    for argument, result, limit in (
        ("O", "C", 9), ("O", "N", 9), ("O", "V", 9), ("O", "B", 1), ("O", "P", 12), ("G", "N", 6), ("G", "C", 6),
        ("K", "C", 9), ("P", "N", 6), ("V", "N", 6),
    ):  # fmt: skip
        yield Production(
            "matcher", "matcher({0}, {1})", (f"{argument}>{result}", result), f"{argument}>B", 4, function["matcher"],
            limits=(FUNCTION_LIMIT, limit),
        )  # fmt: skip
    flip = function["flip"]
    for argument in "OKG":
        yield Production(
            "compose(flip)", "compose(flip, {0})", (f"{argument}>B",), f"{argument}>B", 4,
            _bind_first(function["compose"], flip), limits=(14,),
        )  # fmt: skip
    for outer, inner in (
        ("O>N", "O>O"), ("P>N", "O>P"), ("O>P", "O>O"), ("V>P", "O>V"), ("O>G", "O>O"), ("G>N", "O>G"), ("G>B", "O>G"),
        ("G>G", "O>G"), ("V>N", "O>V"), ("G>B", "G>G"), ("G>N", "G>G"), ("O>O", "O>O"),
        ("C>G", "O>C"), ("P>P", "O>P"),
    ):  # fmt: skip
        kind = f"{inner.split('>')[0]}>{outer.split('>')[1]}"
        yield Production(
            "compose", "compose({0}, {1})", (outer, inner), kind, base_cost("compose"), function["compose"],
            limits=(FUNCTION_LIMIT, FUNCTION_LIMIT),
        )  # fmt: skip
    table = signatures()
    for name, cost in BINARY_FOR_FORK.items():
        bound = _bind_first(function["fork"], PRIMITIVES[name].function)
        for kinds, result in table[name]:
            for argument in "OG":
                kind = f"{argument}>{result}"
                left, right = (f"{argument}>{k}" for k in kinds)
                if kind in HIGHER_ORDER_KINDS and left in HIGHER_ORDER_KINDS and right in HIGHER_ORDER_KINDS:
                    yield Production(
                        f"fork({name})", f"fork({name}, {{0}}, {{1}})", (left, right), kind, cost, bound,
                        limits=(FUNCTION_LIMIT, FUNCTION_LIMIT),
                    )  # fmt: skip


def _bind_first(function: Callable[..., Any], first: Any) -> Callable[..., Any]:
    def call(*rest: Any) -> Any:
        return function(first, *rest)

    return call


@lru_cache(maxsize=1)
def productions() -> tuple[Production, ...]:
    """Return all productions with arguments, in a fixed order."""
    found = [*_plain_productions(), *_narrow_productions(), *_bound_functions(), *_closures()]
    return tuple(production for production in found if not production.limits or min(production.limits) > 0)


@lru_cache(maxsize=1)
def functions() -> tuple[Production, ...]:
    """Return the names of primitives as values."""
    unique: dict[tuple[str, str], Production] = {}
    for production in _named_functions():
        unique.setdefault((production.name, production.returns), production)
    return tuple(unique.values())


SHRINKING = frozenset(
    {
        "hconcat", "vconcat", "hupscale", "vupscale", "upscale", "downscale", "hsplit", "vsplit", "tophalf",
        "bottomhalf", "lefthalf", "righthalf", "trim", "compress", "dedupe", "crop", "canvas", "subgrid", "rot90",
        "rot270",
    }
)  # fmt: skip
"""Ways to another shape: dearer where output and input have the same one."""
PAINTING = frozenset({"fill", "paint", "underfill", "underpaint", "cover", "move", "shift", "shoot", "connect"})
"""Ways to the same shape: dearer where output and input differ."""


def adjusted(production: Production, same_shape: bool) -> Production:
    """Return a production with the cost that fits the task: `same_shape` when outputs have the shape of inputs."""
    others = SHRINKING if same_shape else PAINTING
    if production.name in others and "G" in (production.returns, *production.parameters):
        return replace(production, cost=production.cost + 2)
    return production


def find(name: str, parameters: Iterable[str], template: str | None = None) -> Production:
    """Return the production of a primitive with these kinds of parameters, and this text where one is given."""
    wanted = tuple(parameters)
    for production in productions():
        if production.name == name and production.parameters == wanted and template in (None, production.template):
            return production
    raise KeyError(f"no production {name} {' '.join(wanted)}")
