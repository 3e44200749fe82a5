"""What a worker does without: every rung takes something away, and what it leaves is still a valid run."""

from pathlib import Path

import pytest

from arc_submit.config import LANGUAGE, SYMBOLIC, RunConfig, load, presets
from arc_submit.run import ladder

MODEL = load(settings=["adapt.mode=both", "adapt.rank=16", "sample.context=4096", "sample.sequences=64",
                       "budget.cohort=8", "budget.width=8", "search.proposers=lm,symbolic"])  # fmt: skip
SYMBOLS = load(settings=["search.proposers=symbolic"])
LEAST = load(settings=["sample.sequences=1", "sample.batch_tokens=256", "sample.context=64", "budget.cohort=1",
                       "budget.width=1", "adapt.rank=1", "adapt.micro_tokens=64"])  # fmt: skip
EVERY = [(config, rung, lesser) for config in (MODEL, SYMBOLS, LEAST) for rung in range(5) for lesser in range(3)]


def size(config: RunConfig) -> tuple[float, ...]:
    """What needs memory, in numbers."""
    sample, adapt = config.sample, config.adapt
    context = float("inf") if sample.context is None else sample.context
    learns = 0 if adapt.mode == "none" else 1
    return (
        sample.sequences, sample.batch_tokens, context, config.budget.cohort, config.budget.width, adapt.rank,
        adapt.micro_tokens, learns,
    )  # fmt: skip


def valid(config: RunConfig) -> RunConfig:
    """As a worker gets it: through JSON, checked again."""
    return RunConfig.model_validate(config.model_dump(mode="json"))


def test_nobody_does_without_anything_unasked():
    assert ladder.settings(MODEL, 0, 0) == MODEL
    assert ladder.words(MODEL, 0, 0) == ""


@pytest.mark.parametrize(("config", "rung", "lesser"), EVERY)
def test_what_is_left_is_a_valid_run(config, rung, lesser):
    found = ladder.settings(config, rung, lesser)
    assert valid(found) == found


@pytest.mark.parametrize("config", [MODEL, SYMBOLS, LEAST, *(load(preset) for preset in presets())])
def test_every_rung_lowers_something_and_raises_nothing(config):
    before = size(config)
    for rung in range(1, len(ladder.RUNGS) + 1):
        now = size(ladder.settings(config, rung, 0))
        assert all(less <= more for less, more in zip(now, before, strict=True)), ladder.RUNGS[rung - 1][0]
        before = now


def test_no_rung_of_a_run_that_is_large_is_for_nothing():
    sizes = [size(ladder.settings(MODEL, rung, 0)) for rung in range(len(ladder.RUNGS) + 1)]
    assert len(set(sizes)) == len(sizes)


def test_the_rungs_add_up():
    # 64 sequences: half, half again with the shorter context, half again with the smaller adapter, then one.
    assert [ladder.settings(MODEL, rung, 0).sample.sequences for rung in range(5)] == [64, 32, 16, 8, 1]
    assert [ladder.settings(MODEL, rung, 0).budget.cohort for rung in range(5)] == [8, 8, 4, 4, 1]
    assert [ladder.settings(MODEL, rung, 0).sample.context for rung in range(5)] == [4096, 4096, 3072, 3072, 3072]
    assert [ladder.settings(MODEL, rung, 0).adapt.rank for rung in range(5)] == [16, 16, 16, 8, 8]
    assert [ladder.settings(MODEL, rung, 0).adapt.mode for rung in range(5)] == ["both"] * 4 + ["none"]


def test_a_smaller_adapter_weighs_as_much_as_before():
    found = ladder.settings(MODEL, 3, 0).adapt
    assert found.alpha / found.rank == MODEL.adapt.alpha / MODEL.adapt.rank


def test_a_context_gets_no_shorter_than_a_task_needs():
    assert ladder.settings(load(settings=["sample.context=1100"]), 2, 0).sample.context == 1024
    assert ladder.settings(load(settings=["sample.context=512"]), 2, 0).sample.context == 512
    assert ladder.settings(RunConfig(), 2, 0).sample.context is None


def test_a_run_with_an_adapter_loses_it_before_the_model():
    assert [name for name, _ in ladder.less(MODEL)] == ["the base without its adapter", "no language model"]
    base = ladder.settings(MODEL, 0, 1)
    assert base.sample.adapter is None and set(LANGUAGE) <= set(base.search.proposers)
    alone = ladder.settings(MODEL, 0, 2)
    assert alone.search.proposers == SYMBOLIC and alone.adapt.mode == "none"


def test_a_run_without_an_adapter_can_only_lose_the_model():
    config = MODEL.model_copy(update={"sample": MODEL.sample.model_copy(update={"adapter": None})})
    assert [name for name, _ in ladder.less(config)] == ["no language model"]
    assert ladder.settings(config, 0, 1).search.proposers == SYMBOLIC


def test_a_run_without_a_model_has_nothing_to_lose():
    assert ladder.less(SYMBOLS) == ()
    assert ladder.settings(SYMBOLS, 0, 2) == SYMBOLS


@pytest.mark.parametrize("name", LANGUAGE)
def test_any_proposer_that_asks_the_model_makes_it_a_run_with_one(name):
    assert ladder.less(load(settings=[f"search.proposers={name},mutate", "sample.adapter=x"]))


def test_both_ladders_go_together():
    both = ladder.settings(MODEL, 1, 1)
    assert both.sample.sequences == 32 and both.sample.adapter is None


def test_the_words_say_the_lowest_rung_of_each_ladder():
    assert ladder.words(MODEL, 1, 0) == "half the sequences"
    assert ladder.words(MODEL, 4, 0) == "one task, one sequence, no learning"
    assert ladder.words(MODEL, 0, 1) == "the base without its adapter"
    assert ladder.words(MODEL, 2, 2) == "half the tasks at once, a shorter context; no language model"


def test_the_adapter_is_a_path_again_after_json():
    assert isinstance(valid(ladder.settings(MODEL, 4, 0)).sample.adapter, Path)
