"""The loop that makes traces: every exercise on its own, many teachers' answers under way at once.

    round 0   a fresh question, and an edit of each starter      -> answers -> programs -> judged -> traces
    round k   an edit of each parent                              -> ...

    parents of round k   of each question the best child with a gain, else its parent again under another seed;
                         the best fresh program that does not pass; the best of these, distinct, up to `parents`

A question whose child passes has no further parent, so an exercise ends solved, after `rounds`, or where the budget
ends. Where something breaks, nothing further is asked, and what is under way is waited for: it is paid for.

What is asked is a function of (seed, task, earlier answers): with an archive behind the teacher, running again goes on
where it stopped and asks nothing twice. One reservation: a program near its limit of time may pass in one run and fail
in the next.

Left out: crossover and restart prompts, views, exchange between exercises.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from arc_submit.errors import ConfigError, PromptError
from arc_submit.prompts import Attempt
from arc_submit.records import Candidate, Dialect, Program
from arc_submit.sample import request_seed
from training.edits.baseline import Starter
from training.edits.judge import Judge
from training.edits.records import Parent, Trace
from training.edits.replies import UnusableError, taken, thinking
from training.exercises import Exercise
from training.teacher.account import BudgetUsedUp
from training.teacher.ask import Asker, LeakyPromptError
from training.teacher.hints import Hint, Plan
from training.teacher.records import Question, Reply, Teacher

UNJUDGED, LITERAL, LONG, LEAKY = (
    "could not be judged", "holds an output as a literal", "the prompt would be too long",
    "the prompt would give the answer away",
)  # fmt: skip
AT_ONCE = 256  # exercises that are worked on at once: the others take no memory yet
LEAST_GAIN = 1e-9  # of a reward, to be a gain at all


@dataclass(frozen=True, slots=True)
class RoundsSettings:
    """How much is asked.

    Raises:
        ConfigError: nothing would be.
    """

    seed: int = 0
    rounds: int = 3
    """Rounds of an exercise, at most."""
    children: int = 8
    """Answers asked for each parent and round."""
    fresh: int = 8
    """Answers asked for the fresh question of round 0; 0: none is asked."""
    parents: int = 2
    """Programs of an exercise that are edited in one round, at most."""
    dialect: Dialect = Dialect.SOLVE

    def __post_init__(self) -> None:
        if min(self.rounds, self.children, self.parents) < 1 or self.fresh < 0:
            raise ConfigError("rounds, children and parents must be 1 or more, fresh 0 or more")


@dataclass(slots=True)
class Tally:
    """What became of everything that was asked."""

    tasks: int = 0
    """Ended, for whatever reason."""
    solved: int = 0
    """Tasks with a program that passes every demonstration."""
    asked: int = 0
    """Answers."""
    answers: int = 0
    ran: int = 0
    """Distinct programs that ran and were judged."""
    gained: int = 0
    """Edits of these that are better than their parents."""
    tokens: int = 0
    """Of the answers."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Why answers led to nothing."""
    budget: str = ""
    """What the account said when it was used up."""


@dataclass(slots=True)
class _Place:
    """One question of a round and what it led to."""

    parent: Candidate | None
    question: Question
    replies: list[Reply] = field(default_factory=list)
    children: list[Candidate] = field(default_factory=list)


