"""What is right on the demonstrations alone is found out on examples that nobody was shown."""

import json
from collections import Counter
from pathlib import Path

import pytest
from dataset_traces import exercise, here, program
from helpers import G

from arc_submit.errors import DataError
from arc_submit.programs import from_source
from arc_submit.records import Pair
from arc_submit.symbolic.expressions import HEADER
from training.dataset.verify import drawn, fresh, from_folder, share_right
from training.tasks.item import Unfit
from training.tasks.registry import GENERATORS


def test_the_program_behind_a_task_is_right_on_every_fresh_example():
    exercises = [exercise(number) for number in range(12)]
    pairs = fresh(exercises, 4, 0, here)
    assert sum(len(found) for found in pairs.values()) >= 40
    asked = [(from_source(HEADER + given.program, "t"), pairs[given.task.id]) for given in exercises]
    assert set(share_right(asked, here)) == {1.0}


def test_fresh_inputs_are_none_of_the_task_and_in_its_colours():
    given = exercise(3)
    inputs = drawn(given, 12, 0)
    assert inputs and not set(inputs) & set(given.task.inputs)

    def commonest(grids):
        return Counter(cell for grid in grids for row in grid for cell in row).most_common(1)[0][0]

    assert commonest(inputs) == commonest(given.task.inputs)


def test_a_draft_that_makes_no_task_is_passed_over(monkeypatch: pytest.MonkeyPatch):
    given = exercise(3)
    name = given.origin.removeprefix("generated/")
    whole, calls = GENERATORS[name], []

    def moody(rng):
        calls.append(rng)
        if len(calls) % 2:
            raise Unfit("not this time")
        return whole(rng)

    monkeypatch.setitem(GENERATORS, name, moody)
    assert drawn(given, 6, 0) and len(calls) >= 2


def test_a_program_that_only_fits_what_it_was_shown_is_found_out():
    given = exercise(0)
    inputs = [pair.input for pair in given.task.train]
    table = {pair.input: pair.output for pair in given.task.train}
    cheat = from_source(f"def solve(I):\n    return {table!r}.get(I, I)\n", "t")
    assert share_right([(cheat, given.task.train)], here) == [1.0]
    assert len(inputs) and share_right([(cheat, fresh([given], 4, 0, here)[given.task.id])], here) == [0.0]


def test_without_examples_nothing_is_said():
    assert share_right([(from_source(program("hmirror(I)"), "t"), ())], here) == [None]


def test_the_same_seed_draws_the_same_examples_and_another_seed_others():
    given = exercise(5)
    assert drawn(given, 8, 1) == drawn(given, 8, 1) != drawn(given, 8, 2)


def test_examples_of_a_folder_are_read(tmp_path: Path):
    body = [{"input": [[n, 2]], "output": [[2, n]]} for n in range(5)]
    (tmp_path / "abc.json").write_text(json.dumps(body))
    found = from_folder(tmp_path, "abc", 3, 0)
    assert len(found) == 3 and all(pair.output == tuple(row[::-1] for row in pair.input) for pair in found)
    assert from_folder(tmp_path, "other", 3, 0) == ()
    assert share_right([(from_source(program("vmirror(I)"), "t"), found)], here) == [1.0]
    assert share_right([(from_source(program("I"), "t"), [*found, Pair(G("1"), G("1"))])], here) != [1.0]


@pytest.mark.parametrize(
    "body", ["{}", '[{"input": [[1]]}]', '[{"input": [[1]], "output": [[11]]}]', "[1]", "nonsense"]
)
def test_a_file_that_holds_no_examples_is_named(tmp_path: Path, body: str):
    (tmp_path / "abc.json").write_text(body)
    with pytest.raises(DataError, match=r"abc\.json"):
        from_folder(tmp_path, "abc", 3, 0)
