"""The solver's account of its run: what speaks against it."""

import re
from typing import Any

import pytest

from kernel import account

GOOD: dict[str, Any] = {"canary": True, "canary_due": True, "model": True, "tokens": 9, "programs": {"edit": 1}}


def complaints(*settings: str, **changes: Any) -> list[str]:
    summary = {name: value for name, value in {**GOOD, **changes}.items() if value != "absent"}
    return account.complaints(summary, settings)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"canary": False}, "the canary was not solved"),
        ({"canary": None}, "the canary was due and was not tried"),
        ({"tokens": 0}, "not one token was decoded"),
        ({"tokens": "absent", "programs": "absent"}, "not one token was decoded"),
        ({"programs": {"mutate": 5, "crossover": 2}}, r"no program that ran .*mutate 5, crossover 2"),
        ({"programs": {"mutate": 5, "fresh": 0}}, "no program that ran"),
        ({"programs": {}}, "no program that ran .*none"),
    ],
)
def test_a_run_that_only_looks_good_is_found_out(changes, words):
    (found,) = complaints(**changes)
    assert re.search(words, found)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"canary": None, "canary_due": False},
        {"canary": None, "canary_due": "absent"},
        {"model": False, "tokens": 0, "programs": {"mutate": 5}},
    ],
)
def test_a_good_run_is_left_alone(changes):
    assert complaints(**changes) == []


@pytest.mark.parametrize(
    ("settings", "asked"),
    [
        ((), True),
        (("search.proposers=symbolic",), False),
        (("search.proposers=lm,symbolic",), True),
        (('search.proposers=["mutate", "restart"]',), True),
        (("search.proposers=lm", "search.proposers=enumerate,mutate"), False),
    ],
)
def test_whether_a_model_was_asked_for_is_read_from_settings_where_the_solver_does_not_say(settings, asked):
    assert bool(complaints(*settings, model="absent", tokens=0)) is asked
