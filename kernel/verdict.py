"""verdict.json: what a person must know before they submit.

`ok` is what is left when nothing spoke against it. Notes are for reading; reasons (`why`) are for not submitting.
"""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_WIDTH = 100


@dataclass
class Verdict:
    """Gathered while the kernel works."""

    mode: str
    """"commit" or "rerun"."""
    commit: str = "unknown"
    """Of the code that ran."""
    why: list[str] = field(default_factory=list)
    """Reasons not to submit, each once, in the order in which they were found."""
    notes: list[str] = field(default_factory=list)
    canary: bool | None = None
    """Whether the task that the kit is known to solve was solved; None: the solver did not say."""
    tasks: int = 0
    outputs: int = 0
    fallbacks: int = 0
    """Outputs that no program answered, of the run's tasks (in a commit run: of the few that it solved)."""
    programs: dict[str, int] = field(default_factory=dict)
    """Programs that ran, by proposer."""
    tokens: int = 0
    """Decoded by the language model."""
    passers_by: dict[str, int] = field(default_factory=dict)
    """Tasks with a program that passes its demonstrations, by where it came from."""
    score: dict[str, int] | None = None
    """{"solved_outputs", "outputs"}, where the answers are known."""
    accelerator: dict[str, Any] = field(default_factory=dict)
    python: str = ""
    degraded: list[str] = field(default_factory=list)
    restarts: int = 0
    """Of the solver."""
    workers_replaced: int = 0
    malformed: list[str] = field(default_factory=list)
    set_aside: list[str] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)
    """Seconds of each stage."""
    seconds: float = 0.0
    """Since the session's start."""

    @property
    def ok(self) -> bool:
        return not self.why

    def fault(self, words: str) -> None:
        """Record a reason not to submit, and say it."""
        if words not in self.why:
            self.why.append(words)
            print(f"  !! {words}", flush=True)

    def note(self, words: str) -> None:
        """Record something worth reading, and say it."""
        self.notes.append(words)
        print(f"  {words}", flush=True)

    def write(self, path: Path) -> None:
        """Write the file atomically."""
        draft = path.with_name(f"{path.name}.new")
        draft.write_text(json.dumps(self.content(), indent=2) + "\n", "utf-8")
        os.replace(draft, path)

    def content(self) -> dict[str, Any]:
        """Return what verdict.json holds."""
        return {"kit": "arc-submit", "ok": self.ok, **{name: getattr(self, name) for name in self.__dataclass_fields__}}

    def words(self) -> str:
        """Return the block that ends the notebook's output."""
        answered = self.outputs - self.fallbacks
        canary = {True: "solved", False: "NOT SOLVED", None: "not reported"}[self.canary]
        lines = [
            f"ARC-SUBMIT {self.mode} run of commit {self.commit}: {'OK' if self.ok else 'NOT OK'}",
            f"{answered} of {self.outputs} outputs answered by programs, canary {canary}, {self.seconds / 60:.1f} min",
        ]
        if self.score is not None:
            lines.append(f"score of this run: {self.score['solved_outputs']} of {self.score['outputs']} outputs")
        if not self.ok:
            lines += ["DO NOT SUBMIT before these are understood:", *(f"  - {reason}" for reason in self.why)]
        bar = ("=" if self.ok else "!") * _WIDTH
        return "\n".join([bar, *lines, bar])
