"""The supervisor with workers that misbehave on purpose: small scripts that speak the worker's protocol."""

import itertools
import json
import math
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from arc_submit import folder, memory, submission, trace
from arc_submit.config import SYMBOLIC, load
from arc_submit.errors import ArcSubmitError, OutputError
from arc_submit.records import Pair, Task
from arc_submit.run import Run, supervisor
from arc_submit.run.crew import Processes
from arc_submit.tasks import TaskSet

HEAD = """
import json, sys, time
def say(**event): print(json.dumps(event), flush=True)
next(iter(sys.stdin))
say(event="worker", state="started", sandbox={"grade": "A"})
for line in sys.stdin:
    for task in json.loads(line)["cohort"]:
        say(event="turn", tasks=[task["id"]])
"""
ANSWER = """
        answer = dict(task_id=task["id"], attempts=[[[[5]]]], votes=[[1]], programs=["p"], passers=1)
        say(event="answer", task=task["id"], answer=answer)
        say(event="done", task=task["id"], reason="answered", rounds=1, promise=1.0, seconds={}, counts={})
    say(event="idle", sandbox={"grade": "A"})
"""
TASKS = TaskSet("three", tuple(Task(name, (Pair(((1,),), ((2,),)),), (((3,),),)) for name in ("a", "bad", "c")))


class Ear:
    """Remembers notices."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def progress(self, run: Run) -> None:
        """Nothing to draw."""

    def notice(self, text: str) -> None:
        """Remember it."""
        self.heard.append(text)


def _loading(body: str) -> str:
    """HEAD of a worker that says that it loads, and executes `body` before it has started."""
    before, started, after = HEAD.partition('say(event="worker", state="started"')
    return f'{before}say(event="worker", state="loading")\n{body}{started}{after}'


def go(
    tmp_path: Path, body: str, *settings: str, head: str = HEAD, answer: str = ANSWER
) -> tuple[dict[str, Any], Run, Ear]:
    """Run three tasks with workers that execute `head` and then `body` and `answer` for each task."""
    script = tmp_path / "worker.py"
    script.write_text(head + body + answer)
    config = load(settings=["search.proposers=symbolic", "workers=2", "budget.cohort=1", *settings])
    folder.create(tmp_path / "out", TASKS, config, fresh=False)
    crew = Processes(tmp_path / "out", [sys.executable, str(script)])
    run, ear = Run(TASKS, config, tmp_path / "out", crew=crew), Ear()
    return run.go(ear), run, ear


def test_answers_reach_the_submission(tmp_path: Path) -> None:
    summary, run, _ = go(tmp_path, "")
    assert summary["finished"] == 3 and summary["fallbacks"] == 0 and summary["restarts"] == 0
    assert submission.read(run.out / submission.NAME)["a"] == [(((5,),), ((3,),))]


def test_a_task_that_kills_two_workers_is_set_aside_and_the_others_are_answered(tmp_path: Path) -> None:
    summary, _, ear = go(tmp_path, '        if task["id"] == "bad": sys.exit(9)\n')
    assert summary["set_aside"] == ["bad"]
    assert summary["finished"] == 2 and summary["fallbacks"] == 1 and summary["restarts"] == 2
    assert any("set aside" in text for text in ear.heard)


def test_a_silent_worker_is_killed_and_replaced(tmp_path: Path) -> None:
    marker = tmp_path / "slept"
    sleep_once = f"""
        import pathlib
        if task["id"] == "c" and not pathlib.Path({str(marker)!r}).exists():
            pathlib.Path({str(marker)!r}).touch()
            time.sleep(600)
"""
    summary, _, ear = go(tmp_path, sleep_once, "budget.stall_seconds=1")
    assert summary["finished"] == 3 and summary["restarts"] == 1
    assert any("silent" in text for text in ear.heard)


def test_a_worker_that_loads_its_model_may_be_silent_for_longer(tmp_path: Path) -> None:
    load_first = "import time\ntime.sleep(2)\n"
    summary, _, ear = go(tmp_path, "", "budget.stall_seconds=1", "budget.load_seconds=60", head=_loading(load_first))
    assert summary["finished"] == 3 and summary["restarts"] == 0
    assert not any("silent" in text for text in ear.heard)


def test_a_worker_that_never_loads_is_killed(tmp_path: Path) -> None:
    load_once = """
import pathlib
marker = pathlib.Path(__file__ + ".seen")
if not marker.exists():
    marker.touch()
    time.sleep(600)
