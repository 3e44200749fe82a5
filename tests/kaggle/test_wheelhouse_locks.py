"""The locks that are in the repository: complete, the same versions as the pins, and no address anywhere.

Marked slow: the real wheelhouses, fetched from this machine's package index, installed without network and imported.
"""

import re
import sys
from pathlib import Path

import pytest

from arc_submit.errors import UserError
from arc_submit.kaggle import limits, tryout, wheelhouse

REQUIREMENTS = Path(__file__).parents[2] / "requirements"
HERE = f"3.{sys.version_info[1]}"


def lock(stack: str) -> Path:
    return REQUIREMENTS / "locks" / f"{stack}.txt"


@pytest.mark.parametrize("stack", wheelhouse.STACKS)
def test_a_lock_has_the_versions_of_its_pins_and_a_hash_for_each(stack: str) -> None:
    lines = (REQUIREMENTS / f"{stack}.txt").read_text().splitlines()
    pinned = {line.split(";")[0].strip() for line in lines if "win32" not in line}
    pins = wheelhouse.read_lock(lock(stack))
    assert {str(pin) for pin in pins} == pinned
    assert all(pin.hashes for pin in pins)


def test_the_gpu_lock_is_the_pinned_stack() -> None:
    versions = {pin.name: pin.version for pin in wheelhouse.read_lock(lock("gpu"))}
    wanted = {"torch": "2.13.0", "vllm": "0.30.0", "transformers": "5.17.0", "peft": "0.21.2", "unsloth": "2026.10.7"}
    assert {name: versions[name] for name in wanted} == wanted


def test_the_cpu_lock_lists_one_build_of_torch_for_each_python_and_none_of_cuda() -> None:
    def torch(stack: str) -> frozenset[str]:
        return next(pin.hashes for pin in wheelhouse.read_lock(lock(stack)) if pin.name == "torch")

    assert len(torch("cpu")) == 3
    assert not torch("cpu") & torch("gpu")


def test_no_address_stands_in_the_requirements() -> None:
    for file in REQUIREMENTS.rglob("*.*"):
        assert not re.search(r"://|--(extra-)?index-url|--find-links", file.read_text()), file


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("stack", ["core", "cpu"])
def test_the_real_wheelhouse_installs_and_imports_without_network(stack: str, tmp_path: Path) -> None:
    try:
        house = wheelhouse.build(tmp_path / "wheels", stack, HERE, lock(stack))
    except UserError as error:
        if "CPU builds" in str(error) or str(error).startswith("torch=="):
            pytest.skip(f"this machine's indexes have no CPU build of torch for Python {HERE}: {error}")
        raise
    assert len(house.wheels) == len(wheelhouse.read_lock(lock(stack)))
    size = sum(wheel.file.stat().st_size for wheel in house.wheels)
    tried = tryout.install_and_import(house)
    print(f"\n{stack}: {len(house.wheels)} wheels, {limits.gigabytes(size)}, {tried.how}, {tried.seconds:.0f} s")
    assert tried.ok
    assert size <= wheelhouse.BYTES[stack]
