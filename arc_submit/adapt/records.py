"""The records of test-time learning.

    Group of Answers (one prompt, sampled and judged) -> signs -> guard: may the adapter stay?
    Group -> advantages -> Example --+
    Programs of the pool -> hindsight -> Example --+--> step: gradients into the adapter -> Learnt

Letters in names of shapes: G answers of a group, S sequences of a batch, N answer tokens, T prompt and answer tokens,
V vocabulary.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from arc_submit.records import Prompt


@dataclass(frozen=True, slots=True)
class Answer:
    """One sampled answer and what the judge said of it."""

    tokens: tuple[int, ...]
    """Token ids, the end token included when there was one."""
    logprobs: tuple[float, ...]
    """Of each token when it was sampled, temperature 1; as long as `tokens`."""
    finish: str
    """`stop`, `length` or `deadline`, as in `records.Completion`."""
    program: str | None = None
    """Id of the program in it; None: there is none."""
    valid: bool = False
    """Its program gave a grid on every demonstration."""
    reward: float | None = None
    """`verify`'s reward, for an edit the difference to its parent; 0 without a program; None: unscored."""
    held: float | None = None
    """Reward on the pair that its prompt left out; None: no pair was left out, unscored, or no program."""


@dataclass(frozen=True, slots=True)
class Group:
    """The answers to one prompt."""

    task_id: str
    prompt: Prompt
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A prompt and an answer as token ids, and what the answer is to be learnt for."""

    prompt: tuple[int, ...]
    """At least one id."""
    answer: tuple[int, ...]
    """At least one id, the end token last where there was one."""
    weight: float = 1.0
    """Supervised: of each of its tokens."""
    advantage: float = 0.0
    """GRPO: of the answer within its group."""
    old: tuple[float, ...] = ()
    """GRPO: log-probabilities of the answer's tokens when it was sampled."""

    @property
    def length(self) -> int:
        """Tokens of prompt and answer."""
        return len(self.prompt) + len(self.answer)


@dataclass(frozen=True, slots=True)
class Move:
    """How an adapter changed the log-probabilities of an answer's tokens."""

    example: Example
    now: tuple[float, ...]
    start: tuple[float, ...]

    @property
    def size(self) -> float:
        """Mean absolute change, nats per token."""
        return apart(self.now, self.start)


def apart(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the mean absolute difference."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / max(1, len(one))


def drift(moves: Sequence[Move]) -> float:
    """Return how far the log-probabilities of these answers have moved, nats per token; infinite when unknown."""
    sizes = [move.size for move in moves]
    return math.fsum(sizes) / len(sizes) if sizes and all(map(math.isfinite, sizes)) else math.inf if sizes else 0.0


def divergence(moves: Sequence[Move]) -> float:
    """Return the divergence from the start, nats per token: mean of exp(d) - d - 1 with d = log p(start) - log p(now).

    Right on average over answers that the adapter as it is now sampled itself (k3 of http://joschu.net/blog/kl-approx.html);
    on answers that were just unlearnt it is far too large. Infinite where it is too large for a float.
    """
    steps = [b - a for move in moves for a, b in zip(move.now, move.start, strict=True)]
    if not steps:
        return 0.0
    if not max(steps) < 700.0:  # exp of more is no float; also where a step is not a number
        return math.inf
    return math.fsum(math.exp(d) - d - 1.0 for d in steps) / len(steps)


@dataclass(frozen=True, slots=True)
class Learnt:
    """What some optimizer steps did."""

    steps: int = 0
    examples: int = 0
    """Examples that entered a step."""
    tokens: int = 0
    """Their tokens, prompts included."""
    seconds: float = 0.0
    loss: tuple[float, float] | None = None
    """Of the first and of the last step; None without a step."""
    clipped: float = 0.0
    """GRPO: share of tokens whose ratio was out of bounds in the last step."""
    why: str = ""
    """Why it ended early: `deadline`, `memory: ...`, `not finite: ...`; empty when it did not."""
