"""From replies to programs, and why there are none."""

import time

import pytest
from helpers import make_task

from arc_submit.prompts import Attempt
from arc_submit.records import Dialect, Prompt
from training.edits import replies
from training.edits.replies import UnusableError, taken, thinking
from training.teacher.records import Question, Reply

CODE = "def solve(I):\n    O = hmirror(I)  # turn it over\n    return O\n"
FENCED = f"```python\n{CODE}```"
TASK = make_task()
FRESH = Question(Prompt("t", "fresh", ()), TASK, (), 1, 0)


def test_a_program_keeps_its_comments_and_gets_the_import_that_it_lacks() -> None:
    found = taken(Reply(f"<think>no def here</think>\n{FENCED}"), FRESH, "me", Dialect.SOLVE, ())
    assert found.source == f"from arc_dsl import *\n\n\n{CODE}" and found.proposer == "me"
    assert taken(Reply(CODE), FRESH, "me", Dialect.SOLVE, ()).id == found.id  # a compact answer: bare code


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(""), replies.EMPTY),
        (Reply(" \n"), replies.EMPTY),
        (Reply("", finish="length"), replies.CUT),
        (Reply("<think>so many", finish="length"), replies.CUT),
        (Reply("I cannot see a rule."), replies.NO_CODE),
        (Reply("```javascript\nfunction solve(grid) { return grid; }\n```"), replies.FOREIGN),
        (Reply("```\n#include <vector>\nint main() {}\n```"), replies.FOREIGN),
        (Reply("```python\ndef solve(I)\n    return I\n```"), "does not parse"),
        (Reply("```python\ndef answer(I):\n    return I\n```"), "no entry point"),
        (Reply("```python\ndef transform(grid):\n    return grid\n```"), replies.DIALECT),
    ],
)
def test_what_is_no_program_is_counted_by_reason(reply: Reply, reason: str) -> None:
    with pytest.raises(UnusableError) as caught:
        taken(reply, FRESH, "me", Dialect.SOLVE, ())
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    "text", ["x" + "\n" * 60_000 + "x", "function x" + " " * 60_000, "<think>" * 60_000, "x\n  " * 15_000]
)
def test_odd_text_takes_no_longer_than_any_other(text: str) -> None:
    began = time.process_time()
    with pytest.raises(UnusableError):
        taken(Reply(text), FRESH, "me", Dialect.SOLVE, ())
    thinking(Reply(text))
    assert (
        time.process_time() - began < 1.0
    )  # where it is quadratic, 16,000 line ends take 3 s and these 14 times as long


def test_text_longer_than_any_program_is_not_looked_at_and_thinking_may_be_long() -> None:
    with pytest.raises(UnusableError, match=replies.LONG):
        taken(Reply(f"{FENCED}\n{'so ' * 30_000}"), FRESH, "me", Dialect.SOLVE, ())
    assert taken(Reply(f"<think>{'so ' * 90_000}</think>\n{FENCED}"), FRESH, "me", Dialect.SOLVE, ())
    assert taken(Reply(f"{'so ' * 90_000}</think>\n{FENCED}"), FRESH, "me", Dialect.SOLVE, ())


def test_a_teacher_that_repeats_itself_or_the_parent_is_noticed() -> None:
    found = taken(Reply(FENCED), FRESH, "me", Dialect.SOLVE, ())
    with pytest.raises(UnusableError, match=replies.AGAIN):
        taken(Reply(FENCED), FRESH, "me", Dialect.SOLVE, {found.id})
    shown = Attempt(found.id, CODE, (None, None), (False, False))
    with pytest.raises(UnusableError, match=replies.PARENT):
        taken(Reply(FENCED), Question(Prompt("t", "edit", ()), TASK, (shown,), 1, 0), "me", Dialect.SOLVE, ())


@pytest.mark.parametrize(
    ("reply", "thought"),
    [
        (Reply(f"<think>\nMirror it.\n</think>\n{FENCED}", thinking="a long one"), "Mirror it."),
        (Reply(FENCED, thinking=" a long one "), "a long one"),
        (Reply(f"Mirror it.\n</think>\n{FENCED}"), "Mirror it."),
        (Reply(f"I mirror it.\n\n{FENCED}\nDone."), "I mirror it."),
        (Reply(f"<think></think>{FENCED}"), ""),
        (Reply(CODE), ""),
    ],
)
def test_thinking_is_what_stands_before_the_code(reply: Reply, thought: str) -> None:
    assert thinking(reply) == thought
