"""What a run keeps, on a disk that is full when the test says so and a clock that moves when it says so."""

import errno
import math
from pathlib import Path

import pytest
from helpers import Clock, G, make_task

from arc_submit import folder, submission, trace
from arc_submit.errors import OutputError
from arc_submit.records import Answer
from arc_submit.run.book import Book

TASKS = (make_task(task_id="a"), make_task(test=("12/34", "1"), task_id="b"))


class Disk:
    """Stands in for `submission.write`: counts, can be full or slow, and can have room again without the reserve."""

    def __init__(self, out: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full, self.full_until_freed, self.seconds, self.writes = False, False, 0.0, 0
        self._out, self._clock, self._write = out, clock, submission.write
        monkeypatch.setattr(submission, "write", self.write)

    def write(self, path, tasks, answers):
        self.writes += 1
        self._clock.time += self.seconds
        if self.full or (self.full_until_freed and (self._out / ".reserve").exists()):
            raise OutputError(f"{path}: cannot write the submission (No space left on device)")
        return self._write(path, tasks, answers)


@pytest.fixture
def clock() -> Clock:
    found = Clock()
    found.time = 100.0
    return found


@pytest.fixture
def disk(tmp_path, clock, monkeypatch) -> Disk:
    return Disk(tmp_path, clock, monkeypatch)


def answer(name: str, *grids: str, passers: int = 0) -> Answer:
    """First attempts for each test input; "" for none."""
    attempts = tuple((G(text),) if text else () for text in grids)
    return Answer(name, attempts, tuple((passers,) * len(given) for given in attempts), ("p",), passers)


def stands(out: Path, name: str) -> list[tuple[tuple[int, ...], ...]]:
    """First attempts in the file."""
    return [attempts[0] for attempts in submission.read(out / submission.NAME)[name]]


# Answers. ------------------------------------------------------------------------------------------------------------


def test_a_valid_submission_stands_from_the_first_moment(tmp_path, clock):
    with Book(tmp_path, TASKS, {}, clock) as book:
        submission.check(submission.read(tmp_path / submission.NAME), TASKS, tmp_path)
        assert book.fallbacks == 3


def test_answers_of_an_earlier_sitting_stand_from_the_first_moment(tmp_path, clock):
    with Book(tmp_path, TASKS, {"a": answer("a", "7")}, clock) as book:
        assert stands(tmp_path, "a") == [G("7")] and book.fallbacks == 2


def test_within_one_search_the_latest_answer_counts(tmp_path, clock):
    with Book(tmp_path, TASKS, {}, clock) as book:
        assert book.take("a", answer("a", "7", passers=5))
        assert book.take("a", answer("a", "8", passers=1)), "its own search thinks better of it"
        assert book.answers["a"].attempts == ((G("8"),),)


def test_a_stronger_earlier_answer_stands(tmp_path, clock):
    with Book(tmp_path, TASKS, {}, clock) as book:
        book.take("a", answer("a", "7", passers=2))
        book.begin_again("a")
        assert not book.take("a", answer("a", "8", passers=1))
        assert book.answers["a"].passers == 2
        assert book.take("a", answer("a", "9", passers=2)), "as strong is strong enough: it comes from more search"
        assert book.answers["a"].attempts == ((G("9"),),)


def test_an_answer_of_an_earlier_sitting_is_an_earlier_one(tmp_path, clock):
    with Book(tmp_path, TASKS, {"a": answer("a", "7", passers=1)}, clock) as book:
        assert not book.take("a", answer("a", "8"))
        assert book.take("a", answer("a", "8", passers=1))


def test_among_answers_without_passers_more_outputs_are_stronger(tmp_path, clock):
    with Book(tmp_path, TASKS, {}, clock) as book:
        book.take("b", answer("b", "7", "8"))
        book.begin_again("b")
        assert not book.take("b", answer("b", "9", ""))
        assert book.take("b", answer("b", "9", "9"))


def test_a_search_that_begins_again_without_an_answer_yet_takes_any(tmp_path, clock):
    with Book(tmp_path, TASKS, {}, clock) as book:
        book.begin_again("a")
        assert book.take("a", answer("a", ""))


# When it writes. -----------------------------------------------------------------------------------------------------


def test_nothing_new_is_not_written(tmp_path, clock, disk):
    with Book(tmp_path, TASKS, {}, clock) as book:
        clock.time += 100.0
        book.save()
        assert disk.writes == 1
    assert disk.writes == 1


def test_an_answer_that_is_not_taken_is_nothing_new(tmp_path, clock, disk):
    with Book(tmp_path, TASKS, {"a": answer("a", "7", passers=1)}, clock) as book:
        book.take("a", answer("a", "8"))
        clock.time += 100.0
        book.save()
    assert disk.writes == 1


def test_at_most_one_submission_per_second(tmp_path, clock, disk):
    with Book(tmp_path, TASKS, {}, clock) as book:
        for step in range(40):
            book.take("a", answer("a", str(step % 10)))
            clock.time += 0.125
            book.save()
        assert disk.writes == 1 + 4  # 5 s: at the first look after 1 s each time, which is 1.125 s


def test_writing_takes_a_hundredth_of_the_time_at_most(tmp_path, clock, disk):
    disk.seconds = 0.5
    with Book(tmp_path, TASKS, {}, clock) as book:
        assert book.writing_seconds == 0.5
        book.take("a", answer("a", "7"))
        clock.time += 50.0
        book.save()
        assert disk.writes == 1
        clock.time += 0.1
        book.save()
        assert disk.writes == 2 and stands(tmp_path, "a") == [G("7")]


def test_the_end_writes_what_is_not_written_yet(tmp_path, clock, disk):
    with Book(tmp_path, TASKS, {}, clock) as book:
        book.take("a", answer("a", "7"))
    assert disk.writes == 2 and stands(tmp_path, "a") == [G("7")]


def test_an_end_with_an_error_writes_too_and_lets_go_of_the_folder(tmp_path, clock):
    with pytest.raises(ZeroDivisionError), Book(tmp_path, TASKS, {}, clock) as book:
        book.take("a", answer("a", "7"))
        raise ZeroDivisionError
    assert stands(tmp_path, "a") == [G("7")]
    trace.Trace(tmp_path / trace.NAME).close()


# A full disk. --------------------------------------------------------------------------------------------------------


def test_the_reserve_is_freed_for_the_submission(tmp_path, clock, disk):
    folder.reserve(tmp_path)
    with Book(tmp_path, TASKS, {}, clock) as book:
        disk.full_until_freed = True
        book.take("a", answer("a", "7"))
        book.write()
        assert book.error is None and stands(tmp_path, "a") == [G("7")]
        assert not folder.free_reserve(tmp_path)


def test_the_reserve_is_left_alone_while_there_is_room(tmp_path, clock):
    folder.reserve(tmp_path)
    with Book(tmp_path, TASKS, {}, clock) as book:
        book.take("a", answer("a", "7"))
        book.write()
        assert (tmp_path / ".reserve").exists()
    assert not (tmp_path / ".reserve").exists(), "at the end nobody needs it any more"


def test_what_cannot_be_written_is_kept_tried_again_and_said(tmp_path, clock, disk):
    with Book(tmp_path, TASKS, {}, clock) as book:
        disk.full = True
        book.take("a", answer("a", "7"))
        clock.time += 2.0
        book.save()
        assert "No space left" in str(book.error)
        assert submission.read(tmp_path / submission.NAME), "the one before is untouched"
        disk.full = False
        clock.time += 2.0
        book.save()
        assert book.error is None and stands(tmp_path, "a") == [G("7")]


def test_a_disk_that_is_full_to_the_end_leaves_the_error(tmp_path, clock, disk):
    with Book(tmp_path, TASKS, {}, clock) as book:
        disk.full = True
        book.take("a", answer("a", "7"))
    assert "No space left" in str(book.error)


def test_a_run_that_can_write_nothing_at_all_does_not_begin(tmp_path, clock, disk):
    disk.full = True
    with pytest.raises(OutputError, match="No space left"):
        Book(tmp_path, TASKS, {}, clock)
    trace.Trace(tmp_path / trace.NAME).close()  # nobody holds the folder


@pytest.mark.parametrize("content", ["{", "{}", '{"a": [], "b": []}', '{"x": []}', None])
def test_what_stands_there_must_be_valid_to_count(tmp_path, clock, disk, content):
    if content is not None:
        (tmp_path / submission.NAME).write_text(content)
    disk.full = True
    with pytest.raises(OutputError, match="No space left"):
        Book(tmp_path, TASKS, {}, clock)


def test_a_run_with_a_valid_submission_goes_on_though_the_disk_is_full(tmp_path, clock, disk):
    submission.write(tmp_path / submission.NAME, TASKS, {"a": answer("a", "6")})
    disk.full = True
    with Book(tmp_path, TASKS, {"a": answer("a", "7")}, clock) as book:
        assert "No space left" in str(book.error)
        assert stands(tmp_path, "a") == [G("6")]
        book.take("b", answer("b", "7", "8"))
        disk.full = False
        clock.time += 2.0
        book.save()
        assert book.error is None and stands(tmp_path, "a") == [G("7")]


def test_a_first_submission_that_could_not_be_written_is_written_at_the_end(tmp_path, clock, disk):
    submission.write(tmp_path / submission.NAME, TASKS, {"a": answer("a", "6")})
    disk.full = True
    with Book(tmp_path, TASKS, {"a": answer("a", "7")}, clock) as book:
        disk.full = False
    assert book.error is None and stands(tmp_path, "a") == [G("7")]


def test_a_first_submission_that_could_not_be_written_is_tried_again_without_a_new_answer(tmp_path, clock, disk):
    submission.write(tmp_path / submission.NAME, TASKS, {"a": answer("a", "6")})
    disk.full = True
    with Book(tmp_path, TASKS, {"a": answer("a", "7")}, clock) as book:
        disk.full = False
        clock.time += 100.0
        book.save()
        assert book.error is None and stands(tmp_path, "a") == [G("7")]


# The trace beside it. ------------------------------------------------------------------------------------------------


def test_events_wait_for_room_and_come_in_their_order(tmp_path, clock, monkeypatch):
    write, full = trace.Trace._write, [False]

    def line(self, text):
        if full[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(self, text)

    monkeypatch.setattr(trace.Trace, "_write", line)
    with Book(tmp_path, TASKS, {}, clock) as book:
        book.note({"event": "done", "at": 1.0, "task": "a"})
        full[0] = True
        book.note({"event": "answer", "at": 2.0, "task": "b"})
        book.note({"event": "candidate", "at": 2.5, "task": "b"})
        assert book.trace.failed is not None and book.trace.lost == 1
        full[0] = False
        book.note({"event": "done", "at": 3.0, "task": "b"})
        assert book.trace.failed is None
    assert [event["at"] for event in trace.read(tmp_path / trace.NAME)] == [1.0, 2.0, 3.0]


def test_events_that_never_found_room_are_counted(tmp_path, clock, monkeypatch):
    with Book(tmp_path, TASKS, {}, clock) as book:
        monkeypatch.setattr(trace.Trace, "_write", lambda self, text: (_ for _ in ()).throw(OSError(errno.EIO, "no")))
        book.note({"event": "done", "at": 1.0, "task": "a"})
        book.note({"event": "beat", "at": 2.0})
    assert book.trace.lost == 2


def test_unknown_seconds_of_the_clock_do_not_matter(tmp_path):
    with Book(tmp_path, TASKS, {}, lambda: -math.pi) as book:
        book.take("a", answer("a", "7"))
        book.save()
    assert stands(tmp_path, "a") == [G("7")]
