"""What commands say: to a slip of the hand, one line with what to do; of a solved task, who wrote what."""

import json
from pathlib import Path

import pytest
from test_cli import GOOD, call, write

from arc_submit.cli import solve
from arc_submit.records import Answer, Candidate, Dialect, Grid, Outcome, Program

A: Grid = ((1,),)
B: Grid = ((2,),)
SLIPS: dict[str, tuple[tuple[str, ...], str]] = {
    "a task of another set": (("solve", "c1d99e64"), "it is in arc1-training, arc2-training"),
    "a task of no set": (("show", "zzz"), "no task zzz; `arc-submit data arc1-evaluation` lists the ids"),
    "a folder for a task": (("solve", "my/tasks"), "my/tasks: expected a task's id, or one task's .json file"),
    "no data for a run": (("run", "--data", ""), "--data is empty"),
    "no data for a task": (("solve", "x", "--data", " "), "--data is empty"),
    "no data for a rehearsal": (("dry-run", "--data", ""), "--data is empty"),
    "no such run": (("score", "none/here"), "none/here: no such file or folder"),
    "a profile that cannot be saved": (("plan", "--save", "none/here/x.toml"), "expected a file in a folder"),
    "minutes that are none": (("dry-run", "--minutes", "nan"), "--minutes nan: expected a number"),
}


@pytest.mark.parametrize("case", SLIPS)
def test_a_slip_gets_one_line_and_nothing_is_begun(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, expected = SLIPS[case]
    monkeypatch.chdir(tmp_path)
    code, out, err = call(monkeypatch, capsys, *arguments)
    assert code == 2 and out == ""
    assert err.count("\n") == 1 and expected in err
    assert not list(tmp_path.iterdir())


def candidate(name: str, answer: Grid, solved: tuple[bool, ...], proposer: str = "rules") -> Candidate:
    """A judged program of one test input."""
    source = f"def solve(I):\n    return {name}\n"
    outcome = Outcome(sum(solved) / len(solved), solved, tuple(map(float, solved)), name)
    return Candidate(Program(name, source, Dialect.SOLVE, "solve", len(name), proposer), outcome, (answer,))


PASSES, PASSES_TOO = candidate("first", A, (True, True)), candidate("other one", B, (True, True), "things")
PART = candidate("part", B, (True, False), "enumerate")
VOTED = Answer("t1", ((A, B),), ((1, 0),), ("first",), 1)


def shown(answer: Answer | None, *found: Candidate, verbose: bool = False) -> list[str]:
    programs = {one.program.id: one for one in found}
    return [one.program.id for one in solve._worth_showing(answer, programs, verbose)]


def test_the_program_behind_the_answer_is_shown_and_with_verbose_every_one_that_passes() -> None:
    longer = Answer("t1", ((B, A),), ((1, 1),), ("other one",), 2)
    assert shown(VOTED, PASSES_TOO, PASSES) == ["first"]
    assert shown(longer, PASSES, PASSES_TOO) == ["other one"]
    assert shown(longer, PASSES, PASSES_TOO, PART, verbose=True) == ["other one", "first"]


def test_where_none_passes_one_program_is_shown_verbose_or_not() -> None:
    worse = candidate("worse", A, (False, False))
    assert shown(None, worse, PART) == shown(None, worse, PART, verbose=True) == ["part"]
    assert shown(None) == []


def test_an_attempt_says_who_is_behind_it() -> None:
    assert solve._backing(1, [PASSES, PART]) == "1 passing program, by rules"
    assert solve._backing(2, [PASSES, PASSES_TOO]) == "2 passing programs, by rules, things"
    assert solve._backing(0, [PART]) == "a guess: no passing program; 1 of 2 demonstrations, by enumerate"
    assert solve._backing(0, []) == "a guess: no passing program"


def test_a_program_says_which_attempts_are_its_own() -> None:
    assert solve._gives(VOTED, PASSES) == "attempt 1 of test 0"
    assert solve._gives(VOTED, PART) == "attempt 2 of test 0"
    assert solve._gives(VOTED, candidate("elsewhere", ((3,),), (True, True))) == "none of the attempts"


def test_every_author_is_explained() -> None:
    from arc_submit.config import LANGUAGE
    from arc_submit.search.language import KINDS
    from arc_submit.symbolic import ideas

    authors = {*KINDS, *ideas.IDEAS, "enumerate", "mutate", "crossover", "scripted"}
    assert authors.isdisjoint({LANGUAGE}) and all(solve._about(author) for author in authors)


def test_a_solved_task_says_which_attempt_is_right_and_how_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    task = {**GOOD["t1"], "test": [{"input": [[3, 4]], "output": [[4, 3]]}]}
    task["train"] = [{"input": [[1, 2]], "output": [[2, 1]]}, {"input": [[5, 6]], "output": [[6, 5]]}]
    path = write(tmp_path / "mine.json", task)
    program = "```python\ndef solve(I):\n    return vmirror(I)\n```"
    script = write(tmp_path / "texts.jsonl", json.dumps({"task": "mine", "text": program}) + "\n")
    chosen = ("--set", "search.proposers=scripted", "--set", f"search.script={script}")
    code, out, _ = call(monkeypatch, capsys, "solve", path, *chosen, "--seconds", "20", "-v")
    said = " ".join(out.split())
    assert code == 0 and "test 0 · right in attempt 1 attempt 1: 1 passing program, by scripted" in said
    assert "by scripted: passes every demonstration; attempt 1 of test 0 Text from search.script." in said
    assert "different ones that pass every demonstration: 1;" in said and "nothing was left to try" in said
    assert json.loads(out.splitlines()[-1])["right"] == [True]
