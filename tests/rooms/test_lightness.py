"""The solver's CPU part starts without engines: a fresh interpreter per module, and nothing heavy comes along."""

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "arc_submit"
HEAVY = {"torch", "vllm", "transformers", "peft", "trl", "accelerate", "datasets", "pandas", "matplotlib"}
DEVICES = {
    "arc_submit.sample.hf",
    "arc_submit.sample.vllm",
    "arc_submit.adapt.lora",
    "arc_submit.adapt.rows",
    "arc_submit.adapt.step",
}
"""Modules that touch a device; nobody imports them at module level."""

COMPILER = "numba"
COMPILED = ("arc_submit.symbolic.layers", "arc_submit.symbolic.ideas.composed")
"""Only modules of this package may bring the compiler."""

LIST_THEM = """
import sys
before = set(sys.modules)
import {name}
print(*sorted({{module.split(".")[0] for module in set(sys.modules) - before}}))
print(*sorted(module for module in set(sys.modules) - before if module.startswith("arc_submit")))
"""


def name_of(file: Path) -> str:
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = sorted({name_of(file) for file in PACKAGE.rglob("*.py")} - DEVICES - {"arc_submit.__main__"})


@cache
def brought(name: str) -> tuple[set[str], set[str]]:
    """Top-level packages, and modules of ours, that importing one module brings into a fresh interpreter."""
    done = subprocess.run([sys.executable, "-c", LIST_THEM.format(name=name)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    tops, ours = done.stdout.splitlines()
    return set(tops.split()), set(ours.split())


@pytest.mark.parametrize("name", MODULES)
def test_a_module_brings_nothing_heavy(name):
    tops, ours = brought(name)
    assert not tops & HEAVY
    assert not ours & DEVICES
    assert COMPILER not in tops or name.startswith(COMPILED)


def test_the_dsl_is_the_standard_library_only():
    tops, ours = brought("arc_submit.dsl")
    assert tops <= sys.stdlib_module_names | {"arc_submit"}
    assert all(module == "arc_submit" or module.startswith("arc_submit.dsl") for module in ours)


def test_the_records_bring_nothing_but_the_standard_library():
    tops, ours = brought("arc_submit.records")
    assert tops <= sys.stdlib_module_names | {"arc_submit"}
    assert ours == {"arc_submit", "arc_submit.records"}


def test_the_package_brings_nothing_at_all():
    assert brought("arc_submit") == ({"arc_submit"}, {"arc_submit"})


@pytest.mark.parametrize("name", ["arc_submit.config", "arc_submit.tasks", "arc_submit.vote", "arc_submit.run"])
def test_the_supervisor_and_the_settings_do_without_numpy(name):
    assert "numpy" not in brought(name)[0]
