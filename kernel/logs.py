"""One archive for everything that is worth keeping: an output of more than 500 files was reported to be cut."""

import tarfile
from collections.abc import Sequence
from pathlib import Path

_LEFT_OUT = {".reserve", "adapters", "__pycache__"}
"""Disk space set aside by the solver; adapters of test-time learning, which are large and of no further use."""


def pack(target: Path, folders: Sequence[Path]) -> tuple[int, int]:
    """Put the folders into an archive, written atomically; return (files, bytes of the archive)."""
    draft = target.with_name(f"{target.name}.new")
    files = 0

    def wanted(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
        nonlocal files
        if Path(entry.name).name in _LEFT_OUT or not (entry.isfile() or entry.isdir()):
            return None
        files += entry.isfile()
        return entry

    try:
        with tarfile.open(draft, "w:gz", compresslevel=3) as archive:
            for folder in folders:
                if folder.is_dir():
                    archive.add(folder, folder.name, filter=wanted)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return files, target.stat().st_size