class Rounds:
    """See the module. `write` takes the traces of a round as soon as they are judged."""

    def __init__(
        self,
        settings: RoundsSettings,
        asker: Asker,
        teacher: Teacher,
        judge: Judge,
        write: Callable[[Sequence[Trace]], None],
        hints: Mapping[str, Hint] | None = None,
        plan: Plan | None = None,
        at_once: int = AT_ONCE,
    ) -> None:
        self._settings, self._asker, self._teacher, self._judge, self._write = settings, asker, teacher, judge, write
        self._hints, self._plan = hints or {}, plan or Plan()
        self._places_free = asyncio.Semaphore(at_once)
        self._over = False
        self.tally = Tally()

    async def run(
        self,
        exercises: Sequence[Exercise],
        start: Callable[[Exercise], Awaitable[list[Starter]]],
        ended: Callable[[Exercise], None] = lambda exercise: None,
    ) -> Tally:
        """Work on all exercises; `start` gives the first parents of one, `ended` hears of each that is done.

        Cancelled, it ends at once; after an error, when all that was asked by then is answered, judged and written.

        Raises:
            EngineError: the teacher cannot go on.
            OutputError: traces cannot be written.
            SandboxError: no sandbox process can be started.
        """
        jobs = [asyncio.create_task(self._in_turn(exercise, start, ended)) for exercise in exercises]
        try:
            done, going = await asyncio.wait(jobs, return_when=asyncio.FIRST_EXCEPTION) if jobs else (set(), set())
            if going:
                await asyncio.wait(going)
            for job in done:
                job.result()
        finally:
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)
        return self.tally

    async def _in_turn(
        self,
        exercise: Exercise,
        start: Callable[[Exercise], Awaitable[list[Starter]]],
        ended: Callable[[Exercise], None],
    ) -> None:
        """Work on an exercise when it has its place, unless something broke before."""
        async with self._places_free:
            try:
                if not self._over:
                    await self._exercise(exercise, start, ended)
            except Exception:
                self._over = True
                raise

    async def _exercise(
        self,
        exercise: Exercise,
        start: Callable[[Exercise], Awaitable[list[Starter]]],
        ended: Callable[[Exercise], None],
    ) -> None:
        parents: list[Candidate] = [starter.candidate for starter in await start(exercise)]
        parents = parents[: self._settings.parents]
        known: dict[str, set[str]] = {}  # program -> its children so far
        solved = False
        for turn in range(self._settings.rounds):
            if self._over:
                return
            places = self._places(exercise, parents, turn)
            if not places:
                break
            complete, error = await self._ask(places)
            self._over = self._over or error is not None
            await self._judged(exercise, places, known, turn)
            if error is not None:
                raise error
            solved = solved or any(child.outcome.passes for place in places for child in place.children)
            parents = self._next(places)
            if not complete or not parents:
                break
        self.tally.tasks += 1
        self.tally.solved += solved
        ended(exercise)

    # Asking. ---------------------------------------------------------------------------------------------------------

    def _places(self, exercise: Exercise, parents: Sequence[Candidate], turn: int) -> list[_Place]:
        settings = self._settings
        wanted: list[tuple[Candidate | None, int]] = [(parent, settings.children) for parent in parents]
        if turn == 0 and settings.fresh:
            wanted.insert(0, (None, settings.fresh))
        places = []
        for number, (parent, n) in enumerate(wanted):
            seed = request_seed(settings.seed, exercise.task.id, turn, number)
            told = self._plan.tells(settings.seed, exercise.task.id, turn, number)
            hint = self._hints.get(exercise.task.id) if told else None
            try:
                if parent is None:
                    question = self._asker.fresh(exercise, n, seed, hint)
                else:
                    question = self._asker.edit(exercise, _attempt(parent), n, seed, hint)
            except (PromptError, LeakyPromptError) as error:
                self.tally.reasons[LONG if isinstance(error, PromptError) else LEAKY] += n
                continue
            places.append(_Place(parent, question))
        return places

    async def _ask(self, places: Sequence[_Place]) -> tuple[bool, BaseException | None]:
        """Fill in the replies; whether the budget lasted, and the first error of a teacher that cannot go on."""
        self.tally.asked += sum(place.question.n for place in places)
        found = await asyncio.gather(*(self._teacher.ask(place.question) for place in places), return_exceptions=True)
        complete, error = True, None
        for place, answer in zip(places, found, strict=True):
            if isinstance(answer, BudgetUsedUp):
                complete = False
                self.tally.budget = str(answer)
            elif isinstance(answer, BaseException):
                error = error or answer
            else:
                if len(answer) < place.question.n and (used_up := getattr(self._teacher, "used_up", "")):
                    complete = False
                    self.tally.budget = str(used_up)
                place.replies = answer
                self.tally.answers += len(answer)
                self.tally.tokens += sum(reply.tokens for reply in answer)
        return complete, error

    # Judging. --------------------------------------------------------------------------------------------------------

    async def _judged(
        self, exercise: Exercise, places: Sequence[_Place], known: dict[str, set[str]], turn: int
    ) -> None:
        """Run the programs of a round, write their traces and fill in the children."""
        drafts: list[tuple[_Place, Reply, Program]] = []
        for place in places:
            had = known.setdefault(place.parent.program.id if place.parent else "", set())
            for reply in place.replies:
                try:
                    found = taken(reply, place.question, self._teacher.name, self._settings.dialect, had)
                except UnusableError as error:
                    self.tally.reasons[str(error)] += 1
                    continue
                had.add(found.id)
                drafts.append((place, reply, found))
        candidates = await self._judge.judged(exercise.task, [found for _, _, found in drafts])
        traces = []
        for (place, reply, _), candidate in zip(drafts, candidates, strict=True):
            if candidate.outcome.reward is None or candidate.literal:
                self.tally.reasons[LITERAL if candidate.literal else UNJUDGED] += 1
                continue
            place.children.append(candidate)
            traces.append(self._trace(exercise, place, reply, candidate, turn))
        self.tally.ran += len(traces)
        self.tally.gained += sum(trace.parent is not None and trace.gain > LEAST_GAIN for trace in traces)
        self._write(traces)

    def _trace(self, exercise: Exercise, place: _Place, reply: Reply, child: Candidate, turn: int) -> Trace:
        right = child.tests == exercise.answers if exercise.answers else None
        return Trace(
            task=exercise.task.id,
            kind=place.question.prompt.kind,
            program=child.program.id,
            source=child.program.source,
            reward=child.outcome.reward or 0.0,
            solved=child.outcome.solved,
            right=right,
            thinking=thinking(reply),
            parent=_parent(place.parent) if place.parent is not None else None,
            teacher=self._teacher.name,
            request=reply.request,
            version=place.question.prompt.version,
            hint=place.question.hint,
            tokens=reply.tokens,
            round=turn,
        )

    def _next(self, places: Sequence[_Place]) -> list[Candidate]:
        """The parents of the next round, see the module."""
        found: dict[str, Candidate] = {}
        for place in places:
            best = min(place.children, key=_rank, default=None)
            if best is not None and best.outcome.passes:
                continue
            if place.parent is not None and (best is None or _gain(best, place.parent) <= LEAST_GAIN):
                best = place.parent
            if best is not None:
                found.setdefault(best.program.id, best)
        return sorted(found.values(), key=_rank)[: self._settings.parents]


def _rank(one: Candidate) -> tuple[bool, float, int, str]:
    return not one.outcome.passes, -(one.outcome.reward or 0.0), one.program.length, one.program.id


def _gain(child: Candidate, parent: Candidate) -> float:
    return (child.outcome.reward or 0.0) - (parent.outcome.reward or 0.0)


def _attempt(one: Candidate) -> Attempt:
    return Attempt(one.program.id, one.program.source, one.outputs, one.outcome.solved)


def _parent(one: Candidate) -> Parent:
    outcome = one.outcome
    return Parent(one.program.id, one.program.source, outcome.reward or 0.0, outcome.solved, one.outputs)
