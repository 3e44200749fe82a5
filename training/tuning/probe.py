"""What a model in training is worth, measured at every checkpoint; and the best one kept.

    loss      nats per answer token on the dataset's eval split
    solved    share of the tasks whose every test output is among the vote's two attempts
    passed    share of the tasks for which some program is right on every demonstration
    valid     share of the answers that hold a program

Programs are sampled by the solver's own engine from a folder on disk, as it will load them later, under the prompts
that the dataset was written with, and run in the sandbox. Better is: more solved, then more passed, then less loss. A
dozen tasks show whether training goes anywhere, not which of two checkpoints is better.

Left out: edit prompts (`arc-train evaluate` has them); sharing the measuring among processes: the first one does it,
with a second copy of the model in memory, the others wait. A model whose loss is not a number is never the best.
"""

import json
import math
import random
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from arc_submit.config import PromptsConfig, SampleConfig
from arc_submit.sandbox import Sandbox
from arc_submit.verify.trial import trial
from arc_submit.vote import vote
from training.batch import padded, shuffled
from training.check import PROBES, SECONDS, VIEWS, sample
from training.data.shards import Encoded
from training.exercises import Exercise
from training.loss import completion_loss
from training.tuning.model import copy_texts, save

BEST = "best"


@dataclass(slots=True)
class Probe:
    """Measures a model in training, and keeps the best in `out/best`. A `training.loop.Check`."""

    base: Path
    out: Path
    prompts: PromptsConfig
    examples: Sequence[Encoded]
    """Of the eval split; none: the loss is not measured."""
    exercises: Sequence[Exercise]
    """Tasks with known answers; none: nothing is sampled."""
    programs: int
    """For each of them."""
    max_new_tokens: int
    batch_tokens: int
    seed: int
    device: str = "auto"
    found: list[dict[str, float]] = field(default_factory=list)

    def __call__(self, model: Any) -> dict[str, float]:
        """Measure, and keep the model when it is the best so far; the model is in evaluation mode."""
        values = self.measure(model)
        self.found.append(values)
        self._keep(model, values)
        return values

    def measure(self, model: Any) -> dict[str, float]:
        """Return what the model is worth; nothing is kept."""
        values: dict[str, float] = {}
        if self.examples:
            values["eval loss"] = round(loss(model, self.examples, self.batch_tokens), 5)
        if self.exercises:
            with tempfile.TemporaryDirectory() as folder:
                values |= self._sampled(model, Path(folder))
        return values

    def _sampled(self, model: Any, folder: Path) -> dict[str, float]:
        from arc_submit.sample.hf import HfEngine

        engine = HfEngine(self._written(model, folder))
        try:
            tasks = [exercise.task for exercise in self.exercises]
            asked = (self.programs, min(VIEWS, self.programs), self.prompts, self.seed)
            found = sample(engine, tasks, *asked)
        finally:
            engine.close()
        with Sandbox() as sandbox:
            batch = [(task, one.distinct) for task, one in zip(tasks, found, strict=True)]
            judged = trial(sandbox, batch, PROBES, time.monotonic() + SECONDS)
        solved = passed = 0
        for exercise, candidates in zip(self.exercises, judged, strict=True):
            attempts = vote(exercise.task.id, exercise.task.test, candidates).attempts
            solved += all(grid in tried for grid, tried in zip(exercise.answers, attempts, strict=True))
            passed += any(candidate.outcome.passes for candidate in candidates)
        answers = sum(one.answers for one in found)
        return {
            "solved": round(solved / len(tasks), 4),
            "passed": round(passed / len(tasks), 4),
            "valid": round(sum(len(one.programs) for one in found) / max(1, answers), 4),
        }

    def _written(self, model: Any, folder: Path) -> SampleConfig:
        """Write the model as it stands; return the settings under which the engine loads it."""
        import torch

        written, adapter = self.base, None
        kind = getattr(model, "peft_config", {}).get("default")
        if kind is None:
            written = folder / "model"
            save(model, written, self.base)
        else:
            adapter = folder / "adapter"
            save(model, adapter, self.base)
            if kind.use_dora:  # no plain LoRA: the engines want it merged
                from training.merge import fused

                written = folder / "model"
                fused(self.base, adapter).save_pretrained(written)
                copy_texts(self.base, written)
                adapter = None
        return SampleConfig(
            engine="hf",
            model=str(written),
            adapter=adapter,
            device=self.device,
            threads=torch.get_num_threads(),
            max_new_tokens=self.max_new_tokens,
        )

    # The best so far. -------------------------------------------------------------------------------------------------

    def _keep(self, model: Any, values: dict[str, float]) -> None:
        kept = best(self.out)
        usable = values and all(map(math.isfinite, values.values()))
        if not usable or (kept is not None and rank(values) <= rank(kept)):
            return
        waiting = self.out / f"{BEST}.part"
        shutil.rmtree(waiting, ignore_errors=True)
        save(model, waiting, self.base)
        (waiting / "best.json").write_text(json.dumps(values) + "\n", "utf-8")
        shutil.rmtree(self.out / BEST, ignore_errors=True)
        waiting.rename(self.out / BEST)


def rank(values: dict[str, float]) -> tuple[float, float, float]:
    """Return a key that is larger for the better measurement.

    >>> rank({"solved": 0.5, "passed": 0.5, "eval loss": 2.0}) > rank({"solved": 0.25, "passed": 1.0, "eval loss": 1.0})
    True
    """
    return values.get("solved", 0.0), values.get("passed", 0.0), -values.get("eval loss", 0.0)


def best(out: Path) -> dict[str, float] | None:
    """Return the measurements of the best checkpoint in a run's folder; None when there is none yet."""
    file = out / BEST / "best.json"
    return json.loads(file.read_text("utf-8")) if file.is_file() else None


def loss(model: Any, examples: Sequence[Encoded], batch_tokens: int) -> float:
    """Return the mean loss of a model, in nats per answer token, every example weighing the same."""
    import torch

    device = str(next(model.parameters()).device)
    sums, tokens = [], 0
    same = [replace(example, weight=1.0) for example in examples]
    with torch.no_grad():
        for group in shuffled(same, random.Random(0), batch_tokens):
            batch = padded(group, device)
            sums.append(float(completion_loss(model, batch)) * batch.answers)
            tokens += batch.answers
    return sum(sums) / tokens
