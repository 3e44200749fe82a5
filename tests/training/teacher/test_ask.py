"""What a teacher is asked, and what no prompt may hold."""

import hashlib
import random
from contextlib import suppress
from dataclasses import replace

import pytest

from arc_submit.config import PromptsConfig
from arc_submit.dsl.registry import PRIMITIVES
from arc_submit.errors import ConfigError, PromptError
from arc_submit.prompts import Attempt, Writer
from arc_submit.prompts.sections import estimate
from arc_submit.records import Dialect, Pair, Task
from arc_submit.sandbox import Job, Sandbox
from training.data.examples import breaks
from training.exercises import Exercise, gather
from training.guard import form
from training.tasks.item import Item
from training.teacher import ask
from training.teacher.ask import Asker, AskSettings, LeakyPromptError, leak
from training.teacher.examples import DSL, NUMPY, examples
from training.teacher.hints import Hint

FLIP = Exercise(
    Task("flip", (Pair(((1, 2), (3, 4)), ((3, 4), (1, 2))),), (((5, 6), (7, 8)),)),
    "test",
    (((7, 8), (5, 6)),),
    "def solve(I):\n    O = hmirror(I)\n    return O\n",
)
PARENT = Attempt("p", "def solve(I):\n    O = vmirror(I)\n    return O\n", (((2, 1), (4, 3)),), (False,))


def said(question: ask.Question) -> str:
    return "\n".join(message.content for message in question.prompt.messages)


def test_the_text_is_the_version_that_it_says() -> None:
    """Whoever changes a character of a prompt changes VERSION (or the writer's) and these sums."""
    texts = [
        said(asker.fresh(FLIP, 1, 0)) + said(asker.edit(FLIP, PARENT, 1, 0, Hint("h", "Turn it over.")))
        for asker in (Asker(), Asker(AskSettings(dialect="transform")))
    ]
    assert Asker().version == "teacher-1+chat-1"
    sums = [hashlib.sha256(text.encode()).hexdigest()[:16] for text in texts]
    assert sums == ["b3de47448105a530", "b6be0fa4a385d070"]


def test_the_task_is_put_by_the_one_writer_and_not_changed() -> None:
    asker, writer = Asker(), Writer(PromptsConfig(style="chat", tokens=16_000))
    fresh, edit = asker.fresh(FLIP, 3, 7), asker.edit(FLIP, PARENT, 2, 8)
    assert fresh.prompt.messages[-1] == writer.fresh(FLIP.task).messages[-1]
    assert edit.prompt.messages[-1] == writer.edit(FLIP.task, PARENT).messages[-1]
    assert "Wrong cells: 0,0: 2 -> 3" in edit.prompt.messages[-1].content
    assert (fresh.n, fresh.seed, fresh.attempts, fresh.prompt.kind) == (3, 7, (), "fresh")
    assert (edit.n, edit.seed, edit.attempts, edit.prompt.parents) == (2, 8, (PARENT,), ("p",))


def test_a_model_of_our_own_is_asked_as_it_was_trained() -> None:
    asker = Asker(AskSettings(style="compact", tokens=640))
    question = asker.edit(FLIP, PARENT, 1, 0, Hint("h", "Turn it over."))
    assert question.prompt == Writer(PromptsConfig(tokens=640)).edit(FLIP.task, PARENT)
    assert (asker.version, question.hint) == ("compact-1", "")


def test_every_function_is_described_and_a_small_budget_keeps_the_most_used() -> None:
    whole = said(Asker().fresh(FLIP, 1, 0))
    assert all(entry.signature in whole for entry in PRIMITIVES.values())
    short = said(Asker(AskSettings(docs=300, examples=0)).fresh(FLIP, 1, 0))
    assert "objects(grid: Grid" in short and "hperiod(" not in short
    listed = short[short.index("Some functions") : short.index("Constants:")]
    assert estimate(listed) <= 300 + estimate("Some functions of arc_dsl:\n")


def test_numpy_prompts_say_nothing_of_the_dsl() -> None:
    text = said(Asker(AskSettings(dialect="transform")).fresh(FLIP, 1, 0))
    assert "arc_dsl" not in text and "def transform(grid)" in text
    with pytest.raises(ConfigError, match="compact style"):
        AskSettings(style="compact", dialect="transform")


def test_examples_are_answers_that_pass_their_own_tasks() -> None:
    jobs, wanted = [], []
    for dialect, entry in (("solve", Dialect.SOLVE), ("transform", Dialect.TRANSFORM)):
        for example in examples(dialect):
            code = example.answer.split("```python\n")[1].rstrip("`\n")
            jobs.append(Job(code, entry, entry.value, tuple(pair.input for pair in example.task.train)))
            wanted.append([pair.output for pair in example.task.train])
            assert example.answer.startswith("<think>\n")
            assert ("Program\n```python" in example.asked) == (example.kind == "edit")
    with Sandbox() as sandbox:
        ran = sandbox.run(jobs)
    assert [[output.grid for output in one.outputs] for one in ran] == wanted
    assert len(jobs) == len(DSL) + len(NUMPY)


