"""The file that is handed in: its format, its fallbacks, and what stays when it cannot be written."""

import errno
import json
import os

import numpy as np
import pytest
from helpers import G, any_view, grids, make_task, rows
from hypothesis import given, settings
from hypothesis import strategies as st

from arc_submit import submission, views
from arc_submit.errors import DataError, OutputError, UserError
from arc_submit.records import Answer

ONE = make_task(test=("12",), task_id="one")
TWO = make_task(test=("3", "45/67"), task_id="two")
ANSWERS = {
    "one": Answer("one", ((G("1"), G("2")),)),
    "two": Answer("two", ((G("3/3"),), ())),
}


def content_of(path):
    return json.loads(path.read_text("utf-8"))


# Content. ------------------------------------------------------------------------------------------------------------


def test_the_format_is_kaggles():
    content, _ = submission.build([ONE], ANSWERS)
    assert content == {"one": [{"attempt_1": G("1"), "attempt_2": G("2")}]}


def test_every_task_and_test_input_is_in_the_file_in_order(tmp_path):
    path = tmp_path / "submission.json"
    submission.write(path, [TWO, ONE], ANSWERS)
    assert content_of(path) == {
        "two": [
            # one attempt: the fallback, the test input itself, is the second
            {"attempt_1": [[3], [3]], "attempt_2": [[3]]},
            # none: the test input, then a single 0
            {"attempt_1": [[4, 5], [6, 7]], "attempt_2": [[0]]},
        ],
        "one": [{"attempt_1": [[1]], "attempt_2": [[2]]}],
    }
    assert list(content_of(path)) == ["two", "one"]


def test_fallbacks_are_counted_per_test_output_without_a_first_attempt():
    assert submission.build([ONE, TWO], ANSWERS)[1] == 1
    assert submission.build([ONE, TWO], {})[1] == 3
    assert submission.build([ONE], ANSWERS)[1] == 0


@pytest.mark.parametrize(
    ("test_input", "given_attempts", "expected"),
    [
        ("12", (), ("12", "0")),
        ("0", (), ("0", "1")),
        ("12", ("12",), ("12", "0")),
        ("0", ("0",), ("0", "1")),
        ("12", ("5",), ("5", "12")),
        ("12", ("5", "6"), ("5", "6")),
    ],
)
def test_a_fallback_differs_from_the_other_attempt(test_input, given_attempts, expected):
    task = make_task(test=(test_input,))
    content, _ = submission.build([task], {"t": Answer("t", (tuple(map(G, given_attempts)),))})
    (entry,) = content["t"]
    assert (entry["attempt_1"], entry["attempt_2"]) == tuple(map(G, expected))


ATTEMPTS = st.lists(grids(3), max_size=2, unique=True).map(tuple)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(grids(3), ATTEMPTS), min_size=1, max_size=3), st.booleans())
def test_whatever_is_answered_the_file_is_valid(tmp_path_factory, outputs, answered):
    task = make_task(test=("1",) * len(outputs))
    task = type(task)(task.id, task.train, tuple(given for given, _ in outputs))
    answers = {"t": Answer("t", tuple(attempts for _, attempts in outputs))} if answered else {}
    path = tmp_path_factory.mktemp("file") / "submission.json"
    fallbacks = submission.write(path, [task], answers)
    found = submission.read(path)
    submission.check(found, [task], path)
    assert fallbacks == (sum(not attempts for _, attempts in outputs) if answered else len(outputs))
    assert all(one != other for one, other in found["t"])
    if answered:
        assert all(entry[: len(attempts)] == attempts for entry, (_, attempts) in zip(found["t"], outputs, strict=True))


# Writing. ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def written(tmp_path):
    """A folder with a valid file in it."""
    path = tmp_path / "submission.json"
    submission.write(path, [ONE, TWO], {})
    return path


def full(*args, **more):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_better_answer_replaces_the_file(written):
    assert submission.write(written, [ONE, TWO], ANSWERS) == 1
    assert content_of(written)["one"] == [{"attempt_1": [[1]], "attempt_2": [[2]]}]
    assert [path.name for path in written.parent.iterdir()] == ["submission.json"]


@pytest.mark.parametrize("step", ["open", "fsync", "replace"])
def test_a_full_disk_leaves_the_earlier_file(written, monkeypatch, step):
    before = written.read_bytes()
    with monkeypatch.context() as patched:
        if step == "open":
            patched.setattr(submission, "open", full, raising=False)
        else:
            patched.setattr(submission.os, step, full)
        with pytest.raises(OutputError, match=r"No space left on device.*the earlier one is still valid"):
            submission.write(written, [ONE, TWO], ANSWERS)
    assert written.read_bytes() == before
    assert [path.name for path in written.parent.iterdir()] == ["submission.json"]
    submission.write(written, [ONE, TWO], ANSWERS)  # and the disk may recover
    assert written.read_bytes() != before


