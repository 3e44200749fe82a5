"""Programs in, judged candidates out: run in the sandbox, compare here, confirm and probe what passes.

    run       every program on demonstration and test inputs, one sandbox batch for all tasks of a round
    judge     the comparison, in this process
    confirm   passers again, alone, under another hash seed and pair order: what differs is UNSTABLE, not a passer
    probe     passers on a few views of the demonstrations' inputs, so that the vote can tell one function from two

Nothing that goes to the sandbox holds an expected output.
"""

import random
from collections.abc import Sequence
from dataclasses import replace

from arc_submit import views
from arc_submit.programs import holds_literal, signature
from arc_submit.records import Candidate, Fault, Grid, Outcome, Output, Program, Ran, Task
from arc_submit.sandbox import Job, Sandbox
from arc_submit.verify import judge

Batch = Sequence[tuple[Task, Sequence[Program]]]


def probes(task: Task, count: int) -> tuple[Grid, ...]:
    """Return `count` inputs that are like the task's own: random views of the demonstrations' inputs."""
    rng = random.Random(f"probes/{task.id}")
    inputs = [task.train[number % len(task.train)].input for number in range(count)]
    return tuple(views.apply(views.draw(rng, 1), grid) for grid in inputs)


def trial(sandbox: Sandbox, batch: Batch, probe_count: int, deadline: float) -> list[list[Candidate]]:
    """Return the judged candidates of each task, one per program, same order.

    Raises:
        SandboxError: no sandbox process can be started at all.
    """
    flat = [(task, program) for task, programs in batch for program in programs]
    jobs = [job for task, programs in batch for job in _jobs(programs, task.inputs)]
    ran = sandbox.run(jobs, deadline)
    outcomes = [judge(task, result) for (task, _), result in zip(flat, ran, strict=True)]
    passing = [index for index, outcome in enumerate(outcomes) if outcome.passes]
    if passing:
        stable = sandbox.confirm([jobs[index] for index in passing], deadline, [ran[index] for index in passing])
        extras = [_probe(*flat[index], probe_count) for index in passing if probe_count]
        probed = sandbox.run(extras, deadline) if extras else [Ran(())] * len(passing)
        for index, verdict, extra in zip(passing, stable, probed, strict=True):
            outcomes[index] = _confirmed(flat[index][0], ran[index], verdict, extra)
    candidates = iter(
        _candidate(task, program, result, outcome)
        for (task, program), result, outcome in zip(flat, ran, outcomes, strict=True)
    )
    return [[next(candidates) for _ in programs] for _, programs in batch]


def _confirmed(task: Task, ran: Ran, stable: bool | None, probed: Ran) -> Outcome:
    if stable:
        told_apart = () if probed.lost else probed.outputs
        return replace(judge(task, ran), signature=signature((*ran.outputs, *told_apart)))
    fault = Fault.LOST if stable is None else Fault.UNSTABLE
    return judge(task, Ran(tuple(Output(None, fault) for _ in ran.outputs)))


def _candidate(task: Task, program: Program, ran: Ran, outcome: Outcome) -> Candidate:
    tests = tuple(output.grid for output in ran.outputs[len(task.train) :])
    outputs = tuple(output.grid for output in ran.outputs[: len(task.train)])
    literal = any(outcome.solved) and _is_literal(task, program, tests)
    return Candidate(program, outcome, tests, literal, outputs)


def _is_literal(task: Task, program: Program, tests: Sequence[Grid | None]) -> bool:
    """A program found in a view would hold an output as the view shows it."""
    source, view = views.unwrap(program)
    outputs = [pair.output for pair in task.train] + [grid for grid in tests if grid]
    return holds_literal(source, [views.apply(view, grid) for grid in outputs])


def _jobs(programs: Sequence[Program], inputs: tuple[Grid, ...]) -> list[Job]:
    return [Job(program.source, program.dialect, program.entry, inputs) for program in programs]


def _probe(task: Task, program: Program, count: int) -> Job:
    return Job(program.source, program.dialect, program.entry, probes(task, count))
