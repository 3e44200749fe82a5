"""The text of every prompt is pinned: a character that changes is a new version of the style."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from arc_submit import views
from arc_submit.config import PromptsConfig
from arc_submit.errors import PromptError
from arc_submit.prompts import KINDS, Attempt, Writer
from arc_submit.prompts.sections import estimate
from arc_submit.records import Pair, Task, View
from arc_submit.tasks import load

PINNED = Path(__file__).parent / "pinned"
TASK = Task(
    "toy",
    (
        Pair(((0, 0, 3), (0, 3, 0)), ((3, 0, 0), (0, 3, 0))),
        Pair(((5, 0, 0), (5, 0, 0)), ((0, 0, 5), (0, 0, 5))),
    ),
    (((0, 7, 0), (7, 7, 0)),),
)
HALF = Attempt(
    "half",
    "from arc_dsl import *\n\n\ndef solve(I):\n    O = hmirror(I)\n    return O\n",
    (((0, 3, 0), (0, 0, 3)), ((5, 0, 0), (5, 0, 0))),
    (False, False),
)
FAILED = Attempt(
    "failed", "def solve(I):\n    O = vmirror(O)\n    return O\n", (None, ((0, 0, 5), (0, 0, 5))), (False, True)
)


def written(kind, style, **settings):
    writer = Writer(PromptsConfig(style=style, **settings))
    return {
        "fresh": lambda: writer.fresh(TASK),
        "edit": lambda: writer.edit(TASK, HALF),
        "crossover": lambda: writer.crossover(TASK, HALF, FAILED),
        "restart": lambda: writer.restart(TASK, [FAILED, HALF]),
    }[kind]()


def text(prompt):
    return "".join(f"[{message.role}]\n{message.content}\n" for message in prompt.messages)


@pytest.mark.parametrize("style", ["compact", "chat"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_text_is_pinned(kind, style):
    prompt = written(kind, style)
    assert prompt.dropped == ()
    assert prompt.version == f"{style}-1"
    assert text(prompt) == (PINNED / f"{style}-1-{kind}.txt").read_text("utf-8")


def test_parents_are_named_and_attempts_of_a_restart_are_none():
    assert written("edit", "compact").parents == ("half",)
    assert written("crossover", "compact").parents == ("half", "failed")
    assert written("restart", "compact").parents == ()


def test_a_view_changes_what_is_seen_and_is_remembered():
    view = View("vmirror", (0, 2, 1, 3, 4, 5, 6, 7, 8, 9), (1, 0))
    writer = Writer(PromptsConfig())
    prompt = writer.fresh(TASK, view)
    assert prompt.view == view
    assert prompt.messages == writer.fresh(views.apply_task(view, TASK)).messages


def test_views_of_grids_go_before_demonstrations_and_the_last_demonstration_first():
    full = written("edit", "compact")
    size = estimate(full.messages[0].content)
    dropped = [written("edit", "compact", tokens=tokens).dropped for tokens in range(size, size - 60, -1)]
    assert dropped[-1][:5] == ("wrong output 1", "wrong output 2", "test input 1", "demonstration 2", "demonstration 1")
    for shorter, longer in pairwise(dropped):
        assert longer[: len(shorter)] == shorter


def test_the_budget_is_kept():
    for task in list(load("arc1-evaluation"))[::40]:
        for tokens in (200, 640, 2000):
            prompt = Writer(PromptsConfig(tokens=tokens)).fresh(task)
            assert estimate(prompt.messages[0].content) <= tokens


def test_a_prompt_that_cannot_fit_says_so():
    with pytest.raises(PromptError, match=r"task toy: .* prompts\.tokens=32"):
        written("edit", "compact", tokens=32)


def test_without_grids_there_are_facts_and_code_alone():
    content = written("edit", "compact", grids=False).messages[0].content
    assert "hmirror(I)" in content and "same-shape" in content
    assert "\nin\n" not in content


@pytest.mark.parametrize("style", ["compact", "chat"])
def test_a_parent_that_calls_extensions_is_shown_like_any_other(style):
    source = "from arc_dsl import *\nfrom arc_ext import *\n\n\ndef solve(I):\n    O = cells(layer(I))\n    return O\n"
    parent = replace(HALF, source=source)
    content = Writer(PromptsConfig(style=style)).edit(TASK, parent).messages[-1].content
    assert "O = cells(layer(I))" in content
    assert ("import" in content) == (style == "chat")


def test_a_chat_prompt_lists_the_most_used_primitives():
    content = text(written("fresh", "chat", primitives=3))
    assert "objects(" in content and content.count(") -> ") == 3


def test_restart_shows_the_better_attempts_in_improving_order():
    writer = Writer(PromptsConfig(attempts=1))
    content = writer.restart(TASK, [FAILED, HALF]).messages[0].content
    assert "vmirror(O)" in content and "hmirror(I)" not in content
