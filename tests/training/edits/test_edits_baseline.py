"""Where edits begin."""

from pathlib import Path

import pytest
from helpers import make_task
from test_edits_choose import trace

from arc_submit.errors import DataError
from arc_submit.sandbox import Sandbox
from arc_submit.verify.trial import trial
from training.edits import baseline, records

TASK = make_task()


def source(body: str) -> str:
    return f"def solve(I):\n    O = {body}\n    return O\n"


@pytest.mark.slow
def test_the_pool_holds_what_does_not_pass_one_for_each_behaviour() -> None:
    with Sandbox() as sandbox:
        found = baseline.pool(TASK, sandbox, 0, 3)
    assert len({one.candidate.outcome.signature for one in found}) == len(found) == 3
    assert not any(one.candidate.outcome.passes for one in found)
    assert [one.number for one in found] == [0, 1, 2]
    assert [one.fitness for one in found] == sorted((one.fitness for one in found), reverse=True)
    assert found[0].attempt.outputs == found[0].candidate.outputs


def test_passers_literals_and_twins_are_left_out() -> None:
    sources = [
        source(body) for body in ("hmirror(I)", "vmirror(I)", "rot180(hmirror(I))", "rot90(I)", "((3, 4), (1, 2))")
    ]
    programs = baseline.programs([*sources, "no program", sources[0]])
    assert len(programs) == 5
    with Sandbox() as sandbox:
        (judged,) = trial(sandbox, [(TASK, programs)], 0, float("inf"))
    kept = [one.candidate.program.source for one in baseline.fittest(TASK, judged, 9)]
    assert sorted(kept) == sorted([sources[1], sources[3]])  # rot180 of hmirror is vmirror, and longer


def test_files_and_folders_are_read(tmp_path: Path) -> None:
    (tmp_path / "abc.py").write_text("one")
    (tmp_path / "symmetry__unfold__0.py").write_text("two")
    assert baseline.read(tmp_path) == {"abc": ["one"], "symmetry/unfold/0": ["two"]}
    lines = tmp_path / "programs.jsonl"
    lines.write_text('{"task": "abc", "program": "one"}\n\n{"task": "abc", "program": "two"}\n')
    assert baseline.read(lines) == {"abc": ["one", "two"]}


def test_another_folder_of_traces_gives_what_does_not_pass_the_best_first(tmp_path: Path) -> None:
    traces = [trace("a", 0.3, source="A"), trace("b", 0.7, source="B"), trace("b", 0.7, source="B"),
              trace("c", 1.2, "xxx", source="C")]  # fmt: skip
    records.write(tmp_path / records.JUDGED, traces)
    assert baseline.read(tmp_path) == {"t": ["B", "A"]}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"task": "abc"}', '{"task": 3, "program": "x"}'])
def test_bad_files_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "programs.jsonl"
    path.write_text(text + "\n")
    with pytest.raises(DataError):
        baseline.read(path)
    with pytest.raises(DataError):
        baseline.read(tmp_path / "missing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no TASK"):
        baseline.read(tmp_path / "empty")
