"""The programs of one task: clusters by behaviour, on islands, with Thompson choice of parents.

A cluster is all programs with the same outputs; it is represented by its shortest program, so equal behaviours never
crowd an island. A child that repeats its parent's outputs is rejected. For every demonstration pair the best program
that solves it is kept as a parent, whatever its island thinks of it. An island without progress starts again from the
best of another.

Randomness comes from the population's own generator, derived from (seed, task): a hunt can be repeated alone.
"""

import random
from collections import Counter
from dataclasses import dataclass, field

from arc_submit import views
from arc_submit.config import SearchConfig
from arc_submit.records import Candidate, Task
from arc_submit.search.fitness import copy_baseline, fitness


@dataclass(slots=True)
class Member:
    """One cluster on one island."""

    candidate: Candidate
    fitness: float
    island: int
    tries: int = 0
    """Times it was chosen as a parent."""


@dataclass(slots=True)
class Island:
    """Clusters by signature, and how long ago the best of them got better."""

    members: dict[str, Member] = field(default_factory=dict)
    best: float = -1.0
    stale: int = 0
    """Rounds since `best` rose."""


class Population:
    """All that search knows about one task."""

    def __init__(self, task: Task, config: SearchConfig, seed: int) -> None:
        self.task = task
        self.config = config
        self.rng = random.Random(f"{seed}/{task.id}")
        self.candidates: list[Candidate] = []
        """Kept candidates in the order in which they came: what the vote and the trace see."""
        self.unusable: Counter[str] = Counter()
        """Texts without a program, by reason; proposers count them here."""
        self.wasted: Counter[str] = Counter()
        """The same texts of the round in progress, by the kind of prompt that they answered."""
        self.tokens = 0
        """Tokens that a language model decoded for this task."""
        self.stale = 0
        """Rounds since the best program of all got better."""
        self._islands = [Island() for _ in range(config.islands)]
        self._baseline = copy_baseline(task)
        self._known: set[str] = set()
        self._island_of: dict[str, int] = {}
        """Program id -> the island it came to, or was last drawn from as a parent: its children go there."""
        self._behaviours: dict[str, str] = {}
        self._by_pair: list[Member | None] = [None] * len(task.train)
        self._turn = 0
        self._best_before = 0.0

    def __len__(self) -> int:
        return sum(len(island.members) for island in self._islands)

    @property
    def best(self) -> float:
        """Fitness of the best program so far, 0..1."""
        return max((island.best for island in self._islands), default=0.0) if len(self) else 0.0

    @property
    def pairs_solved(self) -> int:
        """Demonstration pairs that some program has right."""
        return sum(member is not None for member in self._by_pair)

    def is_new(self, program_id: str) -> bool:
        """Return whether this program has not been seen, and remember that it has."""
        if program_id in self._known:
            return False
        self._known.add(program_id)
        return True

    def forget(self, program_id: str) -> None:
        """Let a program come again: it could not be judged."""
        self._known.discard(program_id)

    def add(self, candidate: Candidate) -> bool:
        """Take in a judged program; return whether it is kept.

        Kept is what shows a new behaviour, or a known one in a shorter program, unless it repeats its parent's outputs,
        is unscored, holds an output as a literal, or its island has no room for one so weak.
        """
        outcome = candidate.outcome
        if outcome.reward is None or candidate.literal or self._repeats_parent(candidate):
            return False
        self._behaviours[candidate.program.id] = outcome.signature
        member = Member(candidate, fitness(outcome, self._baseline), self._home(candidate))
        self._island_of[candidate.program.id] = member.island
        kept = self._settle(member)
        self._note_pairs(member)
        if kept or outcome.passes:
            self.candidates.append(candidate)
        return kept or outcome.passes

    def parents(self, count: int) -> list[Member]:
        """Return parents for the next round: one per pair that some program solves, the rest by Thompson sampling."""
        chosen = list({id(member): member for member in self._by_pair if member is not None}.values())[:count]
        while len(chosen) < count:
            member = self._thompson(self._islands[self._turn % len(self._islands)])
            self._turn += 1
            if member is not None:
                chosen.append(member)
            elif not len(self):
                break
        for member in chosen:
            member.tries += 1
            self._island_of[member.candidate.program.id] = member.island
        return chosen

    def mate(self, member: Member) -> Member | None:
        """Return another member of the same island, by Thompson sampling; None when it is alone.

        Only programs written for the same view have a common text: the others are no mates.
        """
        wanted = views.frame(member.candidate.program)
        island = self._islands[member.island].members.values()
        others = [other for other in island if other is not member and views.frame(other.candidate.program) == wanted]
        return max(others, key=self._draw) if others else None

    def best_members(self, count: int) -> list[Member]:
        """Return the fittest members of all islands, worst first."""
        members = [member for island in self._islands for member in island.members.values()]
        return sorted(members, key=lambda member: member.fitness)[-count:]

    def end_round(self) -> None:
        """Count a round; restart islands that have not got better for `restart_after` rounds."""
        self.stale = self.stale + 1 if self.best <= self._best_before else 0
        self._best_before = max(self._best_before, self.best)
        best = max(self._islands, key=lambda island: island.best)
        for island in self._islands:
            island.stale += 1
            if island.stale > self.config.restart_after and island.best < best.best:  # equals keep what they have
                self._restart(island, best)

    def _repeats_parent(self, candidate: Candidate) -> bool:
        signature = candidate.outcome.signature
        return any(self._behaviours.get(parent) == signature for parent in candidate.program.parents)

    def _home(self, candidate: Candidate) -> int:
        """The island of its parent; programs without parents go round."""
        for parent in candidate.program.parents:
            if parent in self._island_of:
                return self._island_of[parent]
        self._turn += 1
        return self._turn % len(self._islands)

    def _settle(self, member: Member) -> bool:
        island = self._islands[member.island]
        signature = member.candidate.outcome.signature
        rival = island.members.get(signature)
        if rival is not None:
            shorter = member.candidate.program.length < rival.candidate.program.length
            if shorter:
                rival.candidate = member.candidate
            return shorter
        island.members[signature] = member
        if member.fitness > island.best:
            island.best, island.stale = member.fitness, 0
        if len(island.members) <= self.config.clusters:
            return True
        weakest = min(island.members.values(), key=lambda other: other.fitness)
        del island.members[weakest.candidate.outcome.signature]
        return weakest is not member

    def _note_pairs(self, member: Member) -> None:
        for index, solved in enumerate(member.candidate.outcome.solved):
            holder = self._by_pair[index]
            if solved and (holder is None or member.fitness > holder.fitness):
                self._by_pair[index] = member

    def _thompson(self, island: Island) -> Member | None:
        return max(island.members.values(), key=self._draw) if island.members else None

    def _draw(self, member: Member) -> float:
        """SOAR's REX: Beta(1 + C h, 1 + C (1 - h) + N)."""
        weight, height = self.config.exploitation, member.fitness
        return self.rng.betavariate(1.0 + weight * height, 1.0 + weight * (1.0 - height) + member.tries)

    def _restart(self, island: Island, best: Island) -> None:
        founder = max(best.members.values(), key=lambda member: member.fitness)
        index = self._islands.index(island)
        island.members = {founder.candidate.outcome.signature: Member(founder.candidate, founder.fitness, index)}
        island.best, island.stale = founder.fitness, 0
