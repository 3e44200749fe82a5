"""Choose two attempts per test input from the judged programs of one task.

Passers (every demonstration right) come first; partly right programs never outvote a passer, they only fill what
passers leave open. A program counts once: by normalised AST (its id) and by behaviour (its signature, which for
passers includes outputs on probe inputs, so two spellings of one function are one voice). Programs that hold an output
as a literal, and unscored ones, are dropped. The two attempts differ. Each test grid is voted on by itself: ARC scores
each test output by itself, and on ARC-AGI-2 evaluation 37 % of the tasks have several.

A voice weighs (shortest passer's length / own length) ** SIMPLICITY: equally short programs decide by majority, and a
crowd of long variations on a wrong idea does not outvote a short right one (measured: docs/LOG.md, 2026-11-21).
Ties: the shorter program, then the first seen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from arc_submit.records import ATTEMPTS, Answer, Candidate, Grid

SIMPLICITY = 4.0  # exponent on relative length; 2, 4 and 8 chose alike on ARC-AGI-1 training tasks, a plain count worse


@dataclass(frozen=True, slots=True)
class Ballot:
    """One grid that some programs propose for one test input."""

    grid: Grid
    voices: int
    """Distinct passing programs behind it; 0 when only partly right programs propose it."""
    strength: tuple[float, ...]
    """Sort key, higher is better."""
    program: str
    """Id of the best program behind it."""


def vote(task_id: str, test_inputs: Sequence[Grid], candidates: Iterable[Candidate]) -> Answer:
    """Return the answer for one task from its candidates in the order in which they were seen."""
    electorate = voters(candidates)
    ranked = [ballots(electorate, index)[:ATTEMPTS] for index in range(len(test_inputs))]
    return Answer(
        task_id,
        attempts=tuple(tuple(ballot.grid for ballot in ballots_) for ballots_ in ranked),
        votes=tuple(tuple(ballot.voices for ballot in ballots_) for ballots_ in ranked),
        programs=tuple(ballots_[0].program if ballots_ else "" for ballots_ in ranked),
        passers=sum(candidate.outcome.passes for candidate in electorate),
    )


def agreed(answer: Answer, quorum: int) -> bool:
    """Return whether at least `quorum` distinct passers stand behind every first attempt, and lead by as many."""
    leads = [votes[0] - (votes[1] if len(votes) > 1 else 0) if votes else 0 for votes in answer.votes]
    return all(lead >= quorum for lead in leads)


def voters(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return the candidates that have a voice, first seen first: scored, no literal, the shortest of each behaviour."""
    by_behaviour: dict[str, Candidate] = {}
    seen: set[str] = set()
    for candidate in candidates:
        if candidate.literal or candidate.outcome.reward is None or candidate.program.id in seen:
            continue
        seen.add(candidate.program.id)
        rival = by_behaviour.get(candidate.outcome.signature)
        if rival is None or candidate.program.length < rival.program.length:
            by_behaviour[candidate.outcome.signature] = candidate
    return list(by_behaviour.values())


def ballots(electorate: Sequence[Candidate], index: int) -> list[Ballot]:
    """Return the distinct grids proposed for test input `index`, strongest first."""
    shortest = min((c.program.length for c in electorate if c.outcome.passes), default=1)
    backers: dict[Grid, list[Candidate]] = {}
    for candidate in electorate:
        grid = candidate.tests[index]
        if grid is not None:
            backers.setdefault(grid, []).append(candidate)
    counted = [_ballot(grid, behind, shortest) for grid, behind in backers.items()]
    return sorted(counted, key=lambda ballot: ballot.strength, reverse=True)  # stable: ties stay first seen first


def _ballot(grid: Grid, behind: Sequence[Candidate], shortest: int) -> Ballot:
    passers = [candidate for candidate in behind if candidate.outcome.passes]
    best = max(behind, key=_merit)
    return Ballot(
        grid,
        voices=len(passers),
        strength=(sum((shortest / c.program.length) ** SIMPLICITY for c in passers), *_merit(best)),
        program=best.program.id,
    )


def _merit(candidate: Candidate) -> tuple[float, ...]:
    """Whole pairs first, then cells, then the shorter program."""
    outcome = candidate.outcome
    return (sum(outcome.solved), sum(outcome.cells), -candidate.program.length)
