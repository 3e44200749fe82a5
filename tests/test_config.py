"""Settings: what is accepted, what is refused and how it is named."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from arc_submit import config
from arc_submit.config import RunConfig, load
from arc_submit.errors import ConfigError, UserError
from arc_submit.symbolic.ideas import IDEAS


def refused(*settings, preset="laptop", **overrides) -> str:
    with pytest.raises(ConfigError) as caught:
        load(preset, settings, **overrides)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_config_error_is_the_users_to_mend():
    assert issubclass(ConfigError, UserError)


@pytest.mark.parametrize("name", config.presets())
def test_every_preset_that_ships_is_valid(name):
    assert isinstance(load(name), RunConfig)


def test_the_laptop_preset_is_the_default():
    assert "laptop" in config.presets()
    assert load() == load("laptop")


def test_an_unknown_preset_is_refused_and_the_known_ones_are_named():
    assert refused(preset="moon") == f"unknown preset 'moon'; expected one of {', '.join(config.presets())}"


def test_settings_go_over_the_preset_and_later_ones_win():
    found = load(settings=["budget.cohort=4", "budget.cohort=5", "seed = 7"])
    assert (found.budget.cohort, found.seed) == (5, 7)


def test_overrides_go_over_settings_and_none_is_no_override():
    found = load(settings=["seed=7", "budget.minutes=2"], seed=8, budget__minutes=None, budget__cohort=3)
    assert (found.seed, found.budget.cohort, found.budget.minutes) == (8, 3, 2.0)


def test_none_takes_a_value_back():
    assert load(settings=["workers=3", "workers=none"]).workers is None


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("seed", "--set seed: expected key=value"),
        ("sead=1", "no setting 'sead'; did you mean 'seed'?"),
        ("budget.cohorts=1", "no setting 'cohorts'; did you mean 'cohort'?"),
        ("budgt.cohort=1", "no group of settings 'budgt'; did you mean 'budget'?"),
        ("zzz=1", "no setting 'zzz'; expected one of "),
        ("budget=1", "'budget' is a group of settings; expected a key in it: budget.<name>=<value>"),
        ("seed.x=1", "no group of settings 'seed'"),
        ("budget.cohort.x=1", "no group of settings 'cohort'"),
        ("budget.cohort=0", "budget.cohort=0: "),
        ("budget.cohort=many", "budget.cohort=many: "),
        ("budget.first_share=1.5", "budget.first_share=1.5: "),
        ("budget.minutes=0", "budget.minutes=0: "),
        ("budget.seconds_per_task=-1", "budget.seconds_per_task=-1: "),
        ("trace.candidates=some", "trace.candidates=some: "),
        ("search.proposers=guess", "unknown proposer 'guess'; expected some of "),
        ("search.proposers=[]", "expected at least one proposer"),
        ("search.proposers=", "unknown proposer ''"),
        ("search.proposers=3", "search.proposers=3: "),
    ],
)
def test_a_bad_setting_is_refused_by_name(setting, expected):
    assert expected in refused(setting)


@pytest.mark.parametrize(
    "text",
    [
        "search.proposers=mutate,scripted",
        'search.proposers="mutate, scripted"',
        'search.proposers=["mutate","scripted"]',
    ],
)
def test_proposers_are_a_list_in_any_spelling(text):
    assert load(settings=[text]).search.proposers == ("mutate", "scripted")


def test_symbolic_stands_for_ideas_first_and_none_comes_twice():
    found = load(settings=["search.proposers=mutate,symbolic,scripted,scripted"]).search.proposers
    assert found == ("mutate", *IDEAS, "enumerate", "crossover", "scripted")


def test_text_needs_no_quotes():
    assert load(settings=["search.script=some/file.jsonl"]).search.script == Path("some/file.jsonl")


def test_settings_are_frozen_and_closed():
    with pytest.raises(ValidationError):
        RunConfig().seed = 1
    with pytest.raises(ValidationError):
        RunConfig.model_validate({"nothing": 1})


def test_settings_survive_the_trip_to_a_worker():
    sent = load(settings=["search.script=x.jsonl", "search.proposers=scripted", "budget.minutes=1.5"])
    assert RunConfig.model_validate(sent.model_dump(mode="json")) == sent


def test_workers_default_to_the_cores():
    assert RunConfig().worker_count == config.cores() >= 1
    assert RunConfig(workers=3).worker_count == 3
