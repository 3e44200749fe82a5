"""A run's folder: when it may be used, and what it remembers."""

import errno
import json
import os
from pathlib import Path

import pytest
from helpers import G, make_task

from arc_submit import config, folder, submission, trace
from arc_submit.errors import DataError, OutputError, ResumeError, UserError
from arc_submit.records import Answer
from arc_submit.tasks import TaskSet

TASKS = TaskSet("small", (make_task(task_id="a"), make_task(task_id="b")))
GIVEN = ["seed=1", "workers=2", "budget.cohort=6", "vote.quorum=2"]
CONFIG = config.load(settings=GIVEN)


@pytest.fixture
def out(tmp_path):
    """A folder that holds a run."""
    folder.create(tmp_path / "run", TASKS, CONFIG, fresh=False)
    return tmp_path / "run"


def record(out, *events):
    with trace.Trace(out / trace.NAME) as lines:
        for event in events:
            lines.append(event)


def refused(out, tasks=TASKS, settings=CONFIG) -> str:
    with pytest.raises(ResumeError) as caught:
        folder.resume(out, tasks, settings)
    message = str(caught.value)
    assert str(out) in message
    assert "\n" not in message
    return message


# A new run. ----------------------------------------------------------------------------------------------------------


def test_a_new_run_says_what_it_is(out):
    found = folder.settings(out)
    assert found["data"] == os.path.abspath("small")
    assert found["tasks"] == ["a", "b"]
    assert found["fingerprint"] == TASKS.fingerprint
    assert config.RunConfig.model_validate(found["config"]) == CONFIG


def test_a_folder_with_a_run_is_not_used_again(out):
    before = (out / folder.SETTINGS).read_bytes()
    with pytest.raises(OutputError, match=r"--resume.*--fresh.*--out") as caught:
        folder.create(out, TASKS, CONFIG, fresh=False)
    assert isinstance(caught.value, UserError)
    assert (out / folder.SETTINGS).read_bytes() == before


def test_fresh_starts_over_and_leaves_nothing_of_the_old_run(out):
    for name in (trace.NAME, submission.NAME, "report.html"):
        (out / name).write_text("old", "utf-8")
    folder.create(out, TASKS, config.load(settings=["seed=2"]), fresh=True)
    assert folder.settings(out)["config"]["seed"] == 2
    assert not [name for name in (trace.NAME, submission.NAME, "report.html") if (out / name).exists()]


def test_a_folder_without_a_run_may_be_used_whatever_else_is_in_it(tmp_path):
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    folder.create(tmp_path, TASKS, CONFIG, fresh=False)
    assert (tmp_path / "notes.txt").read_text("utf-8") == "mine"


def test_a_path_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("x", "utf-8")
    with pytest.raises(OutputError, match="file: cannot write there"):
        folder.create(tmp_path / "file", TASKS, CONFIG, fresh=False)


def test_a_full_disk_is_said_in_one_line(tmp_path, monkeypatch):
    def full(self, content):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match=r"run: cannot write there \(No space left on device\)"):
        folder.create(tmp_path / "run", TASKS, CONFIG, fresh=False)


# Going on. -----------------------------------------------------------------------------------------------------------


def test_the_same_run_goes_on(out):
    assert folder.resume(out, TASKS, CONFIG) == folder.Past(0.0, frozenset(), {})


def test_a_folder_without_a_run_cannot_go_on(tmp_path):
    assert "no run here (expected run.json)" in refused(tmp_path)


def test_other_data_is_refused_by_name(out):
    assert f"data {os.path.abspath('small')}, not {os.path.abspath('large')}" in refused(
        out, TaskSet("large", TASKS.tasks)
    )


def test_the_same_name_with_other_contents_is_refused(out):
    changed = TaskSet("small", (make_task(task_id="a"), make_task(("1", "2"), task_id="b")))
    assert f"started with fingerprint {TASKS.fingerprint}, not {changed.fingerprint}" in refused(out, changed)


def test_other_tasks_of_the_same_data_are_refused(out):
    assert "started with 2 tasks, not 1" in refused(out, TaskSet("small", TASKS.tasks[:1]))
    assert "started with fingerprint" in refused(out, TaskSet("small", TASKS.tasks[::-1]))


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("seed=2", "started with seed=1, not 2"),
        ("budget.cohort=5", "started with budget.cohort=6, not 5"),
        ("search.proposers=mutate", "started with search.proposers="),
        ("vote.quorum=3", "started with vote.quorum=2, not 3"),
    ],
)
def test_other_settings_are_refused_by_key(out, setting, expected):
    assert expected in refused(out, settings=config.load(settings=[*GIVEN, setting]))


