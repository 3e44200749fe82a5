"""The mounted model: found by a part of its path, read once so that workers find it in memory, and checked meanwhile.

New layout: models/<owner>/<model>/<framework>/<variation>/<version>; old: <model>/<Framework>/<variation>/<version>; or
a dataset. The first shard from the network disk took peers 41-47 s, later readers 2 s from the page cache.
"""

import threading
from fnmatch import fnmatchcase
from pathlib import Path

from kernel import mounts, sums
from kernel.mounts import MountError

_DEPTH = 8
_MARK = "config.json"
_SHARDS = ("*.safetensors", "*.bin", "*.gguf")


def locate(root: Path, pattern: str) -> tuple[Path, list[str]]:
    """Return the model's folder, and what to say.

    `pattern`: consecutive parts of the path, `*` and `?` allowed, in any case. Where all of it is nowhere, its first
    part (the owner, which the old layout does not have) may be missing.

    Raises:
        MountError: nothing matches.
    """
    if Path(pattern).is_absolute() and _is_model(Path(pattern)):
        return Path(pattern), [f"model: {pattern}"]
    folders = [folder for folder in mounts.walk(root, _DEPTH) if _is_model(folder)]
    parts = [part for part in pattern.lower().strip("/").split("/") if part]
    for wanted in (parts, parts[1:]):
        found = [folder for folder in folders if wanted and _contains(folder.relative_to(root).parts, wanted)]
        if found:
            best = max(found, key=_version)
            notes = [f"model: {best}"]
            if len(found) > 1:
                notes.append(f"{len(found)} mounted models match {pattern!r}; the highest version is used")
            return best, notes
    there = "".join(f"\n  {folder.relative_to(root)}" for folder in folders) or " none"
    raise MountError(
        f"{root}: no model matches {pattern!r} (a folder with {_MARK} and weights); models there:{there}\n"
        f"{mounts.tree(root)}"
    )


class Reading:
    """Reads a model's files in the background; with a list of sums, compares them."""

    def __init__(self, folder: Path) -> None:
        self.complaints: list[str] = []
        """What differs from its list of sums, as far as it has been read."""
        self.done = False
        self._folder = folder
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        listing = self._folder / sums.NAME
        if listing.is_file():
            try:
                matched = sums.match(sums.read(listing), [self._folder])
            except (OSError, sums.SumsError) as error:
                self.complaints = [f"model: {error}"]
            else:
                self.complaints = [f"model: {words}" for words in matched.complaints]
        else:
            for shard in sorted(path for kind in _SHARDS for path in self._folder.glob(kind)):
                sums.sum_of(shard)
        self.done = True


def _is_model(folder: Path) -> bool:
    return (folder / _MARK).is_file() and any(next(folder.glob(kind), None) for kind in _SHARDS)


def _contains(path: tuple[str, ...], wanted: list[str]) -> bool:
    lower = [part.lower() for part in path]
    return any(
        all(fnmatchcase(part, pattern) for part, pattern in zip(lower[start:], wanted, strict=False))
        for start in range(len(lower) - len(wanted) + 1)
    )


def _version(folder: Path) -> tuple[int, int, str]:
    return (int(folder.name) if folder.name.isdigit() else -1, -len(folder.parts), str(folder))