"""
    summary, _, ear = go(tmp_path, "", "workers=1", "budget.load_seconds=1", head=_loading(load_once))
    assert summary["finished"] == 3 and summary["restarts"] == 1
    assert any("silent for 1 s" in text for text in ear.heard)


def test_tokens_keep_a_worker_alive_and_are_added_up(tmp_path: Path) -> None:
    decode = """
        for number in range(1, 4):
            time.sleep(0.5)
            say(event="tokens", produced=100 * number)
"""
    settings = ("workers=1", "budget.cohort=9", "budget.stall_seconds=1.2")
    summary, run, _ = go(tmp_path, decode, *settings)
    # The fake counts from 100 again for every task; the supervisor goes by the last word of each worker.
    assert summary["restarts"] == 0 and summary["tokens"] == run.tally.tokens == 300
    assert '"tokens","produced"' not in (run.out / trace.NAME).read_text()


def test_updates_of_the_model_are_counted_kept_and_a_broken_learner_is_said_once(tmp_path: Path) -> None:
    learn = """
        say(event="signs", task=task["id"], round=1, adapter=0)
        say(event="adapt", task=task["id"], update=1, verdict="learned", why="")
        say(event="adapt", task=task["id"], update=1, verdict="stopped", why="OSError: no space left")
"""
    summary, run, ear = go(tmp_path, learn, "workers=1", "budget.cohort=9")
    assert summary["learning"] == {"learned": 3, "stopped": 3}
    assert [text for text in ear.heard if "learning" in text] == [
        "test-time learning has ended: OSError: no space left"
    ]
    kept = (run.out / trace.NAME).read_text()
    assert kept.count('"event":"adapt"') == 8  # those of the canary are kept, not counted


CANDIDATE = """
        program = dict(id="p", source="", dialect="solve", entry="solve", length=1, proposer="edit")
        outcome = dict(reward=1.0, solved=[True], cells=[1.0], signature="s")
        say(event="candidate", task=task["id"], round=1, candidate=dict(program=program, outcome=outcome, tests=[]))
"""


def test_the_summary_names_who_wrote_what(tmp_path: Path) -> None:
    answer = ANSWER.replace("counts={}", 'counts={}, authors={"edit": 3, "mutate": 2}')
    summary, _, ear = go(tmp_path, CANDIDATE, "search.proposers=lm,symbolic", answer=answer)
    assert summary["programs"] == {"edit": 12, "mutate": 8}  # three tasks and the canary
    assert summary["passers_by"] == {"model edits": 3}
    assert not any("LANGUAGE MODEL" in text for text in ear.heard)


def test_a_model_that_wrote_nothing_is_said_loudly(tmp_path: Path) -> None:
    answer = ANSWER.replace("counts={}", 'counts={}, authors={"mutate": 2}')
    _, _, ear = go(tmp_path, "", "search.proposers=lm,symbolic", answer=answer)
    assert any("LANGUAGE MODEL WROTE NO PROGRAM" in text for text in ear.heard)


def test_ideas_that_fail_are_said_at_the_end_and_counted_by_task(tmp_path: Path) -> None:
    answer = ANSWER.replace("counts={}", 'counts={}, unusable={"rules: KeyError: 5": 1, "no code in the text": 2}')
    summary, _, ear = go(tmp_path, "", answer=answer)
    assert summary["failed_ideas"] == {"rules": 3}, "the canary is none of the tasks"
    assert [text for text in ear.heard if "IDEA" in text] == [
        "THE IDEA rules FAILED on 3 of 3 tasks, first with KeyError: 5"
    ]


def test_ideas_that_do_not_fail_are_not_spoken_of(tmp_path: Path) -> None:
    summary, _, ear = go(tmp_path, "")
    assert summary["failed_ideas"] == {} and not any("IDEA" in text for text in ear.heard)


def test_proposers_that_need_a_start_get_no_canary(tmp_path: Path) -> None:
    summary, _, ear = go(tmp_path, "", "search.proposers=edit,mutate")
    assert summary["canary"] is None
    assert not any("CANARY" in text for text in ear.heard)


def test_a_canary_that_is_not_solved_is_said_loudly(tmp_path: Path) -> None:
    summary, _, ear = go(tmp_path, "")  # the fake answers every task with a 5
    assert summary["canary"] is False
    assert any("CANARY" in text for text in ear.heard)


def test_an_answer_survives_the_worker_that_found_it(tmp_path: Path) -> None:
    # "bad" is answered with 3 passers before its worker dies; the next one says "nothing" and dies as well.
    dies = """
        if task["id"] == "bad":
            import pathlib
            first = not pathlib.Path(__file__ + ".seen").exists()
            pathlib.Path(__file__ + ".seen").touch()
            found = dict(task_id="bad", attempts=[[[[7]]] if first else []], votes=[[3] if first else []],
                         programs=["p"], passers=3 if first else 0)
            say(event="answer", task="bad", answer=found)
            sys.exit(9)
