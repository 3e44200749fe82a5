"""Who gets how much of a round: the sum, the floor, the pull of what pays, and whose turn it is."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arc_submit.search.shares import Shares, gain

NAMES = ("a", "b", "c", "d")
credits_given = st.lists(st.tuples(st.sampled_from(NAMES), st.floats(0, 3.1)), max_size=60)


def after(*paid: tuple[str, float], floor: float = 0.1, names: tuple[str, ...] = NAMES) -> Shares:
    found = Shares(names, floor)
    for name, worth in paid:
        found.credit(name, worth)
    return found


def turns(shares: Shares, rounds: int) -> Counter[str]:
    return Counter(name for _ in range(rounds) for name in shares.due())


@given(credits_given, st.floats(0, 1))
def test_shares_add_up_to_one_and_none_is_below_the_floor(paid, floor):
    shares = after(*paid, floor=floor).shares()
    assert list(shares) == list(NAMES)
    assert sum(shares.values()) == pytest.approx(1.0)
    # A floor above a quarter is a quarter: four names cannot have more each.
    assert min(shares.values()) >= min(floor, 0.25) - 1e-9


def test_at_first_all_have_the_same():
    assert after().shares() == pytest.approx(dict.fromkeys(NAMES, 0.25))


def test_one_name_has_everything():
    alone = after(("a", 0.0), names=("a",))
    assert alone.shares() == pytest.approx({"a": 1.0})
    assert turns(alone, 5) == {"a": 5}


def test_a_share_by_hand():
    # a: (0.98 * 0.02 + 1) / (0.98 + 1) = 0.5149, b: 0.02; what the floors leave is 0.8: 0.1 + 0.8 * 0.5149 / 0.5349
    shares = after(("a", 1.0), names=("a", "b")).shares()
    assert shares["a"] == pytest.approx(0.8701, abs=1e-4)


def test_shares_move_toward_what_pays_and_away_from_what_does_not():
    shares = after(("a", 1.0), ("b", 0.0)).shares()
    assert shares["a"] > shares["c"] == shares["d"] > shares["b"]


def test_what_paid_long_ago_is_forgotten():
    once = [("a", 1.0)] + [("a", 0.0)] * 200
    assert after(*once).shares()["a"] < after(*once[:20]).shares()["a"]
    later = after(*once, ("b", 0.1)).shares()
    assert later["b"] > later["c"] > later["a"]


def test_a_program_is_worth_more_the_more_it_changed():
    worth = [gain(False, 0.0), gain(False, 0.25), gain(True, 0.25)]
    assert worth == pytest.approx([0.0, 0.5, 1.5])


# Turns. --------------------------------------------------------------------------------------------------------------


def test_at_first_every_name_has_every_turn():
    assert turns(after(), 3) == dict.fromkeys(NAMES, 3)


@given(credits_given)
def test_the_largest_share_has_a_turn_every_round_and_the_others_in_proportion(paid):
    found = after(*paid)
    shares = found.shares()
    largest = max(shares.values())
    had = turns(found, 100)
    assert max(had.values()) == 100
    for name, share in shares.items():
        assert abs(had[name] - 100 * share / largest) <= 1.0


def test_a_floor_keeps_everybody_coming_back():
    # a pays for everything: 0.7 and three times 0.1, so the others come every seventh round or so
    had = turns(after(*[("a", 1.0)] * 100, *[(name, 0.0) for name in "bcd" for _ in range(500)]), 70)
    assert had == {"a": 70, "b": 10, "c": 10, "d": 10}


def test_turns_and_draws_repeat():
    paid = [("a", 0.3), ("c", 0.1), ("a", 0.0)]
    one, other = after(*paid), after(*paid)
    assert [one.due() for _ in range(20)] == [other.due() for _ in range(20)]
    assert one.draw(50, random.Random(3)) == other.draw(50, random.Random(3)) != one.draw(50, random.Random(4))


def test_draws_follow_the_shares():
    found = after(("a", 1.0))
    drawn = Counter(found.draw(4000, random.Random(0)))
    for name, share in found.shares().items():
        assert drawn[name] / 4000 == pytest.approx(share, abs=0.03)
