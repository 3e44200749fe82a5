"""The code bundle: found, checked against its sums, and copied to a place of our own under its listed names.

Copied, not used in place: a read-only network disk would be read again by every worker that starts, and compiled again.
Damaged code is not run.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from kernel import mounts, sums

CARD = "BUNDLE.json"
PART = "code"
_RUN = f"{PART}/arc_submit/"


class BundleError(RuntimeError):
    """Code that is damaged or incomplete; the message says which files."""


@dataclass(frozen=True)
class Code:
    """The solver's code, ready to be imported."""

    folder: Path
    """For PYTHONPATH."""
    commit: str
    dirty: bool
    """Packed from a working tree with changes that no commit holds."""
    fingerprint: str
    """Sum of the list of sums."""
    complaints: list[str]
    """Wrong or missing files that are not code."""
    notes: list[str]


def install(root: Path, temp: Path, target: Path) -> Code:
    """Find the newest code bundle and copy it to `target`.

    Raises:
        MountError: there is none.
        SumsError: it has no usable list of sums.
        BundleError: its code is damaged.
    """
    found = mounts.datasets(root, CARD, PART)
    dataset = found[0]
    listed = sums.read(dataset.folder / sums.NAME)
    matched = sums.match(listed, mounts.roots(dataset, PART, temp))
    damaged = [name for name in (*matched.missing, *matched.wrong) if name.startswith(_RUN)]
    if damaged:
        raise BundleError(
            f"{dataset.folder}: damaged code is not run: {'; '.join(matched.complaints)}. Upload the dataset again."
        )
    if f"{_RUN}__main__.py" not in listed:
        raise BundleError(f"{dataset.folder / sums.NAME}: lists no {_RUN}__main__.py; pack the code again")
    copy(matched, target)
    notes = [f"code bundle: {dataset.folder}, created {dataset.created}"]
    if len(found) > 1:
        notes.append(f"{len(found)} code bundles are mounted; the newest is used")
    if matched.renamed:
        notes.append(f"found by content under another name: {sums.shorten(matched.renamed)}")
    if matched.empty:
        notes.append(f"files without content, dropped by the upload, were made again: {sums.shorten(matched.empty)}")
    commit, dirty = str(dataset.card.get("commit", "unknown")), bool(dataset.card.get("dirty"))
    fingerprint = sums.sum_of(dataset.folder / sums.NAME)
    return Code(target, commit, dirty, fingerprint, [f"code bundle: {words}" for words in matched.complaints], notes)


def copy(matched: sums.Match, target: Path) -> None:
    """Copy what lies under code/, under its listed names."""
    shutil.rmtree(target, ignore_errors=True)
    names = [*matched.found, *matched.empty]
    for name in names:
        if not name.startswith(f"{PART}/"):
            continue
        to = target / name.removeprefix(f"{PART}/")
        to.parent.mkdir(parents=True, exist_ok=True)
        if name in matched.found:
            shutil.copyfile(matched.found[name], to)
        else:
            to.touch()