"""
    summary, run, _ = go(tmp_path, dies)
    assert summary["set_aside"] == ["bad"] and summary["fallbacks"] == 0
    assert submission.read(run.out / submission.NAME)["bad"][0][0] == ((7,),)
    assert folder.read_past(run.out).answers["bad"].passers == 3, "a weaker answer is not written down either"


def test_a_canary_that_kills_its_workers_is_said_loudly(tmp_path: Path) -> None:
    summary, _, ear = go(tmp_path, '        if task["id"] == "<canary>": sys.exit(9)\n')
    assert summary["canary"] is False and summary["set_aside"] == []
    assert any("CANARY" in text for text in ear.heard)


def test_workers_that_all_die_before_their_first_round_cost_no_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Death after death without a finished task between is the place's doing, not that of whoever was in hand."""
    monkeypatch.setattr(supervisor, "_PAUSE", 0.1)
    script = tmp_path / "worker.py"
    script.write_text(HEAD.replace('        say(event="turn", tasks=[task["id"]])', "        sys.exit(5)"))
    config = load(settings=["search.proposers=symbolic", "workers=1", "budget.cohort=3", "budget.seconds_per_task=2"])
    folder.create(tmp_path / "out", TASKS, config, fresh=False)
    run = Run(TASKS, config, tmp_path / "out", crew=Processes(tmp_path / "out", [sys.executable, str(script)]))
    summary = run.go(Ear())
    assert summary["set_aside"] == [] and summary["canary"] is False and summary["restarts"] > 4


def test_a_second_run_in_the_same_folder_is_refused_before_it_writes_anything(tmp_path: Path) -> None:
    config = load(settings=["search.proposers=symbolic", "workers=1"])
    folder.create(tmp_path / "out", TASKS, config, fresh=False)
    (tmp_path / "out" / submission.NAME).write_text("the first run's")
    with trace.Trace(tmp_path / "out" / trace.NAME), pytest.raises(OutputError, match="another run"):
        Run(TASKS, config, tmp_path / "out").go(Ear())
    assert (tmp_path / "out" / submission.NAME).read_text() == "the first run's"


def test_workers_that_cannot_start_are_an_error_not_an_endless_loop(tmp_path: Path) -> None:
    config = load(settings=["search.proposers=symbolic", "workers=1"])
    folder.create(tmp_path / "out", TASKS, config, fresh=False)
    crew = Processes(tmp_path / "out", [sys.executable, "-c", "raise SystemExit(3)"])
    run = Run(TASKS, config, tmp_path / "out", crew=crew)
    with pytest.raises(ArcSubmitError, match="cannot be started"):
        run.go(Ear())


def test_time_that_is_over_ends_the_run_with_fallbacks(tmp_path: Path) -> None:
    summary, _, _ = go(tmp_path, "        time.sleep(600)\n", "budget.seconds_per_task=2")
    assert summary["fallbacks"] == 3
    assert summary["seconds"] < 10  # 3 tasks x 2 s / 2 workers = 3 s, and what stopping takes


# Workers that say why they end, and sittings that follow each other. --------------------------------------------------

