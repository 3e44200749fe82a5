"""What a program finds when it starts: modules, builtins, names. Built once in the zygote, copied for every program.

Everything a program may import is imported here, before the zygote is locked: afterwards no file can be opened.
"""

import builtins
import importlib
import random
import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any, Final

import numpy as np

from arc_submit.dsl import modules as dsl_modules

_SHAREABLE: Final = """
    math cmath itertools collections collections.abc functools copy re random typing heapq string operator dataclasses
    enum fractions decimal bisect statistics numbers textwrap array __future__
    numpy numpy.linalg numpy.random numpy.fft numpy.typing arc_dsl dsl constants arc_types arc_ext
"""
_ALSO_LOADED: Final = """
    sys os io abc types time datetime calendar json struct hashlib inspect traceback warnings gc queue pprint uuid
    contextlib weakref unicodedata zlib numpy.ma numpy.polynomial numpy.lib.stride_tricks encodings.idna secrets
"""
SHAREABLE: Final = tuple(_SHAREABLE.split())
"""Imports that a program in a shared runner may have; the canary watches these modules."""
ALSO_LOADED: Final = tuple(_ALSO_LOADED.split())
"""Imports that work in a process of its own."""


class Discard:
    """Stands in for standard output and error: a program may print as much as it likes."""

    encoding, errors, closed = "utf-8", "replace", False

    def write(self, text: str) -> int:
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        return None

    def flush(self) -> None:
        return None

    def isatty(self) -> bool:
        return False


class NoInput:
    """Stands in for standard input: always at its end."""

    encoding, errors, closed = "utf-8", "replace", False

    def readline(self, size: int = -1) -> str:
        return ""

    read = readline

    def flush(self) -> None:
        return None


class ImportGuard:
    """`__import__` of a shared runner: allowed modules only; anything else asks for isolation."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self.allowed = frozenset(allowed)
        self.refused = False
        self._import = builtins.__import__

    def __call__(
        self,
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] = (),
        level: int = 0,
    ) -> ModuleType:
        inside_c = type(fromlist) is list  # an import made by C code on the program's stack; a statement gives a tuple
        if level == 0 and (name in self.allowed or inside_c):
            return self._import(name, globals, locals, fromlist, 0)
        self.refused = True
        raise ImportError(f"no module {str(name)[:40]!r} in a shared runner")


class World:
    """Templates of the namespaces, and the seeds."""

    def __init__(self, seed: int, preload: Sequence[str]) -> None:
        dsl_modules.install()
        for name in (*SHAREABLE, *ALSO_LOADED, *preload):
            importlib.import_module(name)
        _fill_uninitialised()
        warnings.simplefilter("ignore")
        self.guard = ImportGuard(SHAREABLE)
        self._seed = seed
        self._seed_random, self._seed_numpy = random.seed, np.random.seed
        self.reseed()
        self._builtins = dict(vars(builtins))
        self._shared_builtins = {**self._builtins, "__import__": self.guard}
        dsl = {
            key: vars(module)[key]
            for module in (sys.modules["arc_ext"], sys.modules["arc_dsl"])
            for key in vars(module)["__all__"]
        }
        self._plain: dict[str, Any] = {"__name__": "program", "__builtins__": None}
        self._with_dsl = {**self._plain, **dsl, "np": np, "numpy": np}

    def namespace(self, dsl: bool, shared: bool) -> dict[str, Any]:
        """Globals for one program: builtins; for the DSL's dialect its names too, should the import be forgotten."""
        names = (self._with_dsl if dsl else self._plain).copy()
        names["__builtins__"] = (self._shared_builtins if shared else self._builtins).copy()
        return names

    @staticmethod
    def silence() -> None:
        """From here on nothing is printed and nothing is asked."""
        sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = Discard()  # type: ignore[assignment,misc]
        sys.stdin = sys.__stdin__ = NoInput()  # type: ignore[assignment,misc]

    def reseed(self) -> None:
        self._seed_random(self._seed)
        self._seed_numpy(self._seed)


def _fill_uninitialised() -> None:
    """`np.empty` shows what earlier programs left in memory: give zeros instead."""
    raw_empty, raw_empty_like = np.empty, np.empty_like

    def empty(*args: Any, **options: Any) -> Any:
        made = raw_empty(*args, **options)
        if not made.dtype.hasobject:
            made.fill(0)
        return made

    def empty_like(*args: Any, **options: Any) -> Any:
        made = raw_empty_like(*args, **options)
        if not made.dtype.hasobject:
            made.fill(0)
        return made

    vars(np).update(empty=empty, empty_like=empty_like)
