"""The supervisor with workers that misbehave on purpose: small scripts that speak the worker's protocol."""

import sys
from pathlib import Path
from typing import Any

import pytest

from arc_submit import folder, submission, trace
from arc_submit.config import load
from arc_submit.errors import ArcSubmitError, OutputError
from arc_submit.records import Pair, Task
from arc_submit.run import Run
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
    assert summary["restarts"] == 0 and summary["tokens"] == run.tokens == 300
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


def test_workers_that_die_before_their_first_round_use_up_strikes(tmp_path: Path) -> None:
    script = tmp_path / "worker.py"
    script.write_text(HEAD.replace('        say(event="turn", tasks=[task["id"]])', "        sys.exit(5)"))
    config = load(settings=["search.proposers=symbolic", "workers=1", "budget.cohort=3", "budget.seconds_per_task=30"])
    folder.create(tmp_path / "out", TASKS, config, fresh=False)
    run = Run(TASKS, config, tmp_path / "out", crew=Processes(tmp_path / "out", [sys.executable, str(script)]))
    summary = run.go(Ear())
    assert sorted(summary["set_aside"]) == ["a", "bad", "c"]
    assert summary["restarts"] <= 8  # 2 for the canary, 2 for each cohort of one to three tasks


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
