"""SHA256SUMS: are the files those that were packed?

A file that is not there under its name is looked for by its content: an upload may have changed a `+` in a wheel's
name.
A file without content may have been dropped by an upload: it is known by its sum and can be made again.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

NAME = "SHA256SUMS"
EMPTY = hashlib.sha256().hexdigest()
_BLOCK = 1 << 20


class SumsError(ValueError):
    """A list of sums that is missing or cannot be understood."""


@dataclass
class Match:
    """What became of the listed files."""

    found: dict[str, Path] = field(default_factory=dict)
    """Listed name -> where it is, which may be another name."""
    renamed: dict[str, Path] = field(default_factory=dict)
    """Those of them that were found by content only."""
    empty: list[str] = field(default_factory=list)
    """Not there, but they had no content."""
    missing: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """There, with another content."""

    @property
    def complaints(self) -> list[str]:
        """Sentences for a person; none when all is well."""
        return [
            f"{len(names)} files {what}: {shorten(names)}"
            for what, names in (("are missing", self.missing), ("differ from what was packed", self.wrong))
            if names
        ]


def shorten(names: Iterable[str], most: int = 6) -> str:
    """Return the first names, and how many there are."""
    names = list(names)
    return ", ".join(names[:most]) + (f", ... ({len(names)} in all)" if len(names) > most else "")


def read(file: Path) -> dict[str, str]:
    """Return relative path -> sum.

    Raises:
        SumsError: missing, empty, not in the format of sha256sum, or a path that leaves its folder.
    """
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise SumsError(f"{file}: cannot be read ({error})") from None
    listed = {}
    for number, line in enumerate(lines, 1):
        digest, _, name = line.partition(" ")
        name = name[1:] if name[:1] in (" ", "*") else name
        inside = name and not name.startswith("/") and ".." not in PurePosixPath(name).parts
        if len(digest) != 64 or not inside:
            raise SumsError(
                f"{file}: line {number}: expected a sum and a path inside this folder, found {line[:100]!r}"
            )
        listed[name] = digest.lower()
    if not listed:
        raise SumsError(f"{file}: empty")
    return listed


def match(listed: Mapping[str, str], roots: Sequence[Path], *, believe_names: bool = False) -> Match:
    """Look for the listed files in folders.

    `believe_names`: a file that is there under its name is taken for what it should be (an installer that checks sums
    itself reads it soon enough); only those that are not are looked for by content.
    """
    result = Match()
    here = {name: path for name in listed if (path := _there(name, roots)) is not None}
    off = []
    for name, digest in listed.items():
        if name in here and (believe_names or sum_of(here[name]) == digest):
            result.found[name] = here[name]
        else:
            off.append(name)
    if not off:
        return result
    by_content = {sum_of(path): path for path in _unlisted(roots, set(here.values()))}
    for name in off:
        if listed[name] in by_content:
            result.found[name] = result.renamed[name] = by_content[listed[name]]
        elif name in here:
            result.wrong.append(name)
        else:
            (result.empty if listed[name] == EMPTY else result.missing).append(name)
    return result


def sum_of(path: Path) -> str:
    """Return the sha256 of a file, 64 hex digits; of one that cannot be read, a text that equals none."""
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        return f"unreadable: {error.strerror}"
    return digest.hexdigest()


def _there(name: str, roots: Sequence[Path]) -> Path | None:
    return next((root / name for root in roots if (root / name).is_file()), None)


def _unlisted(roots: Sequence[Path], known: set[Path]) -> list[Path]:
    return [path for root in roots for path in sorted(root.rglob("*")) if path not in known and path.is_file()]
