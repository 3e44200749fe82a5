"""The whole line in small: every command of `arc-train` after the other, and how its gain is counted."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from scripts import train_line
from training.evaluate.edits import Edited

pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[2]
ROW = Edited("t", parents=1, asked=8, unusable=0, ran=8, better=2, gains=2, passers=0, repeats=0, improved=1)


def measured(folder: Path, tuned: dict[str, int], start: dict[str, int]) -> Path:
    """A folder of `arc-train evaluate` with so many edits that gain, of eight, by task."""
    folder.mkdir()
    lines = [
        {"checkpoint": name, "kind": "edits", "seed": 0, **asdict(ROW), "task": task, "gains": gains}
        for name, found in (("merged-0", tuned), ("small", start))
        for task, gains in found.items()
    ]
    (folder / "rows.jsonl").write_text("".join(json.dumps(line) + "\n" for line in [*lines, {"kind": "solve"}]))
    return folder


def test_the_gain_is_the_mean_over_seeds_paired_by_task(tmp_path: Path) -> None:
    one = measured(tmp_path / "one", {"a": 4, "b": 2}, {"a": 2, "b": 2})
    two = measured(tmp_path / "two", {"a": 8, "b": 1}, {"a": 2, "b": 2})
    found = train_line.gained([one, two], "success")
    # a: (4 + 8) / 16 - (2 + 2) / 16 = 0.5; b: (2 + 1) / 16 - 4 / 16 = -0.0625
    assert found.difference == pytest.approx((0.5 - 0.0625) / 2)
    assert (found.wins, found.losses) == (1, 1)


@pytest.mark.timeout(900)
def test_the_line_runs_from_traces_to_a_gain_and_nothing_twice(tmp_path: Path) -> None:
    line = [sys.executable, str(ROOT / "scripts" / "train_line.py"), "--cut", "--out", str(tmp_path)]
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(line, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["success"]["tasks"] == 9
    assert min(found["traces"].values()) > 10 and found["examples"]["train"] > 100
    assert (tmp_path / "merged-0" / "model.safetensors.index.json").exists()
    tuned, start = train_line.measured(tmp_path / "evaluate-0").values()
    assert tuned.keys() == start.keys() and tuned != start  # the same tasks, another model
    again = subprocess.run(line, capture_output=True, text=True, env=environment)
    assert again.returncode == 0, again.stderr
    assert "arc-train" not in again.stderr.replace("arc-train serve", "")
    assert json.loads(again.stdout.splitlines()[-1])["success"] == found["success"]
