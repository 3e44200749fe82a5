"""Budget forcing for models that think: too short a thought goes on, too long a one is cut (s1, arXiv 2501.19393).

    ...so the rule is hmirror.</think>    fewer than `least` tokens   the tag goes, "Wait" comes, it thinks on
    ...unless the colours, on the other   `most` tokens               "</think>" comes, it answers

`Forcing` is an engine around an engine (hf or vllm): the same requests, the same seeds, completions that know which of
their tokens the model did not choose. Those must bear no loss; `chosen` names the others. All answers of a call go on
together; a continued answer is prefilled again, thought and all.

Left out: engines on servers, whose chat interface cannot continue an answer by ids; more than one thought per answer.
The tags should be tokens of their own, as they are where models are trained to think: they are found by their ids.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from arc_submit.errors import EngineError
from arc_submit.records import Completion, Message, Prompt
from arc_submit.sample import answers, chat
from arc_submit.sample.engine import Engine, Request, request_seed

ENGINES = ("hf", "vllm", "scripted")
"""Engines that can go on with an answer; a script plays its next text as the rest of it."""


@dataclass(frozen=True, slots=True)
class Thinking:
    """How long a model thinks, in tokens between the tags.

    Raises:
        ValueError: `least` above `most`, or a closing text without the tag.
    """

    least: int = 0
    """A thought that ends before goes on."""
    most: int | None = None
    """A thought is cut here; None: it may take what the engine gives, and an answer cut there stays cut."""
    waits: int = 2
    """Times that one thought is made to go on."""
    wait: str = "Wait"
    """What it goes on with."""
    opening: str = "<think>"
    tag: str = "</think>"
    """Ends a thought."""
    closing: str = "\n</think>\n\n"
    """What a cut thought is closed with; holds the tag."""

    def __post_init__(self) -> None:
        if self.most is not None and not max(self.least, 1) <= self.most:
            raise ValueError(f"a thought of {self.least} to {self.most} tokens; expected 0 <= least <= most, most >= 1")
        if self.tag not in self.closing:
            raise ValueError(f"closing {self.closing!r} does not hold the tag {self.tag!r}")


@dataclass(frozen=True, slots=True)
class Forced(Completion):
    """An answer some of whose tokens may not be the model's choice; their log-probabilities are given as 0."""

    forced: tuple[tuple[int, int], ...] = ()
    """Spans (start, end) of `tokens`, in order."""
    thinking: int = 0
    """Tokens of its thought, tags not counted."""


def chosen(completion: Completion) -> list[tuple[int, int]]:
    """Return the spans (start, end) of tokens that the model chose: those that may bear loss.

    >>> chosen(Forced("", "fresh", tokens=(5, 6, 7, 8), forced=((1, 3),)))
    [(0, 1), (3, 4)]
    """
    forced = completion.forced if isinstance(completion, Forced) else ()
    starts = [0, *(end for _, end in forced)]
    ends = [*(start for start, _ in forced), len(completion.tokens)]
    return [(start, end) for start, end in zip(starts, ends, strict=True) if start < end]


@dataclass(slots=True)
class _Row:
    """One answer on its way."""

    request: int
    number: int
    """Of the answer, within its request."""
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    forced: list[tuple[int, int]] = field(default_factory=list)
    thought: int | None = None
    """Tokens of its thought; None while it thinks."""
    waits: int = 0
    turn: int = 0
    """Times that it was continued."""
    finish: str = ""
    """Empty until it ends."""


