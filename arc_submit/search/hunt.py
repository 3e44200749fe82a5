"""One task's search: its population, what it has cost so far, and when it is over."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from arc_submit.config import LANGUAGE, RunConfig
from arc_submit.records import Answer, Candidate, Program, Task
from arc_submit.search.population import Population
from arc_submit.search.shares import Shares, gain
from arc_submit.vote import agreed, vote


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
    """(who proposed it, what it was worth) of every program of the last round."""
    shares: Shares | None = None
    """Turns of the proposers, from the first round on."""
    answer: Answer | None = None
    exhausted: bool = False
    """No proposer has anything more."""

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
        return [program for program in programs if self.population.is_new(program.id)]

    def due(self, proposers: Sequence[str]) -> set[str]:
        """Return which proposers have a turn in this round, by what has paid off so far."""
        if self.shares is None:
            self.shares = Shares(proposers, self.config.search.floor)
        return self.shares.due()

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
            worth = gain(taken, candidate.outcome.passes, max(0.0, self.promise - before))
            self.authors[author] += 1
            self.gains.append((author, worth))
            if self.shares is not None:
                self.shares.credit("lm" if author in LANGUAGE else author, worth)
        self.population.end_round()
        if kept or self.answer is None:
            self.answer = vote(self.task.id, self.task.test, self.population.candidates)
        if self.answer.passers and self.counts.first_passer_round is None:
            self.counts.first_passer_round = self.rounds
        return kept

    def charge(self, stage: str, seconds: float) -> None:
        """Add wall seconds to a stage."""
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds

    def _take(self, candidate: Candidate) -> bool:
        if candidate.outcome.reward is None:
            self.counts.unscored += 1
            self.population.forget(candidate.program.id)
        self.counts.passers += candidate.outcome.passes
        self.counts.literal += candidate.literal
        return self.population.add(candidate)
