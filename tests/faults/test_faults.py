"""Faults in the simulated world: whatever goes wrong, the file is valid, in time, and holds what was found.

Short versions, for every change. `make faults` runs the same at full size and prints what was kept.
"""

from pathlib import Path

import pytest
from faults.catalogue import alone
from faults.simulate import SMALL, control, draw, one
from faults.world import Faults

SLACK = 2  # tasks: another order of visits is chance
SEEDS = range(12)
IN_TIME = -1.0  # seconds past the hard stop; files are written before it


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> int:
    """Tasks that the run solves when nothing happens."""
    return one(tmp_path_factory.mktemp("control") / "out", 0, Faults(), SMALL).solved


@pytest.mark.parametrize("name", alone(SMALL))
def test_a_fault_alone(name: str, tmp_path: Path, undisturbed: int) -> None:
    faults = alone(SMALL)[name]
    found = one(tmp_path / "out", 0, faults, SMALL)
    assert found.overrun <= IN_TIME
    assert found.lost == 0 or "cannot write" in found.summary["unwritten"]
    assert found.summary["canary"] is True
    fair = control(tmp_path / "fair", 0, faults, SMALL, worked=found.worked).solved
    kept = 0.95 if name != "the disk is full to the end" else 0.5  # what was found after that cannot be written
    assert found.solved >= kept * fair - SLACK
    assert fair >= 0.5 * undisturbed, f"{name}: the fault took {1 - found.worked:.0%} of the time"


@pytest.mark.parametrize("seed", SEEDS)
def test_faults_in_random_combination(seed: int, tmp_path: Path) -> None:
    faults = draw(seed, SMALL)
    found = one(tmp_path / "out", seed, faults, SMALL)
    assert found.overrun <= IN_TIME and found.lost == 0
    fair = control(tmp_path / "fair", seed, faults, SMALL, worked=found.worked).solved
    assert found.solved >= 0.95 * fair - SLACK


def test_a_run_without_faults_keeps_its_workers_busy(tmp_path: Path) -> None:
    found = one(tmp_path / "out", 3, Faults(), SMALL)
    assert found.idle < 0.03 and found.worked > 0.95
    assert found.summary["restarts"] == 0 and found.notices == ()


def test_only_the_task_that_kills_is_set_aside(tmp_path: Path) -> None:
    found = one(tmp_path / "out", 0, alone(SMALL)["three tasks always kill"], SMALL)
    assert sorted(found.summary["set_aside"]) == ["task003", "task017", "task031"]


def test_a_rung_is_remembered_by_a_resumed_run(tmp_path: Path) -> None:
    found = one(tmp_path / "out", 0, Faults(sequences=100.0, supervisor_kills=[5400.0]), SMALL)
    assert found.sittings == 2 and found.summary["restarts"] == 0, "the second sitting begins on the rung that held"
    assert len(found.summary["degraded"]) == SMALL.workers


def test_a_machine_without_any_accelerator_says_so_and_searches_without_the_model(tmp_path: Path) -> None:
    found = one(tmp_path / "out", 0, alone(SMALL)["all GPUs are missing"], SMALL)
    assert all("no language model" in words for words in found.summary["degraded"]) and found.solved > 0
