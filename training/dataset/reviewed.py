"""What people decided on traces, of all folders together.

A trace that was rejected in one folder is rejected in each, and nobody's acceptance brings it back. Decisions are about
a program, its parent and its task (`training.review.decisions.key`), wherever the line stands: among the traces that
were chosen, or among all that were judged.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from training.edits.records import Trace
from training.review import decisions


@dataclass(frozen=True, slots=True)
class Review:
    """Decisions by their key."""

    rejected: frozenset[str] = frozenset()
    accepted: frozenset[str] = frozenset()
    needed: bool = False
    """Only what a person accepted will do."""

    @classmethod
    def of(cls, folders: Iterable[Path], *, needed: bool) -> "Review":
        """Return what was decided in these folders.

        Raises:
            DataError: a `review.jsonl` that is none.
        """
        found = [decision for folder in folders for decision in decisions.read(folder).values()]
        rejected = frozenset(one.trace for one in found if one.verdict == decisions.REJECT)
        accepted = frozenset(one.trace for one in found if one.verdict == decisions.ACCEPT)
        return cls(rejected, accepted - rejected, needed)

    def wanted(self, trace: Trace) -> bool:
        """Return whether a trace may be learnt from, or preferred to another."""
        key = decisions.key(trace)
        return key in self.accepted if self.needed else key not in self.rejected

    def only(self, tasks: Collection[str]) -> "Review":
        """Return what was decided on these tasks."""
        known = set(tasks)
        rejected, accepted = (
            frozenset(key for key in keys if key.split("/", 2)[-1] in known) for keys in (self.rejected, self.accepted)
        )
        return Review(rejected, accepted, self.needed)
