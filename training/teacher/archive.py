"""Every request and its response, kept for good: nothing that was answered is ever asked, and paid, again.

    archive/journal.jsonl   {"id", "teacher", "usage", "request", "raw", "replies"}, one line an answered request
    archive/.reserve        space for what is under way when the disk fills up

A line is on the disk (fsync) before `put` returns, whole or not at all. Lines that arrive while the disk is busy are
written and synced together, so hundreds of requests under way cost a few syncs a second. A last line that a kill cut is
cut off; any other damage is an error, since what was paid for must not vanish silently.

When the disk is full, the reserve is freed for what has been answered already, and nothing more is to be asked
(`check`). Kept: model, messages, sampling settings, the response's body. Never kept: headers and keys. Left out:
compression; a file of another machine (its lock is the kernel's).
"""

import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import orjson

from arc_submit.errors import DataError, OutputError
from training.teacher.records import Reply
from training.teacher.usage import Usage

JOURNAL, RESERVE = "journal.jsonl", ".reserve"
RESERVE_BYTES = 8 << 20  # some hundreds of long answers


def request_id(teacher_name: str, body: Mapping[str, Any]) -> str:
    """Return the id of what is asked: 32 hex digits, the same for the same model, messages, n, seed and settings.

    >>> request_id("a/b", {"n": 1, "seed": 2}) == request_id("a/b", {"seed": 2, "n": 1})
    True
    """
    text = orjson.dumps([teacher_name, body], option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(text, digest_size=16).hexdigest()


class Archive:
    """The journal of a folder, open for this process alone.

    Raises:
        OutputError: another process has it open, or it cannot be written.
        DataError: a damaged line that is not the last.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / JOURNAL
        self._reserve = folder / RESERVE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file: IO[bytes] = open(self.path, "a+b", buffering=0)  # noqa: SIM115 - closed by close()
        except OSError as error:
            raise OutputError(f"{folder}: cannot be written ({error.strerror})") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the kernel lets go of it however we end
        except BlockingIOError:
            self._file.close()
            raise OutputError(
                f"{self.path}: another process is writing here; stop it, or name another folder"
            ) from None
        self._places: dict[str, tuple[int, int]] = {}
        self._usages: list[tuple[str, Usage]] = []
        self._trouble: OutputError | None = None
        self.syncs = 0
        """Times that the disk was waited for."""
        try:
            self._end = self._index()
            self._make_reserve()
            _sync_folder(folder)
        except BaseException:
            self._file.close()
            raise
        self._pending: list[tuple[str, bytes, Future[None]]] = []
        self._news = threading.Condition()
        self._closing = False
        self._writer = threading.Thread(target=self._write_for_ever, name="archive", daemon=True)
        self._writer.start()

    def __len__(self) -> int:
        """Requests whose answers are here."""
        return len(self._places)

    def __contains__(self, request: str) -> bool:
        """Whether the answers to a request are here."""
        return request in self._places

    def usages(self) -> Iterator[tuple[str, Usage]]:
        """Yield teacher and usage of what was here when it was opened."""
        yield from self._usages

    def get(self, request: str) -> list[Reply] | None:
        """Return the answers to a request, None where it was never answered."""
        entry = self.entry(request)
        return None if entry is None else [Reply(**reply) for reply in entry["replies"]]

    def entry(self, request: str) -> dict[str, Any] | None:
        """Return the whole line of a request: `request`, `raw`, `replies`, `usage`."""
        place = self._places.get(request)
        if place is None:
            return None
        found: dict[str, Any] = orjson.loads(os.pread(self._file.fileno(), place[1], place[0]))
        return found

    def check(self) -> None:
        """Make sure that an answer could be kept; to be called before one is paid for.

        Raises:
            OutputError: the disk was full.
        """
        if self._trouble is not None:
            raise self._trouble

    def put(
        self,
        request: str,
        asked: Mapping[str, Any],
        raw: Mapping[str, Any],
        replies: Sequence[Reply],
        usage: Usage | None = None,
        teacher: str = "",
    ) -> None:
        """Keep the answers to a request; they are on the disk when this returns.

        Raises:
            OutputError: they could not be written; what was written before stays.
        """
        self.submit(request, asked, raw, replies, usage, teacher).result()

    def submit(
        self,
        request: str,
        asked: Mapping[str, Any],
        raw: Mapping[str, Any],
        replies: Sequence[Reply],
        usage: Usage | None = None,
        teacher: str = "",
    ) -> Future[None]:
        """As `put`, without waiting: the future is done when they are on the disk. It cannot be cancelled."""
        line = orjson.dumps(
            {
                "id": request,
                "teacher": teacher,
                "usage": asdict(usage or Usage()),
                "request": asked,
                "raw": raw,
                "replies": [asdict(reply) for reply in replies],
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )
        done: Future[None] = Future()
        done.set_running_or_notify_cancel()
        with self._news:
            if self._closing:
                raise OutputError(f"{self.path}: closed")
            self._pending.append((request, line, done))
            self._news.notify()
        return done

    def close(self) -> None:
        """Write what waits, and let others in."""
        with self._news:
            if self._closing:
                return
            self._closing = True
            self._news.notify()
        self._writer.join()
        self._file.close()
        self._reserve.unlink(missing_ok=True)

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # The writing thread. ---------------------------------------------------------------------------------------------

    def _write_for_ever(self) -> None:
        while True:
            with self._news:
                while not self._pending and not self._closing:
                    self._news.wait()
                batch, self._pending = self._pending, []
                if not batch:
                    return
            trouble = self._write_batch(batch)
            for _, _, done in batch:
                if trouble is None:
                    done.set_result(None)
                else:
                    done.set_exception(trouble)

    def _write_batch(self, batch: Sequence[tuple[str, bytes, Future[None]]]) -> OutputError | None:
        data = b"".join(line for _, line, _ in batch)
        try:
            self._append(data)
        except OSError as error:
            self._trouble = OutputError(
                f"{self.path}: cannot be written ({error.strerror}); what was answered before is kept: make room and"
                " run the same command again"
            )
            try:  # what was paid for goes into the reserve's place
                self._reserve.unlink(missing_ok=True)
                self._append(data)
            except OSError:
                return self._trouble
        place = self._end
        for request, line, _ in batch:
            self._places[request] = (place, len(line))
            place += len(line)
        self._end = place
        return None

    def _append(self, data: bytes) -> None:
        """Bring data to the disk at the journal's end, or leave the journal as it was."""
        try:
            view = memoryview(data)
            while view:
                view = view[self._file.write(view) :]
            os.fsync(self._file.fileno())
            self.syncs += 1
        except OSError:
            self._file.truncate(self._end)
            raise

    # Opening. --------------------------------------------------------------------------------------------------------

    def _index(self) -> int:
        """Note where each line is; cut off a last one without an end. Returns the journal's bytes."""
        place = 0
        self._file.seek(0)
        with open(self.path, "rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    self._file.truncate(place)
                    break
                try:
                    entry = orjson.loads(line)
                    self._places[entry["id"]] = (place, len(line))
                    self._usages.append((entry["teacher"], Usage(**entry["usage"])))
                    _ = [Reply(**reply) for reply in entry["replies"]]
                except (ValueError, KeyError, TypeError) as error:
                    raise DataError(
                        f"{self.path}: line {number} is damaged ({type(error).__name__}: {error}); take the line out to"
                        " go on, its answer is then asked for again"
                    ) from None
                place += len(line)
        return place

    def _make_reserve(self) -> None:
        try:
            with open(self._reserve, "wb") as file:
                os.posix_fallocate(file.fileno(), 0, RESERVE_BYTES)
        except OSError as error:
            self._reserve.unlink(missing_ok=True)
            raise OutputError(
                f"{self.path.parent}: no room for {RESERVE_BYTES >> 20} MiB ({error.strerror}); make room first"
            ) from None


def _sync_folder(folder: Path) -> None:
    """Bring the journal's name to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
