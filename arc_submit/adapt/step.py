"""Gradients into the adapter: examples in, optimizer steps out, until they are used up or the clock says stop.

An optimizer step takes `batch` examples, cut into forward passes of `micro_tokens` tokens. Losses are normalised by the
tokens of the whole step, so the cut changes nothing. Before every forward pass its cost, at the speed measured so far,
is compared with the deadline; a step that cannot be finished is not made.

Answers to one prompt share it (`rows`). On a CPU with bfloat16 instructions gradients are computed in bfloat16,
attention apart; what is compared with the engine is not.

When memory runs out: half the tokens of a pass, down to the longest example; then no examples longer than half of it;
then half the rank, which begins anew; then no learning. What was walked down stays down for the next task.

Shapes: S examples of a pass, N answer tokens of the longest; the others are those of `rows`.
"""

import os

# On a CPU, products in bfloat16 are compiled for each shape and kept, a thousand of them in each of two caches: 1 GiB
# and more, since passes differ in length. One pass needs some 30. Read at the first such product.
os.environ.setdefault("LRU_CACHE_CAPACITY", "64")
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from arc_submit.adapt.lora import Lora
from arc_submit.adapt.loss import policy_loss, supervised_loss, token_logps
from arc_submit.adapt.records import Example, Learnt, Move
from arc_submit.adapt.rows import Rows
from arc_submit.budget import Clock
from arc_submit.config import AdaptConfig
from arc_submit.devices import cpu_halves
from arc_submit.sample.hf import free_memory, out_of_memory

SLACK = 1.5  # a pass may take this times its measured cost; what then does not fit is not begun


class NotFiniteError(ArithmeticError):
    """A loss or a gradient is not a number, or without bounds."""


class DeadlineError(Exception):
    """The next forward pass would end after the deadline."""


