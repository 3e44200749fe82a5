"""The journal: resume, a cut last line, damage, one process at a time, a full disk."""

import json
import resource
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest

from arc_submit.errors import DataError, OutputError
from training.teacher import archive as module
from training.teacher.archive import JOURNAL, RESERVE, Archive, request_id
from training.teacher.records import Reply
from training.teacher.usage import Usage

REPLIES = [Reply("one", "hm", "stop", 5, "a"), Reply("", "", "length", 0, "a")]


@pytest.fixture(autouse=True)
def _small_reserve(monkeypatch):
    monkeypatch.setattr(module, "RESERVE_BYTES", 1 << 16)


@contextmanager
def full_at(size):
    """No file of this process may grow beyond so many bytes: writes fail as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_an_id_is_of_what_is_asked_and_not_of_the_order_of_its_fields():
    body = {"model": "m", "n": 2, "seed": 1}
    assert request_id("t", body) == request_id("t", dict(reversed(body.items())))
    assert len({request_id("t", body), request_id("u", body), request_id("t", body | {"seed": 2})}) == 3


def test_answers_come_back_after_reopening(tmp_path):
    with Archive(tmp_path) as archive:
        archive.put("a", {"n": 2}, {"choices": []}, REPLIES, Usage(3, completion=4, dollars=0.5), "t/m")
        assert archive.get("a") == REPLIES
        assert archive.get("b") is None
    with Archive(tmp_path) as archive:
        assert archive.get("a") == REPLIES
        assert list(archive.usages()) == [("t/m", Usage(3, completion=4, dollars=0.5))]
        assert archive.entry("a")["raw"] == {"choices": []}
        assert (len(archive), "a" in archive, "b" in archive) == (1, True, False)


@pytest.mark.parametrize("cut", [1, 10, 60])
def test_a_last_line_that_was_cut_is_gone_and_the_next_one_is_whole(tmp_path, cut):
    with Archive(tmp_path) as archive:
        archive.put("a", {}, {}, REPLIES)
        archive.put("b", {}, {}, REPLIES)
    path = tmp_path / JOURNAL
    path.write_bytes(path.read_bytes()[:-cut])
    with Archive(tmp_path) as archive:
        assert archive.get("a") == REPLIES
        assert archive.get("b") is None
        archive.put("c", {}, {}, REPLIES)
        assert archive.get("c") == REPLIES
    assert [json.loads(line)["id"] for line in path.read_text().splitlines()] == ["a", "c"]


@pytest.mark.parametrize("line", ["{", "[]", '{"id": "x"}', '{"id":"x","teacher":"t","usage":{},"replies":[{"no":1}]}'])
def test_damage_in_the_middle_is_named_and_nothing_is_thrown_away(tmp_path, line):
    with Archive(tmp_path) as archive:
        archive.put("a", {}, {}, REPLIES)
    path = tmp_path / JOURNAL
    text = path.read_text() + line + "\n"
    path.write_text(text)
    with pytest.raises(DataError, match="line 2"):
        Archive(tmp_path)
    assert path.read_text() == text


def test_one_process_at_a_time(tmp_path):
    program = (
        f"from pathlib import Path; from training.teacher.archive import Archive; Archive(Path({str(tmp_path)!r}))"
    )
    with Archive(tmp_path):
        found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "another process is writing here" in found.stderr
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_many_at_once_share_their_syncs(tmp_path):
    with Archive(tmp_path) as archive:
        kept = [archive.submit(str(number), {}, {}, REPLIES) for number in range(300)]
        for future in kept:
            future.result(30)
        assert archive.syncs < 300
        assert archive.get("123") == REPLIES


def test_closing_writes_what_waits(tmp_path):
    archive = Archive(tmp_path)
    for number in range(50):
        archive.submit(str(number), {}, {}, REPLIES)
    archive.close()
    with Archive(tmp_path) as again:
        assert len(again) == 50
    with pytest.raises(OutputError):
        archive.submit("x", {}, {}, REPLIES)


def test_a_full_disk_is_an_error_that_keeps_what_is_there(tmp_path):
    with Archive(tmp_path) as archive:
        archive.put("a", {}, {}, REPLIES)
        size = (tmp_path / JOURNAL).stat().st_size
        with full_at(size + 100), pytest.raises(OutputError, match="what was answered before is kept"):
            archive.put("b", {}, {"long": "x" * 1000}, REPLIES)
        assert (tmp_path / JOURNAL).stat().st_size == size
        assert archive.get("a") == REPLIES
        assert archive.get("b") is None
        with pytest.raises(OutputError):  # nothing more is to be paid for
            archive.check()
    with Archive(tmp_path) as again:
        assert again.get("a") == REPLIES
        again.check()


def test_what_was_paid_for_goes_into_the_reserve(tmp_path, monkeypatch):
    with Archive(tmp_path) as archive:
        write = archive._append

        def full_while_the_reserve_is_there(data):
            if (tmp_path / RESERVE).exists():
                raise OSError(28, "No space left on device")
            write(data)

        monkeypatch.setattr(archive, "_append", full_while_the_reserve_is_there)
        archive.put("a", {}, {}, REPLIES)
        assert archive.get("a") == REPLIES
        with pytest.raises(OutputError, match="No space left"):
            archive.check()


def test_no_room_for_the_reserve_is_said_before_anything_is_asked(tmp_path):
    with full_at(100), pytest.raises(OutputError, match="make room"):
        Archive(tmp_path)
    assert threading.active_count() < 50
