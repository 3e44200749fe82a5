"""A dataset folder as examples to train on: checked, encoded by the model's own tokenizer, the too long ones left out.

    folder -> does it fit the model, was it guarded? -> prompt and answer as ids -> what is longer than the limit goes

Nothing is cut: half an answer teaches a model to stop in the middle. What is left out is counted and said. The weights
of what is left have the mean 1 again, since the loss does not divide by them (`training.loss`).

Refused: another version or style of prompts than the kit writes or the settings ask for; tasks on both sides of the
split; tasks that are measured on (by name, by content, and by the word of the dataset's guard), those that a run wants
to measure itself by on the way among them (`check_apart`); nothing to learn from.
A dataset that was counted with another tokenizer is counted again, with a notice.
"""

import hashlib
import json
import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track

from arc_submit.config import PromptsConfig
from arc_submit.errors import DataError
from arc_submit.prompts import Writer
from arc_submit.tasks import load, load_solutions
from training.data.shards import Encoded
from training.dataset import sides, store
from training.dataset.settings import SPLITS
from training.exercises import Exercise
from training.guard import EVALUATION, ContaminationError, Guard
from training.split import held_out
from training.tuning.settings import Length, Settings

TOGETHER = 512  # examples encoded in one call
SHARD = 8192  # examples of a token shard at most


@dataclass(frozen=True, slots=True)
class Material:
    """What a run learns from and is measured by."""

    train: tuple[Encoded, ...]
    evaluation: tuple[Encoded, ...]
    """Of the eval split."""
    prompts: PromptsConfig
    """That the prompts were written with; what is sampled on the way is asked by the same."""
    longest: int
    """Tokens of the longest example that is learnt from."""
    answer: int
    """Tokens of the longest answer."""
    limit: int
    """Tokens that an example may have."""
    dropped: int
    """Examples longer than that."""
    weightless: int
    """Examples left out because they weigh nothing."""
    told: dict[str, Any]
    """The dataset in words, for settings and card."""
    notices: list[str] = field(default_factory=list)

    @property
    def tokens(self) -> int:
        """Of one pass over the examples."""
        return sum(len(example.ids) for example in self.train)


def read(folder: Path, model: Path, tokenizer: Any, context: int, settings: Settings) -> Material:
    """Return the examples of a dataset folder.

    Args:
        model: folder of the model, whose tokenizer's fingerprint the dataset is held against.
        context: tokens that the model was made for.

    Raises:
        DataError: missing, empty, of other prompts, or with a task on both sides.
        ContaminationError: with tasks that are measured on, or made without the guard.
    """
    about = store.about(folder)
    notices: list[str] = []
    _check_prompts(folder, about, settings)
    _check_guard(folder, about)
    if about.fingerprint != store.fingerprint(model):
        notices.append(f"{folder}: was counted with another tokenizer; its lengths are counted again with the model's")
    seen = {split: _Seen() for split in SPLITS}
    every, evaluation = (
        [*zip(encoded(_rows(folder, split, seen[split]), tokenizer), seen[split].digests, strict=True)]
        for split in SPLITS
    )
    _check_tasks(folder, seen["train"].tasks, seen["eval"].tasks)
    _check_contents(folder, seen["train"].tasks)
    if not every:
        raise DataError(f"{folder}: no examples in its train split; build it from more traces")
    train = [one for one in every if one[0].weight > 0]
    if not train:
        raise DataError(f"{folder}: every example of its train split weighs nothing; build it again")
    limit = longest([example for example, _ in train], settings.length, context)
    fitting, measured = ([one for one in side if len(one[0].ids) <= limit] for side in (train, evaluation))
    if not fitting:
        shortest = min(len(example.ids) for example, _ in train)
        raise DataError(
            f"{folder}: no example of {limit} tokens or less (the shortest has {shortest}); raise length.most"
        )
    if len(fitting) < len(train):
        notices.append(f"{len(train) - len(fitting)} of {len(train)} examples are longer than {limit} tokens: left out")
    weightless = len(every) - len(train)
    if weightless:
        notices.append(f"{weightless} examples weigh nothing: left out")
    kept = weighed([example for example, _ in fitting])
    content = _together(digest for _, digest in (*fitting, *measured))
    return Material(
        train=tuple(kept),
        evaluation=tuple(example for example, _ in measured),
        prompts=about.prompts,
        longest=max(len(example.ids) for example in kept),
        answer=max(len(example.ids) - example.prompt for example in kept),
        limit=limit,
        dropped=len(train) - len(fitting),
        weightless=weightless,
        told=_told(folder, about, len(kept), len(evaluation)) | {"content": content},
        notices=notices,
    )


def longest(examples: Sequence[Encoded], length: Length, context: int) -> int:
    """Return the tokens that an example may have: a percentile of the lengths, the bound, the model's context."""
    lengths = [len(example.ids) for example in examples]
    by_share = int(np.percentile(lengths, length.percentile, method="higher"))
    return min(by_share, length.most or by_share, context)


def weighed(examples: Sequence[Encoded]) -> list[Encoded]:
    """Return the examples with weights in the same proportions and of the mean 1."""
    scale = len(examples) / sum(example.weight for example in examples)
    return [replace(example, weight=example.weight * scale) for example in examples]


