"""Results on disk as they come: one JSON line a group of tasks, found again by what was asked for.

The key is a hash of everything that decides a group's result (checkpoint and its files, prompts, sampling, seed,
tasks, the kit's version), so nothing has to match but that: the same command goes on where it was stopped, more seeds
or a second checkpoint add to what is there. A line is written whole and synced; a last line that was cut off is
measured again. One process at a time.
"""

import fcntl
import hashlib
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any

from arc_submit.errors import OutputError, ResumeError

NAME = "journal.jsonl"


class Journal:
    """A context manager on a folder, which is made."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("a+b")
        except OSError as error:
            raise OutputError(f"{folder}: cannot be written ({error.strerror}); name another --out") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise ResumeError(f"{folder}: another evaluation writes here; wait for it, or name another --out") from None
        self._known = self._read()

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def get(self, key: str) -> list[dict[str, Any]] | None:
        """Return the rows that were put under a key, None: none were."""
        return self._known.get(key)

    def put(self, key: str, rows: list[dict[str, Any]], **about: Any) -> None:
        """Keep rows under a key; they are on the disk when this returns.

        Raises:
            OutputError: the disk is full or gone; what was put before stays.
        """
        line = json.dumps({"key": key, **about, "rows": rows}).encode() + b"\n"
        try:
            self._file.write(line)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise OutputError(f"{self._path}: {error.strerror}; free some space and run the same command") from None
        self._known[key] = rows

    def _read(self) -> dict[str, list[dict[str, Any]]]:
        self._file.seek(0)
        found: dict[str, list[dict[str, Any]]] = {}
        whole = 0
        for number, line in enumerate(self._file, start=1):
            if not line.endswith(b"\n"):
                break
            try:
                body = json.loads(line)
                found[body["key"]] = body["rows"]
            except (ValueError, KeyError, TypeError):
                raise ResumeError(f"{self._path}: line {number} is damaged; remove it, or name another --out") from None
            whole += len(line)
        self._file.truncate(whole)
        return found


def key(**what: Any) -> str:
    """Return the key of a group: 24 hex digits over all that decides its result."""
    return hashlib.blake2b(json.dumps(what, sort_keys=True, default=str).encode(), digest_size=12).hexdigest()
