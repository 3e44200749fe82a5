"""What the visits to a task came to together."""

import copy

from hypothesis import given
from hypothesis import strategies as st

from arc_submit.run.totals import together

FIRST = {
    "event": "pause", "task": "a", "reason": "time", "rounds": 4, "promise": 0.5, "spent": 2.5, "visits": 1,
    "seconds": {"propose:lm": 2.0, "sandbox": 0.5}, "unusable": {"no code": 3}, "tokens": 100, "shares": {"fresh": 1.0},
    "counts": {"proposed": 9, "passers": 0, "first_passer_round": None}, "authors": {"fresh": 7},
}  # fmt: skip
SECOND = {
    "event": "done", "task": "a", "reason": "agreed", "rounds": 3, "promise": 0.25, "spent": 1.5,
    "seconds": {"propose:lm": 1.0, "loop": 0.5}, "unusable": {"no code": 1, "too long": 2}, "tokens": 50,
    "shares": {"fresh": 0.5, "edit": 0.5}, "counts": {"proposed": 5, "passers": 2, "first_passer_round": 2},
    "authors": {"fresh": 2, "edit": 3},
}  # fmt: skip


def test_numbers_are_added_key_by_key_and_the_rest_is_the_latest():
    found = together(FIRST, SECOND)
    assert (found["rounds"], found["spent"], found["tokens"]) == (7, 4.0, 150)
    assert found["seconds"] == {"propose:lm": 3.0, "sandbox": 0.5, "loop": 0.5}
    assert found["unusable"] == {"no code": 4, "too long": 2}
    assert found["authors"] == {"fresh": 9, "edit": 3}
    assert (found["counts"]["proposed"], found["counts"]["passers"]) == (14, 2)
    assert (found["event"], found["reason"], found["shares"]) == ("done", "agreed", {"fresh": 0.5, "edit": 0.5})


def test_the_promise_is_the_best_one():
    assert together(FIRST, SECOND)["promise"] == 0.5
    assert together({**FIRST, "promise": 0.1}, SECOND)["promise"] == 0.25


def test_the_first_passers_round_counts_from_the_first_visit():
    assert together(FIRST, SECOND)["counts"]["first_passer_round"] == 4 + 2


def test_the_first_passer_stays_the_first():
    early = {**FIRST, "counts": {"first_passer_round": 1}}
    assert together(early, SECOND)["counts"]["first_passer_round"] == 1


def test_no_passer_is_none_in_both():
    late = {**SECOND, "counts": {"first_passer_round": None}}
    assert together(FIRST, late)["counts"]["first_passer_round"] is None


def test_a_passer_among_the_seeds_counts_from_the_end_of_the_visit_before():
    recalled = {**SECOND, "counts": {"first_passer_round": 0}}
    assert together(FIRST, recalled)["counts"]["first_passer_round"] == 4


def test_one_visit_alone_is_itself():
    assert together({}, SECOND) == SECOND
    assert together({}, together({}, SECOND)) == SECOND


def test_nothing_that_goes_in_is_changed():
    before, now = copy.deepcopy(FIRST), copy.deepcopy(SECOND)
    together(before, now)
    together({}, now)
    assert (before, now) == (FIRST, SECOND)


EVENTS = st.fixed_dictionaries(
    {
        "rounds": st.integers(0, 50),
        "tokens": st.integers(0, 999),
        "promise": st.floats(0, 1),
        "authors": st.dictionaries(st.sampled_from("abc"), st.integers(1, 9)),
        "counts": st.fixed_dictionaries({"first_passer_round": st.none() | st.integers(1, 50)}),
    }
)


@given(EVENTS, EVENTS, EVENTS)
def test_visits_may_be_added_up_in_any_grouping(one, two, three):
    assert together(together(one, two), three) == together(one, together(two, three))
