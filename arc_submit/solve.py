"""One cohort of tasks: the loop. It is the diagram of the kit.

    plan says whose turn it is -> proposers write programs -> the sandbox runs them -> the judge compares
        -> the population keeps what is new -> the vote chooses -> the caller hears of it
        -> the learner tunes the model where it pays

Not here: processes, files and clocks (`arc_submit.run`, `arc_submit.worker`), how anything is proposed, run or chosen.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeAlias, cast

from arc_submit.adapt.learner import Learner
from arc_submit.budget import Clock, Plan
from arc_submit.config import RunConfig
from arc_submit.records import Candidate, Program, Task
from arc_submit.sample.engine import Lender
from arc_submit.sandbox import Sandbox
from arc_submit.search import Hunt, Population, Proposer, proposers
from arc_submit.search.language import Language
from arc_submit.verify.trial import trial

_LAST_TRIAL = 1.0  # seconds kept so that the programs of the last round are still run and judged

Emit: TypeAlias = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Kit:
    """What a worker keeps from one cohort to the next."""

    config: RunConfig
    sandbox: Sandbox
    proposers: Sequence[Proposer]
    now: Clock = time.monotonic
    learner: Learner | None = None
    """Tunes the language model on the tasks; None: it stays as it is."""


def solve(
    kit: Kit,
    tasks: Sequence[Task],
    deadline: float,
    emit: Emit,
    seeds: Mapping[str, Sequence[Program]] = MappingProxyType({}),
) -> list[Hunt]:
    """Search for programs until every task is finished or the deadline (seconds on `kit.now`) passes.

    Args:
        emit: called with every event of `arc_submit.trace` (turn, candidate, answer, done) as it happens.
        seeds: task id -> programs of an earlier search, which this one begins with.

    Raises:
        SandboxError: no sandbox process can be started.
    """
    hunts = [_open(kit, task) for task in tasks]
    _recall(kit, [hunt for hunt in hunts if seeds.get(hunt.task.id)], seeds, deadline, emit)
    go_on(kit, [hunt for hunt in hunts if not hunt.finished], deadline, emit)
    return hunts


def go_on(kit: Kit, hunts: list[Hunt], deadline: float, emit: Emit) -> list[Hunt]:
    """As `solve`, for searches that have begun."""
    margin = min(_LAST_TRIAL, 0.1 * (deadline - kit.now()))
    plan = Plan(kit.config.budget, hunts, deadline - margin, kit.now)
    while turn := plan.next():
        members = [hunts[index] for index in turn.members]
        emit({"event": "turn", "tasks": [hunt.task.id for hunt in members]})
        _round(kit, members, turn.deadline, deadline, emit)
        for hunt in members:
            if hunt.finished:
                _close(kit, hunt, emit)
    for hunt in hunts:
        if not hunt.finished:
            _close(kit, hunt, emit)
    return hunts


def _round(kit: Kit, hunts: Sequence[Hunt], until: float, deadline: float, emit: Emit) -> None:
    """Propose for all, judge all, take in, learn."""
    programs = [hunt.fresh(found) for hunt, found in zip(hunts, _propose(kit, hunts, until), strict=True)]
    with _charged(kit, hunts, "sandbox"):
        batch = [(hunt.task, fresh) for hunt, fresh in zip(hunts, programs, strict=True)]
        judged = trial(kit.sandbox, batch, kit.config.vote.probes, deadline)
    with _charged(kit, hunts, "loop"):
        for hunt, candidates in zip(hunts, judged, strict=True):
            _absorb(kit, hunt, candidates, emit)
            if kit.learner is not None:
                kit.learner.hear(hunt, candidates)
    if kit.learner is not None:
        kit.learner.learn(hunts, min(until, deadline), emit)


def _propose(kit: Kit, hunts: Sequence[Hunt], until: float) -> list[list[Any]]:
    """Whose turn it is on which task; engines beside this process begin first and are waited for last."""
    found: dict[str, list[Any]] = {hunt.task.id: [] for hunt in hunts}
    due = {hunt.task.id: _due(kit, hunt) for hunt in hunts}
    turns = [(proposer, [hunt for hunt in hunts if proposer.name in due[hunt.task.id]]) for proposer in kit.proposers]
    turns = [(proposer, members) for proposer, members in turns if members]
    for proposer, members in turns:
        with _charged(kit, members, f"propose:{proposer.name}"):
            proposer.start([hunt.population for hunt in members], until)
    for proposer, members in sorted(turns, key=lambda turn: turn[0].name == "lm"):
        with _charged(kit, members, f"propose:{proposer.name}"):
            for hunt, programs in zip(members, proposer.propose([h.population for h in members], until), strict=True):
                found[hunt.task.id].extend(programs)
    return [found[hunt.task.id] for hunt in hunts]


def _due(kit: Kit, hunt: Hunt) -> set[str]:
    idle = [proposer.name for proposer in kit.proposers if proposer.exhausted(hunt.population)]
    return hunt.due([proposer.name for proposer in kit.proposers], idle)


def _absorb(kit: Kit, hunt: Hunt, candidates: Sequence[Candidate], emit: Emit) -> None:
    before = hunt.answer
    kept = hunt.absorb(candidates)
    for author, gain in hunt.gains:
        for proposer in kit.proposers:
            proposer.credit(hunt.task.id, author, gain)
    hunt.exhausted = all(proposer.exhausted(hunt.population) for proposer in kit.proposers)
    spent = round(hunt.spent, 3)
    for candidate in candidates if kit.config.trace.candidates == "all" else kept:
        said = replace(candidate, outputs=())  # running the program gives them
        emit({"event": "candidate", "task": hunt.task.id, "round": hunt.rounds, "spent": spent, "candidate": said})
    if hunt.answer is not None and hunt.answer != before:
        emit({"event": "answer", "task": hunt.task.id, "spent": spent, "answer": hunt.answer})


def _open(kit: Kit, task: Task) -> Hunt:
    return Hunt(task, kit.config, Population(task, kit.config.search, kit.config.seed))


def _recall(
    kit: Kit, hunts: Sequence[Hunt], seeds: Mapping[str, Sequence[Program]], deadline: float, emit: Emit
) -> None:
    """Judge the programs of an earlier search again and begin with them; they are nobody's work in this one.

    A hunt may be over with that.
    """
    with _charged(kit, hunts, "sandbox"):
        batch = [(hunt.task, hunt.fresh(seeds[hunt.task.id])) for hunt in hunts]
        for hunt, candidates in zip(hunts, trial(kit.sandbox, batch, kit.config.vote.probes, deadline), strict=True):
            hunt.recall(candidates)
    for hunt in hunts:
        if hunt.answer is not None:
            emit({"event": "answer", "task": hunt.task.id, "spent": round(hunt.spent, 3), "answer": hunt.answer})
        if hunt.finished:
            _close(kit, hunt, emit)


def _close(kit: Kit, hunt: Hunt, emit: Emit) -> None:
    shares = _shares(kit, hunt)
    if kit.learner is not None:
        kit.learner.release(hunt.task.id)
    for proposer in kit.proposers:
        proposer.release(hunt.task.id)
    emit(
        {
            "event": "done",
            "task": hunt.task.id,
            "reason": hunt.reason or "time",
            "rounds": hunt.rounds,
            "promise": hunt.promise,
            "spent": round(hunt.spent, 3),
            "seconds": hunt.seconds,
            "counts": hunt.counts,
            "unusable": hunt.population.unusable,
            "tokens": hunt.population.tokens,
            "authors": hunt.authors,
            "shares": shares,
        }
    )


def _shares(kit: Kit, hunt: Hunt) -> dict[str, float]:
    """What each proposer's share has come to; they add up to 1."""
    shares = hunt.shares.shares() if hunt.shares is not None else {}
    return {
        kind: round(shares[proposer.name] * part, 4)
        for proposer in kit.proposers
        if proposer.name in shares
        for kind, part in (proposer.kinds(hunt.task.id) or {proposer.name: 1.0}).items()
    }


@contextmanager
def opened(config: RunConfig, sandbox: Sandbox, now: Clock = time.monotonic) -> Iterator[Kit]:
    """Build what the settings ask for, and let go of it at the end; brings in torch where a model is asked for."""
    kit = Kit(config, sandbox, proposers.build(config, now), now)
    try:
        kit = replace(kit, learner=_learner(kit))
        yield kit
    finally:
        if kit.learner is not None:
            kit.learner.close()
        for proposer in kit.proposers:
            proposer.close()


def _learner(kit: Kit) -> Learner | None:
    """The learner where one is asked for; `proposers.check` has seen that there is a model that can learn."""
    if kit.config.adapt.mode == "none":
        return None
    language = next((proposer for proposer in kit.proposers if isinstance(proposer, Language)), None)
    if language is None:
        return None
    return Learner(kit.config, language, cast(Lender, language.engine), kit.now)


@contextmanager
def _charged(kit: Kit, hunts: Sequence[Hunt], stage: str) -> Iterator[None]:
    """Share the wall time of a block among the hunts that it served."""
    started = kit.now()
    yield
    elapsed = kit.now() - started
    for hunt in hunts:
        hunt.charge(stage, elapsed / len(hunts))