def encoded(rows: Iterable[store.Row], tokenizer: Any) -> Iterator[Encoded]:
    """Yield each row as ids under the tokenizer's chat template; the same as `training.data.shards.encode`, faster."""
    waiting = iter(rows)
    while part := list(islice(waiting, TOGETHER)):
        prompts = [
            tokenizer.apply_chat_template(list(row.prompt), add_generation_prompt=True, tokenize=False) for row in part
        ]
        answers = [row.completion[0]["content"] for row in part]
        heads = tokenizer(prompts, add_special_tokens=False)["input_ids"]
        tails = tokenizer(answers, add_special_tokens=False)["input_ids"]
        for row, head, tail in zip(part, heads, tails, strict=True):
            ids = np.array([*head, *tail, tokenizer.eos_token_id], dtype=np.int32)
            yield Encoded(ids, len(head), row.weight)


@dataclass(slots=True)
class _Seen:
    """What went by when a split was read."""

    tasks: set[str] = field(default_factory=set)
    digests: list[bytes] = field(default_factory=list)
    """One a row: id, prompt, completion and weight."""


def _rows(folder: Path, split: str, seen: _Seen) -> Iterator[store.Row]:
    """A split's rows, noted as they go by."""
    count = store.about(folder).rows.get(split)
    if count == 0:  # the library cannot read an empty split
        return
    shown = Console(stderr=True)
    for row in track(store.load(folder, split), split, count, console=shown, disable=not sys.stderr.isatty()):
        if not math.isfinite(row.weight):
            raise DataError(f"{folder}: example {row.id} has the weight {row.weight}; build the dataset again")
        seen.tasks.add(row.task)
        seen.digests.append(_digest(row))
        yield row


def _digest(row: store.Row) -> bytes:
    body = json.dumps([row.id, row.prompt, row.completion, row.weight], sort_keys=True)
    return hashlib.blake2b(body.encode(), digest_size=16).digest()


def _together(digests: Iterable[bytes]) -> str:
    """The content of what is learnt from and measured by, in order: 24 hex digits."""
    return hashlib.blake2b(b"".join(digests), digest_size=12).hexdigest()


def _check_prompts(folder: Path, about: store.About, settings: Settings) -> None:
    if settings.style is not None and about.prompts.style != settings.style:
        raise DataError(
            f"{folder}: its prompts are in the style {about.prompts.style}, the recipe asks for {settings.style}; "
            f"build it with --style {settings.style}, or --set style={about.prompts.style}"
        )
    now = Writer(about.prompts).version
    if about.version != now:
        raise DataError(
            f"{folder}: its prompts were written as {about.version}, this kit writes {now}: a model tuned on one does "
            f"badly on the other; build it again with `arc-train dataset`"
        )


def _check_guard(folder: Path, about: store.About) -> None:
    unnamed = [name for name in EVALUATION if name not in about.guard]
    if unnamed:
        raise ContaminationError(
            f"{folder}: its guard says '{about.guard or 'nothing'}' and not that it kept out {', '.join(unnamed)}; "
            f"build it again with `arc-train dataset`"
        )


def _check_tasks(folder: Path, train: set[str], evaluation: set[str]) -> None:
    both = train & evaluation
    if both:
        raise DataError(f"{folder}: {len(both)} tasks stand in train and eval, e.g. {min(both)}; build it again")
    found = train & _measured()[0]
    if found:
        raise ContaminationError(
            f"{folder}: task {min(found)} (of {len(found)}) is one that is measured on; leave it out"
        )


@cache
def _measured() -> tuple[frozenset[str], dict[bytes, str]]:
    """Ids of the tasks that are measured on, held-out ones among them, and the forms of their pairs; seconds, once."""
    guard, held = Guard.of(), held_out()
    known = load_solutions("arc1-training")
    outputs = known.outputs if known else {}
    forms = dict(guard.pairs)
    for task in held:
        exercise = Exercise(task, "", outputs.get(task.id, ()))
        forms |= dict.fromkeys(sides.forms(exercise), f"arc1-training/{task.id}, which is held out")
    named = [task.id for name in EVALUATION for task in load(name)]
    return frozenset([*named, *(task.id for task in held)]), forms


def check_apart(folder: Path, exercises: Iterable[Exercise], source: str) -> None:
    """Make sure that no task that a run measures itself by is one that it learns from, whatever it is called.

    Args:
        folder: of the dataset.
        source: what `check.source` says.

    Raises:
        ContaminationError: naming both.
    """
    known = {form: task for task, content in store.contents(folder, "train").items() for form in content}
    for exercise in exercises:
        learnt = next((known[form] for form in sides.forms(exercise) if form in known), None)
        if learnt is not None:
            raise ContaminationError(
                f"check.source={source}: its task {exercise.task.id} shares a pair with task {learnt} of {folder}'s "
                f"train side, turned or recoloured at most; name another source, e.g. held-out"
            )


def _check_contents(folder: Path, train: set[str]) -> None:
    """Look at what the tasks are, whatever they are called."""
    contents = store.contents(folder, "train")
    sides.check_sides(contents, store.contents(folder, "eval"))
    unknown = train - contents.keys()
    if unknown:
        raise DataError(f"{folder}: its record of contents lacks task {min(unknown)}; build the dataset again")
    measured = _measured()[1]
    for task in sorted(train):
        where = next((measured[form] for form in contents[task] if form in measured), None)
        if where is not None:
            raise ContaminationError(
                f"{folder}: task {task} holds a pair of {where}, turned or recoloured at most; leave it out"
            )


def _told(folder: Path, about: store.About, train: int, evaluation: int) -> dict[str, Any]:
    return {
        "name": folder.resolve().name,
        "train": train,
        "eval": evaluation,
        "version": about.version,
        "prompts": about.prompts.model_dump(mode="json"),
        "fingerprint": about.fingerprint,
        "guard": about.guard,
    }
