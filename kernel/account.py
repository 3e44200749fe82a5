"""The solver's account of its run, read with suspicion: a run whose model wrote nothing looks like any other.

Not here: faults that the solver knows of itself; it names them under `degraded`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

LANGUAGE = frozenset({"fresh", "edit", "recombine", "restart"})
"""Proposers that ask the language model."""
_GROUP = "lm"  # all of them, in settings
_SETTING = "search.proposers="


def complaints(summary: Mapping[str, Any], settings: Sequence[str]) -> list[str]:
    """Return what speaks against the run; `settings`: `a.b=c` as the solver got them, the last one winning."""
    found = []
    if summary.get("canary") is False:
        found.append("the canary was not solved: a task that the kit is known to solve came out wrong")
    if summary.get("canary") is None and summary.get("canary_due") is True:
        found.append("the canary was due and was not tried: nothing shows that the solver can solve anything")
    asked = summary.get("model")
    if asked if isinstance(asked, bool) else asks_model(settings):
        found += silent(summary)
    return found


def silent(summary: Mapping[str, Any]) -> list[str]:
    """Return in what way a language model that was asked for did nothing."""
    if not summary.get("tokens"):
        return ["the language model was silent: not one token was decoded; see logs.tar.gz for why"]
    programs = summary.get("programs") or {}
    if not any(programs.get(name) for name in LANGUAGE):
        there = ", ".join(f"{name} {count}" for name, count in programs.items()) or "none"
        return [f"the language model wrote no program that ran (programs by proposer: {there})"]
    return []


def asks_model(settings: Sequence[str]) -> bool:
    """Return whether settings ask for a language model; presets do, unless a setting says otherwise."""
    said = [text.removeprefix(_SETTING) for text in settings if text.startswith(_SETTING)]
    return not said or bool({_GROUP, *LANGUAGE} & set(re.findall(r"\w+", said[-1])))
