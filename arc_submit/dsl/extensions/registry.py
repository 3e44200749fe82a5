"""The DSL's extensions described: every function with its family, signature and one or two sentences.

A family is one file of this folder, or a folder of it where its plain functions fill several. What it offers stands in
its `__all__`: functions of layers, made from kernels by the decorators of `kernel`, and plain functions over the DSL's
values. A new one needs its name in FAMILIES, no more.
Programs get them by `from arc_ext import *` (`arc_submit.dsl.modules`); the primitives of `arc_submit.dsl.registry` are
others, and no name is in both.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from types import FunctionType, MappingProxyType
from typing import Any, cast

from arc_submit.dsl import types
from arc_submit.dsl.extensions import kernel
from arc_submit.dsl.extensions.kernel import Extension
from arc_submit.dsl.registry import Primitive

FAMILIES: tuple[str, ...] = (
    "layering",
    "colouring",
    "keeping",
    "trimming",
    "turning",
    "filling",
    "growing",
    "shooting",
    "spreading",
    "framing",
    "room",
    "cutting_up",
    "repairing",
    "repeating",
    "arranging",
    "counting",
    "pieces",
    "by_colour",
    "dividing",
    "blocks",
    "picking",
    "picking_among",
    "piling",
    "placing",
    "masking",
    "comparing",
    "recolouring",
    "tiling",
    "rules",
    "patterns",
    "templates",
    "processes",
    "things",
    "things_acts",
    "things_small",
)
"""One file or folder each."""

_TAKEN: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "one": (("layer", "Layer"),),
        "split": (("layer", "Layer"),),
        "join": (("layers", "Layers"),),
        "each": (("layers", "Layers"),),
        "pair": (("first", "Layer"), ("second", "Layer")),
    }
)
"""Kind of kernel -> parameters before the whole numbers."""
_GIVEN = MappingProxyType({"one": "Layer", "split": "Layers", "join": "Layer", "each": "Layers", "pair": "Layer"})
_BETWEEN = (kernel.layer, kernel.cells)
"""From grids to layers and back."""
_NAMED: Mapping[str, str] = MappingProxyType(
    {
        repr(value): name
        for source, names in ((types, types.__all__), (kernel, ("Layer", "Layers")))
        for name in names
        if repr(value := vars(source)[name]) != "typing.Any"
    }
)
"""A type's text -> its name in the DSL."""


def _described(value: Any, family: str) -> Primitive:
    doc = " ".join((value.__doc__ or "").split())
    if isinstance(value, Extension):
        code = value.kernel.__code__
        numbers = code.co_varnames[code.co_argcount - value.numbers : code.co_argcount]
        parameters = (*_TAKEN[value.kind], *((name, "Integer") for name in numbers))
        return Primitive(value.__name__, family, parameters, _GIVEN[value.kind], doc, value)
    code, kinds = value.__code__, value.__annotations__
    names = code.co_varnames[: code.co_argcount]
    parameters = tuple((name, _text(kinds[name])) for name in names)
    return Primitive(value.__name__, family, parameters, _text(kinds["return"]), doc, value)


def _text(kind: Any) -> str:
    """An annotation as a program's reader would write it."""
    if isinstance(kind, str):
        return kind
    return _NAMED.get(repr(kind)) or (kind.__name__ if type(kind) is type else repr(kind))


def _extensions() -> dict[str, Primitive]:
    """By family, within a family in the order of its `__all__`."""
    found = {function.__name__: _described(function, "kernel") for function in _BETWEEN}
    for family in FAMILIES:
        module = importlib.import_module(f"{__package__}.{family}")
        for name in module.__all__:
            value = vars(module)[name]
            if isinstance(value, FunctionType | Extension):
                found[name] = _described(value, family)
    return found


EXTENSIONS: Mapping[str, Primitive] = MappingProxyType(_extensions())
"""All by name."""


def function(extension: Primitive) -> Callable[..., Any]:
    """Return what programs call: a plain function of as many parameters as the extension has.

    An `Extension` is an object that holds its kernel, of a class that a program could change; programs that share a
    process must have neither in their hands. `rbind` and `lbind` look at the number of parameters.
    """
    held = extension.function
    if not isinstance(held, Extension):
        return held
    call = {1: _of_one, 2: _of_two, 3: _of_three}[len(extension.parameters)](held)
    call.__name__ = call.__qualname__ = extension.name
    call.__doc__ = held.__doc__
    return call


def _of_one(held: Callable[..., Any]) -> FunctionType:
    return cast(FunctionType, lambda a: held(a))


def _of_two(held: Callable[..., Any]) -> FunctionType:
    return cast(FunctionType, lambda a, b: held(a, b))


def _of_three(held: Callable[..., Any]) -> FunctionType:
    return cast(FunctionType, lambda a, b, c: held(a, b, c))
