"""Read and run recorded calls of the DSL (`data/vectors.json`, `data/tie_vectors.json`).

A value is written as JSON: numbers, true, false and null are themselves, a list is a tuple, and an object has one key:
{"s": [members]} is a frozenset, {"f": name} a primitive, {"x": [name, arguments...]} what that primitive returns.
Results are compared in this form, as text, so that True is not 1 and a subclass of tuple is not a tuple.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from arc_submit import dsl

DATA = Path(__file__).parent / "data"
NAMES = {id(getattr(dsl, name)): name for name in dsl.__all__ if callable(getattr(dsl, name))}

Vector = dict[str, Any]


def load(name: str) -> dict[str, Any]:
    """One file of recorded calls: signatures, constants, vectors."""
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def decode(value: Any, rng: Random | None = None) -> Any:
    """The Python value; with an rng the members of every set go in in random order."""
    if isinstance(value, list):
        return tuple(decode(item, rng) for item in value)
    if not isinstance(value, dict):
        return value
    [(kind, body)] = value.items()
    if kind == "f":
        return getattr(dsl, body)
    if kind == "x":
        return getattr(dsl, body[0])(*(decode(item, rng) for item in body[1:]))
    members = [decode(item, rng) for item in body]
    if rng:
        rng.shuffle(members)
    return frozenset(members)


def encode(value: Any) -> Any:
    """The JSON form of a result; a value that the DSL has no place for is an error."""
    if value is None or type(value) in (bool, int):
        return value
    if type(value) is tuple:
        return [encode(item) for item in value]
    if type(value) is frozenset:
        return {"s": sorted(map(encode, value), key=text)}
    if id(value) in NAMES:
        return {"f": NAMES[id(value)]}
    raise TypeError(f"a {type(value).__name__} came out")


def text(encoded: Any) -> str:
    """One fixed text for each encoded value."""
    return json.dumps(encoded, separators=(",", ":"), sort_keys=True)


def failures(vectors: list[Vector], rng: Random | None = None) -> Iterator[str]:
    """One readable line for every call that went otherwise than recorded."""
    for vector in vectors:
        expected = "an exception" if vector.get("raises") else text(vector["r"])
        found = _outcome(vector, rng)
        if found != expected:
            calls = "".join(f"({text(arguments)[1:-1]})" for arguments in [vector["a"], *vector.get("then", [])])
            yield f"{vector['p']}{calls}\n    expected {expected}\n    found    {found}"


def _outcome(vector: Vector, rng: Random | None) -> str:
    try:
        result = getattr(dsl, vector["p"])
        for arguments in [vector["a"], *vector.get("then", [])]:
            result = result(*(decode(argument, rng) for argument in arguments))
    except Exception as error:  # which one does not matter to the vectors, so none may be left out
        return "an exception" if vector.get("raises") else f"{type(error).__name__}: {error}"
    return text(encode(result))
