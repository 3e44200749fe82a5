"""Rows and preference pairs of joined datasets, then of the buckets; what stands in several is taken once, the first.

Joined rows are taken as they are, without being run again, and weighed anew (`index`). Not covered: what a person
rejected after a dataset was built stays in that dataset; build it again.
"""

import json
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

from arc_submit.errors import DataError
from training.dataset import store
from training.dataset.index import Index
from training.dataset.settings import SPLITS
from training.dataset.work import PAIRS, ROWS, Made


class Joined:
    """Takes datasets first, then buckets."""

    def __init__(self, index: Index, preferred: BinaryIO) -> None:
        """Args:
        index: takes in the rows.
        preferred: takes the lines of preference pairs.
        """
        self._index, self._preferred = index, preferred
        self._ids: set[str] = set()
        self._lines: set[bytes] = set()
        self.pairs = 0
        """Preference pairs so far."""
        self.again = 0
        """Rows that were left out, since a dataset before has them."""

    def join(self, folder: Path, work: Path) -> None:
        """Take a dataset; its rows are copied to `work`.

        Raises:
            DataError: not a dataset, or a row of a task that its contents do not have on that side.
        """
        work.mkdir(parents=True, exist_ok=True)
        path = work / ROWS
        with path.open("wb") as file:
            for split in SPLITS:
                tasks = store.contents(folder, split).keys()
                for row in store.load(folder, split):
                    if row.task not in tasks:
                        raise DataError(
                            f"{folder / store.CONTENTS}: without task {row.task} of the {split} side, so nothing can "
                            f"be held against it; build the dataset again"
                        )
                    if row.id in self._ids:
                        self.again += 1
                        continue
                    self._ids.add(row.id)
                    self._index.add(split, row.id, row.task, row.difficulty, row.tokens, path, file.tell())
                    file.write(json.dumps(row.body(), ensure_ascii=False).encode() + b"\n")
        if (folder / store.PREFERENCES).is_file():
            self._prefer(folder / store.PREFERENCES, keep=True)

    def add(self, made: Made) -> None:
        """Take a bucket, without what a joined dataset has."""
        self._prefer(made.folder / PAIRS, keep=False)
        for split, row, task, difficulty, tokens, byte in made.rows:
            if row in self._ids:
                self.again += 1
            else:
                self._index.add(split, row, task, difficulty, tokens, made.folder / ROWS, byte)

    def _prefer(self, path: Path, *, keep: bool) -> None:
        """Copy lines that are new; buckets have none in common, so theirs need not be remembered."""
        with path.open("rb") as file:
            for line in file:
                mark = blake2b(line, digest_size=16).digest()
                if mark in self._lines:
                    continue
                if keep:
                    self._lines.add(mark)
                self._preferred.write(line)
                self.pairs += 1