NOTED = """
import json, os, signal, sys, time
def say(**event): print(json.dumps(event), flush=True)
def note(kind, what):
    with open(f"{__file__}.{kind}", "a") as file: file.write(json.dumps(what) + "\\n")
def noted(kind):
    return [json.loads(line) for line in open(f"{__file__}.{kind}")] if os.path.exists(f"{__file__}.{kind}") else []
def failed(kind, why="no more"):
    say(event="worker", state="failed", kind=kind, why=why)
    print(f"{kind}: {why}", file=sys.stderr)
    sys.exit(1)
def end(task, reason, **numbers):
    counts = dict(proposed=2, first_passer_round=None)
    shared = dict(rounds=2, promise=0.5, spent=1.0, seconds=dict(loop=1.0), counts=counts, authors=dict(mutate=2))
    say(**{**dict(event="done", task=task["id"], reason=reason), **shared, **numbers})
def keep(task):
    program = dict(id="of " + task["id"], source="", dialect="solve", entry="solve", length=1, proposer="mutate")
    outcome = dict(reward=0.5, solved=[False], cells=[0.5], signature="s")
    candidate = dict(program=program, outcome=outcome, tests=[], literal=False)
    say(event="candidate", task=task["id"], round=1, spent=0.5, candidate=candidate)
config = json.loads(next(iter(sys.stdin)))["config"]
note("start", dict(at=time.time(), pid=os.getpid(), config=config))
"""
"""A worker that writes down what it is told; it has not said yet that it has started."""
SERVE = """
say(event="worker", state="started", sandbox={"grade": "A"})
for line in sys.stdin:
    command = json.loads(line)
    ids = [task["id"] for task in command["cohort"]]
    note("visit", dict(ids=ids, seconds=command["seconds"], seeds=command["seeds"]))
    say(event="turn", tasks=ids)
    for task in command["cohort"]:
        visit(task, command["seeds"].get(task["id"]))
    say(event="idle", sandbox={"grade": "A"})
"""
FINISH = """
def visit(task, seeds):
    end(task, "agreed")
"""
TWICE = """
def visit(task, seeds):
    keep(task)
    end(task, "agreed" if seeds else "time")
"""


class Sitting:
    """Sittings of one run in one folder, with workers that are scripts."""

    def __init__(self, tmp_path: Path, *settings: str, tasks: TaskSet = TASKS) -> None:
        self.script, self.out, self.tasks = tmp_path / "noted.py", tmp_path / "out", tasks
        given = ["search.proposers=mutate", "workers=1", "budget.cohort=1", *settings]
        self.config = load(settings=given)
        self.ear = Ear()
        folder.create(self.out, tasks, self.config, fresh=False)

    def go(
        self, *parts: str, crew: type[Processes] = Processes, resume: bool = False, **options: Any
    ) -> dict[str, Any]:
        """One sitting with workers made of NOTED and these parts."""
        self.script.write_text(NOTED + "".join(parts))
        past = folder.resume(self.out, self.tasks, self.config) if resume else None
        workers = crew(self.out, [sys.executable, str(self.script)])
        self.run = Run(self.tasks, self.config, self.out, past, crew=workers, **options)
        return self.run.go(self.ear)

    def noted(self, kind: str) -> list[Any]:
        """What workers wrote down, over all sittings."""
        path = Path(f"{self.script}.{kind}")
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in trace.read(self.out / trace.NAME) if event["event"] == kind]


def test_a_worker_that_ran_out_of_memory_goes_on_with_less_until_it_fits(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path, "sample.sequences=256")
    visit = """
def visit(task, seeds):
    if config["sample"]["sequences"] > 64: failed("memory", "CUDA out of memory")
    end(task, "agreed")
"""
    summary = sitting.go(visit, SERVE)
    assert [one["config"]["sample"]["sequences"] for one in sitting.noted("start")] == [256, 128, 64]
    assert summary["finished"] == 3 and summary["restarts"] == 2 and summary["set_aside"] == []
    assert summary["degraded"] == ["worker 0: half the tasks at once, a shorter context"]
    assert sum("GOES ON WITH LESS" in text for text in sitting.ear.heard) == 2
    assert [event["in_hand"] for event in sitting.events("worker") if event["state"] == "died"] == [[], []]
    assert [(event["rung"], event["lesser"]) for event in sitting.events("ladder")] == [(1, 0), (2, 0)]


def test_where_nothing_smaller_is_left_the_place_rests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_MANY", 3)
    monkeypatch.setattr(supervisor, "_PAUSE", 0.01)
    sitting = Sitting(tmp_path)
    summary = sitting.go('def visit(task, seeds): failed("memory")\n', SERVE, hard_stop=6.0)
    assert summary["restarts"] == 4 + 3, "four rungs, then three deaths"
    assert summary["finished"] == 0 and summary["fallbacks"] == 3 and summary["set_aside"] == []
    assert any("rests" in text for text in sitting.ear.heard)


def test_one_place_that_rests_leaves_the_work_to_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_MANY", 3)
    monkeypatch.setattr(supervisor, "_PAUSE", 0.01)
    sitting = Sitting(tmp_path, "workers=2")
    broken = """
time.sleep(0.3)  # both are there
if os.getpid() != min(one["pid"] for one in noted("start")): sys.exit(5)
def visit(task, seeds):
    time.sleep(0.6)
    end(task, "agreed")
"""
    summary = sitting.go(broken, SERVE)
    assert summary["finished"] == 3 and summary["restarts"] == 3 and summary["set_aside"] == []


