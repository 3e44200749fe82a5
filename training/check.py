"""What a model solves alone, in small: programs are sampled for held-out tasks, run in the sandbox, and voted over.

    python -m training.check out/train/base/model --tasks 12 --programs 16
    python -m training.pretrain ... --check-tasks 12          (at every checkpoint, into the curves)

A dozen tasks show whether training goes anywhere, not which of two models is better: scripts/bench_lm.py measures that,
by the same sampling. Held-out tasks only: nothing is trained on them, and no evaluation set is read.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from arc_submit import views
from arc_submit.config import PromptsConfig, SampleConfig
from arc_submit.errors import ExtractError, PromptError
from arc_submit.prompts import Writer
from arc_submit.records import Completion, Program, Task, View
from arc_submit.sample import Engine, Request, request_seed
from arc_submit.sandbox import Sandbox
from arc_submit.search.language import program
from arc_submit.tasks import load_solutions
from arc_submit.verify.trial import trial
from arc_submit.vote import vote
from training.split import held_out

PROGRAMS = 16  # sampled for one task
VIEWS = 4  # that they are sampled in
SECONDS = 3600.0  # that engine or sandbox may take: more than they ever do
PROBES = 4  # changed inputs that a passing program is tried on

One = TypeVar("One")


@dataclass(slots=True)
class Sampled:
    """What the model wrote for one task."""

    programs: list[Program] = field(default_factory=list)
    """In the task's own view; the same one may come twice."""
    decoded: int = 0
    """Tokens."""
    answers: int = 0
    """Completions, those without a program among them."""
    said: list[tuple[Completion, Program | None]] = field(default_factory=list)
    """Every completion with the program in it, None where there is none."""
    unusable: list[str] = field(default_factory=list)
    """Why there is none, one reason each."""
    refused: int = 0
    """Prompts that do not fit the budget or the model's context: nothing was asked there."""

    @property
    def distinct(self) -> list[Program]:
        """Each program once."""
        return list({program.id: program for program in self.programs}.values())


def sample(
    engine: Engine, tasks: Sequence[Task], programs: int, view_count: int, prompts: PromptsConfig, seed: int
) -> list[Sampled]:
    """Return `programs` answers for each task, to a fresh prompt in each of its views.

    Every view has as many, the first ones one more where that does not come out even; with more views than programs
    the last ones have none. The first view is the task as it is; (seed, task) decides the others and the random
    numbers.
    """
    writer, found = Writer(prompts), [Sampled() for _ in tasks]
    requests: list[Request] = []
    owners: list[int] = []
    for index, task in enumerate(tasks):
        rng = random.Random(f"{seed}/{task.id}")
        for number in range(view_count):
            view = View() if number == 0 else views.draw(rng, len(task.train))
            count = programs // view_count + (number < programs % view_count)
            if not count:
                continue
            try:
                prompt = writer.fresh(task, view)
            except PromptError:
                found[index].refused += 1
                continue
            if engine.name != "openai" and engine.count(prompt) >= engine.context:  # a server's count is a guess
                found[index].refused += 1
                continue
            requests.append(Request(prompt, count, request_seed(seed, task.id, 0, number)))
            owners.append(index)
    answers = engine.sample(requests, time.monotonic() + SECONDS)
    for request, owner, completions in zip(requests, owners, answers, strict=True):
        for completion in completions:
            found[owner].decoded += len(completion.tokens)
            found[owner].answers += 1
            try:
                made = program(completion, request.prompt.view)
            except ExtractError as error:
                found[owner].said.append((completion, None))
                found[owner].unusable.append(str(error))
                continue
            found[owner].programs.append(made)
            found[owner].said.append((completion, made))
    return found


def solve_rate(model: Any, tasks: Sequence[Task], programs: int = PROGRAMS, seed: int = 0) -> dict[str, float]:
    """Return {"solved": share of the tasks whose every test output is among the vote's two attempts}.

    Args:
        model: a model folder (with its adapter, if it has one), or a model in memory that has the small tokenizer.
        tasks: of `held`.
    """
    from arc_submit.sample.hf import HfEngine

    if not isinstance(model, Path):
        with tempfile.TemporaryDirectory() as folder:
            _write(model, Path(folder))
            return solve_rate(Path(folder), tasks, programs, seed)
    import torch

    engine = HfEngine(SampleConfig(model=str(model), threads=torch.get_num_threads()))
    try:
        found = sample(engine, tasks, programs, min(VIEWS, programs), PromptsConfig(), seed)
    finally:
        engine.close()
    return {"solved": _solved(tasks, [sampled.distinct for sampled in found])}


def held(count: int) -> list[Task]:
    """Return so many held-out tasks, spread evenly."""
    return spread(held_out(), count)


def spread(tasks: Sequence[One], count: int) -> list[One]:
    """Return at most `count` tasks, spread evenly."""
    count = min(count, len(tasks))
    return [tasks[number * len(tasks) // count] for number in range(count)]


def _write(model: Any, folder: Path) -> None:
    from training.tokenizer import build

    model.save_pretrained(folder)
    build().save_pretrained(folder)


def _solved(tasks: Sequence[Task], programs: Sequence[list[Program]]) -> float:
    known = load_solutions("arc1-training")
    outputs: Mapping[str, Any] = known.outputs if known else {}
    with Sandbox() as sandbox:
        judged = trial(sandbox, list(zip(tasks, programs, strict=True)), PROBES, time.monotonic() + SECONDS)
    right = 0
    for task, candidates in zip(tasks, judged, strict=True):
        attempts = vote(task.id, task.test, candidates).attempts
        right += all(grid in tried for grid, tried in zip(outputs[task.id], attempts, strict=True))
    return round(right / len(tasks), 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="model folder")
    parser.add_argument("--tasks", type=int, default=12, help="held-out tasks (default 12)")
    parser.add_argument("--programs", type=int, default=PROGRAMS, help=f"for each of them (default {PROGRAMS})")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    tasks = held(options.tasks)
    found = solve_rate(options.model, tasks, options.programs, options.seed)
    print(json.dumps({"command": "check", "model": str(options.model), "tasks": len(tasks), **found}))


if __name__ == "__main__":
    main()
