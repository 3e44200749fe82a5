"""The DSL described: every primitive with its family, signature and one or two sentences, for prompts and generators.

Everything is read off the functions themselves, so nothing can drift. Running programs does not need this file and
`arc_submit.dsl` does not import it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FunctionType, MappingProxyType
from typing import Any

from arc_submit.dsl import constants

FAMILIES: tuple[str, ...] = (
    "arithmetic",
    "logic",
    "containers",
    "mapping",
    "functions",
    "colours",
    "extent",
    "places",
    "relations",
    "objects",
    "mirrors",
    "painting",
    "cutting",
    "measuring",
)
"""One file each, from values to grids."""


@dataclass(frozen=True, slots=True)
class Primitive:
    """One function of the DSL."""

    name: str
    family: str
    """One of FAMILIES."""
    parameters: tuple[tuple[str, str], ...]
    """(name, type as text) in order, e.g. ("grid", "Grid")."""
    returns: str
    """Type as text, e.g. "Grid"."""
    doc: str
    """One or two sentences on one line, at most 300 characters."""
    function: Callable[..., Any]

    @property
    def signature(self) -> str:
        """As in `fill(grid: Grid, value: Integer, patch: Patch) -> Grid`."""
        inside = ", ".join(f"{name}: {kind}" for name, kind in self.parameters)
        return f"{self.name}({inside}) -> {self.returns}"


def _describe(function: FunctionType, family: str) -> Primitive:
    code = function.__code__
    kinds = function.__annotations__
    return Primitive(
        name=function.__name__,
        family=family,
        parameters=tuple((name, kinds[name]) for name in code.co_varnames[: code.co_argcount]),
        returns=kinds["return"],
        doc=" ".join((function.__doc__ or "").split()),
        function=function,
    )


def _primitives() -> dict[str, Primitive]:
    """By family, within a family in the order of its file."""
    found = {}
    for family in FAMILIES:
        module = importlib.import_module(f"arc_submit.dsl.{family}")
        for name, value in vars(module).items():
            if name in module.__all__ and isinstance(value, FunctionType):
                found[name] = _describe(value, family)
    return found


PRIMITIVES: Mapping[str, Primitive] = MappingProxyType(_primitives())
"""All 160 by name."""

CONSTANTS: Mapping[str, Any] = MappingProxyType(
    {name: value for name, value in vars(constants).items() if not name.startswith("_")}
)
"""All 28 by name, in the order of their file."""
