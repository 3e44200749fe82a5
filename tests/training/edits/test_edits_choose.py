"""Which traces are kept."""

from dataclasses import replace

import pytest
from helpers import G, make_task

from arc_submit.errors import ConfigError
from training.edits import choose as choosing
from training.edits.choose import ChooseSettings, choose, top
from training.edits.records import Parent, Trace
from training.exercises import Exercise

TASK = make_task(("12/34", "34/12"), ("56/78", "78/56"), ("11/22", "22/11"), test=("34/12",))
EXERCISES = {"t": Exercise(TASK, "test", (G("12/34"),))}
CODE = "def solve(I):\n    O = hmirror(I)\n    return O\n"


def parent(name: str = "p", reward: float = 0.2) -> Parent:
    return Parent(name, CODE, reward, (False, False, False), (None, None, None))


def trace(program: str, reward: float, solved: str = "...", of: Parent | None = parent(), **more: object) -> Trace:  # noqa: B008
    """An edit; solved spells the demonstrations, `x` for right."""
    whole = Trace(
        task="t", kind="edit" if of else "fresh", program=program, source=CODE, reward=reward,
        solved=tuple(mark == "x" for mark in solved), right=None, thinking="Turn it over.", parent=of, teacher="test",
        request="r", version="v",
    )  # fmt: skip
    return replace(whole, **more)  # type: ignore[arg-type]


def names(traces: list[Trace]) -> list[str]:
    return [one.program for one in traces]


def test_only_a_gain_over_the_parent_is_kept() -> None:
    found = choose([trace("a", 0.3), trace("b", 0.2), trace("c", 0.1)], EXERCISES)
    assert names(found.kept) == ["a"]  # 0.3 - 0.2 > 0; 0.2 - 0.2 = 0; 0.1 - 0.2 < 0
    assert found.refused == {choosing.NO_GAIN: 2}


def test_fresh_ones_must_be_right_on_every_demonstration() -> None:
    found = choose([trace("a", 1.2, "xxx", None), trace("b", 0.9, "xx.", None)], EXERCISES)
    assert names(found.kept) == ["a"] and found.refused == {choosing.NOT_RIGHT: 1}


def test_what_passes_and_fails_the_test_is_refused_and_what_is_not_known_is_not() -> None:
    traces = [
        trace("a", 1.2, "xxx", right=False),
        trace("b", 1.2, "xxx", right=None),
        trace("c", 0.9, "xx.", right=False),
    ]
    found = choose(traces, EXERCISES)
    assert names(found.kept) == ["b", "c"] and found.refused == {choosing.MISLED: 1}


def test_of_each_parent_the_best_three_stay() -> None:
    traces = [trace(name, reward, of=parent(of)) for of, name, reward in (
        ("p", "a", 0.9), ("p", "b", 0.8), ("p", "c", 0.7), ("p", "d", 0.6), ("q", "e", 0.3))]  # fmt: skip
    found = choose(traces, EXERCISES)
    assert sorted(names(found.kept)) == ["a", "b", "c", "e"] and found.refused == {choosing.BELOW: 1}


def test_ties_are_broken_by_what_they_cover_together() -> None:
    # gains 0.6 (first), then four of 0.4: the two places left go to what covers the demonstrations that a does not
    traces = [trace("a", 0.8, "x.."), trace("b", 0.6, "x.."), trace("c", 0.6, "xx."), trace("d", 0.6, ".x."),
              trace("e", 0.605, "..x")]  # fmt: skip
    assert sorted(names(top(traces, 3, 0.01))) == ["a", "c", "e"]
    assert names(top(traces, 3, 0.0)) == ["a", "e", "c"]  # e alone is above the others, then c covers one more than b


def test_a_tie_that_floats_round_apart_is_a_tie() -> None:
    # gains that differ by epsilon, give or take 1e-17: each trace is above the last place, or tied with it
    for step in range(1, 400):
        rewards = [0.3 + step / 1000, 0.3 + step / 1000 - 0.01, 0.3 + step / 1000 - 0.02]
        traces = [trace(str(place), reward) for place, reward in enumerate(rewards)]
        assert len(top(traces, 2, 0.01)) == 2 and len(top(traces, 1, 0.01)) == 1
        assert len(top(traces, 2, 0.0)) == 2


def test_without_ties_the_gain_decides_whatever_is_covered() -> None:
    traces = [trace("a", 0.8, "x.."), trace("b", 0.7, "x.."), trace("c", 0.6, "x.."), trace("d", 0.5, ".xx")]
    assert names(top(traces, 3, 0.01)) == ["a", "b", "c"]


def test_at_most_ten_of_a_task_the_best_of_each_parent_first() -> None:
    traces = [
        trace(f"{of}{place}", 1.0 - of / 20 - place / 100, of=parent(str(of))) for of in range(6) for place in range(3)
    ]
    found = choose(traces, EXERCISES)
    # 6 parents with 3 each: the 6 best, then 4 of the second ones
    assert sorted(names(found.kept)) == ["00", "01", "10", "11", "20", "21", "30", "31", "40", "50"]
    assert found.refused == {choosing.MANY: 8}


def test_traces_that_leak_are_refused_by_reason() -> None:
    traces = [
        trace("a", 0.9, thinking="As the correct program shows, it is turned over."),
        trace("b", 0.9, source="def solve(I):\n    return ((1, 2), (3, 4))\n", task="u"),
        trace("c", 0.9, task="gone"),
    ]
    other = make_task(("12/34", "43/21"), test=("34/12",), task_id="u")  # the test output is shown nowhere
    found = choose(traces, {**EXERCISES, "u": Exercise(other, "test", (G("12/34"),))})
    assert found.kept == [traces[1]]  # 12/34 is a demonstration's input: by right
    other = make_task(("56/78", "87/65"), test=("34/12",), task_id="u")
    found = choose(traces, {**EXERCISES, "u": Exercise(other, "test", (G("12/34"),))})
    assert found.kept == [] and sorted(found.refused) == [
        "appeals to an answer that it was not shown", choosing.UNKNOWN, "test output in the code",
    ]  # fmt: skip


def test_the_same_edit_twice_keeps_the_shorter_thinking_but_not_none() -> None:
    traces = [trace("a", 0.9, thinking=""), trace("a", 0.9, thinking="Turn it over, please."), trace("a", 0.9)]
    found = choose(traces, EXERCISES)
    assert [one.thinking for one in found.kept] == ["Turn it over."] and found.refused == {choosing.AGAIN: 2}


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(ConfigError):
        ChooseSettings(per_parent=0)
    with pytest.raises(ConfigError):
        ChooseSettings(epsilon=-0.1)
