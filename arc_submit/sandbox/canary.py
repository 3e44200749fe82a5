"""Has a program changed what its neighbours in a shared runner see?

Covered: every name of the shareable modules and of builtins, class dictionaries that Python code can change, public
dicts, lists and sets in those modules, the recursion limit, numpy's error state and print options.
Not covered: changes inside C objects, and changes undone before the canary looks. The isolated re-check is for those.
"""

import builtins
import sys
from collections.abc import Callable, Iterable
from itertools import chain
from operator import is_
from types import ModuleType
from typing import Any

import numpy as np

HEAP, IMMUTABLE = 1 << 9, 1 << 8  # type flags
WATCH_CLASSES_OF = ("collections", "fractions", "random", "string", "functools", "dataclasses", "enum", "statistics")


class Canary:
    """Takes a picture when made; `clean()` says whether the world still looks the same. Compares by identity only."""

    def __init__(self, modules: Iterable[str]) -> None:
        watched: dict[int, Any] = {}
        for module in (builtins, *(sys.modules[name] for name in modules)):
            watched[id(module)] = vars(module)
            watched.update(_containers(module))
            if module.__name__ in WATCH_CLASSES_OF:
                watched.update(_classes(module))
        mappings = [each for each in watched.values() if not isinstance(each, (list, set))]
        self._views = [each.values() for each in mappings] + [each for each in watched.values() if isinstance(each, (list, set))]
        self._sizes = list(map(len, self._views))
        self._picture = list(chain.from_iterable(self._views))
        self._settings = self._look_at_settings()

    def clean(self) -> bool:
        same_sizes = list(map(len, self._views)) == self._sizes
        return (
            same_sizes
            and all(map(is_, chain.from_iterable(self._views), self._picture))
            and self._look_at_settings() == self._settings
        )

    @staticmethod
    def _look_at_settings(
        limit: Callable[[], int] = sys.getrecursionlimit, errors: Callable[[], Any] = np.geterr
    ) -> tuple[object, ...]:
        return limit(), errors()


def _containers(module: ModuleType) -> dict[int, Any]:
    """Public dicts, lists and sets that a module offers."""
    public = [value for name, value in vars(module).items() if name[0] != "_"]
    return {id(value): value for value in public if type(value) in (dict, list, set)}


def _classes(module: ModuleType) -> dict[int, Any]:
    """Dictionaries of the classes that a program could change."""
    classes = [value for value in vars(module).values() if isinstance(value, type)]
    return {id(each): vars(each) for each in classes if each.__flags__ & HEAP and not each.__flags__ & IMMUTABLE}
