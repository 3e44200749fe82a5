"""A folder that is made beside the place where it will be: whole, or not there at all."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from arc_submit.errors import OutputError

ABOUT = "dataset.json"
"""Its presence makes a folder a dataset."""
_REFUSED = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.EFBIG, errno.ENOTDIR}


@contextmanager
def aside(out: Path, *, fresh: bool = False) -> Iterator[Path]:
    """Give an empty folder beside `out` that takes its place at the end, and goes if there is no end.

    Raises:
        OutputError: `out` is there and not to be replaced, or the disk is full or not to be written.
    """
    named, out = out, out.resolve()  # `.` has no name to make another beside
    if out.exists() and not fresh and (not out.is_dir() or any(out.iterdir())):
        raise OutputError(f"{named}: is there already; --fresh replaces it")
    if out.exists() and (not out.is_dir() or any(out.iterdir())) and not (out / ABOUT).exists():
        raise OutputError(f"{named}: is no dataset, so it is not replaced; name another folder")
    part, old = out.with_name(f"{out.name}.part"), out.with_name(f"{out.name}.old")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        yield part
        if out.exists():
            shutil.rmtree(old, ignore_errors=True)
            out.rename(old)
        part.rename(out)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        if isinstance(error, OutputError) or error.errno not in _REFUSED:
            raise
        raise OutputError(f"{named}: cannot be written ({error.strerror or error}); nothing of it was kept") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
