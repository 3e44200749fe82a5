"""What a model solves alone: a fixed number of programs per task, no search. One row a task.

Fresh prompts in several views (`training.check.sample`), every program in the sandbox, the vote's two attempts against
the test outputs: p@2 per test output, as Kaggle scores it. Where test outputs are not known those figures are None,
never 0, and what the demonstrations say is still there.

    right    test outputs among the two attempts          p@2 = right / outputs
    oracle   test outputs that any program gave           p@n, never to be compared with p@2
    hits     how many answers gave each test output       pass@k for every k up to the number of answers
    cells    share of cells right: how near a miss is

Cells mislead as a score (a copy of the input has most of them right, so `copied` stands beside it).
"""

import re
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from arc_submit.config import PromptsConfig, SampleConfig
from arc_submit.records import Candidate, Completion, Grid, Ran, Task
from arc_submit.search.fitness import copy_baseline
from arc_submit.verify import cells_right
from arc_submit.verify.trial import trial
from arc_submit.vote import vote
from training.check import PROBES, Sampled, sample
from training.evaluate import workers

JUDGE_SECONDS = 600.0  # what one sandbox batch may take at most
THOUGHT = re.compile(r"<think>(.*?)(?:</think>|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Row:
    """One task under one seed."""

    task: str
    outputs: int
    """Test outputs."""
    right: int | None
    oracle: int | None
    hits: tuple[int, ...] | None
    """Per test output: answers, each counted, that gave it."""
    passers: int
    """Distinct passing behaviours, as the vote counts them."""
    passing: int
    """Answers, each counted, that pass every demonstration."""
    asked: int
    programs: int
    """Distinct."""
    behaviours: int
    """Distinct."""
    valid: int
    """Distinct programs that gave a grid on every test input."""
    decoded: int
    """Tokens."""
    seconds: tuple[float, float]
    """Engine; sandbox and judge."""
    lengths: tuple[int, ...] = ()
    """Tokens of each answer."""
    thinking: tuple[int, ...] = ()
    """Of these, tokens in `<think>` sections."""
    cut: int = 0
    """Answers that ran into the limit of tokens."""
    refused: int = 0
    """Prompts that did not fit."""
    unusable: dict[str, int] | None = None
    """Why there was no program in an answer -> answers."""
    faults: dict[str, int] | None = None
    """First fault of a program -> distinct programs; `none`: a grid on every input."""
    cells: float = 0.0
    """Share of the demonstrations' cells that the best program has right, mean over demonstrations."""
    copied: float = 0.0
    """The same for copying the input."""
    test_cells: float | None = None
    """Share of the test outputs' cells that the better attempt has right, mean over test outputs."""


def measure(
    tasks: Sequence[Task],
    wanted: Sequence[tuple[Grid, ...] | None],
    config: SampleConfig,
    prompts: PromptsConfig,
    programs: int,
    views: int,
    seed: int,
) -> list[Row]:
    """Return the rows of a group of tasks, measured with this process's engine."""
    began = time.monotonic()
    engine = workers.engine(config)
    found = sample(engine, tasks, programs, views, prompts, seed)
    spent = time.monotonic() - began
    return rows(tasks, wanted, found, workers.sandbox(), spent, getattr(engine, "tokenizer", None))


def rows(
    tasks: Sequence[Task],
    wanted: Sequence[tuple[Grid, ...] | None],
    found: Sequence[Sampled],
    sandbox: workers.Watched,
    spent: float = 0.0,
    tokenizer: Any = None,
) -> list[Row]:
    """Run what was sampled for each task and return the rows; `spent`: seconds of the engine on all of them."""
    began = time.monotonic()
    sandbox.first = None
    batch = [(task, sampled.distinct) for task, sampled in zip(tasks, found, strict=True)]
    judged = trial(sandbox, batch, PROBES, began + JUDGE_SECONDS)
    ran = iter(sandbox.first or ())
    seconds = (spent / len(tasks), (time.monotonic() - began) / len(tasks))
    made = []
    for task, outputs, candidates, sampled in zip(tasks, wanted, judged, found, strict=True):
        faults = Counter(_fault(next(ran)) for _ in candidates)
        made.append(_row(task, outputs, candidates, sampled, dict(faults), seconds, tokenizer))
    return made


def _row(
    task: Task,
    wanted: tuple[Grid, ...] | None,
    candidates: Sequence[Candidate],
    sampled: Sampled,
    faults: dict[str, int],
    seconds: tuple[float, float],
    tokenizer: Any,
) -> Row:
    answer = vote(task.id, task.test, candidates)
    said = Counter(program.id for program in sampled.programs)
    right = oracle = hits = near = None
    if wanted is not None:
        pairs = list(zip(wanted, answer.attempts, strict=True))
        right = sum(grid in attempts for grid, attempts in pairs)
        hits = tuple(
            sum(said[c.program.id] for c in candidates if c.tests[index] == grid) for index, grid in enumerate(wanted)
        )
        oracle = sum(map(bool, hits))
        near = statistics.fmean(
            max((cells_right(tried, grid) for tried in attempts), default=0.0) for grid, attempts in pairs
        )
    honest = [c for c in candidates if not c.literal and c.outcome.reward is not None]
    return Row(
        task=task.id,
        outputs=len(task.test),
        right=right,
        oracle=oracle,
        hits=hits,
        passers=answer.passers,
        passing=sum(said[c.program.id] for c in honest if c.outcome.passes),
        asked=sampled.answers,
        programs=len(candidates),
        behaviours=len({candidate.outcome.signature for candidate in candidates}),
        valid=sum(all(grid is not None for grid in candidate.tests) for candidate in candidates),
        decoded=sampled.decoded,
        seconds=seconds,
        lengths=tuple(len(completion.tokens) for completion, _ in sampled.said),
        thinking=tuple(thinking(completion, tokenizer) for completion, _ in sampled.said),
        cut=sum(completion.finish == "length" for completion, _ in sampled.said),
        refused=sampled.refused,
        unusable=dict(Counter(reason.partition(":")[0] for reason in sampled.unusable)),
        faults=faults,
        cells=max((statistics.fmean(c.outcome.cells) for c in honest), default=0.0),
        copied=statistics.fmean(copy_baseline(task)),
        test_cells=near,
    )


def _fault(ran: Ran) -> str:
    return next((str(output.fault) for output in ran.outputs if output.fault is not None), "none")


def thinking(completion: Completion, tokenizer: Any = None) -> int:
    """Return the tokens of an answer's thinking; without a tokenizer by its share of the answer's characters.

    >>> thinking(Completion("<think>abc</think>de", "x", tokens=(0,) * 20))   # 3 of 20 characters
    3
    >>> thinking(Completion("ab</think>cd", "x", tokens=(0,) * 12))   # the prompt had opened the section
    2
    """
    text = completion.text
    if "<think>" not in text and "</think>" in text:
        text = f"<think>{text}"
    thought = "".join(THOUGHT.findall(text))
    if not thought:
        return 0
    if tokenizer is not None:
        return len(tokenizer.encode(thought, add_special_tokens=False))
    return round(len(completion.tokens) * len(thought) / max(1, len(completion.text)))
