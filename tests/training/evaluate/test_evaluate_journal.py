"""Results outlive a stop: whole lines are found again, a cut one is measured again, two writers do not mix."""

import pytest

from arc_submit.errors import OutputError, ResumeError
from training.evaluate.journal import NAME, Journal, key


def test_rows_are_there_after_reopening(tmp_path):
    with Journal(tmp_path / "new") as journal:
        journal.put("a", [{"task": "t"}], seed=1)
    with Journal(tmp_path / "new") as journal:
        assert journal.get("a") == [{"task": "t"}]
        assert journal.get("b") is None


def test_a_line_that_was_cut_off_is_forgotten_and_written_over(tmp_path):
    with Journal(tmp_path) as journal:
        journal.put("a", [])
        journal.put("b", [])
    whole = (tmp_path / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(whole[:-3])
    with Journal(tmp_path) as journal:
        assert (journal.get("a"), journal.get("b")) == ([], None)
        journal.put("b", [])
    assert (tmp_path / NAME).read_bytes() == whole


def test_a_damaged_line_is_named(tmp_path):
    (tmp_path / NAME).write_text("{}\n")
    with pytest.raises(ResumeError, match="line 1"):
        Journal(tmp_path)


def test_one_process_writes_at_a_time(tmp_path):
    with Journal(tmp_path), pytest.raises(ResumeError, match="another evaluation"):
        Journal(tmp_path)


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="--out"):
        Journal(tmp_path / "file" / "out")


def test_every_setting_changes_the_key():
    keys = {key(seed=0, tasks=["a"]), key(seed=1, tasks=["a"]), key(seed=0, tasks=["b"])}
    assert len(keys) == 3 and key(tasks=["a"], seed=0) in keys