def test_an_example_is_never_the_task_asked_about_under_any_view() -> None:
    first = examples("solve")[0]
    turned = tuple(Pair(pair.input[::-1], pair.output[::-1]) for pair in first.task.train)
    asked = Exercise(Task("t", turned[:1], (turned[1].input,)), "test", (turned[1].output,))
    assert first.text in said(Asker().fresh(FLIP, 1, 0))
    text = said(Asker().fresh(asked, 1, 0))
    assert first.text not in text and examples("solve")[1].text in text
    assert {form(pair.input, pair.output) for pair in asked.task.train} & first.forms
    assert text.count("Answer:\n") == 3  # the next one takes its place


def test_an_example_with_the_program_behind_the_task_gives_way() -> None:
    first, second, *_ = examples("solve")
    answer = first.answer.split("```python\n")[1].rstrip("`\n")
    parent = second.asked.split("```python\n")[1].split("```")[0]
    assert first.text not in said(Asker().fresh(replace(FLIP, program=answer), 1, 0))
    assert second.text not in said(Asker().fresh(replace(FLIP, program=parent), 1, 0))


def test_no_prompt_of_any_generator_holds_a_test_output_or_its_program() -> None:
    askers = [Asker(), Asker(AskSettings(dialect="transform")), Asker(AskSettings(style="compact", tokens=640))]
    for exercise in gather("generated", 0, 11)[1::6]:
        item = Item(exercise.task, exercise.answers[0], exercise.program, exercise.origin)
        for asker in askers:  # each raises on a leak
            asker.fresh(exercise, 1, 0)
            for parent in breaks(item, random.Random(exercise.task.id), 1):
                try:
                    asker.edit(exercise, parent, 1, 0)
                except PromptError:  # a program too long for the small model's prompt
                    assert asker is askers[2]


@pytest.mark.parametrize(
    "told",
    ["It gives\n7 8\n5 6\nat last.", "The answer is [[7, 8], [5, 6]].", "((7,8),(5,6))", "78|56", "7, 8\n5, 6"],
)
def test_a_test_output_in_a_prompt_is_seen_however_it_is_spelled(told: str) -> None:
    prompt = Asker().fresh(FLIP, 1, 0).prompt
    first, last = prompt.messages
    spoiled = replace(prompt, messages=(first, replace(last, content=last.content + "\n" + told)))
    assert leak(prompt, FLIP, (), examples("solve")) == ""
    assert leak(spoiled, FLIP, (), examples("solve")) == "a test output"


def test_a_small_output_of_one_row_is_no_leak_because_longer_rows_have_it() -> None:
    # learn tasks 1fad071e (1x5) and d631b094 (1x4) were never asked about: their digits stood in the squeezed text
    for number, cells in (("1", (1, 1, 0, 0, 0)), ("2", (4, 4, 4, 4))):
        wide = (cells + cells[::-1], cells[::-1] + cells)
        exercise = Exercise(Task(number, (Pair(wide, ((1, 2),)),), (wide,)), "test", ((cells,),))
        for asker in (Asker(), Asker(AskSettings(style="compact", tokens=640))):
            assert asker.fresh(exercise, 1, 0)


@pytest.mark.slow
def test_every_task_to_learn_from_can_be_asked_about() -> None:
    askers = [Asker(), Asker(AskSettings(dialect="transform")), Asker(AskSettings(style="compact", tokens=640))]
    for exercise in gather("learn", 0, 0):
        task = exercise.task
        parent = replace(PARENT, outputs=tuple(pair.input for pair in task.train), solved=(False,) * len(task.train))
        for asker in askers:
            with suppress(PromptError):
                asker.fresh(exercise, 1, 0)
            with suppress(PromptError):
                asker.edit(exercise, parent, 1, 0)


def test_the_program_behind_a_task_is_seen_under_other_names() -> None:
    prompt = Asker().fresh(FLIP, 1, 0).prompt
    first, last = prompt.messages
    for code in (FLIP.program, "from arc_dsl import *\ndef solve(grid):\n    made = hmirror(grid)\n    return made"):
        spoiled = replace(prompt, messages=(first, replace(last, content=f"{last.content}\n```python\n{code}\n```")))
        assert leak(spoiled, FLIP, (), examples("solve")) == "the program behind the task"


def test_an_output_that_is_shown_by_right_is_no_leak() -> None:
    same = replace(FLIP, answers=(FLIP.task.train[0].output,))
    assert said(Asker().fresh(same, 1, 0))
    made = Attempt("p", PARENT.source, FLIP.answers, (False,))  # what the parent made happens to be the answer
    assert Asker().edit(FLIP, made, 1, 0).attempts == (made,)


def test_a_leaky_question_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask, "_WANTED", f"Hint: {FLIP.program}")
    with pytest.raises(LeakyPromptError, match="task flip: the program behind the task"):
        Asker().fresh(FLIP, 1, 0)


def test_a_hint_is_told_and_recorded_unless_it_holds_the_answer() -> None:
    asker = Asker()
    told = asker.fresh(FLIP, 1, 0, Hint("larc#flip", "Turn the grid upside down."))
    assert told.hint == "larc#flip" and "Turn the grid upside down." in told.prompt.messages[1].content
    kept = asker.fresh(FLIP, 1, 0, Hint("larc#flip", "Make it [[7, 8], [5, 6]]."))
    assert kept.hint == "" and kept.prompt == asker.fresh(FLIP, 1, 0).prompt
    assert asker.refused == {"the hint holds a test output": 1}
