"""What a terminal and a machine are told about learning on one task."""

import io

import pytest
from learning_events import adapt, course, signs
from rich.console import Console

from arc_submit import curve


def lines(events: list, width: int = 100) -> list[str]:
    paper = io.StringIO()
    Console(width=width, color_system=None, file=paper).print(curve.learning(events))
    return paper.getvalue().splitlines()


def picture(events: list) -> list[str]:
    """The cells right of the axis, top row first."""
    return [line.split("┤", 1)[1] for line in lines(events) if "┤" in line]


def test_a_summary_compares_the_start_with_the_last_update_that_stayed():
    # start: (32 * 0.04 + 96 * 0.06 + 32 * 0.03) / 160 = 0.05; update 1: (0.09 + 0.12 + 0.15) / 3 = 0.12
    assert curve.summary(course()) == {
        "updates": 2,
        "rolled_back": 1,
        "reward_before": 0.05,
        "reward_after": 0.12,
        "stopped": "valid programs fell to 0.30 of 0.71",
    }


def test_without_a_kept_update_there_is_nothing_after():
    events = [signs(1, 0, 0.2), adapt(1, "learned"), signs(2, 1, 0.1), adapt(1, "rolled back", "why")]
    assert curve.summary([*events, signs(3, 0, 0.4)]) | {"stopped": ""} == {
        "updates": 1,
        "rolled_back": 1,
        "reward_before": 0.3,
        "reward_after": None,
        "stopped": "",
    }


def test_an_update_that_was_never_sampled_with_is_not_the_last():
    events = [signs(1, 0, 0.1), adapt(1, "learned"), signs(2, 1, 0.3), adapt(2, "learned")]
    assert curve.summary(events)["reward_after"] == 0.3
    assert curve.summary(events)["updates"] == 2


def test_an_update_refused_before_use_changes_no_reward():
    story = curve.read([signs(1, 0, 0.1), adapt(1, "rolled back", "divergence"), signs(2, 0, 0.3)])
    assert (story.made, story.used, story.undone) == ({1}, set(), {1})
    assert story.around(0) == (None, None)


def test_rewards_around_an_update_reach_to_the_next_change():
    story = curve.read(course())
    rewards = [story.around(index) for index in range(4)]
    assert rewards[0] == (None, None)  # skipped
    assert rewards[1] == pytest.approx((0.05, 0.105))
    assert rewards[2] == pytest.approx((0.105, 0.02))
    assert rewards[3] == pytest.approx((0.02, 0.15))


def test_nothing_is_known_of_no_events():
    empty = {"updates": 0, "rolled_back": 0, "reward_before": None, "reward_after": None, "stopped": ""}
    assert curve.summary([]) == empty
    assert curve.summary([{"event": "candidate"}]) == empty
    assert lines([]) == ["no learning: the model did not sample"]


def test_a_task_that_is_begun_anew_shows_its_last_beginning():
    events = [*course(), signs(1, 0, 0.5), adapt(1, "learned"), signs(2, 1, 0.7)]
    assert curve.summary(events) == {
        "updates": 1,
        "rolled_back": 0,
        "reward_before": 0.5,
        "reward_after": 0.7,
        "stopped": "",
    }
    assert lines(events)[0] == "the task was begun again: earlier rounds are left out"


def test_rounds_and_updates_stand_in_their_order():
    shown = lines(course())
    table = shown[: shown.index("")]
    assert [line.split()[:2] for line in table if "lessons" not in line] == [
        ["round", "adapter"],
        ["1", "0"],
        ["2", "0"],
        ["update", "1"],
        ["3", "0"],
        ["update", "1"],
        ["4", "1"],
        ["5", "1"],
        ["7", "1"],
        ["update", "2"],
        ["8", "2"],
        ["update", "2"],
        ["9", "1"],
    ]
    assert table[1].split() == ["1", "0", "32", "0.71", "0.52", "88", "0.040", "-", "0.50"]
    assert "  update 2 (both) rolled back: valid programs fell to 0.30 of 0.71" in table
    assert "    50 lessons, 12 groups, 4 steps, loss 1.21 -> 0.833, 3.7 s" in table


def test_of_many_rounds_only_the_ends_are_listed():
    shown = lines([signs(number, 0, 0.1 if number % 2 else 0.3) for number in range(1, 141)])
    # the 130 in the middle are half and half: (0.1 + 0.3) / 2
    assert "  ... 130 rounds, mean reward 0.200" in shown
    assert sum(line.lstrip()[:1].isdigit() and "┤" not in line for line in shown) == 10


def test_one_round_is_a_mark_in_the_middle_on_its_height():
    rows = picture([signs(3, 0, 0.5)])
    assert rows[0].strip() == "●"  # the axis ends at 0.5
    assert rows[0].index("●") == curve.WIDTH // 2
    assert not "".join(rows[1:]).strip()
    assert lines([signs(3, 0, 0.5)])[-1].strip() == "round 3"


def test_a_rising_reward_rises_in_the_picture():
    rows = picture([signs(number, 0, number / 100) for number in range(1, 41)])
    heights = [min(y for y, row in enumerate(rows) if row[x : x + 1].strip()) for x in range(2, 58)]
    assert heights == sorted(heights, reverse=True)
    assert (heights[0], heights[-1]) == (9, 0)


def test_a_round_without_fresh_answers_breaks_the_line():
    rewards = [0.1, 0.1, None, 0.1, 0.1]
    (row,) = (row for row in picture([signs(n, 0, reward) for n, reward in enumerate(rewards, 1)]) if row.strip())
    # five rounds of 12 cells: the third has the cells 24 to 35, and the line ends before it
    assert [row[12 * n : 12 * n + 12].count("●") for n in range(5)] == [1, 1, 0, 1, 1]
    assert not row[24:36].strip()


def test_updates_are_marked_where_they_came_and_went():
    shown = lines(course())
    flags = next(line for line in shown if "▲1" in line)[8:]
    # 8 rounds in 60 cells; update 1 after 3 of them, 2 after 6, gone after 7
    assert {flag: flags.index(flag) for flag in ("▲1", "▲2", "✗2")} == {"▲1": 22, "▲2": 45, "✗2": 52}
    assert all(row[column] != " " for row in picture(course()) for column in (22, 45, 52))


def test_flags_that_meet_stand_side_by_side():
    events = [signs(1, 0, 0.1)] + [signs(n + 1, n, 0.1) for n in range(1, 60)]
    told = [events[0]] + [one for n, event in enumerate(events[1:], 1) for one in (adapt(n, "learned"), event)]
    flags = next(line for line in lines(told, 300) if "▲1 " in line)
    assert flags.split() == [f"▲{number}" for number in range(1, 60)]


def test_rewards_below_nothing_have_a_place():
    rows = picture([signs(1, 0, -0.5), signs(2, 0, 0.5)])
    assert "●" in rows[0] and "●" in rows[-1]


@pytest.mark.parametrize("events", [[adapt(1, "stopped", "OSError: disk full", steps=0)], [signs(1, 0, None)]])
def test_updates_alone_and_rounds_without_rewards_can_be_told(events: list):
    assert lines(events)


def test_an_error_of_many_lines_stays_on_its_own():
    shown = lines([signs(1, 0, 0.1), adapt(1, "stopped", "EngineError:\n  no\n  memory [bold]", steps=0)])
    assert "  update 1 (both) stopped: EngineError: no memory [bold]" in shown
