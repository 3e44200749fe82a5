"""One task's search: its population, what it has cost so far, and when it is over."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from arc_submit.config import LANGUAGE, RunConfig
from arc_submit.records import Answer, Candidate, Program, Task
from arc_submit.search.population import Population
from arc_submit.search.shares import Shares, gain
from arc_submit.symbolic.ideas import COMPILED, IDEAS, LATER
from arc_submit.vote import agreed, vote

LEAST_TRIES = (
    8  # programs that a turn counts for at least: half a second of enumeration that found nothing was not free
)
ENDLESS = frozenset(("enumerate", "mutate", "crossover"))
ENDLESS_EVERY = 4  # rounds: these wait for every fourth one as long as an idea has more to say


@dataclass(slots=True)
class Counts:
    """What a hunt has seen."""

    proposed: int = 0
    """Programs that proposers returned."""
    ran: int = 0
    """New ones among them, run in the sandbox."""
    unscored: int = 0
    """Programs that the sandbox could not judge."""
    passers: int = 0
    literal: int = 0
    """Programs dropped because they hold an output as a literal."""
    first_passer_round: int | None = None


@dataclass(slots=True)
class Hunt:
    """The state of one task in `arc_submit.solve`."""

    task: Task
    config: RunConfig
    population: Population
    rounds: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    """Wall seconds per stage: `propose:<name>`, `sandbox`, `loop`."""
    counts: Counts = field(default_factory=Counts)
    authors: Counter[str] = field(default_factory=Counter)
    """Programs run, by who proposed them."""
    gains: list[tuple[str, float]] = field(default_factory=list)
    """(who proposed it, what it was worth) of every program of the last round; repeats and texts without a program are
    worth nothing."""
    shares: Shares | None = None
    """Turns of the proposers, from the first round on."""
    answer: Answer | None = None
    exhausted: bool = False
    """No proposer has anything more."""
    _turn: set[str] = field(default_factory=set)
    """Proposers with a turn in this round."""
    _last_idea: int = 0
    """The last round in which an idea had a turn: while ideas go on, patience does not run out."""
    _repeats: Counter[str] = field(default_factory=Counter)
    """Programs of this round that were known already, by who proposed them."""

    @property
    def spent(self) -> float:
        """Wall seconds used so far."""
        return sum(self.seconds.values())

    @property
    def promise(self) -> float:
        """Fitness of the best program so far, 0..1."""
        return self.population.best

    @property
    def reason(self) -> str | None:
        """Why the hunt is over, or None while it is not: agreed, answered, rounds, exhausted."""
        since = self.counts.first_passer_round
        since = None if since is None else max(since, self._last_idea)
        if self.answer is not None and agreed(self.answer, self.config.vote.quorum):
            return "agreed"
        if since is not None and self.rounds - since >= self.config.search.patience:
            return "answered"
        if self.config.budget.max_rounds is not None and self.rounds >= self.config.budget.max_rounds:
            return "rounds"
        return "exhausted" if self.exhausted else None

    @property
    def finished(self) -> bool:
        """Nothing more is to be done for this task."""
        return self.reason is not None

    def fresh(self, programs: Sequence[Program]) -> list[Program]:
        """Return the programs not seen before in this hunt."""
        self.counts.proposed += len(programs)
        new = [program for program in programs if self.population.is_new(program.id)]
        self._repeats.update(program.proposer for program in programs)
        self._repeats.subtract(program.proposer for program in new)
        return new

    def due(self, proposers: Sequence[str], idle: Collection[str] = ()) -> set[str]:
        """Return which proposers have a turn in this round.

        Ideas take no part in the shares: each has a turn in every round until it is exhausted. They are few, each comes
        to an end, and what one finds on a task says nothing about the others. Turns are short, so even in five seconds
        all ideas have spoken before the second one. The others come by what has paid off so far; enumeration and
        edits, which go on for ever and seldom solve what no idea did, have one round in ENDLESS_EVERY while an idea
        goes on.

        Args:
            idle: those that have nothing to propose now. They wait, and lose no share by it.
        """
        ideas = {name for name in proposers if name in IDEAS} - set(idle)
        if ideas - LATER - COMPILED:
            ideas -= LATER
        others = [name for name in proposers if name not in IDEAS]
        if self.shares is None:
            self.shares = Shares(others, self.config.search.floor)
        if ideas:
            self._last_idea = self.rounds + 1
        resting = set(idle) | (ENDLESS if ideas and (self.rounds + 1) % ENDLESS_EVERY else set())
        self._turn = ideas | self.shares.due(resting)
        if not self._turn:
            self._turn = set(others) - set(idle)
        return self._turn

    def absorb(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Take in one round's judged candidates; return those that are kept."""
        self.rounds += 1
        self.counts.ran += len(candidates)
        kept: list[Candidate] = []
        self.gains = []
        for candidate in candidates:
            before = self.promise
            taken = self._take(candidate)
            if taken:
                kept.append(candidate)
            author = candidate.program.proposer
            self.authors[author] += 1
            self.gains.append((author, gain(candidate.outcome.passes, max(0.0, self.promise - before))))
        self.gains += [(author, 0.0) for author in (*self._repeats.elements(), *self.population.wasted.elements())]
        self._repeats.clear()
        self.population.wasted.clear()
        self._credit()
        self.population.end_round()
        if kept or self.answer is None:
            self.answer = vote(self.task.id, self.task.test, self.population.candidates)
        if self.answer.passers and self.counts.first_passer_round is None:
            self.counts.first_passer_round = self.rounds
        return kept

    def recall(self, candidates: Sequence[Candidate]) -> None:
        """Begin with programs that an earlier search of this task found; they count as nobody's work in this one."""
        for candidate in candidates:
            if candidate.outcome.reward is None:
                self.population.forget(candidate.program.id)
            self.population.add(candidate)
        self.counts.proposed -= len(candidates)
        if self.population.candidates:
            self.answer = vote(self.task.id, self.task.test, self.population.candidates)
            if self.answer.passers:
                self.counts.first_passer_round = 0

    def charge(self, stage: str, seconds: float) -> None:
        """Add wall seconds to a stage."""
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds

    def _credit(self) -> None:
        """Count a round for the shares. A turn that gave next to nothing counts as LEAST_TRIES programs."""
        if self.shares is None:
            return
        tries: Counter[str] = Counter()
        for author, worth in self.gains:
            if author in IDEAS:
                continue
            name = "lm" if author in LANGUAGE else author
            tries[name] += 1
            self.shares.credit(name, worth)
        for name in sorted(self._turn - set(IDEAS)):
            for _ in range(tries[name], LEAST_TRIES):
                self.shares.credit(name, 0.0)

    def _take(self, candidate: Candidate) -> bool:
        if candidate.outcome.reward is None:
            self.counts.unscored += 1
            self.population.forget(candidate.program.id)
        self.counts.passers += candidate.outcome.passes
        self.counts.literal += candidate.literal
        return self.population.add(candidate)
