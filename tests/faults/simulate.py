"""Run the real supervisor in a simulated world to its end, started again where it was killed or told to stop."""

import math
import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faults.world import RIGHT, Faults, Killed, World, budget_of, disk, make_needs, make_tasks

from arc_submit import folder, submission
from arc_submit.config import RunConfig, SearchConfig
from arc_submit.run import Run
from arc_submit.tasks import TaskSet

RESERVE = 60.0  # seconds of a twelve-hour run that are kept for writing
BACK_AFTER = 30.0  # seconds after which a supervisor that is gone is started again


class Deaf:
    """A listener that keeps notices and draws nothing."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def progress(self, run: Run) -> None:
        """Nothing to draw."""

    def notice(self, text: str) -> None:
        """Keep it."""
        self.heard.append(text)


@dataclass(frozen=True)
class Result:
    """What came of a simulated run."""

    solved: int
    """Tasks whose first attempt in the submission is right."""
    lost: int
    """Tasks that were finished and right at some moment and are not right in the end."""
    overrun: float
    """Seconds past the hard stop; 0 or less: in time."""
    idle: float
    """Part of the workers' time without a visit until the queue was empty, in the last sitting."""
    worked: float
    """Part of the run's worker time that went into visits which came to their end."""
    sittings: int
    summary: dict[str, Any]
    notices: tuple[str, ...]


def settings(minutes: float, tasks: int, workers: int, **budget: Any) -> RunConfig:
    """Settings of a run with a language model of four kinds of prompts, cohorts of eight."""
    chosen = {"cohort": 8, "width": 8, "reserve_seconds": RESERVE, "stall_seconds": 600.0, **budget}
    return RunConfig(
        workers=workers,
        budget=budget_of(minutes, tasks, workers, **chosen),
        search=SearchConfig(proposers=("lm", "symbolic")),
    )


def simulate(out: Path, tasks: TaskSet, config: RunConfig, world: World) -> Result:
    """Run to the end. The hard stop is the run's own length from its first start, whatever happens between."""
    shutil.rmtree(out, ignore_errors=True)
    folder.create(out, tasks, config, fresh=False)
    minutes = config.budget.minutes
    assert minutes is not None
    deadline = world.time + 60.0 * minutes
    finished: set[str] = set()
    past, ear, sittings = None, Deaf(), 0
    with disk(world):
        while True:
            sittings += 1
            run = Run(
                tasks, config, out, past, now=world.now, crew=world, hard_stop=deadline - world.time, degrade=True
            )
            try:
                summary = run.go(ear)
            except Killed:
                run._book.trace._file.close()  # the kernel lets go of a dead process's lock
                summary = {"stopped": "SIGKILL"}
            world.dead = False
            right = _right(out, tasks)
            finished |= {task.id for task in tasks if task.id in run.done} & (right | _known(run, tasks))
            if not summary["stopped"] or world.time + BACK_AFTER >= deadline:
                break
            world.time += BACK_AFTER
            past = folder.resume(out, tasks, config)
    return Result(
        solved=len(right),
        lost=len(finished - right),
        overrun=world.time - deadline,
        idle=run.idle_share or 0.0,
        worked=world.worked / (60.0 * minutes * config.worker_count),
        sittings=sittings,
        summary=summary,
        notices=tuple(ear.heard),
    )


def _right(out: Path, tasks: TaskSet) -> set[str]:
    """Tasks whose first attempt is right, in a submission that must be valid."""
    content = submission.read(out / submission.NAME)
    submission.check(content, tasks, out / submission.NAME)
    return {task.id for task in tasks if content[task.id][0][0] == RIGHT}


def _known(run: Run, tasks: TaskSet) -> set[str]:
    """Tasks that the supervisor held the right answer of, whether it could write it or not."""
    return {task.id for task in tasks if task.id in run.answers and run.answers[task.id].attempts[0][:1] == (RIGHT,)}


@dataclass(frozen=True)
class Scale:
    """How large a simulated run is."""

    hours: float = 12.0
    tasks: int = 240
    workers: int = 4


KAGGLE = Scale()
SMALL = Scale(hours=3.0, tasks=60)
"""The same time per task, a quarter of the work."""


def one(out: Path, seed: int, faults: Faults, scale: Scale = KAGGLE, *, hours: float | None = None) -> Result:
    """One run with these faults; needs, sizes and round lengths follow from the seed and the scale."""
    rng = random.Random(f"run/{seed}")
    share = scale.hours * 3600.0 * scale.workers / scale.tasks
    chosen = make_tasks(scale.tasks)
    needs = make_needs(chosen, seed, median=share * rng.uniform(0.1, 0.8), spread=rng.uniform(1.0, 2.5))
    needs |= dict.fromkeys((*faults.poison, *faults.hopeless), math.inf)
    world = World(needs, faults, round_seconds=rng.uniform(10.0, 60.0), load=rng.uniform(30.0, 240.0))
    return simulate(out, chosen, settings(60.0 * (hours or scale.hours), scale.tasks, scale.workers), world)


def control(out: Path, seed: int, faults: Faults, scale: Scale = KAGGLE, *, worked: float = 1.0) -> Result:
    """The same run without faults, in the time that they left: `worked` as `Result` has it."""
    return one(out, seed, Faults(hopeless=faults.poison), scale, hours=scale.hours * worked)


def draw(seed: int, scale: Scale = KAGGLE) -> Faults:
    """Faults in random combination: each kind with its own chance, none of them the end of everything."""
    rng = random.Random(f"faults/{seed}")
    end = scale.hours * 3600.0

    def moments(most: int) -> list[tuple[float, int]]:
        return [(rng.uniform(0.0, 0.9 * end), rng.randrange(scale.workers)) for _ in range(rng.randint(0, most))]

    def spans(chance: float) -> list[tuple[float, float]]:
        start = rng.uniform(0.0, 0.8 * end)
        return [(start, start + rng.uniform(10.0, 900.0))] if rng.random() < chance else []

    def some(chance: float) -> list[float]:
        return [rng.uniform(0.0, 0.8 * end)] if rng.random() < chance else []

    names = [task.id for task in make_tasks(scale.tasks)]
    return Faults(
        kills=moments(4),
        hangs=moments(2),
        cut_short=moments(2),
        sandbox_deaths=moments(2),
        terms=some(0.2),
        supervisor_kills=some(0.3),
        full_disk=spans(0.3),
        jumps=[(at, rng.choice([-1, 1]) * rng.uniform(60.0, 1800.0)) for at in some(0.2)],
        poison=frozenset(rng.sample(names, rng.choice([0, 0, 1, 3]))),
        sequences=rng.choice([math.inf, math.inf, 100.0, 40.0]),
        bad_adapter=rng.random() < 0.1,
        no_device=frozenset({rng.randrange(scale.workers)}) if rng.random() < 0.1 else frozenset(),
        slow_start=rng.choice([0.0, 0.0, 600.0]),
        short_memory=spans(0.15),
    )
