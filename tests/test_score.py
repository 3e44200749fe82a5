"""Who is named for a solved task, and what the machine line says of it."""

import json
from pathlib import Path

import pytest
from helpers import G, entry, make_candidate

from arc_submit import config, folder, score, submission, tasks, trace
from arc_submit.records import Answer, Candidate
from arc_submit.score import ORIGINS, Score, TaskScore


def solved(proposer: str, *right: bool) -> TaskScore:
    return TaskScore("t", right or (True,), (True,) * len(right or (True,)), 1, 0, proposer)


def test_every_proposer_that_writes_programs_has_an_origin():
    assert set(ORIGINS) == {*config.LANGUAGE, *config.SYMBOLIC}


@pytest.mark.parametrize(
    ("proposer", "origin"),
    [("fresh", "model"), ("edit", "model edits"), ("restart", "model edits"), ("mutate", "symbolic"), ("", "?")],
)
def test_a_solved_task_is_put_down_to_who_wrote_its_program(proposer, origin):
    assert Score((solved(proposer),), True).origins() == {origin: 1}


def test_a_proposer_without_an_origin_goes_by_its_name():
    assert Score((solved("scripted"),), True).origins() == {"scripted": 1}


def test_only_tasks_solved_whole_are_counted_and_the_most_first():
    scored = (solved("fresh"), solved("enumerate"), solved("fresh", True, False), solved("mutate", True, True))
    assert list(Score(scored, True).origins().items()) == [("symbolic", 2), ("model", 1)]


def test_without_a_pool_nobody_is_named():
    assert Score((solved(""),), False).summary()["solved_by"] is None


def candidate(name: str, proposer: str, test: str) -> Candidate:
    made = make_candidate(name, [test])
    object.__setattr__(made.program, "proposer", proposer)
    return made


def test_a_run_is_read_from_its_trace(tmp_path: Path):
    ids = ("a", "b", "c")
    (tmp_path / "my_challenges.json").write_text(json.dumps({name: entry() for name in ids}))
    (tmp_path / "my_solutions.json").write_text(json.dumps({name: [[[4]]] for name in ids}))
    data, out = tasks.load(str(tmp_path / "my_challenges.json")), tmp_path / "out"
    folder.create(out, data, config.load(), fresh=False)
    # a: an edit overtook the model's own program; b: symbolic search; c: the model, but wrong
    story = [("a", "one", "fresh", "4"), ("a", "two", "edit", "4"), ("b", "one", "crossover", "4")]
    story += [("c", "one", "fresh", "5")]
    answers = {}
    with trace.Trace(out / trace.NAME) as record:
        for task_id, name, proposer, test in story:
            made = candidate(name, proposer, test)
            answers[task_id] = Answer(task_id, ((G(test),),), ((1,),), (name,), 1)
            record.append({"event": "candidate", "task": task_id, "round": 1, "candidate": made, "at": 1.0})
            record.append({"event": "answer", "task": task_id, "answer": answers[task_id], "at": 1.0})
    submission.write(out / submission.NAME, data, answers)
    found = score.score_run(out)
    assert [task.proposer for task in found.tasks] == ["edit", "crossover", "fresh"]
    assert found.summary()["solved_by"] == {"model edits": 1, "symbolic": 1}
