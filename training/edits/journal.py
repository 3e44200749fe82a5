"""The file of judged answers, added to as they come; a resumed run adds only what is not there yet.

A last line that was cut off by a kill or a full disk is taken away first: the answer behind it lies in the archive and
is judged again.
"""

from collections.abc import Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Self

from arc_submit.errors import OutputError
from training.edits.records import Trace, line, read

_Key = tuple[str, int, str, str, str]


class Journal:
    """A context manager around the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: FileIO | None = None
        self._size = 0
        self._known: set[_Key] = set()

    def __enter__(self) -> Self:
        try:
            self._path.touch()
            self._size = _whole(self._path)
            self._known = {_key(trace) for trace in read(self._path)}
            self._file = FileIO(self._path, "r+")
            self._file.truncate(self._size)
            self._file.seek(self._size)
        except OSError as error:
            raise OutputError(f"{self._path}: cannot be written ({error.strerror})") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def __len__(self) -> int:
        return len(self._known)

    def add(self, traces: Sequence[Trace]) -> None:
        """Write those that are new; they are with the system when this returns.

        Raises:
            OutputError: they cannot be written; what was written before stays.
        """
        assert self._file is not None
        new = {key: trace for trace in traces if (key := _key(trace)) not in self._known}
        data = memoryview("".join(map(line, new.values())).encode("utf-8"))
        size = self._size + len(data)
        try:
            while data:
                data = data[self._file.write(data) :]
        except OSError as error:
            with suppress(OSError):
                self._file.truncate(self._size)
                self._file.seek(self._size)
            raise OutputError(f"{self._path}: cannot be written ({error.strerror}); run again to go on") from None
        self._size = size
        self._known.update(new)


def _key(trace: Trace) -> _Key:
    parent = trace.parent.program if trace.parent is not None else ""
    return trace.task, trace.round, parent, trace.program, trace.request


def _whole(path: Path) -> int:
    """Bytes up to the end of the last whole line."""
    size = path.stat().st_size
    with path.open("rb") as file:
        step = 1 << 16
        end = size
        while end > 0:
            start = max(0, end - step)
            file.seek(start)
            found = file.read(end - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            end = start
    return 0