def test_another_number_of_workers_is_no_other_run(out):
    folder.resume(out, TASKS, config.load(settings=[*GIVEN, "workers=1"]))


def test_a_broken_settings_file_is_said_in_one_line(out):
    (out / folder.SETTINGS).write_text("{", "utf-8")
    with pytest.raises(DataError, match=r"run\.json: not JSON"):
        folder.resume(out, TASKS, CONFIG)


def test_the_past_is_what_the_trace_says(out):
    early, late = Answer("a", ((G("1"),),), ((1,),), ("p",), 1), Answer("a", ((G("2"), G("1")),), ((2, 1),), ("q",), 3)
    unfinished = Answer("b", ((G("3"),),), ((0,),), ("r",), 0)
    record(
        out,
        {"event": "run", "at": 0.0},
        {"event": "answer", "at": 1.0, "task": "a", "answer": early},
        {"event": "answer", "at": 2.5, "task": "a", "answer": late},
        {"event": "done", "at": 3.0, "task": "a"},
        {"event": "answer", "at": 4.0, "task": "b", "answer": unfinished},
        {"event": "beat", "at": 7.5},
    )
    past = folder.resume(out, TASKS, CONFIG)
    assert past == folder.Past(7.5, frozenset({"a"}), {"a": late, "b": unfinished})


def test_an_event_that_a_kill_cut_short_is_not_part_of_the_past(out):
    record(out, {"event": "beat", "at": 7.5}, {"event": "done", "at": 9.0, "task": "a"})
    path = out / trace.NAME
    path.write_bytes(path.read_bytes()[:-3])
    assert folder.read_past(out) == folder.Past(7.5, frozenset(), {})


# The reserve. --------------------------------------------------------------------------------------------------------


def test_space_is_set_aside_and_given_back_once(out):
    assert sum(path.stat().st_size for path in out.iterdir()) > 1 << 20
    assert folder.free_reserve(out)
    assert sum(path.stat().st_size for path in out.iterdir()) < 1 << 16
    assert not folder.free_reserve(out)


def test_a_run_that_goes_on_sets_space_aside_again(out):
    folder.free_reserve(out)
    folder.resume(out, TASKS, CONFIG)
    assert folder.free_reserve(out)


def test_a_disk_with_little_room_is_left_alone(out, monkeypatch):
    folder.free_reserve(out)
    usage = type("Usage", (), {"free": 1 << 20})
    monkeypatch.setattr(folder.shutil, "disk_usage", lambda path: usage)
    folder.reserve(out)
    assert not folder.free_reserve(out)


def test_settings_are_json_that_people_can_read(out):
    text = (out / folder.SETTINGS).read_text("utf-8")
    assert json.loads(text)["config"]["seed"] == 1
    assert text.count("\n") > 10


def test_results_without_a_run_are_not_overwritten_unasked(tmp_path):
    (tmp_path / "submission.json").write_text("{}")
    with pytest.raises(OutputError, match=r"submission\.json already"):
        folder.create(tmp_path, TASKS, config.load(), fresh=False)
    assert (tmp_path / "submission.json").exists()


def test_a_folder_in_which_a_run_is_going_on_is_left_alone(out):
    with trace.Trace(out / trace.NAME), pytest.raises(OutputError, match="another run is writing here"):
        folder.create(out, TASKS, config.load(), fresh=True)


def test_answers_that_only_the_submission_knows_survive_a_resume(tmp_path):
    folder.create(tmp_path, TASKS, config.load(), fresh=False)
    known = Answer("a", ((G("7"),),), ((1,),), ("p",), 1)
    submission.write(tmp_path / submission.NAME, TASKS, {"a": known})  # the disk was full: the trace says nothing
    past = folder.resume(tmp_path, TASKS, config.load())
    assert past.answers["a"].attempts == known.attempts
    assert "b" not in past.answers, "a fallback is no answer"


# Visits, rungs and strikes. ------------------------------------------------------------------------------------------


def pause(task, visits, at, **numbers):
    return {
        "event": "pause",
        "task": task,
        "visits": visits,
        "at": at,
        "spent": 2.0 * visits,
        "promise": 0.5,
        **numbers,
    }


