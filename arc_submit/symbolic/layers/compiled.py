"""Kernels of the DSL's extensions, compiled. The only place that brings in numba.

A kernel is compiled from the lines that programs run (`arc_submit.dsl.extensions.kernel`), its helpers with it, for one
signature per kind, and kept on disk. Folders are named after the sources: a helper that changed in another file cannot
leave a stale kernel behind. The first use on a machine compiles everything, some two minutes of one core; later ones
load in seconds. Call `ready.ready` before a clock is started.
"""

import atexit
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

import llvmlite.binding as llvm
import numba
from numba import types

from arc_submit.dsl.extensions.kernel import Extension

PACKAGE = "arc_submit.dsl.extensions"
SHARED = tuple(Path(__file__).parents[2] / "dsl" / "extensions" / f"{name}.py" for name in ("tools", "kernel"))
"""What every kernel is built on, beside its own file."""

CELLS = types.Array(types.uint8, 2, "C")
FLAT = types.Array(types.uint8, 1, "C")
RECTS = types.Array(types.int64, 2, "C")
HELD = types.Array(types.int16, 2, "C")
"""Rectangles as the arena keeps them and kernels are given them: a quarter of the memory."""
_PLACED = (CELLS, types.int64, types.int64)
_ONE, _MANY = types.Tuple(_PLACED), types.Tuple((FLAT, RECTS))
SIGNATURES = {
    "one": (_ONE, _PLACED),
    "split": (_MANY, _PLACED),
    "join": (_ONE, (FLAT, HELD)),
    "each": (_MANY, (FLAT, HELD)),
    "pair": (_ONE, _PLACED * 2),
}
"""Kind -> result and arguments; a whole number follows, whether the kernel takes one or not."""


@cache
def folder(*sources: Path) -> Path:
    """Return where code compiled from these files is kept: a folder of this user's, named after them and the machine.

    What numba itself looks at is in the name: Python, processor, and each file's place and time of change.
    `NUMBA_CACHE_DIR` says where instead of the user's cache folder; where neither can be written, it is a folder that
    goes when this process ends, and that the processes it starts share.
    """
    features = str(sorted(llvm.get_host_cpu_features().items()))
    print_ = hashlib.sha256(f"{numba.__version__} {sys.implementation.cache_tag} {features}".encode())
    for source in (Path(__file__), *sources):
        told = source.stat()
        print_.update(f"{source.resolve()} {told.st_mtime_ns} {told.st_size}".encode() + source.read_bytes())
    found = _home() / f"compiled-{print_.hexdigest()[:16]}"
    found.mkdir(parents=True, exist_ok=True)
    return found


@cache
def _home() -> Path:
    with suppress(OSError, RuntimeError):  # a user may have no home at all
        named = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        found = Path(named) / "arc-submit"
        found.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=found):
            return found
    found = Path(tempfile.mkdtemp(prefix="arc-submit-compiled-"))
    atexit.register(shutil.rmtree, found, ignore_errors=True)
    os.environ["NUMBA_CACHE_DIR"] = str(found)
    return found / "arc-submit"


def jit(function: Callable[..., Any]) -> Any:
    """Decorate a function of the engine: compiled for whatever it is called with, and kept on disk."""
    numba.config.CACHE_DIR = str(folder(*sorted(Path(__file__).parent.glob("*.py"))))
    return numba.njit(cache=True, nogil=True)(function)


def typed(kind: str, *rest: Any) -> Callable[[Callable[..., Any]], Any]:
    """Decorate a function of the engine that is given a kernel of a kind, its number, and `rest`; returns a number.

    One compiled function serves all kernels of the kind; they arrive as pointers.
    """
    result, arguments = SIGNATURES[kind]
    pointer = types.FunctionType(result(*arguments, types.int64))

    def compile_(function: Callable[..., Any]) -> Any:
        numba.config.CACHE_DIR = str(folder(*sorted(Path(__file__).parent.glob("*.py"))))
        return numba.njit(types.int64(pointer, types.int64, *rest), cache=True, nogil=True)(function)

    return compile_


def kernel(extension: Extension[Any]) -> Any:
    """Return the compiled kernel of an extension.

    Raises:
        numba.core.errors.NumbaError: it is not written in the part of Python that numba compiles.
    """
    return _kernel(extension.kernel, extension.kind, extension.numbers)


def ready(extensions: Iterable[Extension[Any]]) -> int:
    """Compile or load all of them; return how many there are."""
    return sum(kernel(extension) is not None for extension in extensions)


@cache
def _kernel(function: FunctionType, kind: str, numbers: int) -> Any:
    numba.config.CACHE_DIR = str(folder(Path(function.__code__.co_filename), *SHARED))
    result, arguments = SIGNATURES[kind]
    given = _linked(function) if numbers else _with_number(function, kind)
    return numba.njit(result(*arguments, types.int64), cache=True, nogil=True)(given)


def _with_number(function: FunctionType, kind: str) -> FunctionType:
    """Return the function with a whole number after its arguments that it does not look at."""
    template = {"pair": _two, "join": _several, "each": _several}.get(kind, _one)
    taking = FunctionType(template.__code__, {"KERNEL": _helper(function)}, function.__name__)
    taking.__module__, taking.__qualname__ = template.__module__, f"{function.__name__}_with_number"
    return taking


def _one(a, y, x, number):  # type: ignore[no-untyped-def]
    return KERNEL(a, y, x)  # type: ignore[name-defined]  # noqa: F821


def _several(flat, rects, number):  # type: ignore[no-untyped-def]
    return KERNEL(flat, rects)  # type: ignore[name-defined]  # noqa: F821


def _two(a, y, x, b, v, u, number):  # type: ignore[no-untyped-def]
    return KERNEL(a, y, x, b, v, u)  # type: ignore[name-defined]  # noqa: F821


@cache
def _helper(function: FunctionType) -> Any:
    return numba.njit(nogil=True)(_linked(function))


def _linked(function: FunctionType) -> FunctionType:
    """Return the function with its helpers replaced by compiled ones."""
    names = dict(function.__globals__)
    for name in function.__code__.co_names:
        value = names.get(name)
        if isinstance(value, FunctionType) and value.__module__.startswith(PACKAGE):
            if Path(value.__code__.co_filename) not in (Path(function.__code__.co_filename), *SHARED):
                raise ImportError(f"{function.__name__}: a helper of a kernel lives in its own file or in tools.py")
            names[name] = _helper(value)
    linked = FunctionType(function.__code__, names, function.__name__, function.__defaults__)
    linked.__module__, linked.__qualname__ = function.__module__, function.__qualname__
    return linked
