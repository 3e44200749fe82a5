"""The run's record: what goes in comes out, whatever cut it short."""

import errno
import json

import pytest
from helpers import G, grids, make_candidate, make_task, tasks
from hypothesis import given, settings
from hypothesis import strategies as st

from arc_submit import trace
from arc_submit.errors import DataError
from arc_submit.records import Answer, Candidate, Dialect, Outcome, Program

shares = st.floats(0, 1)
texts = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)
programs = st.builds(
    Program,
    texts,
    texts,
    st.sampled_from(Dialect),
    texts,
    st.integers(1, 999),
    texts,
    st.lists(texts, max_size=2).map(tuple),
    texts,
)
outcomes = st.builds(
    Outcome,
    st.none() | st.floats(-1, 1.2),
    st.lists(st.booleans(), max_size=3).map(tuple),
    st.lists(shares, max_size=3).map(tuple),
    texts,
)
candidates = st.builds(
    Candidate, programs, outcomes, st.lists(st.none() | grids(3), max_size=3).map(tuple), st.booleans()
)
answers = st.builds(
    Answer,
    texts,
    st.lists(st.lists(grids(3), max_size=2).map(tuple), max_size=3).map(tuple),
    st.lists(st.lists(st.integers(0, 99), max_size=2).map(tuple), max_size=3).map(tuple),
    st.lists(texts, max_size=3).map(tuple),
    st.integers(0, 99),
)
often = settings(deadline=None, max_examples=60)


def back(record):
    return json.loads(trace.encode({"record": record}))["record"]


@often
@given(candidates)
def test_a_candidate_comes_back_equal(record):
    assert trace.candidate(back(record)) == record


@often
@given(answers)
def test_an_answer_comes_back_equal(record):
    assert trace.answer(back(record)) == record


@often
@given(tasks())
def test_a_task_comes_back_equal(record):
    assert trace.task(back(record)) == record


def test_an_unscored_candidate_stays_unscored():
    record = make_candidate("a", [None, "12"], scored=False, parents=("p",))
    found = trace.candidate(back(record))
    assert found == record
    assert found.outcome.reward is None


def test_what_comes_back_is_made_of_tuples():
    found = trace.task(back(make_task()))
    assert hash(found) == hash(make_task())


def test_an_event_is_one_line():
    line = trace.encode({"event": "x", "text": "a\nb", "task": make_task()})
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1


# Files. --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path):
    return tmp_path / trace.NAME


def write(path, *numbers):
    with trace.Trace(path) as record:
        for number in numbers:
            record.append({"event": "beat", "at": number})


def numbers(path):
    return [event["at"] for event in trace.read(path)]


def test_events_come_back_in_order_over_several_sittings(path):
    write(path, 1, 2)
    write(path, 3)
    assert numbers(path) == [1, 2, 3]


def test_no_file_is_no_events(path):
    assert numbers(path) == []
    write(path)
    assert numbers(path) == []


def test_an_event_is_on_disk_when_append_returns(path):
    with trace.Trace(path) as record:
        record.append({"at": 1})
        assert numbers(path) == [1]


@pytest.mark.parametrize("cut", [1, 5, 10])
def test_a_last_line_cut_short_is_left_out(path, cut):
    write(path, 1, 2)
    path.write_bytes(path.read_bytes()[:-cut])
    assert numbers(path) == [1]


def test_a_cut_line_is_healed_before_the_next_event(path):
    write(path, 1, 2)
    path.write_bytes(path.read_bytes()[:-5])
    write(path, 3)
    assert numbers(path) == [1, 3]
    assert path.read_bytes().count(b"\n") == 2


def test_a_file_that_is_one_cut_line_is_emptied(path):
    path.write_bytes(b'{"at": 1')
    assert numbers(path) == []
    write(path, 2)
    assert numbers(path) == [2]


def test_every_cut_of_a_file_can_be_read_and_gone_on_with(path):
    write(path, 1, 2)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        write(path, 3)
        assert numbers(path) in ([3], [1, 3])


@pytest.mark.parametrize("bad", [b"garbage\n", b"\n", b'{"at": \n', b'{"at": "\xff"}\n'])
def test_a_bad_line_in_the_middle_is_an_error_with_its_number(path, bad):
    write(path, 1)
    path.write_bytes(path.read_bytes() + bad + b'{"at": 3}\n')
    with pytest.raises(DataError, match=r"trace.jsonl: line 2: not JSON"):
        numbers(path)


class Full:
    """A file on a disk that takes `room` more bytes."""

    def __init__(self, file, room):
        self.file, self.room = file, room

    def write(self, line):
        if not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = self.file.write(line[: self.room])
        self.room -= taken
        return taken

    def __getattr__(self, name):
        return getattr(self.file, name)


@pytest.mark.parametrize("room", [0, 7])
def test_what_a_full_disk_did_not_take_is_written_when_there_is_room(path, monkeypatch, room):
    with trace.Trace(path) as record:
        record.append({"at": 1})
        assert record.failed is None
        full = Full(record._file, room)
        monkeypatch.setattr(record, "_file", full)
        record.append({"at": 2})
        assert record.failed.errno == errno.ENOSPC and numbers(path) == [1]
        record.append({"event": "candidate", "at": 2.5})
        full.room = 1000
        record.append({"at": 3})
        assert record.failed is None and record.lost == 1, "programs can be done without"
    assert numbers(path) == [1, 2, 3]


def test_a_disk_that_stays_full_loses_the_end_and_says_so(path, monkeypatch):
    record = trace.Trace(path)
    record.append({"at": 1})
    monkeypatch.setattr(record, "_file", Full(record._file, 3))
    record.append({"at": 2})
    record.append({"at": 3})
    record.close()
    assert record.failed is not None and record.lost == 2
    write(path, 4)
    assert numbers(path) == [1, 4]


def test_a_write_that_takes_only_part_is_finished(path, monkeypatch):
    class Slow(Full):
        def write(self, line):
            return self.file.write(line[:3])

    with trace.Trace(path) as record:
        monkeypatch.setattr(record, "_file", Slow(record._file, 0))
        record.append({"at": 1, "text": G("12/34")})
    assert numbers(path) == [1]