class Forcing:
    """See `arc_submit.sample.engine.Engine`. `tokenizer`: the inner engine's.

    Raises:
        EngineError: the engine cannot continue an answer, or the tags are no tokens.
    """

    def __init__(self, engine: Engine, tokenizer: Any, thinking: Thinking) -> None:
        if engine.name not in ENGINES:
            raise EngineError(f"sample.engine={engine.name} cannot continue an answer; forcing needs hf or vllm")
        self.name, self.model, self.context, self.on_cpu = engine.name, engine.model, engine.context, engine.on_cpu
        self._engine, self._tokenizer, self._thinking = engine, tokenizer, thinking
        self._open, self._tag, self._wait, self._close = (
            self._ids(text) for text in (thinking.opening, thinking.tag, thinking.wait, thinking.closing)
        )
        asked = chat.render(tokenizer, Prompt("", "", (Message("user", ""),)))
        self._opened = _find(asked[-len(self._open) - 2 :], self._open) is not None
        """The chat template opens the thought, perhaps with an end of line behind."""

    @property
    def produced(self) -> int:
        """Tokens decoded since the start; those that were cut off again are among them, forced ones are not."""
        return self._engine.produced

    @property
    def adapter(self) -> Path | None:
        """The LoRA folder that is on."""
        return self._engine.adapter

    def count(self, prompt: Prompt) -> int:
        """Return the tokens of a prompt, generation prompt included."""
        return self._engine.count(prompt)

    def score(self, prompt: Prompt, text: str) -> tuple[float, ...]:
        """Return the log-probability of each token of `text`, end token included, as an answer to the prompt."""
        return self._engine.score(prompt, text)

    def adapt(self, folder: Path | None) -> None:
        """Put a LoRA folder on, swap it for another, or take it off."""
        self._engine.adapt(folder)

    def close(self) -> None:
        """Give back memory and processes."""
        self._engine.close()

    def sample(self, requests: Sequence[Request], deadline: float) -> list[list[Completion]]:
        """Return the completions of each request, all of them `Forced`; see the protocol."""
        first = self._engine.sample([replace(request, limit=self._limit(0)) for request in requests], deadline)
        rows = [_Row(index, number) for index, found in enumerate(first) for number in range(len(found))]
        for row, completion in zip(rows, [one for found in first for one in found], strict=True):
            self._hear(row, completion)
        waiting = self._going_on(rows, requests)
        while waiting:
            found = self._engine.sample([self._request(row, requests[row.request]) for row in waiting], deadline)
            for row, completions in zip(waiting, found, strict=True):
                if completions:
                    self._hear(row, completions[0])
                else:
                    row.finish = "deadline"
            waiting = self._going_on(waiting, requests)
        return [
            [self._forced(row, request.prompt) for row in rows if row.request == index]
            for index, request in enumerate(requests)
        ]

    def _request(self, row: _Row, request: Request) -> Request:
        """The request for what comes after a row's tokens so far."""
        row.turn += 1
        seed = request_seed(request.seed, "forcing", row.turn, row.number)
        limit = self._limit(self._length(row)) if row.thought is None else None
        return Request(request.prompt, 1, seed, tuple(row.tokens), limit)

    def _going_on(self, rows: Sequence[_Row], requests: Sequence[Request]) -> list[_Row]:
        """Rows that are not over; one that the context leaves no room for ends here."""
        going = [row for row in rows if not row.finish]
        for row in going:
            if self._engine.count(requests[row.request].prompt) + len(row.tokens) >= self.context:
                row.finish = "length"
        return [row for row in going if not row.finish]

    # One answer. ------------------------------------------------------------------------------------------------------

    def _hear(self, row: _Row, completion: Completion) -> None:
        """Take in what the model wrote, and force what has to be; `finish` says afterwards whether the row is over."""
        row.tokens += completion.tokens
        row.logprobs += completion.logprobs or (0.0,) * len(completion.tokens)
        if completion.finish == "deadline" or row.thought is not None:
            row.finish = completion.finish
            return
        start = self._start(row)
        if start is None:  # it answers without a thought
            row.thought = 0
            row.finish = completion.finish if completion.finish == "stop" else self._cut(completion)
            return
        end = _find(row.tokens[start:], self._tag)
        if end is not None:
            self._ended(row, start, end, completion)
        elif completion.finish == "stop":  # without a tag: the end token stands where the tag should
            self._stopped(row, len(row.tokens) - 1)
        elif self._thinking.most is None:
            row.finish = completion.finish
        elif len(row.tokens) - start >= self._thinking.most:
            self._end(row)

    def _ended(self, row: _Row, start: int, length: int, completion: Completion) -> None:
        """A thought that the model ended after `length` tokens."""
        if self._too_short(row, length):
            self._go_on(row, start + length)
            return
        row.thought = length
        row.finish = completion.finish if completion.finish == "stop" else self._cut(completion)

    def _stopped(self, row: _Row, end: int) -> None:
        """An answer that ended, with an end token at `end`, while it thought."""
        del row.tokens[end:], row.logprobs[end:]
        if self._too_short(row, self._length(row)):
            self._go_on(row, end)
        else:
            self._end(row)

    def _cut(self, completion: Completion) -> str:
        """The finish of an answer that came with its thought: it may go on where only our limit ended it."""
        return completion.finish if self._thinking.most is None else ""

    def _too_short(self, row: _Row, length: int) -> bool:
        return length < self._thinking.least and row.waits < self._thinking.waits

    def _go_on(self, row: _Row, end: int) -> None:
        """Write the word that its thought goes on with, in place of everything from `end`."""
        del row.tokens[end:], row.logprobs[end:]
        row.waits += 1
        self._force(row, self._wait)

    def _end(self, row: _Row) -> None:
        """Write the end of its thought."""
        row.thought = self._length(row)
        self._force(row, self._close)

    def _force(self, row: _Row, ids: Sequence[int]) -> None:
        row.forced.append((len(row.tokens), len(row.tokens) + len(ids)))
        row.tokens += ids
        row.logprobs += (0.0,) * len(ids)

    def _start(self, row: _Row) -> int | None:
        """Where its thought begins in its tokens; None: it has none."""
        if self._opened:
            return 0
        found = _find(row.tokens, self._open)
        return None if found is None else found + len(self._open)

    def _length(self, row: _Row) -> int:
        """Tokens of a thought so far."""
        return len(row.tokens) - (self._start(row) or 0)

    def _limit(self, thought: int) -> int | None:
        """Tokens that a thought may still have; the opening tag may have to be written as well."""
        most = self._thinking.most
        if most is None:
            return None
        return max(1, most - thought + (0 if self._opened or thought else len(self._open)))

    def _forced(self, row: _Row, prompt: Prompt) -> Forced:
        made = answers.completion(self._tokenizer, prompt, row.tokens, row.logprobs, row.finish)
        length = self._length(row) if row.thought is None else row.thought
        return Forced(
            made.text,
            made.proposer,
            made.parents,
            made.tokens,
            made.logprobs,
            made.finish,
            tuple(_joined(row.forced)),
            length if self._start(row) is not None else 0,
        )

    def _ids(self, text: str) -> list[int]:
        ids = list(self._tokenizer.encode(text, add_special_tokens=False))
        if not ids:
            raise EngineError(f"the tokenizer makes nothing of {text!r}; forcing needs a model that thinks in tags")
        return ids


def _find(tokens: Sequence[int], wanted: Sequence[int]) -> int | None:
    """Return where `wanted` begins for the first time."""
    size = len(wanted)
    places = range(len(tokens) - size + 1)
    return next((place for place in places if list(tokens[place : place + size]) == list(wanted)), None)


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that touch, as one."""
    found: list[tuple[int, int]] = []
    for start, end in spans:
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found
