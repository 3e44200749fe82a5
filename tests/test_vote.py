"""Who has a voice, and which two grids come out."""

import itertools

import pytest
from helpers import G, make_candidate
from hypothesis import given, settings
from hypothesis import strategies as st

from arc_submit.records import Answer
from arc_submit.vote import agreed, ballots, vote, voters

INPUT = (G("0"),)
PART = (True, False)


def attempts(*candidates, tests=INPUT):
    return vote("t", tests, candidates).attempts


def test_a_passer_goes_before_any_number_of_partly_right_programs():
    crowd = [make_candidate(f"part{number}", ["5"], solved=PART) for number in range(20)]
    answer = vote("t", INPUT, [*crowd, make_candidate("passer", ["7"])])
    assert answer.attempts == ((G("7"), G("5")),)
    assert answer.votes == ((1, 0),)
    assert answer.passers == 1
    assert answer.programs == ("passer",)


def test_more_passers_go_before_fewer():
    found = [make_candidate("a", ["5"]), make_candidate("b", ["7"]), make_candidate("c", ["7"])]
    answer = vote("t", INPUT, found)
    assert answer.attempts == ((G("7"), G("5")),)
    assert answer.votes == ((2, 1),)


def test_a_crowd_of_long_programs_does_not_outvote_a_short_one():
    # Three programs of twice the length: 3 x (20 / 40) ** 4 = 0.1875 < 1.
    crowd = [make_candidate(f"long{number}", ["5"], length=40) for number in range(3)]
    answer = vote("t", INPUT, [*crowd, make_candidate("short", ["7"], length=20)])
    assert answer.attempts == ((G("7"), G("5")),)
    assert answer.votes == ((1, 3),)


def test_programs_that_are_little_longer_may_outvote_a_short_one():
    # Two programs of 44 words: 2 x (40 / 44) ** 4 = 1.366 > 1.
    crowd = [make_candidate(f"long{number}", ["5"], length=44) for number in range(2)]
    answer = vote("t", INPUT, [*crowd, make_candidate("short", ["7"], length=40)])
    assert answer.attempts == ((G("5"), G("7")),)


def test_a_partly_right_program_does_not_shorten_a_passers_voice():
    found = [make_candidate("a", ["5"], length=40), make_candidate("part", ["7"], solved=PART, length=10)]
    assert [ballot.strength[0] for ballot in ballots(found, 0)] == [1.0, 0]


def test_partly_right_programs_do_not_add_to_a_passers_voices():
    found = [
        make_candidate("a", ["5"]),
        *(make_candidate(f"part{number}", ["5"], solved=PART) for number in range(3)),
        make_candidate("b", ["7"]),
        make_candidate("c", ["7"]),
    ]
    assert vote("t", INPUT, found).votes == ((2, 1),)


def test_programs_of_one_behaviour_are_one_voice():
    same = [make_candidate(f"a{number}", ["5"], signature="same") for number in range(5)]
    answer = vote("t", INPUT, [*same, make_candidate("b", ["7"]), make_candidate("c", ["7"])])
    assert answer.attempts == ((G("7"), G("5")),)
    assert answer.votes == ((2, 1),)
    assert answer.passers == 3


def test_one_program_counts_once_whatever_behaviours_it_was_seen_with():
    # The probes of one sighting may have been lost: another signature, the same program.
    twice = [make_candidate("a", ["5"], signature=signature) for signature in ("one", "other")]
    answer = vote("t", INPUT, twice)
    assert answer.votes == ((1,),)
    assert answer.passers == 1


def test_a_literal_has_no_voice():
    answer = vote("t", INPUT, [make_candidate("a", ["5"], literal=True), make_candidate("b", ["7"], solved=PART)])
    assert answer.attempts == ((G("7"),),)
    assert answer.passers == 0


def test_an_unscored_program_has_no_voice():
    assert attempts(make_candidate("a", ["5"], scored=False)) == ((),)


def test_a_wrong_program_is_better_than_no_guess():
    assert attempts(make_candidate("a", ["5"], solved=(False, False))) == ((G("5"),),)


def test_the_two_attempts_differ():
    found = [make_candidate(f"a{number}", ["5"]) for number in range(4)]
    assert attempts(*found) == ((G("5"),),)
    assert attempts(*found, make_candidate("b", ["7"], solved=PART)) == ((G("5"), G("7")),)


def test_there_are_never_more_than_two_attempts():
    found = [make_candidate(f"a{number}", [str(number)]) for number in range(5)]
    assert attempts(*found) == ((G("0"), G("1")),)


def test_among_partly_right_programs_whole_pairs_go_before_cells():
    pairs = make_candidate("pairs", ["5"], solved=(True, False, False), cells=(1.0, 0.0, 0.0))
    cells = make_candidate("cells", ["7"], solved=(False, False, False), cells=(0.99, 0.99, 0.99))
    assert attempts(cells, pairs) == ((G("5"), G("7")),)


def test_among_equal_pairs_more_cells_go_first():
    found = [
        make_candidate("a", ["5"], solved=PART, cells=(1.0, 0.2)),
        make_candidate("b", ["7"], solved=PART, cells=(1.0, 0.3)),
    ]
    assert attempts(*found) == ((G("7"), G("5")),)


def test_ties_go_to_the_shorter_program():
    found = [make_candidate("long", ["5"], length=80), make_candidate("short", ["7"], length=40)]
    assert attempts(*found) == ((G("7"), G("5")),)


