"""Has a program changed what its neighbours in a shared runner see?

Covered: every name of the shareable modules and of builtins, class dictionaries that Python code can change, public
dicts, lists and sets in those modules, the recursion limit, numpy's error state and print options.
Not covered: changes inside C objects, and changes undone before the canary looks. The isolated re-check is for those.
"""

import builtins
import sys
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

import numpy as np

Look = tuple[Callable[[], Iterable[object]], list[int]]

HEAP, IMMUTABLE = 1 << 9, 1 << 8  # type flags
WATCH_CLASSES_OF = ("collections", "fractions", "random", "string", "functools", "dataclasses", "enum", "statistics")


class Canary:
    """Takes a picture when made; `clean()` says whether the world still looks the same."""

    def __init__(self, modules: Iterable[str]) -> None:
        watched = [builtins, *(sys.modules[name] for name in modules)]
        looks: dict[int, Any] = {}
        for module in watched:
            looks[id(module)] = vars(module)
            looks.update(_containers(module))
            if module.__name__ in WATCH_CLASSES_OF:
                looks.update(_classes(module))
        self._pictures: list[Look] = [(each.values, _ids(each.values())) for each in looks.values() if hasattr(each, "values")]
        self._lists = [(each, _ids(each)) for each in looks.values() if not hasattr(each, "values")]
        self._settings = self._look_at_settings()

    def clean(self) -> bool:
        for values, picture in self._pictures:
            if list(map(id, values())) != picture:
                return False
        for each, picture in self._lists:
            if list(map(id, each)) != picture:
                return False
        return self._look_at_settings() == self._settings

    @staticmethod
    def _look_at_settings(
        limit: Callable[[], int] = sys.getrecursionlimit, errors: Callable[[], Any] = np.geterr
    ) -> tuple[object, ...]:
        return limit(), errors()


def _ids(values: Iterable[object]) -> list[int]:
    return list(map(id, values))


def _containers(module: ModuleType) -> dict[int, Any]:
    """Public dicts, lists and sets that a module offers."""
    public = [value for name, value in vars(module).items() if name[0] != "_"]
    return {id(value): value for value in public if type(value) in (dict, list, set)}


def _classes(module: ModuleType) -> dict[int, Any]:
    """Dictionaries of the classes that a program could change."""
    classes = [value for value in vars(module).values() if isinstance(value, type)]
    return {id(each): vars(each) for each in classes if each.__flags__ & HEAP and not each.__flags__ & IMMUTABLE}
