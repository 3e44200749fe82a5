"""Which accelerators a supervisor sees, and which of them a worker gets."""

from pathlib import Path

import pytest

from arc_submit import devices
from arc_submit.config import load


def given(number: int, names: tuple[str, ...], *settings: str) -> str | None:
    return devices.of_worker(load(settings=settings), number, names).get(devices.VARIABLE)


def test_what_the_environment_lists_counts(tmp_path: Path) -> None:
    (tmp_path / "nvidia0").touch()
    assert devices.visible({"CUDA_VISIBLE_DEVICES": "2, GPU-ab,"}, tmp_path) == ("2", "GPU-ab")
    assert devices.visible({"CUDA_VISIBLE_DEVICES": ""}, tmp_path) == ()


def test_else_the_nodes_are_counted(tmp_path: Path) -> None:
    for name in ("nvidia10", "nvidia2", "nvidia0", "nvidiactl", "nvidia-uvm", "sda"):
        (tmp_path / name).touch()
    assert devices.visible({}, tmp_path) == ("0", "2", "10")
    assert devices.visible({}, tmp_path / "none") == ()


def test_every_worker_has_a_card_of_its_own() -> None:
    assert [given(number, ("0", "1", "2")) for number in range(3)] == ["0", "1", "2"]


def test_more_workers_than_cards_share() -> None:
    assert [given(number, ("4", "5")) for number in range(3)] == ["4", "5", "4"]


def test_cards_that_share_a_model_stay_together() -> None:
    names = ("0", "1", "2", "3")
    assert [given(number, names, "sample.tensor_parallel=2") for number in range(2)] == ["0,1", "2,3"]


@pytest.mark.parametrize("setting", ["sample.device=cpu", "sample.device=cuda:1", "sample.device=mps"])
def test_a_device_that_is_named_is_left_alone(setting: str) -> None:
    assert given(0, ("0", "1"), setting) is None


def test_without_cards_nothing_is_said() -> None:
    assert given(0, ()) is None
