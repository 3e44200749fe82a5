"""What is chosen for the page, without any HTML."""

from pathlib import Path

from report_runs import Make, candidate, done, story

from arc_submit import canary
from arc_submit.config import RunConfig
from arc_submit.report import chart
from arc_submit.report.build import build
from arc_submit.report.gather import gather


def test_best_passers_come_first_then_the_best_partial_programs(stage: Make) -> None:
    made = stage()
    (task,) = made.tasks
    made.found(
        task,
        candidate(task, "1" * 16, "a longer partial", right=1, tests=[None]),
        candidate(task, "2" * 16, "partial", right=1, tests=[None]),
        candidate(task, "3" * 16, "a longer passer", right=2, tests=[None]),
        candidate(task, "4" * 16, "passer", right=2, tests=[None]),
    )
    (entry,) = build(gather(made.end())).entries
    assert [one.id[0] for one in entry.listings] == ["4", "3", "2", "1"]


def test_programs_of_one_behaviour_are_shown_once(stage: Make) -> None:
    made = stage()
    (task,) = made.tasks
    first = candidate(task, "1" * 16, "one", right=2, tests=[None])
    made.found(task, first)
    twin = candidate(task, "2" * 16, "one, but longer", right=2, tests=[None])
    made.note(
        {
            "event": "candidate",
            "task": task.id,
            "round": 1,
            "candidate": type(twin)(twin.program, first.outcome, twin.tests),
        }
    )
    (entry,) = build(gather(made.end())).entries
    assert [one.id[0] for one in entry.listings] == ["1"]


def test_the_program_behind_the_attempt_is_shown_however_weak(stage: Make) -> None:
    made = stage()
    (task,) = made.tasks
    made.found(task, *(candidate(task, f"{n:016d}", "x" * (1 + n), right=1, tests=[None]) for n in range(20)))
    made.answered(task, ((1,),), program=f"{19:016d}")
    (entry,) = build(gather(made.end())).entries
    assert f"{19:016d}" in {one.id for one in entry.listings}


def test_a_long_trace_keeps_the_best_programs_in_memory(stage: Make) -> None:
    made = stage()
    (task,) = made.tasks
    made.found(task, candidate(task, "f" * 16, "the best", right=2, tests=[None]))
    made.found(task, *(candidate(task, f"{n:016d}", "x", right=0, tests=[None]) for n in range(500)))
    seen = gather(made.end()).seen[task.id]
    assert len(seen.pool) < 250
    assert "f" * 16 in seen.pool


def test_an_attempt_without_an_answer_behind_it_is_a_fallback(finished: Path) -> None:
    entry = build(gather(finished)).entries[1]
    assert [attempt.origin for attempt in entry.tests[0].attempts] == ["1 passing program", "fallback"]


def test_settings_that_differ_are_listed_with_their_defaults(finished: Path) -> None:
    usual = str(RunConfig().budget.cohort)
    listed = build(gather(finished)).settings
    assert {("budget.cohort", "4", usual), ("search.islands", "2", "4")} <= set(listed)
    assert not [name for name, now, default in listed if now == default]


def test_the_proposers_shares_fill_a_bar_of_their_own(stage: Make) -> None:
    made = stage()
    (task,) = made.tasks
    shares = {"fresh": 0.3, "edit": 0.2, "enumerate": 0.4, "mutate": 0.1}
    made.note(done(task.id, "time") | {"shares": shares, "authors": {"fresh": 1, "enumerate": 12}, "tokens": 1234})
    (entry,) = build(gather(made.end())).entries
    assert [(one.name, one.value) for one in entry.shares] == [
        ("fresh", "30 %, 1 program run"),
        ("edit", "20 %, 0 programs run"),
        ("enumerate", "40 %, 12 programs run"),
        ("mutate", "10 %, 0 programs run"),
    ]
    assert [round(one.start, 9) for one in entry.shares] == [0.0, 0.3, 0.5, 0.9]
    colours = {one.name: one.colour for one in entry.stages}
    assert [one.colour for one in entry.shares][2:] == [colours["enumerate"], colours["mutate"]]
    assert len({one.colour for one in entry.shares}) == 4
    assert ("tokens decoded", "1,234") in entry.facts


def test_a_trace_without_shares_has_no_bar_for_them(finished: Path) -> None:
    assert build(gather(finished)).entries[0].shares == ()


def test_stage_shares_of_a_task_fill_the_bar(finished: Path) -> None:
    stages = build(gather(finished)).entries[0].stages
    assert [one.name for one in stages] == ["enumerate", "sandbox", "mutate", "loop"]
    # 2.5 + 1.25 + 0.75 + 0.1 = 4.6 s
    assert abs(sum(one.share for one in stages) - 1.0) < 1e-9
    assert abs(stages[1].start - 2.5 / 4.6) < 1e-9


def test_a_canary_that_came_out_wrong_is_said_loudly(stage: Make) -> None:
    made = story(stage([(3, 3)] * 4))
    made.answered(canary.TASK, ((1,),))
    page = build(gather(made.end()))
    assert "The canary was not solved" in page.warnings[0]
    assert dict(page.facts)["canary"] == "NOT SOLVED"


def test_unscored_programs_are_said(stage: Make) -> None:
    made = stage()
    event = done("own00000", "time")
    event["counts"].unscored = 12
    made.note(event)
    assert build(gather(made.end())).warnings[0].startswith("12 programs could not be judged")


def test_a_curve_goes_down_when_a_better_answer_is_a_worse_one() -> None:
    moments = [(1.0, "right", "a", True), (2.0, "done", "a", True), (3.0, "right", "a", False)]
    assert chart.counted(moments, "right") == [(1.0, 1), (3.0, 0)]


def test_a_curve_of_nothing_is_a_flat_line() -> None:
    assert chart.curve("x", "x", [], 0.0, 1).path == "M0 100H1000"