def test_weights_that_cannot_be_used_are_done_without_where_that_is_allowed(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path, "search.proposers=edit,mutate")
    fail = 'if config["sample"]["adapter"] is not None: failed("weights", "adapter: damaged")\n'
    summary = sitting.go(fail, FINISH, SERVE, degrade=True)
    assert summary["finished"] == 3 and summary["restarts"] == 1
    assert summary["degraded"] == ["worker 0: the base without its adapter"]


def test_weights_that_cannot_be_used_are_an_error_where_they_are_needed(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path, "search.proposers=edit,mutate")
    with pytest.raises(ArcSubmitError, match=r"worker-0\.log: weights: adapter: damaged"):
        sitting.go('failed("weights", "adapter: damaged")\n', degrade=False)
    assert submission.read(sitting.out / submission.NAME).keys() == {"a", "bad", "c"}


def test_an_engine_that_does_not_start_is_tried_three_times_and_then_done_without(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path, "search.proposers=edit,mutate")
    fail = 'if "edit" in config["search"]["proposers"]: failed("engine", "no device")\n'
    summary = sitting.go(fail, FINISH, SERVE, degrade=True)
    starts = [one["config"] for one in sitting.noted("start")]
    assert [one["sample"]["adapter"] for one in starts[:4]] == ["adapter"] * 3 + [None]
    assert starts[-1]["search"]["proposers"] == [*SYMBOLIC]
    assert len(starts) == 7 and summary["restarts"] == 6 and summary["finished"] == 3
    assert summary["degraded"] == ["worker 0: no language model"]


def test_an_engine_that_does_not_start_is_an_error_after_three_times(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path, "search.proposers=edit,mutate")
    with pytest.raises(ArcSubmitError, match="engine: no device"):
        sitting.go('failed("engine", "no device")\n')
    assert len(sitting.noted("start")) == 3


def test_an_engine_that_fails_now_and_then_is_kept(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path, "search.proposers=edit,mutate")
    fail = 'if len(noted("start")) < 3: failed("engine", "no device")\n'
    summary = sitting.go(fail, FINISH, SERVE, degrade=True)
    assert summary["finished"] == 3 and summary["restarts"] == 2 and summary["degraded"] == []


def test_one_that_has_failed_and_then_does_not_end_is_killed(tmp_path: Path) -> None:
    """Engines hang at exit."""
    sitting = Sitting(tmp_path, "budget.stall_seconds=1", "budget.seconds_per_task=4")
    visit = """
def visit(task, seeds):
    if len(noted("start")) == 1:
        say(event="worker", state="failed", kind="engine", why="lost")
        time.sleep(600)
    end(task, "agreed")
"""
    summary = sitting.go(visit, SERVE)
    assert summary["finished"] == 3 and summary["restarts"] == 1


class Refused(Processes):
    """The machine has no process to give for the first six starts."""

    refusals = 6

    def start(self, *given: Any) -> None:
        if self.refusals:
            self.refusals -= 1
            raise BlockingIOError(11, "Resource temporarily unavailable")
        super().start(*given)


def test_a_machine_without_a_free_process_is_waited_for_and_costs_no_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_PAUSE", 0.05)
    sitting = Sitting(tmp_path, "search.proposers=edit,mutate")
    summary = sitting.go(FINISH, SERVE, crew=Refused, degrade=True)
    assert sum("cannot be started" in text for text in sitting.ear.heard) == 6
    assert summary["finished"] == 3 and summary["degraded"] == []


def test_workers_that_can_never_be_started_leave_fallbacks_where_anything_is_better_than_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_MANY", 4)
    monkeypatch.setattr(supervisor, "_PAUSE", 0.01)
    sitting = Sitting(tmp_path)
    summary = sitting.go("sys.exit(3)\n", degrade=True, hard_stop=5.0)
    assert summary["finished"] == 0 and summary["fallbacks"] == 3 and summary["restarts"] == 4
    assert summary["idle_share"] is None


# The end of a sitting. -----------------------------------------------------------------------------------------------

SLEEPY = "def visit(task, seeds): time.sleep(600)\n"


def test_a_hard_stop_ends_a_sitting_in_time_though_a_worker_is_busy(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path, "budget.reserve_seconds=0.5", "budget.seconds_per_task=120")
    began = time.monotonic()
    summary = sitting.go(SLEEPY, SERVE, hard_stop=2.0)
    assert 1.0 < time.monotonic() - began < 2.5
    assert summary["stopped"] == "" and summary["fallbacks"] == 3
    assert all(one["seconds"] <= 1.5 for one in sitting.noted("visit")), "no visit is promised more than is left"


