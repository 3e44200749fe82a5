"""A learning rate a hundred times too high: the guard trips, and the answers are those of a search without learning.

On the model that ships and real training tasks; rounds are limited by number, so that both searches see the same ones.
"""

import math
from typing import Any

import pytest

pytest.importorskip("torch")

from arc_submit import config
from arc_submit.records import Answer
from arc_submit.sandbox import Sandbox
from arc_submit.solve import opened, solve
from arc_submit.tasks import load, select

TASKS = ("a416b8f3", "25ff71a9", "5168d44c")  # the model solves the first two within these rounds
ROUNDS = 6


def searched(*settings: str) -> tuple[list[Answer | None], list[dict[str, Any]]]:
    base = ("search.proposers=lm", f"budget.max_rounds={ROUNDS}", "search.patience=100", "vote.quorum=100")
    parsed = config.load("laptop", [*base, "adapt.when=open", "adapt.answers=64", "adapt.share=1.0", *settings])
    events: list[dict[str, Any]] = []
    with Sandbox(parsed.sandbox) as sandbox, opened(parsed, sandbox) as kit:
        tasks = select(load("arc1-training"), TASKS).tasks
        answers = [solve(kit, [task], math.inf, events.append)[0].answer for task in tasks]
    return answers, [event for event in events if event["event"] == "adapt"]


@pytest.mark.slow
def test_a_collapse_costs_time_and_nothing_else():
    without, _ = searched("adapt.mode=none")
    collapsed, events = searched("adapt.mode=hindsight", "adapt.rate=0.1")
    assert {event["verdict"] for event in events} == {"rolled back"}
    assert collapsed == without
    assert sum(answer is not None and answer.passers > 0 for answer in without) >= 1


@pytest.mark.slow
def test_a_collapse_under_grpo_is_rolled_back_too():
    without, _ = searched("adapt.mode=none")
    collapsed, events = searched("adapt.mode=grpo", "adapt.policy_rate=0.1")
    assert any(event["verdict"] == "rolled back" for event in events)
    for plain, learnt in zip(without, collapsed, strict=True):
        assert plain is not None and learnt is not None
        if plain.passers:
            assert learnt.attempts == plain.attempts
