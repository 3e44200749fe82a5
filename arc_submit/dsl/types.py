"""The words of the DSL's signatures: what a Grid, an Object, a Patch is.

Programs may use these names in annotations, and so may they use the names of `typing` that are passed on here. At run
time those are typing's own; a type checker sees narrower ones, because every container of the DSL is a tuple or a
frozenset. Nothing here checks a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import typing

    Callable: TypeAlias = typing.Callable[..., Any]
    Container: TypeAlias = tuple[Any, ...] | frozenset[Any]
    FrozenSet: TypeAlias = frozenset[Any]
    Iterable: TypeAlias = typing.Iterable[Any]
    List: TypeAlias = list[Any]
    Tuple: TypeAlias = tuple[Any, ...]
    Union = typing.Union
else:
    from typing import Callable, Container, FrozenSet, Iterable, List, Tuple, Union  # noqa: UP035

Boolean: TypeAlias = bool
Integer: TypeAlias = int
IntegerTuple: TypeAlias = tuple[int, int]
"""A place (row, column) or a displacement: rows grow downward, columns to the right."""
Numerical: TypeAlias = int | tuple[int, int]
IntegerSet: TypeAlias = frozenset[int]
Grid: TypeAlias = tuple[tuple[int, ...], ...]
Cell: TypeAlias = tuple[int, tuple[int, int]]
"""Colour first, then the place."""
Object: TypeAlias = frozenset[tuple[int, tuple[int, int]]]
"""Cells; their places may be negative or beyond any grid."""
Objects: TypeAlias = frozenset[Object]
Indices: TypeAlias = frozenset[tuple[int, int]]
IndicesSet: TypeAlias = frozenset[Indices]
Patch: TypeAlias = Object | Indices
Element: TypeAlias = Object | Grid
Piece: TypeAlias = Grid | Object | Indices
TupleTuple: TypeAlias = tuple[tuple[Any, ...], ...]
ContainerContainer: TypeAlias = Container

__all__ = (
    "Any",
    "Boolean",
    "Callable",
    "Cell",
    "Container",
    "ContainerContainer",
    "Element",
    "FrozenSet",
    "Grid",
    "Indices",
    "IndicesSet",
    "Integer",
    "IntegerSet",
    "IntegerTuple",
    "Iterable",
    "List",
    "Numerical",
    "Object",
    "Objects",
    "Patch",
    "Piece",
    "Tuple",
    "TupleTuple",
    "Union",
)
