"""The file of exercises: what is written is read, and a line that is no exercise is named."""

import json

import pytest
from helpers import G, make_task

from arc_submit.errors import DataError
from training.exercises import Exercise, grid, read, spelled, write

REAL = Exercise(make_task(task_id="real"), "arc1-training")
MADE = Exercise(
    make_task(task_id="made"), "generated/x/é", (G("12/34"),), "def transform(grid):\n    return grid[::-1]"
)


def body(**fields):
    """The second exercise's line with other values in it."""
    task = MADE.task
    pairs = [[spelled(pair.input), spelled(pair.output)] for pair in task.train]
    usual = {"id": "made", "train": pairs, "test": [spelled(one) for one in task.test], "answers": ["12|34"],
             "origin": MADE.origin, "program": MADE.program}  # fmt: skip
    return json.dumps({**usual, **fields}).encode()


def test_what_is_written_is_read(tmp_path):
    write(tmp_path / "tasks", [REAL, MADE])
    assert read(tmp_path / "tasks") == {"real": REAL, "made": MADE}
    (tmp_path / "tasks").write_bytes(body())
    assert read(tmp_path / "tasks") == {"made": MADE}


def test_a_text_may_hold_what_others_take_for_a_line_end(tmp_path):
    (tmp_path / "tasks").write_bytes(json.dumps(json.loads(body(origin="a\u2028b")), ensure_ascii=False).encode())
    assert read(tmp_path / "tasks")["made"].origin == "a\u2028b"


@pytest.mark.parametrize(
    "content",
    [
        b"5", b"null", b'"text"', b"[]", b"{}", b"", b"{", b"[" * 100_000, b'{"id": "\xff"}', b"\xff\xfe\x00",
        body(id=5), body(id=None), body(origin=None), body(program=0), body(train=5), body(train=[5]),
        body(train=[[1, 2]]), body(train=[["1"]]), body(train=[["1", "x"]]), body(test=None), body(test=[7]),
        body(test=["12|3"]), body(test=[""]), body(test=["²"]), body(answers=5), body(answers=[None]),
    ],
)  # fmt: skip
def test_a_line_that_is_no_exercise_is_named(tmp_path, content):
    (tmp_path / "tasks.jsonl").write_bytes(body() + b"\n" + content + b"\n")
    with pytest.raises(DataError, match=r"tasks\.jsonl: line 2 is no exercise \("):
        read(tmp_path / "tasks.jsonl")


def test_more_answers_than_tests_are_refused(tmp_path):
    (tmp_path / "tasks").write_bytes(body(answers=["12|34", "1"]))
    with pytest.raises(DataError, match=r"line 1 is no exercise \(ValueError: 2 answers for 1 tests\)"):
        read(tmp_path / "tasks")


def test_a_file_that_is_not_there_says_what_writes_it(tmp_path):
    for path in (tmp_path / "tasks", tmp_path):
        with pytest.raises(DataError, match=r"cannot be read .*`arc-train traces` writes it"):
            read(path)


def test_a_grid_is_spelled_and_read():
    for made in (G("0"), G("123/456"), (tuple(range(10)),) * 30):
        assert grid(spelled(made)) == made
