"""What hours buy, done by hand; and every warning with the plan that earns it."""

import pytest
from plan_runs import profile

from arc_submit import config
from arc_submit.errors import ConfigError
from arc_submit.plan.arithmetic import buy, warnings
from arc_submit.plan.profile import Number, Positive, Share


def settings(*given: str, preset: str = "laptop"):
    """Settings of a preset, with one round of 2 x 4 answers and no cap."""
    return config.load(preset, ["search.prompts=2", "search.samples=4", "search.proposers=lm", *given])


def number(value: float) -> Number:
    return Number(value=value, known="measured", source="by hand")


def positive(value: float) -> Positive:
    return Positive(value=value, known="measured", source="by hand")


def said(config_, profile_, hours=1.0, tasks=240, preset="laptop") -> str:
    return "\n".join(warnings(config_, profile_, buy(config_, profile_, hours, tasks), preset))


# Sums. ---------------------------------------------------------------------------------------------------------------


def test_seconds_prompts_tokens_and_programs():
    plan = buy(settings(), profile(), 1.0, 10)
    # 3600 s, 3 of them in reserve, 100 for start-up: 3497 s of 2 workers over 10 tasks.
    assert plan.task_seconds == pytest.approx(699.4)
    # An answer: 50 tokens at 100/s and one program at 10/s = 0.6 s. A round of 2 x 4: 4.8 s.
    assert plan.round_seconds == pytest.approx(4.8)
    assert plan.rounds == pytest.approx(699.4 / 4.8)
    assert plan.answers == pytest.approx(699.4 / 0.6)
    assert plan.prompts == pytest.approx(699.4 / 0.6 / 4)
    assert plan.tokens == pytest.approx(50 * 699.4 / 0.6)
    assert plan.programs == pytest.approx(699.4 / 0.6)
    assert (plan.updates, plan.update_seconds) == (0.0, None)


def test_the_parts_add_up_to_the_hours():
    plan = buy(settings("budget.minutes=50"), profile(install_seconds=number(60)), 1.0, 10)
    assert plan.unused == pytest.approx(3600 - 60 - 3000)
    assert plan.install + plan.unused + plan.reserve + plan.startup + plan.search == pytest.approx(3600)


def test_a_task_has_one_worker_at_a_time():
    assert buy(settings("workers=8"), profile(), 1.0, 2).task_seconds == pytest.approx(3497.0)


def test_prompts_are_read_once_for_all_their_answers():
    reading = profile(prompt_tokens=number(200), prompt_tokens_per_second=positive(500))
    # 0.6 s and a quarter of 0.4 s.
    assert buy(settings(), reading, 1.0, 10).answers == pytest.approx(699.4 / 0.7)


def test_symbolic_turns_take_their_time_and_give_their_programs():
    both = profile(
        symbolic_share=Share(value=0.5, known="measured", source="by hand"), symbolic_programs_per_second=positive(40)
    )
    plan = buy(settings("search.proposers=lm,symbolic"), both, 1.0, 10)
    assert plan.answers == pytest.approx(0.5 * 699.4 / 0.6)
    # A symbolic program: 1 / 40 s to find, 1 / 10 s to run.
    assert plan.programs == pytest.approx(0.5 * 699.4 / 0.6 + 0.5 * 699.4 / 0.125)
    assert buy(settings(), both, 1.0, 10).answers == pytest.approx(699.4 / 0.6)  # the model alone has all the time


def test_symbolic_search_alone_asks_no_model():
    alone = profile(
        decode_tokens_per_second=None, answer_tokens=None, programs_per_answer=None,
        symbolic_programs_per_second=positive(40),
    )  # fmt: skip
    plan = buy(settings("search.proposers=symbolic"), alone, 1.0, 10)
    assert (plan.prompts, plan.tokens) == (0.0, 0.0)
    assert plan.programs == pytest.approx(699.4 / 0.125)


def test_a_profile_without_a_model_cannot_ask_one():
    with pytest.raises(ConfigError, match=r"no language model.*search\.proposers=symbolic"):
        buy(settings(), profile(decode_tokens_per_second=None), 1.0, 10)


