"""Ideas as proposers: opened per task from its own seed, asked in turns, let go of when done, and never fatal."""

import pytest
from helpers import Clock, make_task

from arc_submit import config
from arc_submit.errors import EngineError
from arc_submit.search import Population
from arc_submit.search.proposers import Ideas
from arc_submit.symbolic import ideas
from arc_submit.symbolic.ideas import IDEAS, Proposal

SOURCE = "from arc_dsl import *\n\n\ndef solve(I):\n    O = {}(I)\n    return O\n"
MIRRORS = ("vmirror", "hmirror", "rot90")


class Mirrors:
    """An idea that names a mirror every tenth of a second."""

    opened: list["Mirrors"] = []  # noqa: RUF012 (of the test that runs)
    kept = 5
    bytes = 0

    def __init__(self, task, config, rng, now):
        self.task, self.config, self.draw, self.now = task, config, rng.random(), now
        self.left = list(MIRRORS)
        self.opened.append(self)

    @property
    def exhausted(self):
        return not self.left

    def advance(self, deadline):
        found = []
        while self.left and self.now() < deadline:
            self.now.time += 0.1
            found.append(Proposal(SOURCE.format(self.left.pop(0)), 1.0))
        return found

    def close(self):
        self.closed = True


class Broken(Mirrors):
    """An idea with a mistake in it."""

    def advance(self, deadline):
        raise ZeroDivisionError("a mistake")


@pytest.fixture
def clock():
    Mirrors.opened = []
    found = Clock()
    found.time = 100.0
    return found


def population(task_id: str = "t") -> Population:
    return Population(make_task(task_id=task_id), config.SearchConfig(), 0)


def opened(monkeypatch, clock, kind=Mirrors, *settings: str) -> Ideas:
    monkeypatch.setattr(ideas, "load", lambda name: kind)
    return Ideas("mirrors", config.load(settings=settings), clock)


def named(programs) -> list[str]:
    return [name for program in programs for name in MIRRORS if name in program.source]


def test_an_idea_has_a_short_turn_and_goes_on_where_it_stopped(monkeypatch, clock):
    proposer, found = opened(monkeypatch, clock), population()
    assert not proposer.exhausted(found)
    (first,) = proposer.propose([found], clock.time + 60)
    assert named(first) == list(MIRRORS)[:3] and {program.proposer for program in first} == {"mirrors"}
    assert proposer.exhausted(found)
    assert proposer.propose([found], clock.time + 60) == [[]]
    assert len(Mirrors.opened) == 1


def test_a_turn_ends_at_the_deadline(monkeypatch, clock):
    proposer, found = opened(monkeypatch, clock), population()
    assert named(proposer.propose([found], clock.time + 0.05)[0]) == ["vmirror"]
    assert named(proposer.propose([found], clock.time + 0.15)[0]) == ["hmirror", "rot90"]
    assert proposer.propose([population("u")], clock.time) == [[]]


def test_with_a_limit_of_rounds_a_turn_lasts_until_the_idea_is_done(monkeypatch, clock):
    monkeypatch.setattr("arc_submit.search.proposers._IDEA_SECONDS", 0.05)
    short, whole = (
        opened(monkeypatch, clock, Mirrors, *settings).propose([population()], clock.time + 60)[0]
        for settings in ((), ("budget.max_rounds=3",))
    )
    assert (named(short), named(whole)) == (["vmirror"], [*MIRRORS])


def test_every_task_has_its_own_seed_and_is_forgotten(monkeypatch, clock):
    proposer = opened(monkeypatch, clock)
    for task_id in ("t", "u", "t"):
        proposer.propose([population(task_id)], clock.time + 60)
    assert [idea.task.id for idea in Mirrors.opened] == ["t", "u"]
    assert proposer.reached() == {"t": 5, "u": 5}
    proposer.release("t")
    proposer.propose([population("t")], clock.time + 60)
    first, other, again = Mirrors.opened
    assert first.closed and other.closed
    assert first.draw == again.draw != other.draw
    assert first.config == config.SymbolicConfig()


def test_an_idea_that_fails_is_over_for_the_task_alone(monkeypatch, clock):
    proposer, found = opened(monkeypatch, clock, Broken), population()
    assert proposer.propose([found], clock.time + 60) == [[]]
    assert proposer.exhausted(found) and not proposer.exhausted(population("u"))
    assert found.unusable == {"mirrors: ZeroDivisionError: a mistake": 1}


@pytest.mark.parametrize("error", [EngineError("no compiler"), ModuleNotFoundError("no numba"), OSError("full")])
def test_an_idea_that_cannot_be_loaded_fails_on_every_task(monkeypatch, clock, error):
    def load(name):
        raise error

    monkeypatch.setattr(ideas, "load", load)
    proposer = Ideas("layers", config.load(), clock)
    for found in (population(), population("u")):
        assert proposer.propose([found], clock.time + 60) == [[]]
        assert proposer.exhausted(found)
        (said,) = found.unusable
        assert said.startswith("layers: ") and type(error).__name__ in said and str(error) in said
        assert list(ideas.failures(found.unusable)) == ["layers"]
        proposer.release(found.task.id)


def test_what_is_no_program_is_counted_and_ends_the_idea(monkeypatch, clock):
    class Mumbling(Mirrors):
        def advance(self, deadline):
            return [Proposal("def solve(", 1.0)]

    proposer, found = opened(monkeypatch, clock, Mumbling), population()
    assert proposer.propose([found], clock.time + 60) == [[]]
    (said,) = found.unusable
    assert proposer.exhausted(found) and said.startswith("mirrors: ExtractError: does not parse")


@pytest.mark.parametrize("name", [name for name in IDEAS if name != "layers"])
def test_an_idea_that_ships_says_what_it_looks_for_and_runs(name):
    assert ideas.about(name).endswith(".") and len(ideas.about(name)) > 20
    clock = Clock()
    proposer, found = Ideas(name, config.load(), clock), population()
    clock.time = 1.0
    (programs,) = proposer.propose([found], 0.5)
    assert programs == []
    assert not found.unusable
