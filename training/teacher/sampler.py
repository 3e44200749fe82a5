"""The teacher behind a server: many questions under way at once, each paid once.

    ask:  archive (answered before?) -> account (does it fit?) -> pace (whose turn?) -> client (one try) -> archive

What was answered is stored before anybody sees it, so whatever stops a run, Ctrl-C or `kill -9`, the same run started
again asks only for what is missing. A question is one request where the server gives n answers at once, and n requests
where it gives one at a time. Tries that fail wait longer each time, at moments derived from the request's id.

    archive = Archive(folder / "archive")
    account = Account(folder / "costs.json", tokens=2_000_000, earlier=archive.usages())
    provider, model = providers.resolve("http://127.0.0.1:8000/v1")
    teacher = ServerTeacher(Settings(provider, model or client.only_model(provider)), archive, account)

Left out: choosing among servers, asking for more than n and keeping the first.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from weakref import WeakValueDictionary

from arc_submit.errors import EngineError
from arc_submit.sample import request_seed
from training.teacher.account import Account, BudgetUsedUp, Reserved
from training.teacher.archive import Archive, request_id
from training.teacher.client import Client
from training.teacher.pace import Pace
from training.teacher.records import Question, Reply
from training.teacher.settings import Settings
from training.teacher.standing import Standing, UnderWay
from training.teacher.troubles import Declined, Failed, Wait
from training.teacher.wire import Answer, body, most_tokens

FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0  # seconds between two tries
SEEDS = 1 << 31  # servers take seeds below this


class ServerTeacher:
    """See `training.teacher.records.Teacher`. One event loop; `now` and `sleep` in seconds.

    Raises:
        ConfigError: the key is not set, or money is limited and prices are not known.
    """

    def __init__(
        self,
        settings: Settings,
        archive: Archive,
        account: Account,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        account.check(settings.name, settings.provider.costs)
        self.name = settings.name
        self.settings = settings
        self.tally: Counter[str] = Counter()
        """What became of requests: `answered`, `from archive`, `given up`, `told to wait`, `again: cut`..."""
        self.used_up = ""
        """What the account said when it would not let us buy; empty: it never did. Answers may have been given out."""
        self.pace = Pace(settings.in_flight, settings.requests_per_minute, settings.tokens_per_minute, now, sleep)
        self._archive, self._account, self._now, self._sleep = archive, account, now, sleep
        self._client = Client(settings)
        self._standing = Standing(any(teacher == self.name for teacher, _ in archive.usages()))
        self._over: EngineError | None = None
        self._answered_at: float | None = None
        self._answers, self._answer_tokens = 4, settings.max_tokens  # a guess, as if four were a quarter of the limit
        self._same: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def ask(self, question: Question) -> list[Reply]:
        """Return the answers to a question; those of the archive cost nothing. Where the budget ends between two
        answers, those that were bought are returned, and `used_up` says so.

        Raises:
            BudgetUsedUp: not one more answer may be bought.
            ConfigError: money is limited, and the server does not say what it costs although it should.
            EngineError: a refused key or model, no money, a server that is gone or keeps us waiting for too long.
            OutputError: answers cannot be kept any more.
        """
        if self.settings.provider.several and not self.settings.one_at_a_time:
            return await self._in_turn(question)
        if question.n == 1:
            return await self._request(question, 1, 0)
        found = await asyncio.gather(
            *(self._request(question, 1, place) for place in range(question.n)), return_exceptions=True
        )
        return _joined(found)

    async def close(self) -> None:
        """Close the connections and write costs.json; the archive stays open."""
        await self._client.close()
        self._account.write()

    async def _in_turn(self, question: Question) -> list[Reply]:
        """Ask for all that is missing until nothing is: a server may give fewer than it was asked for."""
        replies: list[Reply] = []
        while len(replies) < question.n:
            try:
                got = await self._request(question, question.n - len(replies), len(replies))
            except BudgetUsedUp:
                if replies:
                    return replies
                raise
            if not got:
                break
            replies += got
        return replies

    async def _request(self, question: Question, n: int, place: int) -> list[Reply]:
        """The answers to one request, from the archive or bought; [] where it was given up."""
        seed = question.seed if place == 0 else request_seed(question.seed, question.task.id, 0, place)
        asked = body(self.settings, question.prompt, n, seed % SEEDS)
        request = request_id(self.name, asked)
        same = self._same.get(request)
        if same is None:
            same = self._same[request] = asyncio.Lock()
        async with same:  # the same question asked twice at once is bought once
            known = self._archive.get(request)
            if known is not None:
                self.tally["from archive"] += 1
                return known
            return await self._buy(question, asked, request)

    async def _buy(self, question: Question, asked: Mapping[str, Any], request: str) -> list[Reply]:
        self._check()
        limit = asked["n"] * self.settings.max_tokens
        own = UnderWay()
        try:
            reserved = await self._account.reserve(self.name, most_tokens(question.prompt), limit)
            try:
                answer = await self._patiently(question, asked, request, reserved, own)
                if answer is None:
                    return []
                kept = self._archive.submit(request, asked, answer.raw, answer.replies, answer.usage, self.name)
                self._account.settle(reserved, answer.usage)
            finally:
                self._account.release(reserved)
        except BudgetUsedUp as end:
            self.used_up = str(end)
            raise
        finally:
            self._standing.ended(own)
        await asyncio.wrap_future(kept)  # cancelled here, it is kept all the same
        self.tally["answered"] += 1
        return list(answer.replies)

    async def _patiently(
        self, question: Question, asked: Mapping[str, Any], request: str, reserved: Reserved, own: UnderWay
    ) -> Answer | None:
        """Try until there is an answer; None where it is given up."""
        since: float | None = None  # of the first word to wait
        guess = most_tokens(question.prompt) // 2 + asked["n"] * self._answer_tokens // self._answers
        while True:
            async with self.pace.turn(guess) as started:
                self._check()
                self._standing.begun(own)
                try:
                    answer = await self._client.ask(request, asked)
                except Wait as trouble:
                    since = self._now() if since is None else since
                    self._hold(trouble, since)
                    continue
                except Declined as trouble:
                    self._declined(trouble, own)
                    return None
                except Failed as trouble:
                    if not self._goes_on(trouble, own, reserved):
                        return None
                    pause = max(_pause(request, own.failures), trouble.seconds or 0.0)
                except EngineError as error:
                    self._over = error
                    raise
                else:
                    started.tokens = answer.usage.tokens
                    self._well(answer)
                    return answer
            await self._sleep(min(pause, self.settings.patience))
            await self._account.again(reserved)  # of a cut answer, which was paid for

    def _check(self) -> None:
        """Nothing is asked after the end, or when it could not be kept."""
        if self._over is not None:
            raise EngineError(str(self._over))
        self._archive.check()

    def _well(self, answer: Answer) -> None:
        self._answered_at = self._now()
        self._standing.answered()
        self._answers += len(answer.replies)
        self._answer_tokens += answer.usage.completion
        for reply in answer.replies:
            if not reply.text.strip():
                self.tally["empty"] += 1
        self.pace.went_well()

    def _hold(self, trouble: Wait, since: float) -> None:
        """Everybody waits, unless that has no end."""
        self.tally["told to wait"] += 1
        now = self._now()
        since = since if self._answered_at is None else max(since, self._answered_at)
        if (trouble.seconds or 0.0) + now - since > self.settings.patience:
            asked = "" if trouble.seconds is None else f" asks for {trouble.seconds:.0f} s more, which"
            self._over = EngineError(
                f"{self.name}: the server{asked or ' keeps us waiting, which'} is beyond our patience of"
                f" {self.settings.patience:g} s ({trouble}); what was answered is kept, run it again later"
            )
            raise self._over
        self.pace.hold(trouble.seconds or None)  # 0 is no word either

    def _goes_on(self, trouble: Failed, own: UnderWay, reserved: Reserved) -> bool:
        """Whether a failed request is tried again; where nobody gets an answer any more, it is the end."""
        self.tally[f"again: {trouble.kind}"] += 1
        if trouble.cut is not None:
            self._account.cut(reserved, trouble.cut)
        self._standing.failed(own)
        if own.failures <= self.settings.retries:
            return True
        if self._standing.is_gone(own, trouble):
            self._over = EngineError(
                f"{self.name}: no answer from {self.settings.provider.base_url} in {own.failures} tries ({trouble});"
                " what was answered is kept"
            )
            raise self._over
        self.tally["given up"] += 1
        return False

    def _declined(self, trouble: Declined, own: UnderWay) -> None:
        """A request that will never do is left out; where all the first ones are not taken, none will be."""
        if trouble.too_long:
            self.tally["too long"] += 1
        elif self._standing.takes_none(own):
            self._over = EngineError(f"{self.name}: the server does not take our requests ({trouble})")
            raise self._over
        else:
            self.tally["declined"] += 1


def _pause(request: str, failures: int) -> float:
    """Seconds before the next try: doubling, and spread out so that requests do not come back all at once."""
    longest = min(FIRST_WAIT * 2.0 ** (failures - 1), LONGEST_WAIT)
    return longest * (0.5 + random.Random(f"{request}/{failures}").random() / 2)


def _joined(found: list[list[Reply] | BaseException]) -> list[Reply]:
    """The answers of several requests. An end of the budget counts only where there are none; other errors always."""
    replies: list[Reply] = []
    used_up: BudgetUsedUp | None = None
    for own in found:
        if isinstance(own, BudgetUsedUp):
            used_up = own
        elif isinstance(own, BaseException):
            raise own
        else:
            replies += own
    if used_up is not None and not replies:
        raise used_up
    return replies
