"""The hand-in: whole at every moment, an answer never given up for a fallback, scored as the competition does."""

import json
from typing import Any

import pytest
from fake_session import task
from hypothesis import given
from hypothesis import strategies as st

from kernel import handin
from kernel.handin import HandinError, Mirror

BLANK = {"attempt_1": [[0]], "attempt_2": [[0]]}
EMPTY = handin.fallback({"a": task(1), "b": task(2, tests=2)})[0]


def entry(first: int, second: int = 0) -> dict[str, Any]:
    return {"attempt_1": [[first]], "attempt_2": [[second]]}


def test_the_fallback_is_the_test_input():
    assert EMPTY["a"] == [{"attempt_1": [[1, 1]], "attempt_2": [[0]]}]
    assert len(EMPTY["b"]) == 2


@pytest.mark.parametrize(
    "bad",
    [
        None,
        [],
        {},
        {"train": [], "test": []},
        {"test": {"input": [[1]]}, "train": 3},
        {"test": [None], "train": [{"input": [[1]], "output": [[1]]}]},
        {"test": [{"input": [[1], [1, 2]]}], "train": [{"input": [[1]], "output": [[1]]}]},
        {"test": [{"input": [[True]]}], "train": [{"input": [[1]], "output": [[1]]}]},
        {"test": [{"input": [[1]] * 31}], "train": [{"input": [[1]], "output": [[1]]}]},
    ],
)
def test_a_malformed_task_is_covered_and_named(bad):
    content, malformed = handin.fallback({"good": task(), "bad": bad})
    assert malformed == ["bad"] and content["bad"] == [BLANK]


def test_a_task_with_bad_pairs_keeps_its_good_test_input():
    content, malformed = handin.fallback({"a": {"train": [{"input": [[1]]}], "test": [{"input": [[5]]}]}})
    assert malformed == ["a"] and content["a"][0]["attempt_1"] == [[5]]


def test_holes_are_filled_and_counted():
    settled = handin.settle({"b": [entry(7)], "zz": []}, EMPTY)
    assert settled.content == {"a": EMPTY["a"], "b": [entry(7), EMPTY["b"][1]]}
    assert (settled.repaired, settled.unknown, settled.fallbacks, settled.outputs) == (["a", "b"], ["zz"], 2, 3)


def test_an_answer_is_not_given_up_for_a_fallback():
    kept = {"a": [entry(7)], "b": [entry(7), EMPTY["b"][1]]}
    newer = {"a": EMPTY["a"], "b": [entry(8), entry(9)]}
    assert handin.overlay(kept, newer, EMPTY) == {"a": [entry(7)], "b": [entry(8), entry(9)]}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 11) | st.text(max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["attempt_1", "attempt_2"]), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), json_values))
def test_whatever_a_solver_writes_comes_out_whole(found):
    content = handin.settle(found, EMPTY).content
    assert {name: len(entries) for name, entries in content.items()} == {"a": 1, "b": 2}
    assert all(handin.is_entry(answer) and set(answer) == set(BLANK) for some in content.values() for answer in some)


@given(st.dictionaries(st.sampled_from(["a", "b"]), json_values | st.fixed_dictionaries({"test": json_values})))
def test_whatever_the_test_file_holds_is_covered(challenges):
    content, _ = handin.fallback(challenges)
    assert content.keys() == challenges.keys()
    assert all(some and all(map(handin.is_entry, some)) for some in content.values())


def test_the_mirror_takes_over_what_is_newer_and_leaves_the_rest(tmp_path):
    target, source = tmp_path / "submission.json", tmp_path / "run.json"
    handin.write(target, EMPTY)
    mirror = Mirror(target, EMPTY)
    mirror.look(source)
    source.write_text(json.dumps({"a": [entry(7)], "b": EMPTY["b"]}))
    mirror.look(source)
    assert json.loads(target.read_text())["a"] == [entry(7)]
    source.write_text('{"a": [{"att')
    mirror.look(source)
    assert json.loads(target.read_text())["a"] == [entry(7)]
    assert len(mirror.complaints) == 1 and "cut short" in mirror.complaints[0]
    assert {path.name for path in tmp_path.iterdir()} == {"submission.json", "run.json"}


def test_a_target_that_cannot_be_written_keeps_what_it_has(tmp_path, monkeypatch):
    target, source = tmp_path / "submission.json", tmp_path / "run.json"
    handin.write(target, EMPTY)
    source.write_text(json.dumps({"a": [entry(7)]}))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(handin.os, "fsync", full)
    mirror = Mirror(target, EMPTY)
    mirror.look(source)
    assert handin.read(target) == EMPTY and "No space left" in mirror.complaints[0]
    assert not (tmp_path / "submission.json.new").exists()


def test_what_could_not_be_written_is_tried_again_at_the_next_look(tmp_path, monkeypatch):
    target, source = tmp_path / "submission.json", tmp_path / "run.json"
    handin.write(target, EMPTY)
    source.write_text(json.dumps({"a": [entry(7)]}))
    mirror = Mirror(target, EMPTY)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(handin.os, "fsync", full)
        mirror.look(source)
    mirror.look(source)  # the file is the same, the disk has space
    assert handin.read(target)["a"] == [entry(7)]


def test_either_attempt_may_be_right_and_every_output_counts_one():
    content = {"a": [entry(7)], "b": [entry(1, 7), entry(1, 2)]}
    solutions = {"a": [[[7]]], "b": [[[7]], [[7]]]}
    assert handin.score(content, solutions, ["a", "b"]) == (2, 3)  # a, the first of b
    with pytest.raises(HandinError, match="expected 2 solutions"):
        handin.score(content, {"b": [[[7]]]}, ["b"])


@pytest.mark.parametrize("text", ["", "[]", "[" * 100_000, '{"a": 1', "\ufeff[1]"])
def test_a_file_that_is_none_is_refused_in_words(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(HandinError, match=r"x\.json"):
        handin.read(path)
    assert handin.kept_in(path, EMPTY) == EMPTY
