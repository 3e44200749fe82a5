"""Rows of tasks: what was right, what any program gave, how near the rest is, and what is not known stays None."""

import pytest
from helpers import G, make_program, make_task

from arc_submit.errors import PromptError
from arc_submit.records import Completion
from training.check import Sampled
from training.evaluate import solve, workers

FLIP, COPY, BROKEN = "I[::-1]", "I", "I[9]"


@pytest.fixture(scope="module")
def sandbox():
    with workers.Watched() as opened:
        yield opened


def sampled(*bodies):
    """What was said: one answer for each body, None for one without a program."""
    found = Sampled()
    for body in bodies:
        completion = Completion("<think>abcd</think>efgh", "fresh", tokens=(0,) * 23)
        made = None if body is None else make_program(body)
        found.answers += 1
        found.decoded += 23
        found.said.append((completion, made))
        if made is None:
            found.unusable.append("does not parse: oh")
        else:
            found.programs.append(made)
    return found


def row(sandbox, wanted, *bodies):
    (found,) = solve.rows([make_task()], [wanted], [sampled(*bodies)], sandbox)
    return found


def test_answers_are_counted_each_and_programs_once(sandbox):
    found = row(sandbox, (G("12/34"),), FLIP, FLIP, COPY, BROKEN, None)
    assert (found.right, found.oracle, found.outputs) == (1, 1, 1)
    assert (found.hits, found.passing, found.passers) == ((2,), 2, 1)
    assert (found.asked, found.programs, found.behaviours, found.valid) == (5, 3, 3, 2)
    assert (found.faults, found.unusable) == ({"none": 2, "error": 1}, {"does not parse": 1})


def test_a_passer_that_is_wrong_on_the_test_is_not_right(sandbox):
    found = row(sandbox, (G("11/11"),), FLIP)
    assert (found.right, found.oracle, found.hits, found.passers) == (0, 0, (0,), 1)
    assert found.test_cells == 0.25  # 12/34 against 11/11: one of four cells
    assert found.cells == 1.0


def test_without_solutions_the_demonstrations_still_speak(sandbox):
    found = row(sandbox, None, FLIP, COPY)
    assert (found.right, found.oracle, found.hits, found.test_cells) == (None, None, None, None)
    assert (found.passing, found.passers, found.cells) == (1, 1, 1.0)


def test_no_answer_at_all_is_a_row_too(sandbox):
    found = row(sandbox, (G("12/34"),))
    assert (found.right, found.programs, found.cells, found.test_cells) == (0, 0, 0.0, 0.0)


def test_thinking_is_counted_by_the_tokenizer_where_there_is_one(sandbox):
    class Letters:
        def encode(self, text, add_special_tokens):
            return list(text)

    said = sampled(FLIP)
    (found,) = solve.rows([make_task()], [None], [said], sandbox, tokenizer=Letters())
    assert found.thinking == (4,)
    assert row(sandbox, None, FLIP).thinking == (4,)  # 4 of 23 characters of 23 tokens


def test_thinking_that_never_ends_is_thinking():
    assert solve.thinking(Completion("<think>abc", "x", tokens=(0,) * 10)) == 3  # 3 of 10 characters


@pytest.mark.parametrize(("programs", "views"), [(7, 3), (6, 3), (2, 4), (1, 1)])
def test_as_many_answers_are_asked_for_as_was_said(programs, views):
    from arc_submit.config import PromptsConfig
    from arc_submit.sample.scripted import ScriptedEngine
    from training.check import sample

    engine = ScriptedEngine({"t": ["def solve(I):\n    return I\n"] * 10})
    (found,) = sample(engine, [make_task(task_id="t")], programs, views, PromptsConfig(), 0)
    assert found.answers == programs


def test_a_prompt_that_does_not_fit_costs_its_task_alone(monkeypatch):
    from arc_submit.config import PromptsConfig
    from arc_submit.prompts import Writer
    from arc_submit.sample.scripted import ScriptedEngine
    from training.check import sample

    fresh = Writer.fresh

    def refusing(self, task, view=None):
        if task.id == "long":
            raise PromptError("too long")
        return fresh(self, task, view)

    monkeypatch.setattr(Writer, "fresh", refusing)
    tasks = [make_task(task_id="long"), make_task(task_id="short")]
    texts = ["def solve(I):\n    return I\n"] * 4
    long, short = sample(ScriptedEngine({"long": texts, "short": texts}), tasks, 4, 2, PromptsConfig(), 0)
    assert (long.answers, long.refused, short.answers, short.refused) == (0, 2, 4, 0)
