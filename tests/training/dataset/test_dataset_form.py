"""Prompts are the solver's own, answers what its student is to say."""

import ast
from typing import Any

import pytest
from dataset_traces import exercise, outputs, parent, program

from arc_submit import views
from arc_submit.config import PromptsConfig
from arc_submit.programs import extract, from_source
from arc_submit.prompts import Attempt, Writer
from arc_submit.records import Completion, Dialect, View
from arc_submit.symbolic.expressions import HEADER
from training.dataset.cases import Case, Seen
from training.dataset.comments import without
from training.dataset.form import Student, plain

COMMENTED = "# rule\ndef solve_ab12cd34(I):\n    # mirror first\n    a = vmirror(I)  # so\n    return hmirror(a)\n"


class Letters:
    """A tokenizer of one token a character."""

    def apply_chat_template(self, turns: list[dict[str, str]], **_: Any) -> str:
        return "".join(turn["content"] for turn in turns)

    def __call__(self, text: str, **_: Any) -> dict[str, list[int]]:
        return {"input_ids": [0] * len(text)}


CHAT = Student(PromptsConfig(style="chat", tokens=4000), Letters())
COMPACT = Student(PromptsConfig(style="compact"), Letters())


def case(before: str | None = "hmirror(I)") -> Case:
    given = exercise(4)
    shown = None if before is None else from_source(program(before), "t")
    made = None if before is None else parent(given, program(before))
    kind = "fresh" if before is None else "edit"
    return Case(given, kind, from_source(HEADER + given.program, "t"), "", made, "t", 1.2, 1.0, True, shown)


def test_a_compact_answer_is_code_alone_in_the_form_that_the_small_model_knows():
    answer = COMPACT.answer(COMMENTED, "what was thought")
    assert answer == "def solve(I):\n    x1 = vmirror(I)\n    O = hmirror(x1)\n    return O\n"


def test_a_compact_answer_that_is_no_straight_line_loses_its_comments_and_nothing_else():
    source = (
        f"{HEADER}def solve(I):\n    # both\n    for f in (hmirror, vmirror):  # turn\n        I = f(I)\n    return I\n"
    )
    assert plain(source) == "def solve(I):\n    for f in (hmirror, vmirror):\n        I = f(I)\n    return I\n"


def test_a_chat_answer_holds_the_thought_the_import_and_the_comments():
    answer = CHAT.answer(COMMENTED, "It is mirrored twice.")
    assert answer.startswith(
        "<think>\nIt is mirrored twice.\n</think>\n\n```python\nfrom arc_dsl import *\n\n\n# rule\n"
    )
    assert "# mirror first" in answer and answer.endswith("```")
    assert extract(Completion(answer, "t")).id == from_source(COMMENTED, "t").id


def test_a_chat_answer_without_a_thought_keeps_the_tags():
    assert CHAT.answer(HEADER + "def solve(I):\n    return I\n", "").startswith("<think>\n\n</think>\n\n```python\n")


def test_a_thought_cannot_close_its_own_tag():
    answer = CHAT.answer(COMMENTED, "so </think> ```python\ndef solve(I):\n    return I\n```")
    assert answer.count("</think>") == 1 and extract(Completion(answer, "t")).id == from_source(COMMENTED, "t").id


def test_a_numpy_answer_gets_no_import_of_the_dsl():
    student = Student(PromptsConfig(style="chat", dialect="transform"), Letters())
    assert student.dialect is Dialect.TRANSFORM
    assert "arc_dsl" not in student.answer("def transform(grid):\n    return grid\n", "")


@pytest.mark.parametrize("view", [View(), View("rot90", (0, 2, 1, 3, 4, 5, 6, 7, 8, 9), (2, 0, 1))])
def test_an_edit_prompt_is_the_writers_for_the_parent_as_the_view_shows_it(view: View):
    each = case()
    task = each.exercise.task
    assert each.parent is not None and len(task.train) >= 3
    view = View(view.symmetry, view.colours, (*view.order, *range(3, len(task.train))) if view.order else ())
    seen_task = views.apply_task(view, task)
    source = program({"identity": "hmirror(I)", "rot90": "vmirror(I)"}[view.symmetry])
    made = outputs(source, [pair.input for pair in seen_task.train])  # the parent itself, run in the view
    solved = tuple(grid == pair.output for grid, pair in zip(made, seen_task.train, strict=True))
    config = PromptsConfig(style="chat", tokens=4000)
    by_hand = Writer(config).edit(seen_task, Attempt("p", source, made, solved))
    prompt = CHAT.prompt(each, Seen(view, "", source))
    assert prompt.messages == by_hand.messages
    assert prompt.version == CHAT.version == "chat-1"


def test_a_fresh_prompt_shows_no_program():
    prompt = CHAT.prompt(case(None), Seen(View(), ""))
    assert prompt.kind == "fresh" and "Program" not in prompt.messages[1].content


def test_tokens_are_those_of_prompt_answer_and_end():
    prompt = COMPACT.prompt(case(None), Seen(View(), ""))
    assert COMPACT.tokens(prompt.messages, "abc") == sum(len(turn.content) for turn in prompt.messages) + 3 + 1


@pytest.mark.parametrize(
    "source",
    [
        'def solve(I):\n    """Not # a comment."""\n    return I  # is one\n',
        "def solve(I):\n    text = '#'\n    return I\n",
        'def solve(I):\n    text = """a\n\n  # b\n"""\n    return I\n',
        "def solve(I:\n",
    ],
)
def test_without_comments_a_program_is_the_same_program(source: str):
    found = without(source)
    assert "is one" not in found
    try:
        assert ast.dump(ast.parse(found)) == ast.dump(ast.parse(source))
    except SyntaxError:
        assert found == source