def test_a_folder_that_does_not_exist_is_said_so(tmp_path):
    with pytest.raises(OutputError, match="there is none yet") as caught:
        submission.write(tmp_path / "nowhere" / "submission.json", [ONE], {})
    assert isinstance(caught.value, UserError)
    assert "\n" not in str(caught.value)


def test_the_file_is_never_seen_half_written(written, monkeypatch):
    before, seen = written.read_bytes(), []
    honest = os.fsync
    monkeypatch.setattr(submission.os, "fsync", lambda fd: (seen.append(written.read_bytes()), honest(fd)))
    submission.write(written, [ONE, TWO], ANSWERS)
    assert seen == [before]


@pytest.mark.parametrize(
    ("cell", "found"),
    [(1.0, "float 1.0"), (True, "bool True"), ("1", "str '1'"), (10, "int 10"), (-1, "int -1"), (None, "nothing")],
)
def test_an_attempt_with_anything_but_colours_is_caught_on_reading_back(written, cell, found):
    before = written.read_bytes()
    answers = {"one": Answer("one", ((((0, cell),),),))}
    with pytest.raises(
        DataError, match=rf"task one: \[0\].attempt_1: row 0, column 1: expected an int 0..9, found {found}"
    ):
        submission.write(written, [ONE, TWO], answers)
    assert written.read_bytes() == before


def test_a_numpy_number_never_reaches_the_file(written):
    before = written.read_bytes()
    with pytest.raises(TypeError):
        submission.write(written, [ONE, TWO], {"one": Answer("one", ((((np.int64(1),),),),))})
    assert written.read_bytes() == before


@pytest.mark.parametrize("grid", [((1, 2), (3,)), ((),), (), ((0,) * 31,), ((0,),) * 31])
def test_an_attempt_that_is_no_grid_is_caught_on_reading_back(written, grid):
    before = written.read_bytes()
    with pytest.raises(DataError, match="task one"):
        submission.write(written, [ONE, TWO], {"one": Answer("one", ((grid,),))})
    assert written.read_bytes() == before


def test_what_was_written_wrongly_is_caught_on_reading_back(written, monkeypatch):
    before = written.read_bytes()
    monkeypatch.setattr(submission.orjson, "dumps", lambda content: b'{"one": [')
    with pytest.raises(DataError, match="not JSON"):
        submission.write(written, [ONE, TWO], ANSWERS)
    assert written.read_bytes() == before


# Checking. -----------------------------------------------------------------------------------------------------------

ENTRY = {"attempt_1": [[1]], "attempt_2": [[2]]}


def checked(tmp_path, content):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(content), "utf-8")
    submission.check(submission.read(path), [ONE, TWO], path)


def test_a_valid_file_from_anywhere_passes(tmp_path):
    checked(tmp_path, {"two": [ENTRY, ENTRY], "one": [ENTRY]})


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"one": [ENTRY]}, "task two: expected 2 answers (one per test input), found 0"),
        ({"one": [ENTRY], "two": [ENTRY]}, "task two: expected 2 answers (one per test input), found 1"),
        ({"one": [ENTRY, ENTRY], "two": [ENTRY, ENTRY]}, "task one: expected 1 answers"),
        ({"one": [ENTRY], "two": [ENTRY, ENTRY], "six": [ENTRY]}, "task six: not one of the 2 tasks of this run"),
        ([], "expected an object of answers by task id, found list"),
        ({"one": ENTRY}, "task one: expected a list with one object per test input"),
        ({"one": [{"attempt_1": [[1]]}]}, "task one: [0]: expected an object with attempt_1 and attempt_2"),
        ({"one": [[[1]]]}, "task one: [0]: expected an object with attempt_1 and attempt_2"),
        ({"one": [ENTRY | {"attempt_2": [[1.5]]}]}, "task one: [0].attempt_2: row 0, column 0: expected an int 0..9"),
        ({"one": [ENTRY | {"attempt_2": []}]}, "task one: [0].attempt_2: expected a non-empty list of rows"),
    ],
)
def test_a_file_that_is_not_in_order_is_refused(tmp_path, content, expected):
    with pytest.raises(DataError) as caught:
        checked(tmp_path, content)
    assert "mine.json" in str(caught.value)
    assert expected in str(caught.value)


@settings(deadline=None, max_examples=20)
@given(any_view(), grids())
def test_grids_that_come_out_of_a_view_can_be_written(tmp_path_factory, view, grid):
    path = tmp_path_factory.mktemp("file") / "submission.json"
    seen = views.apply(view, grid)
    submission.write(path, [ONE], {"one": Answer("one", ((seen,),))})
    assert content_of(path)["one"][0]["attempt_1"] == rows(seen)
