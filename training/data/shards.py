"""Examples as token ids on disk: one .npz file a shard, no pickle.

A shard holds the ids of all its examples in a row, where each begins, how much of it is prompt, and a weight. Shards
are written by a pool of processes while training reads those that are there.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.data.examples import Example


@dataclass(frozen=True, slots=True)
class Encoded:
    """One example as ids."""

    ids: NDArray[np.int32]
    """Prompt, answer, end token."""
    prompt: int
    """Leading ids that are prompt: no loss on them."""
    weight: float = 1.0


def encode(example: Example, tokenizer: Any) -> Encoded:
    """Return an example as ids under the tokenizer's chat template."""
    chat = [{"role": message.role, "content": message.content} for message in example.prompt.messages]
    prompt = tokenizer.apply_chat_template(chat, add_generation_prompt=True, tokenize=False)
    head = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    tail = tokenizer(example.answer, add_special_tokens=False)["input_ids"]
    return Encoded(np.array([*head, *tail, tokenizer.eos_token_id], dtype=np.int32), len(head), example.weight)


def write(path: Path, encoded: Sequence[Encoded]) -> None:
    """Write a shard, atomically."""
    waiting = path.with_suffix(".part.npz")
    np.savez_compressed(
        waiting,
        ids=np.concatenate([example.ids for example in encoded]),
        ends=np.cumsum([len(example.ids) for example in encoded]),
        prompts=np.array([example.prompt for example in encoded], dtype=np.int32),
        weights=np.array([example.weight for example in encoded], dtype=np.float32),
    )
    waiting.replace(path)


def read(path: Path) -> list[Encoded]:
    """Return the examples of a shard."""
    with np.load(path, allow_pickle=False) as found:
        parts = np.split(found["ids"], found["ends"][:-1])
        rows = zip(parts, found["prompts"].tolist(), found["weights"].tolist(), strict=True)
        return [Encoded(ids, prompt, weight) for ids, prompt, weight in rows]


def batches(encoded: Iterable[Encoded], tokens: int) -> Iterator[list[Encoded]]:
    """Yield batches of at most `tokens` ids after padding, from examples sorted by length."""
    batch: list[Encoded] = []
    for example in encoded:
        longest = max(len(example.ids), *(len(other.ids) for other in batch)) if batch else len(example.ids)
        if batch and longest * (len(batch) + 1) > tokens:
            yield batch
            batch = []
        batch.append(example)
    if batch:
        yield batch


def path(folder: Path, number: int) -> Path:
    """Return where a shard lies."""
    return folder / f"shard-{number:05d}.npz"
