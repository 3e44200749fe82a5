"""A recipe from nothing to weights that the solver loads: killed in the middle, gone on with, and called once more.

One run serves every test: the toy recipe's commands at a fraction of its size.
"""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from arc_submit.config import PromptsConfig, SampleConfig
from arc_submit.prompts import Writer
from arc_submit.sample import Request, checkpoint
from arc_submit.tasks import load
from training import manifest, remake

pytest.importorskip("peft")
pytest.importorskip("accelerate")

pytestmark = pytest.mark.timeout(900)
ROOT = Path(__file__).parents[2]
TINY = Path(__file__).with_name("tiny.toml")
SECONDS = 280.0  # one call may take, on a machine that is busy


@dataclass(frozen=True)
class Remade:
    """What the calls left."""

    out: Path
    killed: dict[str, Any]
    """The checkpoint's state when the first call was killed."""
    second: str
    """What the second call printed."""
    third: str
    untouched: bool
    """The third call changed no file."""


def start(out: Path) -> subprocess.Popen[str]:
    line = [sys.executable, "-m", "training.remake", str(TINY), "--out", str(out), "--cores", "1"]
    pipe = subprocess.PIPE
    return subprocess.Popen(line, cwd=ROOT, stdout=pipe, stderr=subprocess.STDOUT, text=True, start_new_session=True)


def finished(out: Path) -> str:
    call = start(out)
    try:
        said, _ = call.communicate(timeout=SECONDS)
    finally:
        if call.poll() is None:
            os.killpg(call.pid, signal.SIGKILL)
    assert call.returncode == 0, said
    return said


def killed(out: Path) -> dict[str, Any]:
    """Kill a call at the first checkpoint of pre-training, and leave a mark in that checkpoint."""
    call, state, end = start(out), out / "base" / "checkpoint" / "state.json", time.monotonic() + SECONDS
    while not state.exists() and call.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    os.killpg(call.pid, signal.SIGKILL)
    said, _ = call.communicate()
    assert state.exists(), said
    found: dict[str, Any] = json.loads(state.read_text())
    found["checks"]["mark"] = [[1, 0.5]]
    state.write_text(json.dumps(found))
    return found


def stamps(out: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Remade:
    out = tmp_path_factory.mktemp("remake")
    state = killed(out)
    second = finished(out)
    before = stamps(out)
    third = finished(out)
    return Remade(out, state, second, third, stamps(out) == before)


def losses(run: Remade, part: str) -> list[float]:
    return [loss for _, loss in json.loads((run.out / part / "curves.json").read_text())["loss"]]


def test_every_step_runs_and_the_loss_falls(run):
    found = losses(run, "base")
    assert found[-1] < 0.8 * found[0], found
    assert losses(run, "adapter")[-1] < found[0]


def test_a_killed_run_goes_on_from_its_checkpoint(run):
    assert 15_000 <= run.killed["tokens"] < 30_000
    curves = json.loads((run.out / "base" / "curves.json").read_text())
    assert curves["mark"] == [[1, 0.5]]  # stood in the checkpoint alone
    assert len(curves["loss"]) > len(run.killed["losses"]) > 0
    assert [tokens for tokens, _ in curves["loss"]] == sorted({tokens for tokens, _ in curves["loss"]})


def test_a_finished_command_is_not_run_again(run):
    assert run.untouched
    last = [json.loads(said.splitlines()[-1]) for said in (run.second, run.third)]
    assert last[0] == last[1]
    assert len(last[0]["seconds"]) == 4


def test_curves_are_drawn_and_checks_are_kept(run):
    for part in ("base", "adapter"):
        assert (run.out / part / "curves.svg").read_text().startswith("<svg")
    assert "solved" in (run.out / "base" / "curves-checks.svg").read_text()
    assert (
        len(json.loads((run.out / "base" / "curves.json").read_text())["solved"]) == 2
    )  # at 15,000 tokens and at 30,000


def test_progress_is_said_in_plain_lines_where_there_is_no_terminal(run):
    said = [line for line in run.second.splitlines() if "% of matmul speed" in line]
    assert any(line.startswith("100.0%") and "tokens/s" in line for line in said), run.second


def test_the_manifest_verifies_and_tells_recipe_and_tokens(run):
    folder = run.out / "weights"
    found = checkpoint.resolve(SampleConfig(model=str(folder)))
    assert found.adapter == (folder / "adapter").resolve()
    said = manifest.read(folder)
    assert said["recipe"]["text"] == TINY.read_text()
    assert said["tokens"] >= 42_000  # 30,000 and 12,000
    assert said["data"]["shards"]["shards"]["per_shard"] == 300


def test_the_solvers_engine_loads_the_weights_with_their_adapter_and_writes(run):
    from arc_submit.sample.hf import HfEngine

    engine = HfEngine(SampleConfig(model=str(run.out / "weights"), max_new_tokens=24))
    try:
        assert engine.adapter is not None
        prompt = Writer(PromptsConfig()).fresh(load("arc1-training").tasks[0])
        (found,) = engine.sample([Request(prompt, 3, seed=0)], time.monotonic() + 60.0)
    finally:
        engine.close()
    assert len(found) == 3
    assert all(completion.tokens and completion.text for completion in found)


@pytest.mark.parametrize("recipe", ["toy", "small"])
def test_shipped_recipes_name_modules_that_exist(recipe):
    for line in remake.commands(recipe, Path("out"), cores=2):
        module = next(word for word in line if word.startswith("training."))
        assert (ROOT / f"{module.replace('.', '/')}.py").exists()


def test_an_unknown_recipe_is_named_with_those_that_there_are():
    with pytest.raises(SystemExit, match="no recipe 'large'; expected one of small, toy"):
        remake.commands("large", Path("out"), cores=1)
