"""One task's search: what it counts, what it answers, and why it is over."""

from dataclasses import replace

import pytest
from helpers import G, make_candidate, make_program, make_task

from arc_submit import config
from arc_submit.search import Hunt, Population

TASK = make_task(test=("1",))
PART = (True, False)


def hunt(*settings: str) -> Hunt:
    chosen = config.load(settings=settings)
    return Hunt(TASK, chosen, Population(TASK, chosen.search, chosen.seed))


def test_a_hunt_begins_with_nothing():
    found = hunt()
    assert (found.rounds, found.spent, found.promise, found.answer, found.reason) == (0, 0, 0, None, None)
    assert not found.finished


def test_programs_are_fresh_once_and_all_are_counted():
    found = hunt()
    one, other = make_program("I"), make_program("hmirror(I)")
    assert found.fresh([one, other, one]) == [one, other]
    assert found.fresh([other]) == []
    assert found.counts.proposed == 4


def test_the_same_program_under_other_names_is_not_fresh():
    found = hunt()
    found.fresh([make_program("tuple(row for row in I)")])
    assert found.fresh([make_program("tuple(line for line in I)")]) == []


def test_a_round_counts_what_came_back():
    found = hunt()
    kept = found.absorb(
        [
            make_candidate("part", solved=PART),
            make_candidate("passer"),
            make_candidate("lost", scored=False),
            make_candidate("held", literal=True),
            make_candidate("again", solved=PART, signature="behaviour of part", parents=("part",)),
        ]
    )
    assert [candidate.program.id for candidate in kept] == ["part", "passer"]
    counts = found.counts
    assert (counts.ran, counts.unscored, counts.passers, counts.literal) == (5, 1, 2, 1)
    assert counts.first_passer_round == 1
    assert found.promise == 1.0


def test_the_answer_is_the_vote_of_all_rounds():
    found = hunt()
    found.absorb([make_candidate("part", ["5"], solved=PART)])
    assert found.answer.attempts == ((G("5"),),)
    found.absorb([make_candidate("passer", ["7"])])
    assert found.answer.attempts == ((G("7"), G("5")),)
    assert found.answer.task_id == "t"


def test_a_round_without_programs_is_a_round_with_an_answer():
    found = hunt()
    assert found.absorb([]) == []
    assert found.rounds == 1
    assert found.answer.attempts == ((),)


def test_a_literal_is_no_first_passer():
    found = hunt()
    found.absorb([make_candidate("held", literal=True)])
    assert found.counts.first_passer_round is None


def test_a_hunt_is_over_when_enough_agree():
    found = hunt("vote.quorum=2", "search.patience=9")
    found.absorb([make_candidate("a", ["7"])])
    assert found.reason is None
    found.absorb([make_candidate("b", ["7"])])
    assert found.reason == "agreed"
    assert found.finished


def test_passers_that_differ_do_not_agree():
    found = hunt("vote.quorum=1")
    found.absorb([make_candidate("a", ["7"]), make_candidate("b", ["5"])])
    assert found.reason is None


@pytest.mark.parametrize("patience", [0, 1, 3])
def test_patience_is_the_rounds_after_the_one_with_the_first_passer(patience):
    found = hunt("vote.quorum=2", f"search.patience={patience}")
    found.absorb([])
    found.absorb([make_candidate("a", ["7"])])
    for _ in range(patience):
        assert found.reason is None
        found.absorb([])
    assert found.reason == "answered"


def test_rounds_may_be_limited():
    found = hunt("budget.max_rounds=2")
    found.absorb([])
    assert found.reason is None
    found.absorb([])
    assert found.reason == "rounds"


def test_a_hunt_is_over_when_nobody_has_anything_more():
    found = hunt()
    found.exhausted = True
    assert found.reason == "exhausted"


def test_at_first_every_proposer_has_a_turn_but_those_with_nothing_to_do():
    assert hunt().due(["lm", "enumerate", "mutate"], idle=["mutate"]) == {"lm", "enumerate"}


def test_who_is_idle_loses_nothing_and_who_finds_nothing_does():
    found = hunt("search.floor=0.1")
    for _ in range(4):
        found.due(["enumerate", "mutate"], idle=["mutate"])
        found.absorb([])
    shares = found.shares.shares()
    # One imagined program of gain 0.02 for mutate; 4 x 8 programs of gain 0 on top of it for enumerate.
    assert shares["mutate"] > 0.8 and shares["enumerate"] >= 0.1


def test_when_all_that_are_due_are_idle_the_others_take_over():
    found = hunt()
    found.due(["a", "b"])
    found.shares.credit("a", 1.0)
    assert found.due(["a", "b"], idle=["a"]) == {"b"}
    assert found.due(["a", "b"], idle=["a", "b"]) == set()


def test_ideas_have_a_turn_every_round_until_they_have_nothing_more():
    found, names = hunt(), ["rules", "things", "enumerate", "mutate", "crossover"]
    turns = []
    for _ in range(8):
        turns.append(found.due(names))
        found.absorb([])
    assert all({"rules", "things"} <= turn for turn in turns)
    endless = {"enumerate", "mutate", "crossover"}
    assert [bool(endless & turn) for turn in turns] == [False, False, False, True] * 2
    assert "things" not in found.due(names, idle=["things"])
    assert set(found.shares.shares()) == {"enumerate", "mutate", "crossover"}


def test_patience_does_not_run_out_while_an_idea_goes_on():
    found, names = hunt("search.patience=2"), ["rules", "enumerate"]
    found.due(names)
    passer = make_candidate("passer")
    found.absorb([replace(passer, program=replace(passer.program, proposer="rules"))])
    for _ in range(5):
        found.due(names)
        found.absorb([])
        assert found.reason is None
    for reason in (None, "answered"):
        found.due(names, idle=["rules"])
        found.absorb([])
        assert found.reason == reason


def test_what_never_ends_waits_no_longer_once_the_ideas_are_done():
    found, names = hunt(), ["rules", "enumerate", "mutate", "crossover"]
    assert found.due(names) == {"rules"}
    assert found.due(names, idle=["rules"]) == {"enumerate", "mutate", "crossover"}


def test_ideas_alone_need_no_shares():
    found = hunt()
    assert found.due(["rules", "things"]) == {"rules", "things"}
    found.absorb([])
    assert found.due(["rules", "things"], idle=["rules", "things"]) == set()


def test_the_last_edits_come_when_nobody_else_has_anything():
    found = hunt()
    assert found.due(["rules", "mutate"], idle=["mutate"]) == {"rules"}
    assert found.due(["rules", "mutate"], idle=["rules"]) == {"mutate"}


def test_repeats_and_texts_without_a_program_count_against_who_wrote_them():
    found = hunt()
    found.due(["lm", "mutate"])
    one = replace(make_program("I"), proposer="edit")
    assert found.fresh([one, one]) == [one]
    found.population.wasted["fresh"] += 2
    candidate = make_candidate("kept", solved=PART)
    found.absorb([replace(candidate, program=replace(candidate.program, proposer="edit"))])
    assert found.gains[0][0] == "edit" and found.gains[0][1] > 0.0
    assert sorted(found.gains[1:]) == [("edit", 0.0), ("fresh", 0.0), ("fresh", 0.0)]
    found.absorb([])
    assert found.gains == [], "a round's waste is counted once"


def test_time_is_charged_by_stage():
    found = hunt()
    found.charge("sandbox", 1.5)
    found.charge("propose:mutate", 2.0)
    found.charge("sandbox", 0.5)
    assert found.seconds == {"sandbox": 2.0, "propose:mutate": 2.0}
    assert found.spent == 4.0