def test_a_hard_stop_is_for_this_sitting_alone(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path, "budget.reserve_seconds=0.2")
    sitting.go(SLEEPY, SERVE, hard_stop=1.0)
    assert sitting.go(FINISH, SERVE, resume=True)["finished"] == 3


def test_a_hard_stop_that_is_far_away_changes_nothing(tmp_path: Path) -> None:
    assert Sitting(tmp_path).go(FINISH, SERVE, hard_stop=3600.0)["finished"] == 3


def test_a_hard_stop_that_has_passed_still_leaves_a_submission(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path)
    assert sitting.go(FINISH, SERVE, hard_stop=0.0)["fallbacks"] == 3
    assert sitting.noted("start") == [] and any("used up" in text for text in sitting.ear.heard)


# Visits. -------------------------------------------------------------------------------------------------------------


def test_a_task_whose_visit_ended_with_its_time_is_visited_again_with_what_it_found(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path)
    summary = sitting.go(TWICE, SERVE)
    visits = sitting.noted("visit")
    assert [one["ids"] for one in visits[:3]] == [["a"], ["bad"], ["c"]], "all are visited before any is again"
    assert all(one["seeds"] == {} for one in visits[:3]) and len(visits) == 6
    for one in visits[3:]:
        assert [program["id"] for program in one["seeds"][one["ids"][0]]] == [f"of {one['ids'][0]}"]
        assert one["seconds"] == pytest.approx(2.0), "growth times the second that it has had"
    assert summary["finished"] == 3 and sitting.run.tally.reasons == {"agreed": 3}
    assert summary["programs"] == {"mutate": 12}


def test_the_end_of_a_task_holds_what_all_its_visits_came_to(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path)
    sitting.go(TWICE, SERVE)
    pauses, ends = sitting.events("pause"), sitting.events("done")
    assert [(event["rounds"], event["spent"], event["visits"]) for event in pauses] == [(2, 1.0, 1)] * 3
    assert len(ends) == 3
    for event in ends:
        assert (event["reason"], event["rounds"], event["spent"]) == ("agreed", 4, 2.0)
        assert event["authors"] == {"mutate": 4} and event["counts"]["proposed"] == 4
    assert [event["spent"] for event in sitting.events("candidate")] == [0.5] * 3 + [1.5] * 3


def test_when_the_time_is_over_tasks_that_were_visited_are_finished_with_time(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path, "budget.seconds_per_task=1", "budget.max_share=1")
    summary = sitting.go('def visit(task, seeds):\n    keep(task)\n    end(task, "time")\n', SERVE)
    assert summary["finished"] == 3 and sitting.run.tally.reasons == {"time": 3}
    assert [event["reason"] for event in sitting.events("done")] == ["time"] * 3
    assert folder.read_past(sitting.out).paused == {}
    assert len(sitting.noted("visit")) == 3, "they have had their cap"


STOP_ME = """
def visit(task, seeds):
    keep(task)
    if seeds:
        os.kill(os.getppid(), signal.SIGTERM)
        time.sleep(600)
    end(task, "time")
"""


def test_paused_tasks_survive_a_stop_and_a_resume(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path)
    assert sitting.go(STOP_ME, SERVE)["stopped"] == "SIGTERM"
    past = folder.read_past(sitting.out)
    assert past.paused.keys() == {"a", "bad", "c"} and past.done == frozenset()
    assert all((event["visits"], event["spent"]) == (1, 1.0) for event in past.paused.values())
    before = len(sitting.noted("visit"))
    summary = sitting.go(TWICE, SERVE, resume=True)
    again = sitting.noted("visit")[before:]
    assert sorted(one["ids"][0] for one in again) == ["a", "bad", "c"], "nobody begins anew"
    assert all(one["seeds"][one["ids"][0]][0]["id"] == f"of {one['ids'][0]}" for one in again)
    assert summary["finished"] == 3 and [event["rounds"] for event in sitting.events("done")] == [4] * 3


class Killed(BaseException):
    """Nothing that the supervisor would still do is done."""


class Cut(Processes):
    """The supervisor is killed at its third pause, once that is written."""

    pauses = 0

    def wait(self, seconds: float) -> Any:
        for number, word in super().wait(seconds):
            yield number, word
            self.pauses += isinstance(word, dict) and word.get("reason") == "time"
            if self.pauses == 3:
                raise Killed


