"""What the parts of the kit share: a thing that was looked at, whom to tell, a link or a copy, what a disk refuses."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from arc_submit.errors import OutputError, UserError
from arc_submit.kaggle import limits

Say = Callable[[str], None]
"""Called with a sentence for the person at the keyboard."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool | None
    """None: not known."""
    found: str
    forced: bool = False
    """One may go on in spite of it: --anyway, or a place that does not promise it."""

    @property
    def status(self) -> str:
        """`ok`, `not known`, `weaker` or `FAILED`."""
        if self.ok is not False:
            return "ok" if self.ok else "not known"
        return "weaker" if self.forced else "FAILED"

    @property
    def words(self) -> str:
        return f"{self.status:<6}  {self.name}: {self.found}"


def link_or_copy(source: Path, target: Path) -> None:
    """Let a file stand at a second place, too; copied where it cannot be linked.

    Raises:
        OutputError: no room for a copy.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source.resolve(), target)
    except OSError:  # another disk, or one without links
        limits.check_room(target.parent, source.stat().st_size, f"copying {source.name}")
        shutil.copy2(source, target)


@contextlib.contextmanager
def on_disk(place: Path) -> Iterator[None]:
    """Turn what a disk refuses at or below `place` into an OutputError that names the file."""
    try:
        yield
    except UserError:
        raise
    except OSError as error:
        raise OutputError(
            f"{error.filename or place}: {error.strerror or error}; make it writable, or name another place"
        ) from error
