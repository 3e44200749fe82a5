"""Where the rows of a dataset lie on disk, and what they weigh once all are known.

Rows come from the buckets and from datasets that are joined, each as it was weighed there. Here they are counted
together: an answer is what a row's id says before the view, so that old and new answers of one task weigh the same.
Memory: some 100 bytes for each row.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.dataset.settings import SPLITS
from training.dataset.store import Row
from training.dataset.weights import Totals, shares

Progress = Callable[[str, int, int], None]
"""Told of (what, how many are done, of how many)."""
FILES = 200  # open at a time


@dataclass(frozen=True, slots=True)
class _Line:
    """Where a row lies, and what is needed to weigh it."""

    path: Path
    byte: int
    task: str
    answer: str


class Index:
    """The rows of both splits."""

    def __init__(self, power: float) -> None:
        """Args:
        power: weights grow with difficulty to this power.
        """
        self._power = power
        self._lines: dict[str, list[_Line]] = {split: [] for split in SPLITS}
        self._views: dict[str, Counter[str]] = {}
        self._difficulties: dict[str, float] = {}
        self.lengths: dict[str, list[int]] = {split: [] for split in SPLITS}
        """Tokens of each row."""

    def add(self, split: str, row: str, task: str, difficulty: float, tokens: int, path: Path, byte: int) -> None:
        """Count a row.

        Args:
            split: of `SPLITS`.
            row: its id.
            task: its task; all its rows are of one split.
            difficulty: 1 / mean reward; the first one of a task counts.
            tokens: prompt and answer.
            path: a file of JSON lines.
            byte: where its line begins.
        """
        answer = sys.intern(row.rpartition("@")[0])
        self._lines[split].append(_Line(path, byte, task, answer))
        self._views.setdefault(task, Counter())[answer] += 1
        self._difficulties.setdefault(task, difficulty)
        self.lengths[split].append(tokens)

    def count(self, split: str) -> int:
        """Return the number of rows."""
        return len(self._lines[split])

    def tasks(self, split: str) -> list[str]:
        """Return the tasks that have a row, in the order of their first."""
        return list(dict.fromkeys(line.task for line in self._lines[split]))

    def rows(self, split: str, seed: int, progress: Progress) -> Iterator[Row]:
        """Yield the rows of a split, weighed, in an order drawn by the seed: neighbours are of different tasks."""
        lines = self._lines[split]
        share = {task: shares(self._views[task]) for task in self.tasks(split)}
        totals = Totals(self._power)
        for line in lines:
            totals.add(split, line.task, share[line.task][line.answer], self._difficulties[line.task])
        order = list(range(len(lines)))
        random.Random(f"{seed}/order/{split}").shuffle(order)
        files: dict[Path, Any] = {}
        try:
            for done, number in enumerate(order, start=1):
                line = lines[number]
                if line.path not in files:
                    if len(files) >= FILES:
                        files.pop(next(iter(files))).close()
                    files[line.path] = line.path.open("rb")
                files[line.path].seek(line.byte)
                body = json.loads(files[line.path].readline())
                yield Row(**{**body, "weight": totals.final(split, line.task, share[line.task][line.answer])})
                if done % 500 == 0 or done == len(order):
                    progress(f"rows of {split}", done, len(order))
        finally:
            for file in files.values():
                file.close()