def test_paused_tasks_survive_a_kill_and_a_resume(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path)
    with pytest.raises(Killed):
        sitting.go(TWICE, SERVE, crew=Cut)
    assert folder.read_past(sitting.out).paused.keys() == {"a", "bad", "c"}
    summary = sitting.go(TWICE, SERVE, resume=True)
    assert summary["finished"] == 3 and len(sitting.noted("visit")) == 6
    assert [event["spent"] for event in sitting.events("done")] == [2.0] * 3


def test_rungs_survive_a_stop_and_a_resume(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path, "sample.sequences=256", "search.proposers=edit,mutate")
    fail = 'if config["sample"]["adapter"] is not None: failed("weights")\n'
    visit = """
def visit(task, seeds):
    if config["sample"]["sequences"] > 128: failed("memory")
    os.kill(os.getppid(), signal.SIGTERM)
    time.sleep(600)
"""
    sitting.go(fail, visit, SERVE, degrade=True)
    assert folder.read_past(sitting.out).rungs == {0: (1, 1)}
    before = len(sitting.noted("start"))
    summary = sitting.go(FINISH, SERVE, resume=True, degrade=True)
    (again,) = sitting.noted("start")[before:]
    assert (again["config"]["sample"]["sequences"], again["config"]["sample"]["adapter"]) == (128, None)
    assert summary["degraded"] == ["worker 0: half the sequences; the base without its adapter"]


MANY = TaskSet("many", tuple(Task(f"t{n}", (Pair(((1,),), ((2,),)),), (((3,),),)) for n in range(12)))


def test_those_in_hand_at_a_death_are_visited_alone_from_then_on_and_last(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path, "budget.cohort=3", tasks=MANY)
    visit = """
def visit(task, seeds):
    if len(noted("start")) == 1: os.kill(os.getpid(), signal.SIGSEGV)
    end(task, "agreed")
"""
    serve = SERVE.replace('say(event="turn", tasks=ids)', 'say(event="turn", tasks=ids[1:])')
    summary = sitting.go(visit, serve)
    first, *others = [one["ids"] for one in sitting.noted("visit")]
    assert first == ["t0", "t1", "t2"]
    assert others[-2:] == [["t1"], ["t2"]], "the suspects, one by one"
    assert max(map(len, others)) == 3 and summary["finished"] == 12 and summary["set_aside"] == []
    (died,) = [event for event in sitting.events("worker") if event["state"] == "died"]
    assert died["in_hand"] == ["t1", "t2"] and died["code"] == -signal.SIGSEGV


def test_strikes_of_an_earlier_sitting_make_suspects(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path, "budget.cohort=3", tasks=MANY)
    stop = """
def visit(task, seeds):
    if len(noted("start")) == 1: os.kill(os.getpid(), signal.SIGSEGV)
    os.kill(os.getppid(), signal.SIGTERM)
    time.sleep(600)
"""
    sitting.go(stop, SERVE)
    before = len(sitting.noted("visit"))
    assert sitting.go(FINISH, SERVE, resume=True)["finished"] == 12
    assert [one["ids"] for one in sitting.noted("visit")[before:]][-3:] == [["t0"], ["t1"], ["t2"]]


def test_a_canary_that_nobody_came_to_is_said_loudly(tmp_path: Path) -> None:
    """All fallbacks, and no worker was ever ready: nothing else in the run would tell."""
    sitting = Sitting(tmp_path, "search.proposers=symbolic", "budget.seconds_per_task=0.5")
    summary = sitting.go("time.sleep(600)\n")
    assert summary["fallbacks"] == 3 and summary["canary"] is not True
    assert any("CANARY" in text for text in sitting.ear.heard)


# Memory. -------------------------------------------------------------------------------------------------------------


class Short(Processes):
    """The machine has next to no memory left for a second and a half, from its second look on."""

    began = math.inf

    def spare(self) -> float:
        self.began = min(self.began, time.monotonic())
        return 2.0**27 if 0.05 < time.monotonic() - self.began < 1.5 else math.inf


def test_a_machine_that_runs_short_of_memory_ends_its_largest_worker_and_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_BEAT", 0.1)
    monkeypatch.setattr(Short, "held", lambda self, number: number)
    sitting = Sitting(tmp_path, "workers=2", "sample.sequences=256")
    summary = sitting.go('def visit(task, seeds):\n    time.sleep(1.2)\n    end(task, "agreed")\n', SERVE, crew=Short)
    assert summary["restarts"] == 1 and summary["finished"] == 3 and summary["set_aside"] == []
    assert summary["degraded"] == [], "once may have been somebody else's shortage"
    assert [text for text in sitting.ear.heard if "less than 0.5 GiB" in text and "worker 1, the largest" in text]
    *_, before, again = sorted(one["at"] for one in sitting.noted("start"))
    assert again - before > 1.2, "it is started again when there is memory, and not before"
    (died,) = [event for event in sitting.events("worker") if event["state"] == "died"]
    assert (died["why"], died["in_hand"]) == ("short", [])