def test_the_latest_pause_of_a_task_that_is_not_finished_is_remembered(out):
    record(
        out,
        pause("a", 1, 1.0),
        pause("b", 1, 2.0),
        pause("a", 2, 3.0, rounds=9),
        {"event": "done", "task": "b", "at": 4.0},
    )
    past = folder.resume(out, TASKS, CONFIG)
    assert past.paused == {"a": pause("a", 2, 3.0, rounds=9)} and past.done == {"b"}


def test_a_pause_that_a_kill_cut_short_leaves_the_one_before(out):
    record(out, pause("a", 1, 1.0), pause("a", 2, 3.0))
    path = out / trace.NAME
    path.write_bytes(path.read_bytes()[:-2])
    assert folder.read_past(out).paused == {"a": pause("a", 1, 1.0)}


def test_where_a_worker_stands_on_the_ladders_is_its_latest_word(out):
    record(
        out,
        {"event": "ladder", "worker": 0, "rung": 1, "lesser": 0, "at": 1.0},
        {"event": "ladder", "worker": 2, "rung": 0, "lesser": 1, "at": 2.0},
        {"event": "ladder", "worker": 0, "rung": 2, "lesser": 0, "at": 3.0},
    )
    assert folder.read_past(out).rungs == {0: (2, 0), 2: (0, 1)}


def test_strikes_are_the_deaths_with_a_task_in_hand(out):
    died = {"event": "worker", "state": "died", "at": 1.0}
    record(
        out,
        {**died, "in_hand": ["a", "b"]},
        {**died, "in_hand": []},
        {"event": "worker", "state": "started", "at": 1.0},
        {**died, "in_hand": ["b"]},
    )
    assert folder.read_past(out).strikes == {"a": 1, "b": 2}


def test_candidates_of_the_tasks_asked_for_come_in_their_order(out):
    record(
        out,
        {"event": "candidate", "task": "a", "at": 1.0, "candidate": {"n": 1}},
        {"event": "candidate", "task": "b", "at": 2.0, "candidate": {"n": 2}},
        {"event": "beat", "at": 2.5},
        {"event": "candidate", "task": "a", "at": 3.0, "candidate": {"n": 3}},
    )
    assert list(folder.candidates(out, {"a"})) == [("a", {"n": 1}), ("a", {"n": 3})]
    assert list(folder.candidates(out, ())) == []


def test_run_time_is_the_latest_that_any_event_knew(out):
    record(out, {"event": "beat", "at": 9.0}, {"event": "beat", "at": 4.0})
    assert folder.read_past(out).seconds == 9.0


def test_answers_of_the_submission_stand_beside_pauses(out):
    submission.write(out / submission.NAME, TASKS, {"a": Answer("a", ((G("7"),),), ((1,),), ("p",), 1)})
    record(out, pause("a", 1, 1.0))
    past = folder.resume(out, TASKS, CONFIG)
    assert past.answers["a"].attempts == ((G("7"),),) and past.paused.keys() == {"a"}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"a": 5}', '{"x": [{"attempt_1": [[1]], "attempt_2": [[2]]}]}'])
def test_a_submission_that_is_not_in_order_holds_no_answers(out, content):
    (out / submission.NAME).write_text(content)
    assert folder.resume(out, TASKS, CONFIG).answers == {}


def test_a_run_with_malformed_tasks_goes_on_with_them(tmp_path):
    mixed = TaskSet("small", TASKS.tasks, (make_task(task_id="broken"),), ("small: task broken: no train",))
    folder.create(tmp_path / "run", mixed, CONFIG, fresh=False)
    found = folder.settings(tmp_path / "run")
    assert found["tasks"] == ["a", "b", "broken"] and found["lenient"] is True
    folder.resume(tmp_path / "run", mixed, CONFIG)
    with pytest.raises(ResumeError, match="started with 3 tasks, not 2"):
        folder.resume(tmp_path / "run", TASKS, CONFIG)


def test_a_run_of_good_tasks_is_not_lenient(out):
    assert folder.settings(out)["lenient"] is False


def test_a_run_of_a_version_that_knew_no_malformed_tasks_goes_on(out):
    found = folder.settings(out)
    del found["lenient"]
    (out / folder.SETTINGS).write_text(json.dumps(found), "utf-8")
    folder.resume(out, TASKS, CONFIG)
