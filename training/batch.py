"""Batches for completion-only training: padding on the right, loss on answers alone.

Causal attention never looks right, so padding at the right end needs no mask; rows of about one length are put
together, and little is padded. `packed` instead puts several examples into one row, which pays on an accelerator with
long rows; positions begin anew with each, and transformers keeps attention apart where they do.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.data.shards import Encoded, batches

IGNORED = -100  # label of a token that bears no loss, as torch has it


@dataclass(frozen=True, slots=True)
class Batch:
    """One step's worth of tokens."""

    ids: Any
    """(rows, columns) int64 tensor."""
    labels: Any
    """(rows, columns): the id to be predicted at this place, IGNORED on prompts and padding."""
    weights: Any
    """(rows, columns) float32: weight of the example that a place belongs to."""
    positions: Any = None
    """(rows, columns): place within the example, which nothing outside of it is seen from; None: one example a row."""
    tokens: int = 0
    """Tokens that are not padding."""
    answers: int = 0
    """Tokens that bear loss."""


def shuffled(
    encoded: Sequence[Encoded], rng: random.Random, tokens: int, window: int = 2048
) -> Iterator[list[Encoded]]:
    """Yield batches of examples of similar length in random order: sorted within windows, batches shuffled."""
    order = list(encoded)
    rng.shuffle(order)
    for start in range(0, len(order), window):
        found = list(batches(sorted(order[start : start + window], key=lambda e: len(e.ids)), tokens))
        rng.shuffle(found)
        yield from found


def padded(examples: Sequence[Encoded], device: str = "cpu") -> Batch:
    """Return a batch of one example a row."""
    import torch

    longest = max(len(example.ids) for example in examples)
    ids = np.zeros((len(examples), longest), dtype=np.int64)
    labels = np.full((len(examples), longest), IGNORED, dtype=np.int64)
    weights = np.zeros((len(examples), longest), dtype=np.float32)
    for row, example in enumerate(examples):
        length = len(example.ids)
        ids[row, :length] = example.ids
        labels[row, example.prompt - 1 : length - 1] = example.ids[example.prompt :]
        weights[row] = example.weight
    ids_, labels_, weights_ = (torch.from_numpy(array).to(device) for array in (ids, labels, weights))
    return Batch(ids_, labels_, weights_, tokens=_tokens(examples), answers=_answers(examples))


def packed(examples: Sequence[Encoded], columns: int, device: str = "cpu") -> Batch:
    """Return a batch of rows of `columns` places, each filled with whole examples, first fit."""
    import torch

    rows: list[list[Encoded]] = []
    room: list[int] = []
    for example in examples:
        length = len(example.ids)
        if length > columns:
            raise ValueError(f"an example of {length} tokens does not fit in rows of {columns}")
        place = next((index for index, free in enumerate(room) if free >= length), None)
        if place is None:
            rows.append([])
            room.append(columns)
            place = len(rows) - 1
        rows[place].append(example)
        room[place] -= length
    shape = (len(rows), columns)
    ids, positions = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    labels, weights = np.full(shape, IGNORED, np.int64), np.zeros(shape, np.float32)
    for index, row in enumerate(rows):
        start = 0
        for example in row:
            end = start + len(example.ids)
            ids[index, start:end] = example.ids
            positions[index, start:end] = np.arange(end - start)
            labels[index, start + example.prompt - 1 : end - 1] = example.ids[example.prompt :]
            weights[index, start:end] = example.weight
            start = end
    ids_, labels_, weights_, positions_ = (
        torch.from_numpy(array).to(device) for array in (ids, labels, weights, positions)
    )
    return Batch(ids_, labels_, weights_, positions_, _tokens(examples), _answers(examples))


def _tokens(examples: Sequence[Encoded]) -> int:
    return sum(len(example.ids) for example in examples)


def _answers(examples: Sequence[Encoded]) -> int:
    return sum(len(example.ids) - example.prompt for example in examples)
