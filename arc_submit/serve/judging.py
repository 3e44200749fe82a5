"""One batch on one sandbox: the trial that the solver uses, and what became of every input.

`verify.trial` runs, compares and confirms; here its programs are put together by task, their runs are kept for the
faults, and parents and thinking are taken off. Nothing of a task but its inputs reaches the sandbox.
"""

from collections.abc import Sequence
from typing import cast

from arc_submit.records import Candidate, Fault, Program, Ran, Task
from arc_submit.sandbox import Job, Sandbox
from arc_submit.serve.records import Batch, FaultAt, Verdict
from arc_submit.verify import PENALTY_PER_TOKEN, judge
from arc_submit.verify.trial import trial


class Listening:
    """A sandbox that keeps what its first call gave."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.first: list[Ran] | None = None

    def run(self, jobs: Sequence[Job], deadline: float) -> list[Ran]:
        """As the sandbox."""
        rans = self._sandbox.run(jobs, deadline)
        if self.first is None:
            self.first = rans
        return rans

    def confirm(self, jobs: Sequence[Job], deadline: float, first: Sequence[Ran] | None = None) -> list[bool | None]:
        """As the sandbox."""
        return self._sandbox.confirm(jobs, deadline, first)


def verdicts(sandbox: Sandbox, batch: Batch, deadline: float) -> list[Verdict]:
    """Return one verdict per ask, same order; what is not done by `deadline` (of the sandbox's clock) is unscored.

    Raises:
        SandboxError: no sandbox process can be started at all.
    """
    places: list[tuple[int, int]] = []  # per ask: place of its program, and of its parent or -1
    by_task: dict[int, tuple[Task, list[Program]]] = {}
    numbers: list[tuple[int, int]] = []  # per program of the batch: its task, its place there
    for ask in batch.asks:
        _, programs = by_task.setdefault(id(ask.task), (ask.task, []))
        own = []
        for program in (ask.program, ask.parent):
            own.append(len(numbers) if program is not None else -1)
            if program is not None:
                numbers.append((id(ask.task), len(programs)))
                programs.append(program)
        places.append((own[0], own[1]))
    listening = Listening(sandbox)
    groups = list(by_task.values())
    judged = trial(cast(Sandbox, listening), groups, 0, deadline)
    rans = iter(listening.first or ())
    found = {
        (key, place): (candidate, next(rans))
        for key, candidates in zip(by_task, judged, strict=True)
        for place, candidate in enumerate(candidates)
    }
    made = []
    for ask, (own_place, parent_place) in zip(batch.asks, places, strict=True):
        candidate, ran = found[numbers[own_place]]
        parent = found[numbers[parent_place]][0] if parent_place >= 0 else None
        made.append(_verdict(ask.task, candidate, ran, parent, ask.thinking_tokens, grids=batch.grids))
    return made


def _verdict(
    task: Task, candidate: Candidate, ran: Ran, parent: Candidate | None, thinking_tokens: int, *, grids: bool
) -> Verdict:
    reward, before = _worth(candidate), _worth(parent) if parent is not None else None
    if reward is not None:
        reward -= PENALTY_PER_TOKEN * thinking_tokens
    return Verdict(
        reward=reward,
        edit_reward=None if reward is None or before is None else reward - before,
        parent_reward=before,
        passes=candidate.outcome.passes,
        literal=candidate.literal,
        solved=candidate.outcome.solved,
        cells=candidate.outcome.cells,
        signature=candidate.outcome.signature,
        faults=_faults(task, candidate, ran),
        cpu_seconds=round(ran.cpu_seconds, 6),
        outputs=candidate.outputs if grids else None,
        tests=candidate.tests if grids else None,
    )


def _worth(candidate: Candidate) -> float | None:
    """The reward; a program that looks its answer up would be the first thing that reinforcement finds."""
    reward = candidate.outcome.reward
    return reward if reward is None or not candidate.literal else 0.0


def _faults(task: Task, candidate: Candidate, ran: Ran) -> tuple[FaultAt, ...]:
    if not candidate.outcome.passes and judge(task, ran).passes:  # the second run was another, or did not come to be
        lost = candidate.outcome.reward is None
        fault = Fault.LOST if lost else Fault.UNSTABLE
        said = "it was not run a second time" if lost else "another grid in a second run"
        return tuple(FaultAt(place, fault, said) for place in range(len(ran.outputs)))
    return tuple(
        FaultAt(place, output.fault or Fault.OUTPUT, output.message)
        for place, output in enumerate(ran.outputs)
        if output.grid is None
    )
