"""Every task generator: its items are fit, agree with their programs, vary, stay short, and are nobody's evaluation."""

import hashlib
import os
import random
import subprocess
import sys
from functools import cache
from pathlib import Path
from statistics import median

import pytest

from arc_submit.records import Grid
from training.guard import Guard
from training.tasks.item import Item, attempt, run
from training.tasks.registry import FAMILIES, GENERATORS, item, items

ROOT = Path(__file__).parents[2]
DRAWN = 20  # items of each generator
CELLS = 700  # inputs and outputs of one task together, in the median

every_generator = pytest.mark.parametrize("name", GENERATORS)


@cache
def drawn(name: str) -> tuple[Item, ...]:
    return tuple(attempt(GENERATORS[name], random.Random(f"test/{n}"), f"test-{n}", name) for n in range(DRAWN))


@pytest.fixture(scope="module")
def guard() -> Guard:
    return Guard.of()


def cells(grids: list[Grid]) -> int:
    return sum(len(grid) * len(grid[0]) for grid in grids)


def test_there_are_many_generators_and_every_file_of_the_folder_takes_part():
    files = {file.stem for file in (ROOT / "training/tasks").glob("*.py") if "\nGENERATORS = (" in file.read_text()}
    assert len(GENERATORS) >= 40
    assert {name.split("/")[0] for name in GENERATORS} == files <= set(FAMILIES)


@every_generator
def test_its_docstring_says_the_rule_in_one_line(name):
    text = GENERATORS[name].__doc__
    assert text and "\n" not in text.strip() and text.strip().endswith(".")


@every_generator
def test_outputs_are_what_the_program_makes(name):
    for one in drawn(name):
        outputs = (*(pair.output for pair in one.task.train), one.test)
        assert run(one.source, one.task.inputs) == outputs
        assert one.origin == name


@every_generator
def test_items_differ(name):
    assert len({(one.source, one.task.inputs) for one in drawn(name)}) == DRAWN


@every_generator
def test_demonstrations_are_two_to_six_and_prompts_short(name):
    sums = []
    for one in drawn(name):
        assert 2 <= len(one.task.train) <= 6 and len(one.task.test) == 1
        sums.append(cells([*one.task.inputs, *(pair.output for pair in one.task.train), one.test]))
    assert median(sums) <= CELLS


@every_generator
def test_drafts_are_seldom_refused(name):
    # `attempt` with a generator that counts: 20 items from at most 40 drafts.
    calls = []
    for number in range(DRAWN):
        attempt(lambda rng: calls.append(0) or GENERATORS[name](rng), random.Random(f"test/{number}"), "t", name)
    assert len(calls) <= 2 * DRAWN


@every_generator
def test_no_item_holds_an_evaluation_pair(name, guard):
    assert [reason for one in drawn(name) if (reason := guard.refuse(one.task, (one.test,)))] == []


def test_an_item_depends_on_seed_and_index_alone():
    count = len(GENERATORS)
    whole = list(items(3, count))
    assert [item(3, index) for index in (count - 1, 0)] == [whole[-1], whole[0]]
    assert list(items(3, 2, start=5)) == whole[5:7]
    assert item(4, 0) != whole[0]


def test_generators_take_turns():
    count = len(GENERATORS)
    assert [one.origin for one in items(0, count)] == list(GENERATORS)
    assert item(0, count + 1).origin == item(0, 1).origin


def digest(hash_seed: int) -> str:
    code = "from training.tasks.registry import *; print([repr(i) for i in items(1, 2 * len(GENERATORS))])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
    )
    return hashlib.sha256(done.stdout).hexdigest()


def test_items_do_not_depend_on_the_hash_seed():
    assert digest(1) == digest(2)
