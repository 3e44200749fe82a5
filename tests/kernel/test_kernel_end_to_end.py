"""One whole session with the real solver: symbolic proposers, small tasks, a few seconds."""

import json
import shutil
from pathlib import Path
from typing import Any

from fake_session import ROOT, Session, write_sums

FLIP = [
    ([[1, 2], [3, 4]], [[3, 4], [1, 2]]),
    ([[5, 6], [7, 8]], [[7, 8], [5, 6]]),
    ([[0, 1], [2, 0]], [[2, 0], [0, 1]]),
]
TURN = [(given, [row[::-1] for row in given]) for given, _ in FLIP]


def challenge(pairs: list[Any], test: list[list[int]]) -> dict[str, Any]:
    return {"train": [{"input": given, "output": wanted} for given, wanted in pairs], "test": [{"input": test}]}


def mount(session: Session) -> None:
    """The competition with two tasks, and this checkout as the code bundle."""
    tasks = {"flip": challenge(FLIP, [[9, 1], [2, 3]]), "turn": challenge(TURN, [[9, 1], [2, 3]]), "bad": {"test": 1}}
    session.competition({"hidden": challenge(FLIP, [[1, 2], [5, 5]])}, {})
    folder = session.input / "competitions" / "arc-prize-2026-arc-agi-2"
    (folder / "arc-agi_evaluation_challenges.json").write_text(json.dumps(tasks))
    solutions = {"flip": [[[2, 3], [9, 1]]], "turn": [[[1, 9], [3, 2]]]}
    (folder / "arc-agi_evaluation_solutions.json").write_text(json.dumps(solutions))
    bundle = session.input / "datasets" / "me" / "code"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "arc_submit", bundle / "code" / "arc_submit", ignore=ignore)
    card = {"kit": "arc-submit", "kind": "code", "commit": "abc", "dirty": True, "created": "2026"}
    Path(bundle, "BUNDLE.json").write_text(json.dumps(card))
    write_sums(bundle)


def test_a_commit_run_with_the_real_solver_solves_scores_and_reports(session: Session) -> None:
    mount(session)
    session.changes = {
        "preset": "laptop",
        "set": ["search.proposers=rules,enumerate,mutate", "workers=1", "search.patience=0"],
        "commit": {"tasks": ["flip", "turn"], "minutes": 0.5},
    }
    printed = session.run(rerun=False)
    verdict = session.verdict
    assert verdict["ok"], printed
    assert verdict["score"] == {"solved_outputs": 2, "outputs": 2} and verdict["canary"] is True
    assert verdict["fallbacks"] == 0
    assert list(session.submission) == ["hidden"]
