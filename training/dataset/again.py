"""Every program again, and its parent: what a case is worth is worked out anew from what they make here.

Left out: what does not run here, a child or a parent that solves other demonstrations than was recorded, a parent that
makes other outputs than its prompt would show, and what has no gain once both are judged again.
"""

from collections.abc import Mapping, Sequence

from arc_submit.records import Outcome, Program, Task
from arc_submit.verify import judge
from training.dataset.cases import Case, Grids, Run, grids, job

Key = tuple[str, str]
"""Task, program."""


def again(cases: Sequence[Case], least_gain: float, run: Run) -> tuple[list[Case], dict[Key, Grids]]:
    """Return the cases that do what was recorded, and what every program and parent makes of its task's inputs.

    Fills in the outputs, the reward and the gain of each case that is kept.

    Args:
        cases: of any number of tasks.
        least_gain: in reward; a case's gain must be above it.
        run: the sandbox.
    """
    tasks: dict[str, Task] = {case.exercise.task.id: case.exercise.task for case in cases}
    inputs = {name: task.inputs for name, task in tasks.items()}  # one tuple a task: sent once
    asked: dict[Key, Program] = {}
    for case in cases:
        for program in filter(None, (case.program, case.shown)):
            asked.setdefault((case.exercise.task.id, program.id), program)
    ran = run([job(program, inputs[task]) for (task, _), program in asked.items()])
    found = {key: result for key, result in zip(asked, ran, strict=True) if not result.lost}
    made = {key: grids(result) for key, result in found.items()}
    outcomes = {key: judge(tasks[key[0]], result) for key, result in found.items()}
    return [case for case in cases if _holds(case, made, outcomes, least_gain)], made


def _holds(case: Case, made: Mapping[Key, Grids], outcomes: Mapping[Key, Outcome], least_gain: float) -> bool:
    task = case.exercise.task
    own = outcomes.get((task.id, case.program.id))
    if own is None or own.reward is None or own.solved != case.solved:
        return False
    before = 0.0
    if case.parent is not None and case.shown is not None:
        shown = outcomes.get((task.id, case.shown.id))
        if shown is None or shown.reward is None or shown.solved != case.parent.solved:
            return False
        if made[task.id, case.shown.id][: len(task.train)] != case.parent.outputs:
            return False
        before = shown.reward
    case.outputs, case.reward, case.gain = made[task.id, case.program.id], own.reward, own.reward - before
    return case.gain > least_gain
