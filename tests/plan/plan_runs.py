"""What the planner's tests share: curves by hand, profiles, and run folders written event by event.

Tasks are our own: turn a picture upside down.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from helpers import make_candidate

from arc_submit import config, folder, tasks
from arc_submit.config import BudgetConfig
from arc_submit.plan.curves import Curve, Recorded
from arc_submit.plan.profile import Number, Positive, Profile, Share
from arc_submit.records import Answer
from arc_submit.trace import NAME, Trace

RIGHT, WRONG = ((3, 3), (1, 2)), ((0,),)


def curve(
    name: str = "t",
    *,
    solved: float | None = None,
    horizon: float = 100.0,
    ended: bool = False,
    steps: Sequence[tuple[float, float]] = (),
) -> Curve:
    """A task whose passer comes after `solved` seconds and is right."""
    rights = () if solved is None else ((solved, True),)
    return Curve(name, tuple(steps), solved, rights, horizon, ended)


def recorded(curves: Sequence[Curve], *, workers: int = 1, mean: float = 10.0, name: str = "run") -> Recorded:
    """A run with solutions and the settings of a first visit of the whole fair share."""
    return Recorded(name, tuple(curves), workers, mean, BudgetConfig(), True)


def profile(**changes: Any) -> Profile:
    """Round numbers: 100 tokens/s, 50 tokens an answer, 10 programs/s in the sandbox, all of them measured."""

    def positive(value: float) -> Positive:
        return Positive(value=value, known="measured", source="by hand")

    def number(value: float) -> Number:
        return Number(value=value, known="measured", source="by hand")

    def share(value: float) -> Share:
        return Share(value=value, known="measured", source="by hand")

    values: dict[str, Any] = {
        "about": "by hand",
        "preset": "laptop",
        "workers": 2,
        "install_seconds": number(0),
        "startup_seconds": number(100),
        "overrun_seconds": number(0),
        "deaths_per_hour": number(0),
        "decode_tokens_per_second": positive(100),
        "answer_tokens": positive(50),
        "programs_per_answer": share(1),
        "sandbox_programs_per_second": positive(10),
        "symbolic_share": share(0),
        "loop_share": share(0),
        "task_spread": positive(0.8),
    }
    return Profile(**{**values, **changes})


def folder_of_run(out: Path, events: Sequence[Mapping[str, Any]], *, solutions: bool = True, names: str = "ab") -> Path:
    """A run's folder over tasks with these one-letter names: 10 s of one worker each, in a file of its own."""
    out.mkdir(parents=True)
    pairs = [{"input": [[1, 2], [3, 4]], "output": [[3, 4], [1, 2]]}, {"input": [[5], [6]], "output": [[6], [5]]}]
    content = {name: {"train": pairs, "test": [{"input": [[1, 2], [3, 3]]}]} for name in names}
    path = out / "own_challenges.json"
    path.write_bytes(orjson.dumps(content))
    if solutions:
        (out / "own_solutions.json").write_bytes(orjson.dumps({name: [RIGHT] for name in names}))
    run = out / "run"
    settings = config.load("laptop", ["search.proposers=symbolic"], budget__seconds_per_task=10.0)
    folder.create(run, tasks.load(str(path)), settings, fresh=False)
    with Trace(run / NAME) as record:
        for number, event in enumerate(events):
            record.append({"at": float(number), "worker": 0, **event})
    return run


def found(task: str, spent: float, *, right: int, round: int = 1) -> dict[str, Any]:
    """A candidate that has `right` of both pairs."""
    made = make_candidate(f"{task}{spent}", ["12/34"], solved=[index < right for index in range(2)], cells=[0.0, 0.0])
    return {"event": "candidate", "task": task, "round": round, "spent": spent, "candidate": made}


def answered(task: str, spent: float, *, right: bool, passers: int = 0) -> dict[str, Any]:
    """An answer whose first attempt is right, or not."""
    answer = Answer(task, ((RIGHT if right else WRONG,),), ((1,),), ("p",), passers)
    return {"event": "answer", "task": task, "spent": spent, "answer": answer}


def over(task: str, spent: float, reason: str = "time", event: str = "done") -> dict[str, Any]:
    """The end of a search, or of a visit."""
    seconds = {"propose:enumerate": spent - 1.0, "sandbox": 1.0}
    return {"event": event, "task": task, "reason": reason, "rounds": 10, "spent": spent, "seconds": seconds}
