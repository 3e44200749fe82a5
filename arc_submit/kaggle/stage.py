"""One folder of the pack, made ready to travel: files at the top as they are, each sub-folder as one archive.

The official client can make these archives itself, but into a folder that is new each time: what was cut off half-way
starts from nothing. Here the archives stay beside the pack until they have arrived, so an upload can go on.
"""

import hashlib
import shutil
import zipfile
from pathlib import Path

from arc_submit.kaggle import sums
from arc_submit.kaggle.common import link_or_copy
from arc_submit.kaggle.limits import CARDS, check_room
from arc_submit.kaggle.trouble import KaggleError

_PACKED = frozenset({".whl", ".safetensors", ".zip", ".gz", ".bz2", ".xz", ".bin", ".png"})
"""Already compressed, or not worth the time."""


def fingerprint(folder: Path) -> str:
    """Return the hash of the folder's list of hashes: two folders with the same one hold the same files."""
    path = folder / sums.NAME
    if not path.is_file():
        raise KaggleError(f"{path}: missing; pack again (`arc-submit kaggle pack`)")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def check(folder: Path) -> int:
    """Compare every file with SHA256SUMS, in both directions; return their number.

    Raises:
        UserError: a file is missing, changed, or not listed.
    """
    listed = sums.read(folder)
    if not listed:
        raise KaggleError(f"{folder / sums.NAME}: missing or empty; pack again (`arc-submit kaggle pack`)")
    present = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in (sums.NAME, *CARDS)
    }
    again = "pack again (`arc-submit kaggle pack`)"
    for name in sorted(listed.keys() - present):
        raise KaggleError(f"{folder / name}: listed in {sums.NAME}, but missing; {again}")
    for name in sorted(present - listed.keys()):
        raise KaggleError(f"{folder / name}: not listed in {sums.NAME}; remove it or {again}")
    for name, digest in listed.items():
        if sums.sha256(folder / name) != digest:
            raise KaggleError(f"{folder / name}: changed since it was packed; {again}")
    return len(listed)


def make(folder: Path, to: Path) -> Path:
    """Check the folder and lay it out under `to` as it travels; what is there from a cut-off push is kept.

    Cards that may have changed (ids, notes) are always taken anew: they do not travel.

    Raises:
        UserError: the folder is not as it was packed, or there is no room for its archives.
    """
    mark = to.with_name(f"{to.name}.sums")
    same = to.is_dir() and mark.is_file() and mark.read_text() == fingerprint(folder)
    if not same:
        shutil.rmtree(to, ignore_errors=True)
        mark.unlink(missing_ok=True)
        archived = [path for entry in folder.iterdir() if entry.is_dir() for path in entry.rglob("*") if path.is_file()]
        check_room(to, sum(path.stat().st_size for path in archived), f"packing {folder.name} for the upload")
    check(folder)
    to.mkdir(parents=True, exist_ok=True)
    for path in sorted(folder.iterdir()):
        if path.name in CARDS:
            shutil.copyfile(path, to / path.name)
        elif not same:
            _archive(path, to / f"{path.name}.zip") if path.is_dir() else link_or_copy(path, to / path.name)
    mark.write_text(fingerprint(folder))
    return to


def clear(to: Path) -> None:
    """Remove what `make` laid out."""
    shutil.rmtree(to, ignore_errors=True)
    to.with_name(f"{to.name}.sums").unlink(missing_ok=True)


def _archive(folder: Path, to: Path) -> None:
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                how = zipfile.ZIP_STORED if path.suffix in _PACKED else zipfile.ZIP_DEFLATED
                archive.write(path, str(path.relative_to(folder)), how)
