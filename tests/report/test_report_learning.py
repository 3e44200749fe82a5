"""Learning on the page: a section per task, a panel for the run, and nothing of either where nobody learned."""

import re
from pathlib import Path
from typing import Any

from learning_events import adapt, course, signs
from report_runs import SECONDS, Make, done, story

from arc_submit.canary import TASK as CANARY
from arc_submit.report import chart, write
from arc_submit.report.build import Page, build
from arc_submit.report.gather import gather
from arc_submit.report.learning import HEADINGS, learning, overall


def html(out: Path) -> str:
    write(out, out / "report.html")
    return (out / "report.html").read_text("utf-8")


def tell(made: Any, task_id: str, events: list[dict[str, Any]]) -> None:
    for event in events:
        made.note(event | {"task": task_id})


def page(stage: Make) -> Page:
    """The first of four tasks learned, the second only sampled."""
    made = story(stage([(3, 4)] * 4))
    tell(made, "own00000", course())
    tell(made, "own00001", [signs(1, 0, 0.4), adapt(1, "stopped", "no step was made.", steps=0)])
    return build(gather(made.end()))


def test_a_run_without_learning_does_not_mention_it(finished: Path) -> None:
    shown = html(finished)
    assert "Learning" not in shown and 'class="learning"' not in shown and "that learned" not in shown
    assert build(gather(finished)).learning == ()


def test_a_task_that_learned_has_a_section(stage: Make) -> None:
    first, second, third, *_ = page(stage).entries
    assert first.learning is not None and second.learning is not None and third.learning is None
    assert "learned" in first.tags and "learned" not in second.tags
    assert first.learning.ended == (
        "Learning stopped when update 2 was rolled back: valid programs fell to 0.30 of 0.71."
    )
    assert second.learning.ended == "Learning stopped: no step was made."
    assert (first.learning.first, first.learning.last) == ("round 1", "round 9")


def test_the_table_has_a_row_per_verdict() -> None:
    found = learning(course())
    assert found is not None
    rows = [dict(zip(HEADINGS, row, strict=True)) for row in found.rows]
    assert [(row["update"], row["verdict"]) for row in rows] == [
        ("1", "skipped"),
        ("1", "learned"),
        ("2", "learned"),
        ("2", "rolled back"),
    ]
    assert rows[1] == {
        "update": "1",
        "kind": "both",
        "verdict": "learned",
        "why": "",
        "lessons": "50",
        "groups": "12",
        "steps": "4",
        "loss": "1.21 → 0.833",
        "KL": "0.0312",
        "train / swap / probe": "3.1 / 0.2 / 0.4",
        "reward": "0.050 → 0.105",  # (32 * 0.04 + 96 * 0.06 + 32 * 0.03) / 160, (0.09 + 0.12) / 2
    }
    assert {rows[0][name] for name in ("loss", "KL", "train / swap / probe", "reward")} == {"–"}


def test_marks_say_which_update_stayed() -> None:
    found = learning(course())
    assert found is not None
    # 8 rounds: update 1 after three, 2 after six, rolled back after seven
    assert [(mark.place, mark.label, mark.kind) for mark in found.marks] == [
        (3 / 8, "▲1", "kept"),
        (6 / 8, "▲2", "lost"),
        (7 / 8, "✗2", "back"),
    ]


def test_the_picture_has_words() -> None:
    found = learning(course())
    assert found is not None
    assert found.words == (
        "Mean reward of fresh answers over 8 rounds, from 0.040 to 0.150, best fitness 0.75 at the end, "
        "update 1 in use after round 3, update 2 in use after round 7, update 2 rolled back after round 8"
    )


def test_a_single_round_is_a_dot() -> None:
    found = learning([signs(4, 0, 0.2)])
    assert found is not None
    assert (found.dots, found.first, found.last) == ("M500 0h0", "round 4", "")
    assert found.ended == "No update was made."


def test_updates_without_a_round_have_no_picture(stage: Make) -> None:
    made = stage()
    tell(made, "own00000", [adapt(1, "stopped", "OSError: disk full", steps=0)])
    shown = html(made.end())
    assert "Learning stopped: OSError: disk full." in shown
    assert 'class="learning"' not in shown


def test_a_line_is_broken_where_a_round_has_no_reward() -> None:
    path = chart.through([0.5, None, 0.5, 0.5], 0.0, 1.0)
    assert path == "M125 50M625 50L875 50"


def test_a_task_begun_anew_says_so() -> None:
    found = learning([*course(), signs(1, 0, 0.5)])
    assert found is not None
    assert found.rows == ()
    assert found.ended == "No update was made. The task was begun again; its earlier rounds are left out."


def test_the_overview_counts_tasks_updates_time_and_reward() -> None:
    other = [signs(1, 0, 0.25), adapt(1, "learned"), signs(2, 1, 0.36)]
    facts = overall([course(), other, [signs(1, 0, 0.9)], []], {"adapt": 1.0, "sandbox": 7.0})
    assert facts == (
        ("tasks that learned", "2 of 3 on which the model sampled"),
        ("updates, summed over tasks", "3 made, 1 rolled back"),
        ("time spent learning", "12 % of all stages"),
        # (0.05 + 0.25) / 2, (0.12 + 0.36) / 2
        ("mean reward of fresh answers, before → after the last kept update", "0.150 → 0.240, 2 tasks"),
    )


def test_the_overview_says_nothing_of_rewards_that_are_not_known() -> None:
    facts = overall([[signs(1, 0, 0.1), adapt(1, "learned"), signs(2, 1, None)]], {})
    assert [name for name, _ in facts] == ["tasks that learned", "updates, summed over tasks"]


def test_learning_is_drawn_with_a_text_alternative(stage: Make) -> None:
    made = story(stage([(3, 4)] * 4))
    tell(made, "own00000", course())
    made.note(done("own00000", "time") | {"seconds": {**SECONDS, "adapt": 4.6}})
    shown = html(made.end())
    assert shown.count("<h3>Learning</h3>") == 1
    assert 'role="img" aria-label="Mean reward of fresh answers over 8 rounds, from 0.040' in shown
    assert re.search(r'<span class="flag kept" style="left: 37.5%">▲1</span>', shown)
    assert '<path class="back" d="M875 0V100"/>' in shown
    assert "<dt>tasks that learned</dt><dd>1 of 1 on which the model sampled</dd>" in shown
    # four tasks of 4.6 s, the first of which learned for 4.6 s more: 4.6 / (5 * 4.6)
    assert "<dt>time spent learning</dt><dd>20 % of all stages</dd>" in shown
    assert 'data-tag="learned"' in shown


def test_the_canarys_learning_is_not_shown(stage: Make) -> None:
    made = stage()
    tell(made, CANARY.id, course())
    assert "Learning" not in html(made.end())


def test_hostile_reasons_are_text(stage: Make) -> None:
    made = stage()
    why = "</td><script>alert(1)</script>\x1b[31m\u202e"
    tell(made, "own00000", [signs(1, 0, 0.1), adapt(1, "stopped", why, steps=0, kind=why, reduced=why)])
    shown = html(made.end())
    assert shown.count("<script") == 1
    assert "\x1b" not in shown and "\u202e" not in shown


def test_learning_on_400_tasks_keeps_the_page_small(stage: Make) -> None:
    made = stage([(1, 1)] * 400)
    for task in made.tasks:
        for number in range(60):
            tell(made, task.id, [signs(number + 1, number // 10, 0.123 + number / 999)])
            if number % 10 == 9:
                tell(made, task.id, [adapt(number // 10 + 1, "learned")])
    out = made.end()
    assert write(out, out / "report.html") < 6_000_000
