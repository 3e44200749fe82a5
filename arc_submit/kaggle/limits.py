"""What Kaggle takes in one folder: how many files, how large. Checked before an upload: Kaggle says no after it.

A dataset folder goes up with `--dir-mode zip`: every top-level file travels as it is, every top-level folder as one zip
that Kaggle unpacks again. Cards (`*-metadata.json`) are read and never uploaded.

Not checked: how much of an account's quota other datasets use.
"""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from arc_submit.errors import OutputError, UserError

TOP_LEVEL = 50
"""Files and zipped folders at the top of a dataset or model (Kaggle's documentation of datasets)."""
UPLOAD_BYTES = 200 * 10**9
"""A dataset; also all private datasets of an account together."""
CARDS = ("dataset-metadata.json", "model-metadata.json", "model-instance-metadata.json", "kernel-metadata.json")
UNSEEN = (".git", ".cache", ".huggingface")
"""Folders that the client leaves out without a word."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What of a folder would go up."""

    entries: int
    """Files and folders at its top, without the cards."""
    files: int
    """All files under it, without the cards."""
    bytes: int


def check_folder(path: Path) -> Measured:
    """Measure a folder that is to go up as a dataset or model.

    Raises:
        UserError: not a folder, empty, too many entries, too large, or something in it that would not arrive.
    """
    if not path.is_dir():
        raise UserError(f"{path}: no such folder; pack first (arc-submit kaggle pack)")
    entries = [entry for entry in sorted(path.iterdir()) if entry.name not in CARDS]
    if not entries:
        raise UserError(f"{path}: nothing to upload; expected files beside the card")
    if len(entries) > TOP_LEVEL:
        raise UserError(
            f"{path}: {len(entries)} files at the top, and Kaggle takes {TOP_LEVEL}; move them into a sub-folder"
            " (it travels as one zip)"
        )
    _check_arrival(path, entries)
    files = [file for entry in entries for file in _files(entry)]
    size = sum(file.stat().st_size for file in files)
    if size > UPLOAD_BYTES:
        raise UserError(f"{path}: {gigabytes(size)}, and Kaggle takes {gigabytes(UPLOAD_BYTES)}; split it")
    return Measured(entries=len(entries), files=len(files), bytes=size)


def check_room(folder: Path, needed: int, purpose: str) -> None:
    """Raise OutputError unless the disk that holds `folder` (which need not exist yet) has `needed` bytes free."""
    place = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(place).free
    if free < needed:
        raise OutputError(
            f"{folder}: {purpose} needs {gigabytes(needed)} and the disk has {gigabytes(free)} free;"
            " make room or choose a folder on another disk"
        )


def gigabytes(size: float) -> str:
    """Bytes for people: `3.21 GB`, `12.3 MB`, `812 kB`; powers of ten, as Kaggle counts."""
    for unit, digits in (("GB", 2), ("MB", 1)):
        scale = 10**9 if unit == "GB" else 10**6
        if size >= scale:
            return f"{size / scale:.{digits}f} {unit}"
    return f"{size / 1000:.0f} kB"


def _check_arrival(path: Path, entries: Iterable[Path]) -> None:
    """Every entry must arrive under the name that the kernel looks for."""
    names = {entry.name for entry in entries}
    for entry in entries:
        if entry.name in UNSEEN:
            raise UserError(f"{entry}: the client never uploads a folder of this name; rename it")
        if not entry.is_file() and not entry.is_dir():
            raise UserError(f"{entry}: neither a file nor a folder; remove it")
        if entry.is_dir() and not any(_files(entry)):
            raise UserError(f"{entry}: holds no file, and an empty folder does not travel; remove it")
        if entry.is_dir() and f"{entry.name}.zip" in names:
            raise UserError(f"{path}: {entry.name}/ travels as {entry.name}.zip, which is there too; rename one")


def _files(entry: Path) -> list[Path]:
    if entry.is_file():
        return [entry]
    return [file for file in sorted(entry.rglob("*")) if file.is_file()]
