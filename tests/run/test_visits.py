"""What a later visit begins with: programs of an earlier one, in a real sandbox, with proposers that need no model."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers import PlayedSandbox, make_candidate, make_program, make_task

from arc_submit import budget, config, trace
from arc_submit.errors import EngineError, SandboxError, WeightsError
from arc_submit.records import Fault, Program, Task
from arc_submit.run.crew import ENVIRONMENT
from arc_submit.run.totals import together
from arc_submit.sandbox import Sandbox
from arc_submit.search import Hunt, Population
from arc_submit.search.proposers import Scripted
from arc_submit.solve import Kit, opened, solve
from arc_submit.worker import kind_of

TASK = make_task(task_id="t")  # two pictures to be turned upside down
RIGHT = make_program("hmirror(I)", proposer="edit")
RIGHT_TOO = make_program("hmirror(I) if I[0][0] in (1, 3, 5) else I", proposer="fresh")  # another behaviour: two voices
WRONG = make_program("vmirror(I)", proposer="mutate")
ANSWER = ((1, 2), (3, 4))  # of 34/12, upside down
ONE_TEXT = json.dumps({"task": "t", "text": "```python\ndef solve(I):\n    return rot90(I)\n```"}) + "\n"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as box:
        yield box


@pytest.fixture
def kit(sandbox: Sandbox, tmp_path: Path) -> Iterator[Kit]:
    """A scripted proposer with one program, which is wrong."""
    with _kit(sandbox, tmp_path) as found:
        yield found


def _kit(sandbox: Sandbox, folder: Path, *settings: str) -> Any:
    (folder / "script.jsonl").write_text(ONE_TEXT)
    given = ["search.proposers=scripted", f"search.script={folder / 'script.jsonl'}", *settings]
    return opened(config.load(settings=given), sandbox)


def visit(kit: Kit, *seeds: Program, task: Task = TASK, seconds: float = 20.0) -> tuple[Hunt, list[dict[str, Any]]]:
    """Search one task with these seeds, and return what was said as JSON has it."""
    said: list[dict[str, Any]] = []
    (hunt,) = solve(
        kit, [task], time.monotonic() + seconds, lambda event: said.append(json.loads(trace.encode(event))),
        {task.id: seeds} if seeds else {},
    )  # fmt: skip
    return hunt, said


def only(said: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    (event,) = [event for event in said if event["event"] == kind]
    return event


# The search. ---------------------------------------------------------------------------------------------------------


def test_seeds_vote(kit: Kit) -> None:
    hunt, _ = visit(kit, RIGHT, WRONG)
    assert hunt.answer is not None and hunt.answer.passers == 1
    assert hunt.answer.attempts[0][0] == ANSWER and hunt.answer.programs == (RIGHT.id,)
    assert hunt.promise == 1.0


def test_seeds_count_for_nobody(kit: Kit) -> None:
    _, said = visit(kit, RIGHT, WRONG)
    done = only(said, "done")
    assert done["authors"] == {"scripted": 1}
    assert (done["counts"]["proposed"], done["counts"]["ran"], done["counts"]["passers"]) == (1, 1, 0)
    assert [event["candidate"]["program"]["id"] for event in said if event["event"] == "candidate"] != [RIGHT.id]
    assert done["spent"] > 0 and "sandbox" in done["seconds"], "judging them takes time all the same"


def test_a_seed_that_passes_is_a_first_passer_from_before_the_first_round(kit: Kit) -> None:
    _, said = visit(kit, RIGHT)
    assert only(said, "done")["counts"]["first_passer_round"] == 0


def test_seeds_that_agree_end_the_search_at_once(kit: Kit) -> None:
    hunt, said = visit(kit, RIGHT, RIGHT_TOO)
    assert hunt.reason == "agreed" and hunt.rounds == 0
    done = only(said, "done")
    assert (done["reason"], done["rounds"], done["authors"]) == ("agreed", 0, {})


def test_without_patience_one_seed_that_passes_ends_the_search_at_once(sandbox: Sandbox, tmp_path: Path) -> None:
    with _kit(sandbox, tmp_path, "search.patience=0") as kit:
        hunt, said = visit(kit, RIGHT)
    assert hunt.reason == "answered" and only(said, "done")["reason"] == "answered"


def test_a_seed_that_passes_is_answered_once_patience_is_used_up(sandbox: Sandbox) -> None:
    chosen = config.load(settings=["search.proposers=mutate", "search.patience=2", "vote.quorum=9"])
    with opened(chosen, sandbox) as kit:
        _, said = visit(kit, RIGHT)
    done = only(said, "done")
    assert (done["reason"], done["rounds"]) == ("answered", 2)


def test_one_finished_by_its_seeds_holds_up_nobody_of_its_cohort(kit: Kit) -> None:
    other = make_task(task_id="u")
    said: list[dict[str, Any]] = []
    solve(kit, [TASK, other], time.monotonic() + 20.0, said.append, {"t": [RIGHT, RIGHT_TOO]})
    assert sorted(event["task"] for event in said if event["event"] == "done") == ["t", "u"]


def test_what_seeds_answer_is_said(kit: Kit) -> None:
    """A worker may have died between a program and the answer that it makes."""
    _, said = visit(kit, RIGHT, make_program("rot90(I)"))  # nothing new is found
    assert [event["answer"]["programs"] for event in said if event["event"] == "answer"] == [[RIGHT.id]]


def test_a_seed_is_not_proposed_again(kit: Kit) -> None:
    hunt, said = visit(kit, make_program("rot90(I)"))
    assert only(said, "done")["counts"]["ran"] == 0 and len(hunt.population.candidates) == 1


def test_seeds_are_parents(sandbox: Sandbox) -> None:
    chosen = config.load(settings=["search.proposers=mutate", "budget.max_rounds=3", "trace.candidates=all"])
    with opened(chosen, sandbox) as kit:
        _, said = visit(kit, WRONG)
        children = [event["candidate"]["program"]["parents"] for event in said if event["event"] == "candidate"]
        assert [WRONG.id] in children
        _, said = visit(kit)
        assert not [event for event in said if event["event"] == "candidate"], "nothing to begin with"


def test_a_seed_that_is_broken_hurts_nobody(kit: Kit) -> None:
    hunt, said = visit(kit, make_program("nonsense(I)"), make_program("(lambda: 1 / 0)()"), RIGHT)
    assert hunt.answer is not None and hunt.answer.attempts[0][0] == ANSWER
    assert only(said, "done")["counts"]["unscored"] == 0


def test_no_time_left_is_no_error(kit: Kit) -> None:
    _, said = visit(kit, RIGHT, seconds=-1.0)
    assert only(said, "done")["reason"] == "time"


def test_a_seed_that_could_not_be_judged_may_come_again() -> None:
    chosen = config.load(settings=["search.proposers=mutate"])
    hunt = Hunt(TASK, chosen, Population(TASK, chosen.search, chosen.seed))
    assert hunt.fresh([RIGHT]) == [RIGHT]
    hunt.recall([replace(make_candidate("lost", scored=False), program=RIGHT)])
    assert hunt.fresh([RIGHT]) == [RIGHT]


def test_a_sandbox_that_loses_the_seeds_leaves_the_search_as_it_is_without() -> None:
    played = PlayedSandbox({RIGHT.source: lambda grid: Fault.LOST})
    kit = Kit(config.load(settings=["search.proposers=scripted"]), played, [Scripted({}, 1)])  # type: ignore[arg-type]
    said: list[dict[str, Any]] = []
    (hunt,) = solve(kit, [TASK], time.monotonic() + 20.0, said.append, {"t": [RIGHT]})
    assert hunt.answer is None or hunt.answer.passers == 0
    assert [event["task"] for event in said if event["event"] == "done"] == ["t"]


# The worker. ---------------------------------------------------------------------------------------------------------


def test_a_real_worker_takes_up_where_the_visit_before_left_off(tmp_path: Path) -> None:
    (tmp_path / "script.jsonl").write_text(ONE_TEXT)
    settings = config.load(
        settings=["search.proposers=scripted", f"search.script={tmp_path / 'script.jsonl'}"]
    ).model_dump(mode="json")
    visits = [
        {"cohort": [TASK], "seconds": 10.0, "seeds": {}},
        {"cohort": [TASK], "seconds": 10.0, "seeds": {"t": [RIGHT, WRONG]}},
    ]
    lines = b"".join(trace.encode(command) for command in ({"config": settings}, *visits))
    done = subprocess.run(
        [sys.executable, "-m", "arc_submit.worker"], input=lines, capture_output=True, timeout=60,
        env={**os.environ, **ENVIRONMENT},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events if event["event"] in ("worker", "idle")] == ["worker", "idle", "idle"]
    first, second = (event for event in events if event["event"] == "done")
    assert first["promise"] < second["promise"] == 1.0
    assert first["authors"] == {"scripted": 1} and second["authors"] == {}, "its script is used up"
    assert together(first, second)["counts"]["proposed"] == 1


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (EngineError("CUDA out of memory. Tried to allocate 2 GiB"), "memory"),
        (WeightsError("x.safetensors: cannot allocate memory"), "memory"),
        (MemoryError(), "memory"),
        (RuntimeError("DefaultCPUAllocator: not enough memory"), "memory"),
        (EngineError("no CUDA device"), "engine"),
        (WeightsError("adapter: damaged"), "weights"),
        (SandboxError("no sandbox process"), "sandbox"),
        (ValueError("anything"), ""),
    ],
)
def test_a_workers_end_has_a_kind(error: Exception, kind: str) -> None:
    assert kind_of(error) == kind


def test_worth_is_told_by_what_both_plans_use() -> None:
    assert budget.worth(0.5, 9.0) == pytest.approx(0.052)  # (0.5 + 0.02) / 10
