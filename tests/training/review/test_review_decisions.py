"""review.jsonl: the last decision counts, lines are whole or not there, and a broken file is said."""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from review_folder import TRACES

from arc_submit.errors import DataError, OutputError
from training.review import decisions
from training.review.decisions import ACCEPT, NAME, OPEN, REJECT, Decision, append, key, now, read


def test_nobody_has_reviewed(tmp_path):
    assert read(tmp_path) == {}


def test_what_is_written_is_read(tmp_path):
    decision = now("a/b/t", ACCEPT, ["clear", "elegant"])
    append(tmp_path, decision)
    assert read(tmp_path) == {"a/b/t": decision}
    (line,) = (tmp_path / NAME).read_text().splitlines()
    assert json.loads(line) == {
        "trace": "a/b/t",
        "verdict": "accept",
        "reasons": ["clear", "elegant"],
        "time": decision.time,
    }


def test_the_last_one_counts_and_open_takes_it_back(tmp_path):
    for verdict in (ACCEPT, REJECT):
        append(tmp_path, Decision("a//t", verdict))
    append(tmp_path, Decision("b//t", ACCEPT))
    assert [found.verdict for found in read(tmp_path).values()] == [REJECT, ACCEPT]
    append(tmp_path, Decision("a//t", OPEN))
    assert list(read(tmp_path)) == ["b//t"]


def test_a_trace_is_called_by_program_parent_and_task():
    edit, fresh = TRACES[0], TRACES[2]
    assert edit.parent is not None
    assert key(edit) == f"{edit.program}/{edit.parent.program}/flip0001"
    assert key(fresh) == f"{fresh.program}//wide0002"


def test_a_line_that_was_cut_off_is_left_out_and_the_next_starts_anew(tmp_path):
    append(tmp_path, Decision("a//t", ACCEPT))
    with (tmp_path / NAME).open("a") as file:
        file.write('{"trace": "b//t", "verd')
    assert list(read(tmp_path)) == ["a//t"]
    append(tmp_path, Decision("c//t", REJECT))
    assert list(read(tmp_path)) == ["a//t", "c//t"]


def test_a_long_last_line_that_was_cut_off_goes_too(tmp_path):
    (tmp_path / NAME).write_text('{"trace": "a//t", "verdict": "accept"}\n' + "x" * 20_000)
    append(tmp_path, Decision("b//t", REJECT))
    assert list(read(tmp_path)) == ["a//t", "b//t"]


@pytest.mark.parametrize(
    "line", ["[]", "{}", "nonsense", '{"trace": 1, "verdict": "accept"}', '{"trace": "a", "verdict": "maybe"}', ""]
)
def test_a_line_in_the_middle_that_is_no_decision_is_named(tmp_path, line):
    (tmp_path / NAME).write_text(f'{line}\n{{"trace": "a", "verdict": "accept"}}\n')
    with pytest.raises(DataError, match="line 1 is no decision"):
        read(tmp_path)


def test_a_verdict_that_is_none_is_not_written(tmp_path):
    with pytest.raises(ValueError, match="maybe"):
        append(tmp_path, Decision("a", "maybe"))
    assert not (tmp_path / NAME).exists()


def test_a_disk_that_takes_half_a_line_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    append(tmp_path, Decision("a//t", ACCEPT))
    before = (tmp_path / NAME).read_bytes()
    whole = os.write
    monkeypatch.setattr(decisions.os, "write", lambda file, line: whole(file, line[:10]))
    with pytest.raises(OutputError, match="was not written"):
        append(tmp_path, Decision("b//t", ACCEPT))
    assert (tmp_path / NAME).read_bytes() == before


def test_a_folder_that_is_gone_is_said(tmp_path):
    with pytest.raises(OutputError, match="was not written"):
        append(tmp_path / "gone", Decision("a", ACCEPT))


def test_many_at_once_write_whole_lines(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: append(tmp_path, Decision(f"{number}//t", ACCEPT)), range(80)))
    assert len(read(tmp_path)) == 80