def test_updates_take_from_sampling():
    learning = profile(step_seconds=positive(2), swap_seconds=number(1))
    plan = buy(settings("adapt.mode=grpo", "adapt.answers=64", "adapt.share=0.5"), learning, 1.0, 10)
    # 64 answers in batches of 16: 4 steps of 2 s and 1 s of swap; 38.4 s of sampling before each; 6 at most.
    assert plan.update_seconds == pytest.approx(9.0)
    assert (plan.updates, plan.learning) == (6, pytest.approx(54.0))
    assert plan.answers == pytest.approx((699.4 - 54.0) / 0.6)


def test_a_step_can_be_told_from_tokens():
    learning = profile(train_tokens_per_second=positive(100), prompt_tokens=number(150))
    plan = buy(settings("adapt.mode=hindsight"), learning, 1.0, 10)
    # 50 lessons in batches of 16: 4 steps, each of 16 x 200 tokens at 100/s.
    assert plan.update_seconds == pytest.approx(4 * 32.0)


@pytest.mark.parametrize("hours", [0.0, -1.0, float("nan"), float("inf")])
def test_no_hours(hours):
    with pytest.raises(ConfigError, match="--hours"):
        buy(settings(), profile(), hours, 10)


def test_no_tasks():
    with pytest.raises(ConfigError, match="--tasks 0"):
        buy(settings(), profile(), 1.0, 0)


def test_hours_that_are_over_before_it_begins_buy_nothing():
    plan = buy(settings(), profile(install_seconds=number(4000)), 1.0, 10)
    assert (plan.search, plan.task_seconds, plan.programs, plan.updates) == (0.0, 0.0, 0.0, 0.0)
    assert "no time to search" in said(settings(), profile(install_seconds=number(4000)))


# Warnings. -----------------------------------------------------------------------------------------------------------


def test_a_good_plan_has_none():
    good = settings("budget.minutes=60", "budget.seconds_per_task=500")
    assert said(good, profile(), tasks=20) == ""


def test_settings_that_stop_before_the_hours():
    # 240 tasks x 20 s over 2 workers are 2400 s; 3497 x 2 / 240 = 29.1 s would fit.
    assert "ends the run after 0.67 h; to use the hours: --set budget.seconds_per_task=29" in said(
        settings(), profile()
    )


def test_minutes_beyond_the_hours():
    late = said(settings("budget.minutes=60"), profile(install_seconds=number(600)))
    assert "budget.minutes=60 and 600 s of installing are more than 1 h; --set budget.minutes=50" in late


def test_a_first_visit_shorter_than_a_round():
    slow = said(settings(), profile(decode_tokens_per_second=positive(1)))
    assert "a first visit of 1 task (29 s) is shorter than one round of the engine (401 s)" in slow


def test_start_up_that_takes_its_toll():
    assert "start-up takes 28% of the run" in said(settings(), profile(startup_seconds=number(1000)))
    assert "start-up" not in said(settings(), profile())


def test_too_little_between_the_end_and_the_limit():
    tight = said(settings("budget.minutes=710", preset="kaggle-4xl4"), profile(), 12.0, preset="kaggle-4xl4")
    assert "ends 10 min before the limit" in tight
    enough = said(settings("budget.minutes=690", preset="kaggle-4xl4"), profile(), 12.0, preset="kaggle-4xl4")
    assert "before the limit" not in enough
    assert "before the limit" not in said(settings(), profile(), 12.0)  # a laptop has no limit


def test_the_public_set_is_half_the_hidden_one():
    config_ = settings(preset="kaggle-4xl4")
    half = buy(config_, profile(), 12.0, 120)
    trap = said(config_, profile(), 12.0, 120, "kaggle-4xl4")
    assert f"120 tasks: the hidden file has 240; there a task gets {half.task_seconds / 2:.0f} s" in trap
    assert "hidden" not in said(config_, profile(), 12.0, 240, "kaggle-4xl4")


def test_an_update_that_does_not_fit():
    slow = said(settings("adapt.mode=grpo"), profile(step_seconds=positive(50)))
    assert "one update of the model (400 s) does not fit" in slow


def test_what_nobody_measured_is_named():
    guessed = profile(deaths_per_hour=Number(value=0.1, known="assumed", source="a guess"))
    assert "nobody measured 1 of 11 numbers: deaths_per_hour" in said(settings(), guessed)


def test_a_profile_of_another_kind():
    assert "preset h100, not laptop" in said(settings(), profile(preset="h100"))
    assert "workers=3: the profile's rates are those of 2" in said(settings("workers=3"), profile())
    assert "adapt.mode=grpo: the profile does not say" in said(settings("adapt.mode=grpo"), profile())
