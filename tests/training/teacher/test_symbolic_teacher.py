"""Symbolic search as a teacher. Its processes are tried once; the rest runs what they run, in this one."""

import asyncio
from pathlib import Path

import pytest

from arc_submit.errors import EngineError
from arc_submit.prompts import Attempt
from arc_submit.records import Completion, Pair, Task, View
from arc_submit.search.language import program
from training.exercises import Exercise
from training.teacher import symbolic
from training.teacher.archive import Archive
from training.teacher.ask import Asker
from training.teacher.records import Question
from training.teacher.symbolic import SymbolicSettings, SymbolicTeacher

PAIRS = (
    Pair(((1, 0, 0), (0, 2, 0)), ((0, 2, 0), (1, 0, 0))),
    Pair(((3, 3, 0), (0, 0, 4), (0, 0, 0)), ((0, 0, 0), (0, 0, 4), (3, 3, 0))),
)
TASK = Task("flip", PAIRS, (((5, 0), (0, 6)),))
EXERCISE = Exercise(TASK, "test", (((0, 6), (5, 0)),))
PARENT = Attempt("p", "def solve(I):\n    O = vmirror(I)\n    return O\n",
                 tuple(tuple(row[::-1] for row in pair.input) for pair in PAIRS), (False, False))  # fmt: skip
QUICK = SymbolicSettings(evaluations=800, generations=3, children=24)


def answers(parent: Attempt | None, n: int, seed: int = 1) -> list[str]:
    return symbolic.answers(symbolic._Job(TASK, parent, n, seed, QUICK))


def ids(texts: list[str]) -> list[str]:
    return [program(Completion(text, "symbolic"), View()).id for text in texts]


def test_fresh_answers_are_distinct_programs_the_best_first() -> None:
    texts = answers(None, 4)
    assert len(texts) == len(set(ids(texts))) > 1
    assert "hmirror(I)" in texts[0] and texts[0].startswith("<think>\n")
    assert "from arc_dsl import *" in texts[0]


def test_a_climb_mends_the_parent_and_never_gives_it_back() -> None:
    texts = answers(PARENT, 6)
    found = ids(texts)
    assert len(found) == len(set(found)) > 1
    assert program(Completion(f"```python\n{PARENT.source}```", ""), View()).id not in found
    assert "hmirror" in texts[0] and "No pair is right yet" in texts[0]
    assert texts == answers(PARENT, 6)  # a function of seed, task, parent and settings
    assert texts != answers(PARENT, 6, seed=2)


def test_a_parent_that_is_not_straight_dsl_is_left_alone(tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    source = f"open({str(touched)!r}, 'w')\ndef solve(I):\n    O = vmirror(I)\n    return O\n"
    assert answers(Attempt("p", source, PARENT.outputs, PARENT.solved), 4) == []
    assert not touched.exists()


@pytest.mark.slow
def test_it_answers_from_processes_and_from_the_archive(tmp_path: Path) -> None:
    asker = Asker()
    questions = [asker.fresh(EXERCISE, 2, 1), asker.edit(EXERCISE, PARENT, 2, 2)]

    async def asked(archive: Archive) -> list[list[str]]:
        teacher = SymbolicTeacher(1, QUICK, archive)
        try:
            found = await asyncio.gather(*(teacher.ask(question) for question in questions))
        finally:
            await teacher.close()
        assert all(reply.request and reply.tokens for replies in found for reply in replies)
        return [[reply.text for reply in replies] for replies in found]

    with Archive(tmp_path) as archive:
        first = asyncio.run(asked(archive))
    assert [len(texts) for texts in first] == [2, 2]
    with Archive(tmp_path) as archive:
        assert asyncio.run(asked(archive)) == first
        assert len(archive) == 2


def test_a_process_that_dies_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from concurrent.futures.process import BrokenProcessPool

    teacher = SymbolicTeacher(1, QUICK)

    def broken(*_: object) -> None:
        raise BrokenProcessPool

    monkeypatch.setattr(teacher._pool, "submit", broken)

    async def asked(question: Question) -> None:
        try:
            await teacher.ask(question)
        finally:
            await teacher.close()

    with pytest.raises(EngineError, match="a process died"):
        asyncio.run(asked(Asker().fresh(EXERCISE, 1, 0)))
