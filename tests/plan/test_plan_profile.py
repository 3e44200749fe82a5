"""Profiles: those that ship, those from a file, and files that are none."""

import pytest
from plan_runs import profile

from arc_submit import config
from arc_submit.errors import ConfigError, OutputError
from arc_submit.plan import profile as profiles


@pytest.mark.parametrize("name", profiles.names())
def test_every_profile_that_ships_is_whole(name):
    found = profiles.load(name)
    assert found.preset in config.presets()
    assert all(number.source for number in found.numbers().values())
    assert found.decode_tokens_per_second is not None and found.answer_tokens is not None


def test_every_preset_has_a_profile():
    assert {preset for preset in config.presets() if profiles.of_preset(preset)} == set(config.presets())


def test_there_is_none_for_another_preset():
    assert profiles.of_preset("mainframe") is None


@pytest.mark.parametrize("name", ["4xl4-7b", "4xL4", "4XL4-7B"])
def test_a_profile_is_found_by_how_its_name_begins(name):
    assert profiles.load(name).preset == "kaggle-4xl4"


@pytest.mark.parametrize(("name", "near"), [("4xl5-7b", "4xl4-7b"), ("cpu-smal1", "cpu-small")])
def test_a_profile_with_a_near_name_is_suggested(name, near):
    with pytest.raises(ConfigError, match=f"--profile {name}.*did you mean '{near}'"):
        profiles.load(name)


def test_an_unknown_profile_names_all():
    with pytest.raises(ConfigError, match="expected one of 2xt4-7b, 4xl4-7b, cpu-small, h100-7b"):
        profiles.load("zzz")


def test_what_is_saved_is_read_again(tmp_path):
    given = profile(about='two "cores" of a \\ machine', preset="h100")
    profiles.save(given, tmp_path / "mine.toml")
    assert profiles.load(str(tmp_path / "mine.toml")).model_dump() == given.model_dump()


def test_a_place_that_cannot_be_written(tmp_path):
    with pytest.raises(OutputError, match="cannot write there"):
        profiles.save(profile(), tmp_path / "none" / "mine.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("about = ", "not TOML"),
        ("about = 'x'", "preset: Field required"),
        ("colour = 1", "Field required"),
        (None, "cannot be read"),
    ],
)
def test_files_that_are_no_profile(tmp_path, text, said):
    path = tmp_path / "bad.toml"
    path.write_bytes(b"\xff\xfe\xff" if text is None else text.encode())
    with pytest.raises(ConfigError, match=said):
        profiles.load(str(path))


@pytest.mark.parametrize("value", ["0.0", "-1.0", "inf"])
def test_rates_that_nothing_can_be_divided_by(tmp_path, value):
    path = tmp_path / "mine.toml"
    profiles.save(profile(), path)
    path.write_text(
        path.read_text().replace(
            "decode_tokens_per_second = { value = 100.0", f"decode_tokens_per_second = {{ value = {value}"
        )
    )
    with pytest.raises(ConfigError, match=r"mine\.toml: decode_tokens_per_second\.value"):
        profiles.load(str(path))
