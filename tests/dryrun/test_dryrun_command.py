"""The whole of it: `arc-submit dry-run` on two easy tasks, and what a person gets told who asks for the impossible."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from arc_submit import cli
from arc_submit.cli import dryrun  # noqa: F401 - hangs the command on the application
from arc_submit.dryrun import cells, place, rehearsal
from arc_submit.dryrun.rehearsal import Wishes
from kernel import notebook

EASY = (
    *("--data", "arc1-training", "--tasks", "67a3c6ac,3c9b0459", "--minutes", "0.6"),  # mirror, half turn
    *("--set", "search.proposers=rules,enumerate,mutate", "--set", "workers=1", "--set", "search.patience=0"),
)


def call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: object
) -> tuple[int, str, str, dict[str, Any]]:
    """(exit code, standard output, standard error, the line for machines)"""
    monkeypatch.setattr("sys.argv", ["arc-submit", "dry-run", *map(str, words)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    printed = capsys.readouterr()
    last = (printed.out.splitlines() or [""])[-1]
    line = json.loads(last) if last.startswith("{") else {}
    return int(end.value.code or 0), printed.out, printed.err, line


def test_a_dry_run_solves_scores_and_reports(
    namespaces: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("MY_SECRET_TOKEN", "must not come along")
    out = tmp_path / "dry"
    code, printed, shown, line = call(monkeypatch, capsys, *EASY, "--out", out)
    assert code == 0, printed + shown
    (run,) = line["runs"]
    assert run["place"] == "namespaces" and set(run["checks"].values()) == {"ok"} and run["weaker"] == []
    assert run["verdict_ok"] and run["valid"] and run["canary"] is True and run["sandbox"] == "A"
    assert run["score"]["solved_outputs"] == run["score"]["outputs"] == 2 and run["fallbacks"] == 0
    assert run["overrun_seconds"] < 0 and run["memory_bytes"] > 20 << 20
    assert "found" in line["old_layout"]
    assert "rerun run of commit" in shown  # the kernel's own words, as they came
    log = (out / "new" / "kernel.log").read_text()
    assert "/kaggle/input/competitions/" in log and "/kaggle/working/submission.json" in log
    assert "must not come along" not in log
    assert "67a3c6ac" in Path(run["report"]).read_text()
    kept = sorted(path.name for path in out.iterdir())
    assert kept == [".dry-run", "answers", "new"]


def test_the_notebook_in_the_old_layout_as_a_commit_run(
    namespaces: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    out = tmp_path / "dry"
    code, printed, shown, line = call(
        monkeypatch, capsys, *EASY, "--out", out, "--mode", "commit", "--layout", "old", "--notebook"
    )
    assert code == 0, printed + shown
    (run,) = line["runs"]
    assert run["mode"] == "commit" and run["score"] == {"solved_outputs": 2, "outputs": 2}
    assert len(json.loads((out / "old" / "working" / "submission.json").read_text())) == 240  # the visible test file
    assert "(old layout)" in shown and "notebook: " in shown


def test_where_namespaces_are_refused_it_says_what_is_weaker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr(place, "refusal", lambda: "unshare: Operation not permitted")
    code, printed, shown, line = call(monkeypatch, capsys, *EASY, "--out", tmp_path / "dry")
    assert code == 0, printed + shown
    (run,) = line["runs"]
    assert run["place"] == "plain" and run["checks"]["working folder"] == "weaker"
    assert "namespaces are not allowed on this machine (unshare: Operation not permitted)" in shown
    assert "weaker than Kaggle: the network is not cut" in printed
    assert run["valid"] and run["score"]["solved_outputs"] == 2


def test_a_kernel_that_cannot_find_its_code_fails_the_dry_run(
    namespaces: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mount = rehearsal.inputs.mount

    def damaged(root: Path, *rest: Any) -> None:
        mount(root, *rest)
        for file in root.rglob("arc_submit/solve.py"):
            file.write_text("raise SystemExit\n")

    monkeypatch.setattr(rehearsal.inputs, "mount", damaged)
    code, printed, shown, line = call(monkeypatch, capsys, *EASY, "--out", tmp_path / "dry")
    (run,) = line["runs"]
    assert code == 1 and not line["ok"], printed + shown
    assert run["valid"] and not run["verdict_ok"]  # the fallback was handed in, and said to be one
    assert any("damaged" in reason for reason in run["why"]), run["why"]


MISTAKES = {
    "minutes": (("--minutes", "0.1"), "--minutes 0.1: expected 0.25 or more"),
    "mode": (("--mode", "scored"), "--mode scored: expected one of rerun, commit"),
    "layout": (("--layout", "newest"), "--layout newest: expected one of"),
    "wheels": (("--wheels", "nowhere"), "no WHEELS.json there"),
    "task": (("--tasks", "nowhere"), "no task nowhere"),
    "preset": (("--preset", "nowhere"), "nowhere"),
    "docker": (("--docker",), "--docker: name --wheels"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_and_nothing_is_made(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words, says = MISTAKES[name]
    code, _, shown, _ = call(monkeypatch, capsys, *words, "--out", tmp_path / "dry")
    assert code == 2 and says in shown
    assert not (tmp_path / "dry").exists()


def test_a_folder_that_holds_something_else_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "thesis.txt").write_text("mine")
    code, _, shown, _ = call(monkeypatch, capsys, "--out", tmp_path)
    assert code == 2 and "which no dry run made" in shown
    assert (tmp_path / "new" / "thesis.txt").read_text() == "mine"


def test_the_session_is_as_long_as_asked_and_the_reserve_within_it(tmp_path: Path) -> None:
    shipped = tmp_path / "pack" / "code" / "code" / "kernel"
    shipped.mkdir(parents=True)
    real = Path(notebook.__file__).with_name("settings.json")
    (shipped / "settings.json").write_text(real.read_text())
    chosen = rehearsal.inputs.choose("arc1-training", ("67a3c6ac",), None, "rerun")
    found = rehearsal.kernel_settings(Wishes(minutes=6.0), tmp_path, chosen, place.Place("namespaces"))
    assert found["hours"] == 0.1 and found["reserve_minutes"] == pytest.approx(0.6)
    assert found["accelerator"] is None and found["wheels"] is False and found["tasks"] == 1
    assert found.keys() == json.loads(real.read_text()).keys()  # the kernel refuses settings that it does not know


def test_a_notebooks_cells_share_one_main_and_stop_at_an_exception(tmp_path: Path) -> None:
    def run(*sources: str) -> "subprocess.CompletedProcess[str]":
        code = [{"cell_type": "code", "source": source} for source in sources]
        path = tmp_path / "x.ipynb"
        path.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": "# words"}, *code]}))
        return subprocess.run([sys.executable, str(cells.__file__), str(path)], capture_output=True, text=True)

    assert run("x = 2\n", "print(x, __name__)").stdout.startswith("2 __main__\nnotebook: 2 cells")
    broken = run("1 / 0", "print('never')")
    assert broken.returncode and "<cell 1>" in broken.stderr and "never" not in broken.stdout