def test_the_guard_can_be_switched_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_BEAT", 0.05)
    sitting = Sitting(tmp_path, "budget.least_memory_gib=0")
    visit = 'def visit(task, seeds):\n    time.sleep(0.3)\n    end(task, "agreed")\n'
    assert sitting.go(visit, SERVE, crew=Short)["restarts"] == 0


def test_a_worker_that_the_kernel_killed_for_want_of_memory_goes_on_with_less(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kills = itertools.count()
    monkeypatch.setattr(memory, "oom_kills", lambda: next(kills))
    sitting = Sitting(tmp_path, "sample.sequences=256")
    visit = """
def visit(task, seeds):
    if len(noted("start")) == 1: os.kill(os.getpid(), signal.SIGKILL)
    end(task, "agreed")
"""
    summary = sitting.go(visit, SERVE)
    assert summary["degraded"] == ["worker 0: half the sequences"] and summary["finished"] == 3


def test_a_worker_that_somebody_killed_is_no_want_of_memory(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path)
    visit = """
def visit(task, seeds):
    if len(noted("start")) == 1: os.kill(os.getpid(), signal.SIGKILL)
    end(task, "agreed")
"""
    summary = sitting.go(visit, SERVE)
    assert summary["degraded"] == [] and summary["restarts"] == 1 and summary["finished"] == 3


# The summary. --------------------------------------------------------------------------------------------------------


def test_a_run_without_trouble_says_so(tmp_path: Path) -> None:
    summary = Sitting(tmp_path).go(FINISH, SERVE)
    assert (summary["degraded"], summary["malformed"], summary["unwritten"], summary["restarts"]) == ([], [], "", 0)
    assert 0.0 <= summary["idle_share"] <= 1.0
    assert (summary["tasks"], summary["outputs"], summary["stopped"]) == (3, 3, "")


def test_malformed_tasks_are_named_and_answered(tmp_path: Path) -> None:
    mixed = TaskSet("mixed", TASKS.tasks, (Task("broken", (), (((1,),), ((2,),))),), ("mixed: task broken: no train",))
    summary = Sitting(tmp_path, tasks=mixed).go(FINISH, SERVE)
    assert (summary["tasks"], summary["outputs"], summary["malformed"]) == (3, 5, ["broken"])
    assert len(submission.read(tmp_path / "out" / submission.NAME)["broken"]) == 2


def test_answers_that_could_not_be_written_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write, writes = submission.write, []

    def full(path: Path, *given: Any) -> int:
        writes.append(path)
        if len(writes) > 1:
            raise OutputError(f"{path}: cannot write the submission (No space left on device)")
        return write(path, *given)

    monkeypatch.setattr(submission, "write", full)
    sitting = Sitting(tmp_path)
    answer = 'dict(task_id=task["id"], attempts=[[[[5]]]], votes=[[1]], programs=["p"], passers=1)'
    visit = (
        f'def visit(task, seeds):\n    say(event="answer", task=task["id"], answer={answer})\n    end(task, "agreed")\n'
    )
    summary = sitting.go(visit, SERVE)
    assert "No space left" in summary["unwritten"] and summary["finished"] == 3
    assert any("NOT IN THE SUBMISSION" in text for text in sitting.ear.heard)
    assert folder.read_past(sitting.out).answers.keys() == {"a", "bad", "c"}, "the trace has them"


def test_the_idle_share_counts_only_until_the_queue_was_empty(tmp_path: Path) -> None:
    # One worker takes three tasks: half a second, half a second, two seconds. The other one loads for three seconds.
    # When the queue is empty after one second, the two of them have worked one of two seconds.
    sitting = Sitting(tmp_path, "workers=2")
    load_second = """
time.sleep(0.2)
if os.getpid() != min(one["pid"] for one in noted("start")): time.sleep(3.0)
def visit(task, seeds):
    time.sleep(2.0 if task["id"] == "c" else 0.5)
    end(task, "agreed")
"""
    summary = sitting.go(load_second, SERVE)
    assert summary["finished"] == 3
    assert 0.35 < summary["idle_share"] < 0.65
