"""Ideas: each one way of finding programs for a task, of its own kind (`idea`). Search asks them by name.

    idea                                    what search asks of an idea
    rules, patterns, processes, things      an idea each: `idea` is its class, the rest what that is made of
    composed                                steps over layers first, then one of those
    chaining, checks, writing               what several ideas use

`layers` has a room of its own (`arc_submit.symbolic.layers`). No idea imports from another, `composed` aside.

An idea is loaded when it is asked for: a run without `layers` does without numba. A new idea needs its line in IDEAS,
no more.
"""

import importlib
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType, ModuleType
from typing import cast

from arc_submit.symbolic.ideas.idea import Idea, Proposal

__all__ = ["IDEAS", "Idea", "Proposal", "about", "failures", "load", "prepare"]

IDEAS: Mapping[str, str] = MappingProxyType(
    {
        "layers": "arc_submit.symbolic.layers.engine:Layers",
        "rules": "arc_submit.symbolic.ideas.rules:Rules",
        "patterns": "arc_submit.symbolic.ideas.patterns:Patterns",
        "processes": "arc_submit.symbolic.ideas.processes:Processes",
        "things": "arc_submit.symbolic.ideas.things:Things",
        "composed": "arc_submit.symbolic.ideas.composed:Composed",
    }
)
"""Name -> module and class, in the order in which they have their turns."""
COMPILED = frozenset(("layers", "composed"))
"""Ideas that run compiled kernels."""
LATER = frozenset(("composed",))
"""Ideas that wait until the others, `layers` aside, have said all: they go on from where those began."""


def load(name: str) -> Callable[..., Idea]:
    """Return an idea's class, ready for use: call it before a clock is started.

    Kernels are compiled the first time on a machine, which takes a minute or two.

    Raises:
        EngineError: they do not compile.
    """
    if name in COMPILED:
        from arc_submit.symbolic.layers.ready import ready

        ready()
    return cast("Callable[..., Idea]", getattr(_module(name), IDEAS[name].partition(":")[2]))


def prepare(names: Iterable[str]) -> None:
    """Compile what these ideas run, where it is missing: a run does so before its clock starts.

    Raises:
        EngineError: they do not compile.
    """
    if COMPILED.intersection(names):
        from arc_submit.symbolic.layers.ready import compile_missing

        compile_missing()


def about(name: str) -> str:
    """Return one sentence on what an idea looks for: the first of its module's docstring.

    >>> about("rules")
    'Rules for single cells, learned from the demonstrations and written out as a program.'
    """
    text = " ".join((_module(name).__doc__ or "").split())
    return text.split(". ")[0].rstrip(".") + "." if text else ""


def failures(unusable: Mapping[str, int]) -> dict[str, str]:
    """Return the ideas that failed on a task and what each stumbled over, from the unusable texts of its search.

    >>> failures({"rules: KeyError: 5": 1, "no code in the text": 3})
    {'rules': 'KeyError: 5'}
    """
    told = (text.partition(": ") for text in unusable)
    return {name: why for name, _, why in told if name in IDEAS}


def _module(name: str) -> ModuleType:
    return importlib.import_module(IDEAS[name].partition(":")[0])
