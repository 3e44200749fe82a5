"""Run folders made of the kit's own functions: a finished run, a killed one, one without solutions, a large one.

The tasks are our own: turn a picture upside down. The programs are text only; nothing here runs them.
"""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson

from arc_submit import folder, submission, tasks
from arc_submit.canary import TASK as CANARY
from arc_submit.config import RunConfig, load
from arc_submit.records import Answer, Candidate, Dialect, Grid, Outcome, Program, Task
from arc_submit.search.hunt import Counts
from arc_submit.trace import NAME, Trace

HOSTILE = (
    "def transform(grid):\n    # </pre></script><script>alert(1)</script><img src=x onerror=alert(2)>\n"
    "    note = \"{{ 7 * 7 }} ' onmouseover='alert(3)\" + '\x00\x1b[31m\u202e'\n    return grid  # " + "long " * 20_000
)
SANDBOX = {"grade": "A", "layers": {"seccomp": "on", "landlock": "off: no kernel support"}, "versions": {"numpy": "2"}}
SECONDS = {"propose:enumerate": 2.5, "propose:mutate": 0.75, "sandbox": 1.25, "loop": 0.1}


def picture(rng: random.Random, height: int, width: int) -> Grid:
    """A grid of random colours."""
    return tuple(tuple(rng.randrange(10) for _ in range(width)) for _ in range(height))


def candidate(
    task: Task, name: str, source: str, *, right: int, tests: Sequence[Grid | None], **more: Any
) -> Candidate:
    """A judged program that is right on the first `right` demonstrations."""
    solved = tuple(index < right for index in range(len(task.train)))
    cells = tuple(1.0 if whole else 0.5 for whole in solved)
    reward = sum(1.2 if whole else 0.2 for whole in solved) / len(solved)
    program = Program(name, source, Dialect.TRANSFORM, "transform", 20, more.pop("proposer", "enumerate"), **more)
    return Candidate(program, Outcome(reward, solved, cells, f"signature of {name}"), tuple(tests))


def done(task_id: str, reason: str, passers: int = 0) -> dict[str, Any]:
    """The event that ends a task."""
    counts = Counts(proposed=500, ran=420, passers=passers, first_passer_round=1 if passers else None)
    return {
        "event": "done",
        "task": task_id,
        "reason": reason,
        "rounds": 7,
        "promise": 1.0 if passers else 0.25,
        "seconds": SECONDS,
        "counts": counts,
    }


class Stage:
    """A run's folder in the making."""

    def __init__(
        self, where: Path, sides: Sequence[tuple[int, int]], *, solutions: bool = True, tests: int = 1
    ) -> None:
        rng = random.Random(0)
        self.out = where / "run"
        self.data = where / "own_challenges.json"
        challenges, wanted = {}, {}
        for number, (height, width) in enumerate(sides):
            grids = [picture(rng, height, width) for _ in range(2 + tests)]
            challenges[f"own{number:05d}"] = {
                "train": [{"input": grid, "output": grid[::-1]} for grid in grids[:2]],
                "test": [{"input": grid} for grid in grids[2:]],
            }
            wanted[f"own{number:05d}"] = [grid[::-1] for grid in grids[2:]]
        self.data.write_bytes(orjson.dumps(challenges))
        if solutions:
            (where / "own_solutions.json").write_bytes(orjson.dumps(wanted))
        self.tasks = tasks.load(str(self.data))
        self.config: RunConfig = load(settings=["budget.cohort=4", "search.islands=2"], seed=5)
        self.answers: dict[str, Answer] = {}
        folder.create(self.out, self.tasks, self.config, fresh=False)
        self.trace = Trace(self.out / NAME)
        self.at = 0.0
        self.note({"event": "run", "config": self.config.model_dump(mode="json"), "tasks": len(self.tasks)})
        self.note({"event": "worker", "state": "started", "sandbox": SANDBOX})

    def note(self, event: dict[str, Any]) -> None:
        """Add an event, a second after the one before it."""
        self.at += 1.0
        self.trace.append({**event, "worker": 0, "at": self.at})

    def found(self, task: Task, *candidates: Candidate) -> None:
        """Add candidates."""
        for one in candidates:
            self.note({"event": "candidate", "task": task.id, "round": 1, "candidate": one})

    def answered(self, task: Task, *attempts: Grid, voices: int = 0, program: str = "") -> None:
        """Add an answer with the same attempts for every test input."""
        given = tuple(attempts for _ in task.test)
        votes = tuple((voices, 0)[: len(attempts)] for _ in task.test)
        answer = Answer(task.id, given, votes, tuple(program for _ in task.test), voices)
        self.answers[task.id] = answer
        self.note({"event": "answer", "task": task.id, "answer": answer})

    def canary(self) -> None:
        """Add a solved canary, candidates included."""
        want = CANARY.test[0][::-1]
        self.found(CANARY, candidate(CANARY, "cafe" * 4, "# the canary's own program", right=3, tests=[want]))
        self.answered(CANARY, want, voices=1)
        self.note(done(CANARY.id, "agreed", 1))

    def end(self) -> Path:
        """Write the submission, close the trace, return the folder."""
        self.note({"event": "beat"})
        self.trace.close()
        submission.write(self.out / submission.NAME, self.tasks, self.answers)
        return self.out


Make = Callable[..., Stage]


def story(made: Stage) -> Stage:
    """Solved, wrong with a passer, partly right programs only, nothing found, not started; in this order."""
    solved, wrong, guess, nothing = list(made.tasks)[:4]
    made.canary()
    want = solved.test[0][::-1]
    made.found(
        solved,
        candidate(solved, "a" * 16, "def transform(grid):\n    return grid", right=0, tests=[solved.test[0]]),
        candidate(
            solved, "b" * 16, HOSTILE, right=2, tests=[want], parents=("a" * 16, "f" * 16), view="rot90|0123456789|"
        ),
    )
    made.answered(solved, want, solved.test[0], voices=1, program="b" * 16)
    made.note(done(solved.id, "answered", 1))
    other = tuple(tuple(9 - cell for cell in row) for row in wrong.test[0])
    made.found(
        wrong,
        candidate(wrong, "c" * 16, "def transform(grid):\n    return 9 - grid", right=2, tests=[other]),
        candidate(wrong, "d" * 16, "def transform(grid):\n    return grid[::-1]", right=1, tests=[wrong.test[0][::-1]]),
    )
    made.answered(wrong, other, voices=1, program="c" * 16)
    made.note(done(wrong.id, "agreed", 1))
    made.found(guess, candidate(guess, "e" * 16, "def transform(grid):\n    return grid[:1]", right=1, tests=[((1,),)]))
    made.answered(guess, ((1,),), program="e" * 16)
    made.note(done(guess.id, "time"))
    made.answered(nothing)
    made.note(done(nothing.id, "exhausted"))
    return made
