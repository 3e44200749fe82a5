"""What a round of answers shows, and when that costs an adapter its place."""

import math
import random
from dataclasses import asdict, replace

import pytest

from arc_submit.adapt.guard import Guard, Signs, pool, signs
from arc_submit.adapt.records import Answer, Group
from arc_submit.config import AdaptConfig
from arc_submit.records import Prompt

CONFIG = AdaptConfig()  # valid 0.5, distinct 0.4, length 1.6, divergence 1.0, held 0.5
GOOD = Signs(64, valid=0.6, distinct=0.5, length=200, reward=0.4, held=0.6, scored=32, holding=32, error=0.05)


def make_group(*answers, task="t", kind="fresh"):
    return Group(task, Prompt(task, kind, ()), answers)


def make_answer(program=None, *, length=10, finish="stop", **judged):
    return Answer((1,) * length, (-0.5,) * length, finish, program, **judged)


def make_guard(*rounds, **settings):
    guard = Guard(CONFIG.model_copy(update=settings))
    for one in rounds or (GOOD,):
        guard.before(one)
    return guard


def make_round(draw, answers=64, valid=0.6, spread=60, held=0.5, clump=0.2):
    """Random answers, eight to a prompt: programs drawn from `spread`, lengths that vary as much as their mean."""
    groups = []
    for _ in range(answers // 8):
        level = min(max(draw.gauss(held, clump), 0), 1)  # some pairs that are left out are harder than others
        groups.append(
            make_group(
                *(
                    make_answer(
                        f"p{draw.randrange(spread)}",
                        length=1 + int(draw.expovariate(1 / 200)),
                        valid=draw.random() < valid,
                        held=float(draw.random() < level),
                        reward=draw.random(),
                    )
                    for _ in range(8)
                )
            )
        )
    return signs(groups)


def test_signs_are_shares_and_means_of_the_answers():
    got = signs(
        [
            make_group(
                make_answer("a", length=10, valid=True, reward=1.0, held=0.5),
                make_answer("a", length=20, valid=True, reward=0.5, held=1.0),
            ),
            make_group(make_answer("b", length=30, reward=-0.5), kind="edit"),
            make_group(make_answer(None, length=40, reward=0.0, held=0.0)),
        ]
    )
    # lengths (10 + 20 + 30 + 40) / 4 = 25; rewards of fresh answers (1 + 0.5 + 0) / 3; held (0.5 + 1 + 0) / 3
    assert (got.answers, got.valid, got.distinct, got.length) == (4, 0.5, 0.5, 25)
    assert (got.reward, got.scored, got.held, got.holding) == (0.5, 3, 0.5, 3)
    # by prompt 0.5 - 0.5 + 1 - 0.5 = 0.5 and 0 - 0.5 = -0.5; sqrt(2 / 1 * (0.25 + 0.25)) / 3 = 1 / 3
    # as if all were independent: variance (0 + 0.25 + 0.25) / 2 = 0.25, sqrt(0.25 / 3) = 0.289, which is less
    assert got.error == pytest.approx(1 / 3)


def test_a_truncated_answer_counts_and_one_that_the_deadline_cut_off_does_not():
    got = signs(
        [
            make_group(
                make_answer("a", length=10, valid=True, reward=1.0),
                make_answer(None, length=50, finish="length", reward=0.0),
                make_answer("c", length=99, finish="deadline", valid=True, reward=1.0, held=1.0),
            )
        ]
    )
    assert (got.answers, got.valid, got.distinct, got.length, got.reward) == (2, 0.5, 0.5, 30, 0.5)
    assert (got.held, got.holding) == (None, 0)


def test_what_is_unscored_is_not_zero():
    got = signs([make_group(make_answer("a"), make_answer("b", reward=0.8, held=0.4))])
    assert (got.reward, got.scored, got.held, got.holding) == (0.8, 1, 0.4, 1)
    got = signs([make_group(make_answer("a"))])
    assert (got.reward, got.held) == (None, None)


def test_a_program_is_another_one_for_another_task():
    got = signs([make_group(make_answer("a"), make_answer("a"), task=task) for task in ("t", "u")])
    assert got.distinct == 0.5


def test_a_round_without_answers_has_no_signs():
    assert signs([]) == signs([make_group()]) == signs([make_group(make_answer(finish="deadline"))]) == Signs()
    assert pool([]) == pool([Signs()]) == Signs()


def test_rounds_are_pooled_by_the_answers_behind_each_mean():
    few = Signs(10, valid=0.2, distinct=0.8, length=100, reward=1.0, held=1.0, scored=1, holding=1, error=0.6)
    many = Signs(30, valid=0.6, distinct=0.4, length=200, reward=0.5, held=0.5, scored=9, holding=3, error=0.2)
    got = pool([few, many, Signs()])
    assert got.answers == 40
    assert got.valid == pytest.approx(0.5)  # (10 * 0.2 + 30 * 0.6) / 40
    assert got.distinct == pytest.approx(0.5)  # (10 * 0.8 + 30 * 0.4) / 40
    assert got.length == pytest.approx(175)
    assert got.reward == pytest.approx(0.55)  # (1 * 1 + 9 * 0.5) / 10
    assert got.held == pytest.approx(0.625)  # (1 * 1 + 3 * 0.5) / 4
    assert got.error == pytest.approx(math.sqrt(0.6**2 + 0.6**2) / 4)  # (1 * 0.6 and 3 * 0.2) / 4
    step_by_step, at_once = (asdict(one) for one in (pool([pool([few, many]), many]), pool([few, many, many])))
    assert step_by_step == pytest.approx(at_once)


@pytest.mark.parametrize(
    ("collapsed", "words"),
    [
        ({"valid": 0.11}, "valid programs fell from 0.60 to 0.11 of the answers"),
        ({"distinct": 0.1}, "distinct programs fell from 0.50 to 0.10 of the answers"),
        ({"length": 500.0}, "answers grew from 200 to 500 tokens"),
        ({"held": 0.1}, "reward on pairs left out fell from 0.60 to 0.10"),
    ],
)
def test_each_sign_trips_on_its_own(collapsed, words):
    assert make_guard().breach(replace(GOOD, **collapsed), kl=0.1) == words


@pytest.mark.parametrize("change", [{"valid": 0.37}, {"distinct": 0.26}, {"length": 319.0}, {"held": 0.31}])
def test_within_its_limit_no_sign_trips(change):
    assert make_guard().breach(replace(GOOD, **change), kl=0.99) is None


def test_signs_that_get_better_do_not_trip():
    better = replace(GOOD, valid=1.0, distinct=1.0, length=1, reward=1.2, held=1.2)
    assert make_guard().breach(better, kl=0.0) is None


def test_a_reward_that_falls_is_the_searchs_business():
    assert make_guard().breach(replace(GOOD, reward=0.0), kl=0.1) is None


@pytest.mark.parametrize("kl", [1.01, math.inf, math.nan])
def test_a_divergence_that_is_too_large_or_no_number_trips_even_without_answers(kl):
    assert "divergence from the start" in (Guard(CONFIG).breach(Signs(), kl) or "")


def test_a_fall_that_chance_explains_does_not_trip():
    # 0.2 to 0.08 of 32 answers is under 0.5 * 0.2, but the error is
    # sqrt(3 * 0.14 * 0.86 * 2 / 32) = 0.150, and 0.12 < 2 * 0.150. Of 256 answers each it is 0.053.
    was, now = replace(GOOD, answers=32, valid=0.2), replace(GOOD, answers=32, valid=0.08)
    assert make_guard(was).breach(now, 0.0) is None
    assert make_guard(replace(was, answers=256)).breach(replace(now, answers=256), 0.0) is not None
    # held 0.6 to 0.2 is under 0.3, but 0.4 < 2 * sqrt(0.05 ** 2 + 0.2 ** 2) = 0.412
    assert make_guard().breach(replace(GOOD, held=0.2, error=0.2), 0.0) is None
    assert make_guard().breach(replace(GOOD, held=0.2, error=0.15), 0.0) is not None
    # an error of 0 is luck: 8 answers would have one of 0.2 * sqrt(32 / 8) = 0.4 if they were as before
    assert make_guard(replace(GOOD, error=0.2)).breach(replace(GOOD, held=0.1, holding=8, error=0.0), 0.0) is None


def test_few_answers_are_no_verdict():
    worst = Signs(7, length=9999)
    assert make_guard().breach(worst, 0.0) is None
    assert make_guard().breach(replace(worst, answers=8), 0.0) is not None
    assert make_guard(replace(GOOD, answers=7)).breach(replace(worst, answers=64), 0.0) is None
    assert make_guard().breach(replace(GOOD, held=0.0, holding=7), 0.0) is None


def test_without_a_baseline_there_is_no_verdict():
    assert Guard(CONFIG).breach(Signs(64, length=9999), 0.0) is None
    unheld = replace(GOOD, held=None, holding=0, error=0.0)
    assert make_guard(unheld).breach(replace(GOOD, held=0.0), 0.0) is None
    assert make_guard().breach(unheld, 0.0) is None


def test_answers_to_one_prompt_are_no_verdict_on_what_was_left_out():
    # All may have met a hard pair: the error of their mean is taken as half the range of rewards, 0.6.
    alike = signs([make_group(*(make_answer("a", held=0.0) for _ in range(16)))])
    assert (alike.holding, alike.error) == (16, 0.6)
    spread = signs([make_group(*(make_answer("a", held=0.0) for _ in range(8))) for _ in range(2)])
    assert (spread.holding, spread.error) == (16, 0.0)
    assert make_guard().breach(replace(GOOD, held=0.0, error=alike.error), 0.0) is None
    assert make_guard().breach(replace(GOOD, held=0.0, error=spread.error), 0.0) is not None


def test_the_settings_move_the_limits():
    now = replace(GOOD, valid=0.25, distinct=0.17, length=400, held=0.2)
    loose = {"least_valid": 0.4, "least_distinct": 0.3, "longest": 2.1, "least_held": 0.3, "most_kl": 3.0}
    assert make_guard(**loose).breach(now, 2.9) is None
    for name in loose:
        kept = {other: limit for other, limit in loose.items() if other != name}
        assert make_guard(**kept).breach(now, 2.9) is not None, name


def test_the_baseline_is_all_rounds_before_learning():
    guard = make_guard(replace(GOOD, valid=0.4), replace(GOOD, valid=0.8), Signs())
    assert guard.baseline.answers == 128
    assert guard.baseline.valid == pytest.approx(0.6)
    assert (guard.breach(replace(GOOD, valid=0.1), 0.0) or "").startswith("valid programs fell from 0.60")


@pytest.mark.parametrize("before", [64, 128])
def test_an_ordinary_noisy_round_does_not_trip(before):
    trips = []
    for seed in range(200):
        draw = random.Random(seed)
        guard = make_guard(make_round(draw, before))
        trips += [why for why in [guard.breach(make_round(draw), 0.1)] if why]
    assert len(trips) <= 2, trips


@pytest.mark.parametrize(
    ("collapsed", "words"),
    [({"valid": 0.1}, "valid"), ({"spread": 3}, "distinct"), ({"held": 0.0, "clump": 0.0}, "left out")],
)
def test_a_collapse_shows_in_a_noisy_round(collapsed, words):
    for seed in range(50):
        draw = random.Random(seed)
        guard = make_guard(make_round(draw))
        assert words in (guard.breach(make_round(draw, **collapsed), 0.1) or ""), seed
