"""The file of judged answers."""

from io import FileIO
from pathlib import Path

import pytest
from test_edits_choose import trace

from arc_submit.errors import OutputError
from training.edits.journal import Journal
from training.edits.records import line, read


def test_a_run_that_goes_on_adds_only_what_is_new(tmp_path: Path) -> None:
    path = tmp_path / "judged.jsonl"
    with Journal(path) as journal:
        journal.add([trace("a", 0.3), trace("b", 0.4)])
        journal.add([trace("a", 0.3)])
    with Journal(path) as journal:
        assert len(journal) == 2
        journal.add([trace("b", 0.4), trace("b", 0.4, round=1), trace("c", 0.5)])
    assert [(one.program, one.round) for one in read(path)] == [("a", 0), ("b", 0), ("b", 1), ("c", 0)]


def test_a_line_that_was_cut_off_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "judged.jsonl"
    whole = line(trace("a", 0.3))
    for cut in (line(trace("b", 0.4))[:40], "x" * 200_000):  # longer than one look back from the end
        path.write_text(whole + cut)
        with Journal(path) as journal:
            journal.add([trace("b", 0.4)])
        assert path.read_text() == whole + line(trace("b", 0.4))


def test_a_disk_that_is_full_is_said_and_what_was_written_stays(tmp_path: Path) -> None:
    path = tmp_path / "judged.jsonl"
    with Journal(path) as journal:
        journal.add([trace("a", 0.3)])
        with FileIO("/dev/full", "w") as full:
            own, journal._file = journal._file, full
            with pytest.raises(OutputError, match="run again to go on"):
                journal.add([trace("b", 0.4)])
            assert len(journal) == 1
            journal._file = own
        journal.add([trace("c", 0.4)])
    assert [one.program for one in read(path)] == ["a", "c"]
    with pytest.raises(OutputError), Journal(tmp_path / "missing" / "judged.jsonl"):
        pass