def test_a_grid_is_as_short_as_its_shortest_program():
    found = [
        make_candidate("a", ["5"], length=50),
        make_candidate("b", ["5"], length=60),
        make_candidate("c", ["7"], length=40),
        make_candidate("d", ["7"], length=90),
    ]
    assert attempts(*found) == ((G("7"), G("5")),)


def test_then_to_the_first_seen():
    one, other = make_candidate("one", ["5"]), make_candidate("other", ["7"])
    assert attempts(one, other) == ((G("5"), G("7")),)
    assert attempts(other, one) == ((G("7"), G("5")),)


def test_a_behaviour_speaks_through_its_shortest_program_and_keeps_its_place():
    found = [
        make_candidate("long", ["5"], signature="x", length=70),
        make_candidate("middle", ["7"], signature="y", length=50),
        make_candidate("short", ["5"], signature="x", length=50),
    ]
    assert [candidate.program.id for candidate in voters(found)] == ["short", "middle"]
    assert vote("t", INPUT, found).programs == ("short",)


def test_of_equally_short_programs_of_a_behaviour_the_first_speaks():
    found = [make_candidate(name, ["5"], signature="x") for name in ("first", "second")]
    assert [candidate.program.id for candidate in voters(found)] == ["first"]


def test_each_test_grid_is_voted_on_by_itself():
    found = [
        make_candidate("a", ["1", "4", None]),
        make_candidate("b", ["1", "5", None]),
        make_candidate("c", ["2", "5", "9"], solved=PART),
    ]
    answer = vote("t", INPUT * 3, found)
    assert answer.attempts == ((G("1"), G("2")), (G("4"), G("5")), (G("9"),))
    assert answer.votes == ((2, 0), (1, 1), (0,))
    assert answer.programs == ("a", "a", "c")
    assert len(answer.attempts) == 3


def test_nothing_to_vote_on_gives_no_attempts():
    answer = vote("t", INPUT * 2, [])
    assert answer == Answer("t", ((), ()), ((), ()), ("", ""), 0)


def test_ballots_name_the_best_program_behind_a_grid():
    found = [make_candidate("part", ["5"], solved=PART, length=40), make_candidate("passer", ["5"], length=90)]
    (ballot,) = ballots(found, 0)
    assert (ballot.program, ballot.voices) == ("passer", 1)


POOL = st.lists(
    st.tuples(st.sampled_from("12345"), st.booleans(), st.integers(40, 60), st.sampled_from("pqrs"), st.booleans()),
    max_size=12,
)


@settings(deadline=None, max_examples=150)
@given(POOL)
def test_whatever_the_pool_no_first_attempt_beats_a_passers(pool):
    found = [
        make_candidate(f"c{number}", [grid], solved=(True, passes), signature=signature, length=length, literal=literal)
        for number, (grid, passes, length, signature, literal) in enumerate(pool)
    ]
    answer = vote("t", INPUT, found)
    assert len(set(answer.attempts[0])) == len(answer.attempts[0]) <= 2
    electorate = voters(found)
    by_passers = {candidate.tests[0] for candidate in electorate if candidate.outcome.passes}
    if by_passers:
        assert answer.attempts[0][0] in by_passers
    for grid, voices in zip(*answer.attempts, *answer.votes, strict=True):
        assert (voices > 0) == (grid in by_passers)
    lengths = {candidate.program.length for candidate in electorate if candidate.outcome.passes}
    if len(lengths) == 1:  # equally short passers: the majority decides
        assert list(answer.votes[0]) == sorted(answer.votes[0], reverse=True)


# Agreement. ----------------------------------------------------------------------------------------------------------


def with_votes(*votes):
    return Answer("t", tuple(() for _ in votes), votes)


@pytest.mark.parametrize(
    ("votes", "quorum", "expected"),
    [
        ([(2,)], 2, True),
        ([(1,)], 2, False),
        ([(2, 0)], 2, True),
        ([(3, 1)], 2, True),
        ([(3, 2)], 2, False),
        ([(2, 2)], 1, False),
        ([(2,), (2,)], 2, True),
        ([(2,), (1,)], 2, False),
        ([(2,), ()], 2, False),
        ([(0,)], 1, False),
        ([()], 1, False),
    ],
)
def test_agreement_wants_the_quorum_as_a_lead_on_every_test_grid(votes, quorum, expected):
    assert agreed(with_votes(*votes), quorum) is expected


def test_distinct_passers_reach_agreement_one_by_one():
    found = [make_candidate(f"a{number}", ["5", "6"]) for number in range(3)]
    reached = [agreed(vote("t", INPUT * 2, itertools.islice(found, count)), 2) for count in range(4)]
    assert reached == [False, False, True, True]


def test_a_crowd_of_long_variations_does_not_outvote_a_short_program():
    # the crowd: 3 x (10 / 20) ** 4 = 0.19 against (10 / 10) ** 4 = 1 for the short one
    crowd = [make_candidate(f"long {number}", ["8"], length=20) for number in range(3)]
    answer = vote("t", INPUT, [*crowd, make_candidate("short", ["3"], length=10)])
    assert answer.attempts == ((G("3"), G("8")),)
    assert answer.votes == ((1, 3),)


def test_equally_short_programs_decide_by_majority():
    assert attempts(*(make_candidate(name, [name[0]], length=10) for name in ("3a", "8a", "8b"))) == ((G("8"), G("3")),)
