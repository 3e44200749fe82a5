"""SHA256SUMS: what a folder holds, in the format of `sha256sum`, so that `sha256sum -c SHA256SUMS` checks it anywhere.

Paths are relative to the folder that holds the list. The list itself and the cards are not in it.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from arc_submit.errors import UserError
from arc_submit.kaggle.limits import CARDS

NAME = "SHA256SUMS"


def sha256(file: Path) -> str:
    """Return the hash of a file's content, in hex."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def write(folder: Path, known: Mapping[Path, str] | None = None) -> dict[str, str]:
    """Write the list of a folder and return it: relative path -> hash. `known` saves reading files a second time."""
    known = known or {}
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.name not in (NAME, *CARDS))
    listed = {file.relative_to(folder).as_posix(): known.get(file) or sha256(file) for file in files}
    (folder / NAME).write_text("".join(f"{value}  {name}\n" for name, value in listed.items()), "utf-8")
    return listed


def read(folder: Path) -> dict[str, str]:
    """Return a folder's list: relative path -> hash; empty where there is none."""
    file = folder / NAME
    if not file.is_file():
        return {}
    listed = {}
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        value, gap, name = line.partition("  ")
        if not gap or len(value) != 64:
            raise UserError(f"{file}: line {number}: expected `<sha256>  <path>`; pack again")
        if name.startswith("/") or ".." in name.split("/"):
            raise UserError(f"{file}: line {number}: {name}: not a path inside the folder; pack again")
        listed[name] = value
    return listed
