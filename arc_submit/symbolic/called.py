"""What a straight-line program may call: the 160 primitives, and the DSL's extensions with the kinds of their values.

The kinds that `values` does not have: "Y" layer, "M" layers. Types without a letter are "?". The extensions bring
numpy, which the settings do without, so they are loaded when they are first asked for.
"""

from collections.abc import Mapping
from functools import lru_cache
from itertools import product
from types import MappingProxyType

from arc_submit.dsl.registry import PRIMITIVES, Primitive
from arc_submit.symbolic.values import expand

LAYERED = frozenset("YM")
"""Kinds that only extensions take and give."""
_LETTERS: Mapping[str, str] = MappingProxyType({"Layer": "Y", "Layers": "M", "Callable": "F"})

Signature = tuple[tuple[str, ...], str]


@lru_cache(maxsize=1)
def extensions() -> Mapping[str, Primitive]:
    """Return the extensions by name."""
    from arc_submit.dsl.extensions.registry import EXTENSIONS

    return EXTENSIONS


def is_function_name(name: str) -> bool:
    """Return whether a program may call this name without assigning it."""
    return name in PRIMITIVES or name in extensions()


def type_kinds(text: str) -> str:
    """Return the kind of a DSL type as text, "?" when it has none or several."""
    kinds = _LETTERS.get(text) or expand(text)
    return kinds if len(kinds) == 1 else "?"


@lru_cache(maxsize=1)
def extension_signatures() -> Mapping[str, tuple[Signature, ...]]:
    """Return the kinds that each extension takes and gives; a colour may be any number too."""
    return {name: _signatures(extension) for name, extension in extensions().items()}


@lru_cache(maxsize=1)
def _alike() -> Mapping[tuple[tuple[str, ...], str], tuple[str, ...]]:
    found: dict[tuple[tuple[str, ...], str], tuple[str, ...]] = {}
    for name, extension in extensions().items():
        key = _types(extension)
        found[key] = (*found.get(key, ()), name)
    return found


def alike(name: str) -> list[str]:
    """Return the other extensions whose parameters and result have the types of this one's."""
    return [other for other in _alike()[_types(extensions()[name])] if other != name]


def _types(extension: Primitive) -> tuple[tuple[str, ...], str]:
    return tuple(text for _, text in extension.parameters), extension.returns


def _signatures(extension: Primitive) -> tuple[Signature, ...]:
    wanted = ["CN" if is_colour(name, text) else type_kinds(text) for name, text in extension.parameters]
    return tuple((kinds, type_kinds(extension.returns)) for kinds in product(*wanted))


def is_colour(parameter: str, text: str) -> bool:
    """Return whether a parameter of an extension is a colour, by its name and type."""
    return text == "Integer" and parameter in ("colour", "color")
