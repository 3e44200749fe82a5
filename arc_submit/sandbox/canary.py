"""Has a program changed what its neighbours in a shared runner see?

Covered: every name of the shareable modules, of builtins and of the modules behind the DSL, class dictionaries that
Python code can change, public dicts, lists and sets in those modules, the recursion limit, numpy's error state.
Not covered: changes inside C objects, and lists changed and changed back. The isolated re-check is for those.

CPython (up to 3.13) gives a dictionary a new version whenever it changes. Reading the versions is 20 times cheaper than
comparing thousands of values, and leaves their reference counts, hence the zygote's memory pages, alone.
"""

import builtins
import ctypes
import gc
import sys
from collections.abc import Callable, Iterable
from itertools import chain
from operator import is_
from types import MappingProxyType, ModuleType
from typing import Any, Final

import numpy as np

HEAP, IMMUTABLE = 1 << 9, 1 << 8  # type flags
WATCH_CLASSES_OF: Final = frozenset(
    ("collections", "fractions", "random", "string", "functools", "dataclasses", "enum", "statistics")
)
BEHIND_THE_DSL: Final = "arc_submit.dsl"
"""Modules with this beginning are watched with their classes: values of them reach programs."""
VERSION_AT: Final = object.__basicsize__ + 8  # bytes from a dict's address: header, entries in use, version

Look = Callable[[], object]


class Canary:
    """Takes a picture when made; `clean()` says whether the world still looks the same."""

    def __init__(self, modules: Iterable[str]) -> None:
        watched: dict[int, Any] = {}
        behind = [name for name in sys.modules if name.startswith(BEHIND_THE_DSL)]
        for module in (builtins, *(sys.modules[name] for name in (*modules, *behind))):
            watched[id(module)] = vars(module)
            watched.update(_containers(module))
            if module.__name__ in WATCH_CLASSES_OF or module.__name__.startswith(BEHIND_THE_DSL):
                watched.update(_classes(module))
        dicts = [each for each in watched.values() if isinstance(each, dict)]
        others = [each for each in watched.values() if not isinstance(each, dict)]
        if not versions_work():
            dicts, others = [], [*others, *(each.values() for each in dicts)]
        self._keep = dicts
        self._versions = list(map(_version, dicts))
        self._others = others
        self._picture = list(chain.from_iterable(others))
        self._now = self._look()

    def clean(self) -> bool:
        return self._look() == self._now and all(map(is_, chain.from_iterable(self._others), self._picture))

    def _look(
        self, limit: Callable[[], int] = sys.getrecursionlimit, errors: Callable[[], Any] = np.geterr
    ) -> tuple[list[int], list[int], int, Any]:
        return [each.value for each in self._versions], list(map(len, self._others)), limit(), errors()


def _version(watched: dict[Any, Any]) -> ctypes.c_uint64:
    """A window on the version of a dict."""
    return ctypes.c_uint64.from_address(id(watched) + VERSION_AT)


def versions_work() -> bool:
    """Does this interpreter keep versions where we look? A new one after every change, the same one otherwise."""
    probe: dict[str, object] = {"a": 1}
    seen = [_version(probe).value]
    for value in (2, 3):
        probe["a"] = value
        seen.append(_version(probe).value)
    probe["b"] = 1
    seen.append(_version(probe).value)
    del probe["b"]
    seen.append(_version(probe).value)
    return len(set(seen)) == len(seen) and _version(probe).value == seen[-1] and sys.version_info < (3, 14)


def _containers(module: ModuleType) -> dict[int, Any]:
    """Public dicts, lists and sets that a module offers."""
    public = [value for name, value in vars(module).items() if name[0] != "_"]
    return {id(value): value for value in public if type(value) in (dict, list, set)}


def _classes(module: ModuleType) -> dict[int, Any]:
    """Dictionaries of the classes that a program could change."""
    classes = [value for value in vars(module).values() if isinstance(value, type)]
    changeable = [each for each in classes if each.__flags__ & HEAP and not each.__flags__ & IMMUTABLE]
    return {id(each): _behind(vars(each)) for each in changeable}


def _behind(proxy: MappingProxyType[str, Any]) -> dict[str, Any]:
    """The dict that a read-only view shows."""
    (found,) = (each for each in gc.get_referents(proxy) if isinstance(each, dict))
    return found
