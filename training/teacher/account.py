"""What teachers took, in tokens and money, and when to stop.

    usage of every stored answer (from the archive) + what was cut on the way (costs.json) = what a folder has cost

A budget belongs to a folder of traces, all sittings together. Before a request begins, the most that it can take is
reserved: its prompt, estimated high, and `max_tokens` for each answer. What is under way therefore never overruns the
budget; near its end requests wait until others have given back what they did not need, and when one does not fit with
nothing under way, the budget is used up. A try that breaks off is counted, and the next one reserved anew. Overrun is
possible only where a server exceeds the limit it was given.

Money comes from the server's own word where it says what an answer cost, else from the person's prices. There is no
table of prices here: it would be wrong within months. Left out: taxes, discounts, the price of a failed request.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from arc_submit.errors import ArcSubmitError, ConfigError, DataError, OutputError
from training.teacher.usage import Prices, Spent, Usage

WRITE_EVERY = 5.0  # seconds between two writings of the file while requests come in


class BudgetUsedUp(ArcSubmitError):
    """Nothing further may be bought; what was answered stays. A larger budget and the same command go on."""


@dataclass(slots=True)
class Reserved:
    """What a request under way may take."""

    teacher: str
    most: Usage
    dollars: float = 0.0
    held: bool = False
    """It is set aside now."""

    @property
    def tokens(self) -> int:
        """Prompt and answers."""
        return self.most.tokens


@dataclass(slots=True)
class _Teacher:
    stored: Spent = field(default_factory=Spent)
    """Requests whose answers are in the archive."""
    cut: Spent = field(default_factory=Spent)
    """Answers that broke off, estimated: paid perhaps, and of no use."""


class Account:
    """The one account of a folder; several teachers may share it. One event loop.

    Args:
        path: costs.json; None: nothing is written.
        tokens: budget, prompts and answers; None: none.
        dollars: budget; None: none.
        prices: where the server does not say what it took.
        earlier: teacher and usage of what the archive holds (`Archive.usages`).
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        tokens: int | None = None,
        dollars: float | None = None,
        prices: Prices | None = None,
        earlier: Iterable[tuple[str, Usage]] = (),
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        if (tokens is not None and tokens < 1) or (dollars is not None and not dollars > 0):
            raise ConfigError("budget: expected more than 0 tokens or dollars")
        self._path, self._now = path, now
        self._budget_tokens, self._budget_dollars, self._prices = tokens, dollars, prices
        self._by: dict[str, _Teacher] = {}
        self._tokens, self._dollars = 0, 0.0
        self._held_tokens, self._held_dollars, self._under_way = 0, 0.0, 0  # of requests that are under way
        self._dearest: float | None = None
        """Dollars per token, the highest seen."""
        self._gate, self._settled = asyncio.Lock(), asyncio.Event()
        self._written_at = -WRITE_EVERY
        for teacher, usage in earlier:
            self._add(self._of(teacher).stored, usage)
        for teacher, cut in _cuts(path).items():
            self._of(teacher).cut = cut
            self._tokens += cut.tokens
            self._dollars += cut.dollars

    @property
    def tokens(self) -> int:
        """Everything that was taken so far, all teachers and sittings."""
        return self._tokens

    @property
    def dollars(self) -> float:
        """As `tokens`, as far as it is known."""
        return self._dollars

    def check(self, teacher: str, says_costs: bool) -> None:
        """Make sure that a budget can be kept with this teacher.

        Raises:
            ConfigError: money is limited and nobody says what this teacher costs, or it did not do so when it should.
        """
        if self._budget_dollars is not None and self._prices is None and not says_costs:
            raise ConfigError(
                f"a budget in dollars wants the prices of {teacher}: give --prices IN,OUT ($ per million"
                " tokens), or a budget in tokens"
            )
        self._priced(teacher)

    async def reserve(self, teacher: str, prompt: int, completion: int) -> Reserved:
        """Set aside the most that a request can take, waiting for others to end where that helps.

        Raises:
            BudgetUsedUp: it does not fit and nothing is under way that could give tokens back.
            ConfigError: money is limited, and the teacher has not said what it took.
        """
        reserved = Reserved(teacher, Usage(prompt=prompt, completion=completion))
        await self.again(reserved)
        return reserved

    async def again(self, reserved: Reserved) -> None:
        """As `reserve`, for another try of the same request; nothing happens where it is still set aside."""
        if reserved.held:
            return
        if self._budget_tokens is None and self._budget_dollars is None:
            return self._hold(reserved)
        async with self._gate:  # first come, first served
            while not self._fits(reserved.most):
                if not self._under_way:
                    said = self._said(reserved.most)
                    raise BudgetUsedUp(f"budget used up: {said}; raise it and run the same command again")
                self._settled.clear()
                await self._settled.wait()
            self._priced(reserved.teacher)
            self._hold(reserved)

    def settle(self, reserved: Reserved, usage: Usage) -> None:
        """A request has been answered and stored: count what it took instead of what it might have taken.

        Raises:
            ConfigError: it is counted, but money is limited and no answer so far says what it cost.
        """
        self.release(reserved)
        self._add(self._of(reserved.teacher).stored, usage)
        self._write_now_and_then()
        self._priced(reserved.teacher)

    def release(self, reserved: Reserved) -> None:
        """A request came to nothing; what was given back already is not given back twice."""
        if reserved.held:
            reserved.held = False
            self._held_tokens -= reserved.tokens
            self._held_dollars -= reserved.dollars
            self._under_way -= 1
            self._settled.set()

    def cut(self, reserved: Reserved, usage: Usage) -> None:
        """A try broke off: count what it took all the same, and give the rest back; the next try is reserved anew."""
        self.release(reserved)
        self._add(self._of(reserved.teacher).cut, usage)
        self._write_now_and_then()

    def report(self) -> dict[str, Any]:
        """Return what stands in costs.json."""
        teachers = {
            name: {**asdict(own.stored), "dollars": round(own.stored.dollars, 6), "cut": asdict(own.cut)}
            for name, own in sorted(self._by.items())
        }
        return {
            "tokens": self._tokens,
            "dollars": round(self._dollars, 6),
            "budget": {"tokens": self._budget_tokens, "dollars": self._budget_dollars},
            "teachers": teachers,
        }

    def write(self) -> None:
        """Write costs.json, whole or not at all.

        Raises:
            OutputError: it cannot be written; the one before stays.
        """
        if self._path is None:
            return
        waiting = self._path.with_name(f"{self._path.name}.part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            waiting.write_bytes(orjson.dumps(self.report(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
            waiting.replace(self._path)
        except OSError as error:
            with suppress(OSError):
                waiting.unlink(missing_ok=True)
            raise OutputError(f"{self._path}: cannot be written ({error.strerror})") from None

    def _write_now_and_then(self) -> None:
        if self._now() - self._written_at >= WRITE_EVERY:
            self._written_at = self._now()
            with suppress(OutputError):  # the sums are made anew from the archive; the last writing is heard of
                self.write()

    def _hold(self, reserved: Reserved) -> None:
        reserved.dollars, reserved.held = self._guess(reserved.most), True
        self._held_tokens += reserved.tokens
        self._held_dollars += reserved.dollars
        self._under_way += 1

    def _priced(self, teacher: str) -> None:
        """Make sure that the first answers did not leave out what they cost."""
        if self._budget_dollars is None or self._prices is not None or self._dearest is not None:
            return
        own = self._by.get(teacher)
        if own is not None and own.stored.unpriced:
            raise ConfigError(
                f"{teacher} does not say what its answers cost, so that no budget in dollars can be kept: give"
                " --prices IN,OUT ($ per million tokens), or a budget in tokens; what was answered is kept"
            )

    def _fits(self, most: Usage) -> bool:
        if self._budget_tokens is not None and self._tokens + self._held_tokens + most.tokens > self._budget_tokens:
            return False
        if self._budget_dollars is None:
            return True
        if self._prices is None and self._dearest is None and self._under_way:
            return False  # the first answer says what a token costs; until then one at a time
        return self._dollars + self._held_dollars + self._guess(most) <= self._budget_dollars

    def _guess(self, usage: Usage) -> float:
        """Dollars that a request may cost: by the prices, else by the dearest token so far, 0 while there is none."""
        return self._prices.of(usage) if self._prices is not None else (self._dearest or 0.0) * usage.tokens

    def _add(self, spent: Spent, usage: Usage) -> None:
        dollars = usage.dollars
        if dollars is None and self._prices is not None:
            dollars = self._prices.of(usage)
        if dollars is not None and usage.tokens:
            self._dearest = max(self._dearest or 0.0, dollars / usage.tokens)
        spent.add(usage, dollars)
        self._tokens += usage.tokens
        # Of an answer without a price the budget hears by the dearest token so far; the report calls it unpriced.
        self._dollars += self._guess(usage) if dollars is None else dollars

    def _of(self, teacher: str) -> _Teacher:
        return self._by.setdefault(teacher, _Teacher())

    def _said(self, most: Usage) -> str:
        limits = []
        if self._budget_tokens is not None:
            limits.append(f"{self._tokens:,} of {self._budget_tokens:,} tokens")
        if self._budget_dollars is not None:
            limits.append(f"${self._dollars:.4f} of ${self._budget_dollars:g}")
        return f"{' and '.join(limits)} spent, the next request may take {most.tokens:,} tokens"


def _cuts(path: Path | None) -> dict[str, Spent]:
    """What earlier sittings lost to answers that broke off.

    Raises:
        DataError: the file is not one of ours.
    """
    if path is None or not path.exists():
        return {}
    try:
        teachers = orjson.loads(path.read_bytes())["teachers"]
        return {str(name): Spent(**entry["cut"]) for name, entry in teachers.items() if "cut" in entry}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{path}: not an account ({type(error).__name__}: {error}); delete it to begin a new one"
        ) from None