class Trainer:
    """Trains one adapter. `now` is the clock that deadlines are measured on."""

    def __init__(self, lora: Lora, config: AdaptConfig, now: Clock) -> None:
        self.lora, self.config, self._now = lora, config, now
        self._model = lora.model
        self._trunk, self._head = self._model.base_model, self._model.get_output_embeddings()
        self._device = self._head.weight.device
        self._halves = self._device.type == "cpu" and cpu_halves()
        self._micro = config.micro_tokens
        self._longest: int | None = None
        self._pace: float | None = None
        """Seconds per token, forward and backward."""
        self.passes = 0
        """Forward and backward passes made since the start; grows while it learns."""
        self.reduced = ""
        """What was walked down for want of memory, in words."""

    def cost(self, examples: Sequence[Example]) -> float | None:
        """Return the seconds that a pass over the examples takes, None before the first was measured."""
        return None if self._pace is None else self._pace * size(examples)

    def teach(self, examples: Sequence[Example], deadline: float) -> Learnt:
        """Raise the likelihood of the answers, one pass over the examples in their order."""

        def loss(part: Sequence[Example], made: Rows, logps_S_N: Tensor, total: float) -> tuple[Tensor, float]:
            weights_S = torch.tensor([example.weight for example in part], device=self._device)
            return supervised_loss(logps_S_N, weights_S, made.mask_S_N, total), 0.0

        batches = self._batches(examples)
        return self._learn(
            batches, loss, lambda example: example.weight * len(example.answer), self.config.rate, deadline
        )

    def reinforce(self, examples: Sequence[Example], deadline: float) -> Learnt:
        """Clipped policy gradient (GRPO) on sampled answers, `passes` times; answers need advantage and old."""
        start = self.logprobs(examples, at_start=True) if self.config.kl else []
        known = {id(example): logps for example, logps in zip(examples, start, strict=False)}

        def loss(part: Sequence[Example], made: Rows, logps_S_N: Tensor, total: float) -> tuple[Tensor, float]:
            old_S_N = self._laid_out([example.old for example in part], made)
            start_S_N = self._laid_out([known[id(example)] for example in part], made) if known else None
            advantages_S = torch.tensor([example.advantage for example in part], device=self._device)
            found = policy_loss(
                logps_S_N, old_S_N, advantages_S, made.mask_S_N, total, self.config.clip, self.config.kl, start_S_N
            )
            return found.loss, float(found.clipped)

        batches = self._batches(examples) * self.config.passes
        return self._learn(batches, loss, lambda example: float(len(example.answer)), self.config.policy_rate, deadline)

    def logprobs(self, examples: Sequence[Example], *, at_start: bool = False) -> list[tuple[float, ...]]:
        """Return the log-probability of each answer token, with the adapter as it is or as it began."""
        found: dict[int, tuple[float, ...]] = {}
        with torch.no_grad(), self.lora.at_start() if at_start else self.lora.on():
            for rows in self._passes(examples):
                part, made = flat(rows), Rows(rows, self._device)
                for example, logps, mask in zip(part, self._logps(made, exact=True), made.mask_S_N, strict=True):
                    found[id(example)] = tuple(logps[mask].tolist())
        return [found[id(example)] for example in examples]

    def moves(self, examples: Sequence[Example]) -> list[Move]:
        """Return how the log-probabilities of these answers have changed since the adapter began."""
        now, start = self.logprobs(examples), self.logprobs(examples, at_start=True)
        return [Move(*found) for found in zip(examples, now, start, strict=True)]

    def fitting(self, examples: Sequence[Example], seconds: float) -> Sequence[Example]:
        """Return the last examples, as many as a pass over them fits in the time; all while the speed is not known."""
        left, pace = seconds / SLACK, self._pace or 0.0  # as if no prompt were shared
        for number, example in enumerate(reversed(examples)):
            left -= pace * example.length
            if left < 0.0:
                return examples[len(examples) - number :]
        return examples

    # One update. ------------------------------------------------------------------------------------------------------

    def _learn(
        self,
        batches: Sequence[Sequence[Example]],
        loss: Callable[[Sequence[Example], Rows, Tensor, float], tuple[Tensor, float]],
        weight: Callable[[Example], float],
        rate: float,
        deadline: float,
    ) -> Learnt:
        began = self._now()
        optimizer = self._optimizer(rate)
        losses: list[float] = []
        done = tokens = 0
        clipped, why = 0.0, ""
        waiting = list(reversed(batches))
        while waiting and not why:
            batch = self._short(waiting.pop())
            if not batch:
                continue
            full = False
            try:
                value, clipped = self._gradient(batch, loss, sum(map(weight, batch)), deadline)
                self._step(optimizer)
                losses.append(value)
                done += len(batch)
                tokens += size(batch)
            except DeadlineError:
                why = "deadline"
            except NotFiniteError as error:
                why = f"not finite: {error}"
            except (RuntimeError, MemoryError) as error:
                if not out_of_memory(error):
                    raise
                full = True
            if full:  # not above: there the error still holds the tensors of the pass
                rank = self.lora.rank
                why = self._walk_down(batch)
                waiting.append(batch)
                if self.lora.rank < rank:  # new factors: the steps so far are gone
                    losses, done, tokens = [], 0, 0
                    optimizer = self._optimizer(rate)
        ends = (losses[0], losses[-1]) if losses else None
        return Learnt(len(losses), done, tokens, self._now() - began, ends, clipped, why)

    def _optimizer(self, rate: float) -> Any:
        """A new one for every update: moments of another task, or of another loss, mean nothing here."""
        return torch.optim.AdamW(self.lora.parameters(), lr=rate, betas=(0.9, 0.99), weight_decay=0.0)

    def _gradient(self, batch: Sequence[Example], loss: Any, total: float, deadline: float) -> tuple[float, float]:
        """Fill the factors' gradients for one step; return its loss and the share of clipped tokens."""
        for factor in self.lora.parameters():
            factor.grad = None
        value = clipped = 0.0
        if not math.isfinite(total):
            raise NotFiniteError("a weight")
        with self.lora.on():
            for rows in self._passes(batch):
                began = self._now()
                if began + SLACK * (self._pace or 0.0) * sum(map(size, rows)) >= deadline:
                    raise DeadlineError
                made = Rows(rows, self._device)
                found, share = loss(flat(rows), made, self._logps(made), total)
                if not torch.isfinite(found):
                    raise NotFiniteError("the loss")
                found.backward()
                value += float(found.detach())
                self.passes += 1
                clipped += share  # of the step's tokens, as the loss
                pace = (self._now() - began) / made.tokens
                self._pace = pace if self._pace is None else 0.5 * (self._pace + pace)
        return value, clipped

    def _step(self, optimizer: Any) -> None:
        norm = torch.nn.utils.clip_grad_norm_(self.lora.parameters(), self.config.clip_norm)
        if not torch.isfinite(norm):
            raise NotFiniteError("the gradient")
        optimizer.step()

    def _walk_down(self, batch: Sequence[Example]) -> str:
        """One rung down the ladder; return why there is none left, empty when there is."""
        for factor in self.lora.parameters():
            factor.grad = None
        free_memory()
        longest = max(example.length for example in batch)
        if self._micro // 2 >= longest:  # a row of several answers is cut before an example is
            self._micro //= 2
            self.reduced = f"passes of {self._micro} tokens"
        elif self._longest is None:
            self._longest = longest // 2
            self.reduced = f"no examples above {self._longest} tokens"
        elif self.lora.shrink():
            self.reduced = f"rank {self.lora.rank}"
        else:
            return f"memory: not even {longest} tokens at rank {self.lora.rank}"
        return ""

    # Batches. ---------------------------------------------------------------------------------------------------------

    def _batches(self, examples: Sequence[Example]) -> list[Sequence[Example]]:
        return [examples[start : start + self.config.batch] for start in range(0, len(examples), self.config.batch)]

    def _short(self, examples: Sequence[Example]) -> list[Example]:
        return [example for example in examples if self._longest is None or example.length <= self._longest]

    def _passes(self, examples: Sequence[Example]) -> Iterator[list[list[Example]]]:
        """Cut into passes of at most so many tokens after padding, rows of about one shape together."""
        part: list[list[Example]] = []
        for row in sorted(self._rows(examples), key=lambda row: (len(row), size(row))):
            if part and padded([*part, row]) > self._micro:
                yield part
                part = []
            part.append(row)
        if part:
            yield part

    def _rows(self, examples: Sequence[Example]) -> Iterator[list[Example]]:
        """Answers to one prompt together, while they fit in a pass."""
        by_prompt: dict[tuple[int, ...], list[Example]] = {}
        for example in examples:
            by_prompt.setdefault(example.prompt, []).append(example)
        for found in by_prompt.values():
            row: list[Example] = []
            for example in found:
                if row and padded([[*row, example]]) > self._micro:
                    yield row
                    row = []
                row.append(example)
            yield row

    def _logps(self, made: Rows, *, exact: bool = False) -> Tensor:
        """Return (S, N): log-probabilities of the answers' tokens, zero where there is none."""
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self._halves and not exact):
            out = self._trunk(input_ids=made.ids_R_T, position_ids=made.positions_R_T, use_cache=False, shared=made)
            logits = self._head(out.last_hidden_state[made.at])
        flat = token_logps(logits, made.wanted)
        return torch.zeros(made.mask_S_N.shape, device=self._device).masked_scatter(made.mask_S_N, flat)

    def _laid_out(self, values: Sequence[Sequence[float]], made: Rows) -> Tensor:
        laid = torch.zeros(made.mask_S_N.shape)
        for row, found in enumerate(values):
            laid[row, : len(found)] = torch.tensor(found)
        return laid.to(self._device)


def padded(rows: Sequence[Sequence[Example]]) -> int:
    """Return the tokens of a pass over some rows as `Rows` lays them out."""
    answers = max(len(example.answer) for row in rows for example in row)
    return len(rows) * (max(len(row[0].prompt) for row in rows) + max(map(len, rows)) * answers)


def size(examples: Sequence[Example]) -> int:
    """Return the tokens of some examples, a prompt that several of them share counted once."""
    prompts = {example.prompt for example in examples}
    return sum(map(len, prompts)) + sum(len(example.answer) for example in examples)


def flat(rows: Sequence[Sequence[Example]]) -> list[Example]:
    """Return the examples of all rows, in order."""
    return [example for row in rows for example in row]
