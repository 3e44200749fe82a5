"""Find the inputs, whichever way they are mounted.

Two layouts occur, even for sessions of one kernel:
    new   input/competitions/<slug>/   input/datasets/<owner>/<slug>/   input/models/<owner>/<model>/<framework>/...
    old   input/<slug>/                input/<slug>/                    input/<model>/<Framework>/<variation>/<version>/
So the competition is looked for there, then anywhere, in any case. Our datasets are known by their card
(BUNDLE.json, WHEELS.json), never by their slug. What is not found is said with a picture of what is there.
"""

import json
import os
import zipfile
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KIT = "arc-submit"
TEST = "arc-agi_test_challenges.json"
EVALUATION = "arc-agi_evaluation_challenges.json"
SOLUTIONS = "arc-agi_evaluation_solutions.json"
DEPTH = 5  # folders below the input folder that are searched
_MOST_FOLDERS = 20_000  # a search gives up after so many
_TREE_LINES = 150
_TREE_FILES = 8  # files named per folder in the picture


class MountError(LookupError):
    """An input that is not there; the message shows what is."""


@dataclass(frozen=True)
class Competition:
    """The competition's files."""

    folder: Path
    how: str
    """Which layout, in words."""
    own: bool
    """The folder's path names the competition, so that the hidden tasks are the ones that appear there."""
    test: Path | None
    evaluation: Path | None
    solutions: Path | None


@dataclass(frozen=True)
class Dataset:
    """One of our datasets."""

    folder: Path
    card: dict[str, Any]
    """BUNDLE.json or WHEELS.json."""

    @property
    def created(self) -> str:
        return str(self.card.get("created", ""))


def competition(root: Path, slug: str) -> Competition:
    """Return where the competition's files are.

    Raises:
        MountError: nowhere.
    """
    for how, folder in (("new layout", root / "competitions" / slug), ("old layout", root / slug)):
        found = _competition(folder, how, slug) if folder.is_dir() else None
        if found:
            return found
    searched = [
        found
        for folder in walk(root, DEPTH)
        if (found := _competition(folder, f"found by search in {folder}", slug)) is not None
    ]
    if searched:
        return max(searched, key=lambda found: (found.own, found.test is not None, -len(found.folder.parts)))
    raise MountError(
        f"{root}: no {TEST} and no {EVALUATION} in it; expected competitions/{slug}/ or {slug}/. Attach the "
        f"competition to the notebook (competition_sources) and accept its rules.\n{tree(root)}"
    )


def datasets(root: Path, card: str, kind: str) -> list[Dataset]:
    """Return our datasets of a kind, newest first.

    Raises:
        MountError: there is none, or the card of the only ones cannot be read.
    """
    found, broken = [], []
    for folder in walk(root, DEPTH):
        name = _names(folder).get(_plain(card))
        if name is None:
            continue
        try:
            content = json.loads((folder / name).read_text("utf-8"))
        except (OSError, ValueError) as error:
            broken.append(f"{folder / name}: cannot be read: {error}")
            continue
        if isinstance(content, dict) and content.get("kit") == KIT and content.get("kind") == kind:
            found.append(Dataset(folder, content))
    if not found:
        words = "".join(f"\n{line}" for line in broken)
        raise MountError(f"{root}: no dataset of ours with {card} of kind {kind!r} in it{words}\n{tree(root)}")
    return sorted(found, key=lambda dataset: dataset.created, reverse=True)


def roots(dataset: Dataset, part: str, temp: Path) -> list[Path]:
    """Return the folders to look for the dataset's files in; `part`.zip, where Kaggle left it packed, is unpacked.

    Raises:
        MountError: the archive is damaged.
    """
    archive = dataset.folder / f"{part}.zip"
    if not archive.is_file():
        return [dataset.folder]
    target = temp / "unpacked" / part
    print(f"  {archive}: still packed; unpacking it", flush=True)
    try:
        with zipfile.ZipFile(archive) as content:
            content.extractall(target / part)
    except zipfile.BadZipFile as error:
        raise MountError(f"{archive}: damaged archive: {error}; upload the dataset again") from None
    return [target, dataset.folder]


def walk(root: Path, depth: int) -> Iterator[Path]:
    """Yield the folders below (and with) `root`, nearest first, down to `depth`; unreadable ones are passed over."""
    queue = deque([(root, 0)])
    seen = 0
    while queue and seen < _MOST_FOLDERS:
        folder, level = queue.popleft()
        seen += 1
        yield folder
        if level < depth:
            queue.extend((child, level + 1) for child in _folders(folder))


def tree(root: Path, depth: int = 4) -> str:
    """Return a picture of what is mounted, at most 150 lines."""
    if not root.is_dir():
        return f"What is there: {root} does not exist."
    lines = [f"What is there, down to depth {depth}:"]
    _draw(root, 0, depth, lines)
    if len(lines) > _TREE_LINES:
        lines = [*lines[:_TREE_LINES], f"  ... and {len(lines) - _TREE_LINES} lines more"]
    return "\n".join(lines)


def _draw(folder: Path, level: int, depth: int, lines: list[str]) -> None:
    if len(lines) > 10 * _TREE_LINES:
        return
    lines.append(f"{'  ' * (level + 1)}{folder.name if level else folder}/")
    indent = "  " * (level + 2)
    try:
        files = sorted(entry.name for entry in os.scandir(folder) if not entry.is_dir())
    except OSError as error:
        lines.append(f"{indent}(cannot be read: {error.strerror})")
        return
    lines += [indent + name for name in files[:_TREE_FILES]]
    if len(files) > _TREE_FILES:
        lines.append(f"{indent}... {len(files)} files in all")
    if level < depth:
        for child in _folders(folder):
            _draw(child, level + 1, depth, lines)


def _competition(folder: Path, how: str, slug: str) -> Competition | None:
    names = _names(folder)

    def file(name: str) -> Path | None:
        return folder / names[_plain(name)] if _plain(name) in names else None

    if file(TEST) is None and file(EVALUATION) is None:
        return None
    own = slug.lower() in [part.lower() for part in folder.parts]
    return Competition(folder, how, own, file(TEST), file(EVALUATION), file(SOLUTIONS))


def _names(folder: Path) -> dict[str, str]:
    """Plain spelling -> name, of the files in a folder."""
    try:
        return {_plain(entry.name): entry.name for entry in os.scandir(folder) if not entry.is_dir()}
    except OSError:
        return {}


def _plain(name: str) -> str:
    """Lower case, and `_` for `-`: Kaggle's data page prints other names than the files have."""
    return name.lower().replace("-", "_")


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(Path(entry.path) for entry in os.scandir(folder) if entry.is_dir())
    except OSError:
        return []
