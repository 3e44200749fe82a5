"""The benches of the engines, of edits and of steps: their sums, and that each runs to its JSON line on a random model.

The other benches are run by hand (`make bench`); what they print is not judged here, only that it is there.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import bench_edits, bench_engine

ROOT = Path(__file__).parents[1]


def test_the_sign_test_leaves_ties_out():
    found = bench_edits.paired([(0.5, 0.0), (0.5, 0.0), (0.25, 0.25), (0.0, 0.25)])
    assert (found["wins"], found["losses"], found["tasks"]) == (2, 1, 4)
    assert found["sign_test"] == 1.0  # 2 * (3 + 1) / 2**3 is above 1
    assert found["difference"] == 0.1875  # (0.5 + 0.5 + 0 - 0.25) / 4


def test_no_tasks_are_no_difference():
    assert bench_edits.paired([])["tasks"] == 0


def test_equal_executions_trim_to_the_poorer_side():
    child = bench_edits.Child(better=True, gains=True, repeats=False, passes=False, id="c", fitness=0.5)
    first = {side: [bench_edits.Brood(children=[child] * size)] for side, size in (("model", 3), ("symbolic", 2))}
    spent = {side: bench_edits.Spent() for side in bench_edits.SIDES}
    parents = [None]  # only their number counts
    found = bench_edits.Found(parents, first, spent, first, spent)
    assert [len(made) for by_parent in bench_edits._equal(found).values() for made in by_parent] == [2, 2]


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    from sample.tiny import tiny_model

    return tiny_model(tmp_path_factory.mktemp("bench") / "model")


def test_an_endless_copy_names_no_end_of_the_model(model, tmp_path):
    from arc_submit.config import SampleConfig
    from arc_submit.sample import chat, checkpoint

    folder = bench_engine.endless(model, tmp_path / "copy")
    assert checkpoint.resolve(SampleConfig(model=str(folder))).ends == ()
    assert chat.load_tokenizer(folder).eos_token == "<|endoftext|>"  # padding: the vocabulary has no room
    assert checkpoint.resolve(SampleConfig(model=str(model))).ends != ()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "options", "wanted"),
    [
        ("bench_engine", "--adapter none --engines hf --prompts 2 --tokens 4 --repeats 1", "tokens_per_second"),
        ("bench_edits", "--adapter none --grids 0 --tasks 2 --children 2", "equal_seconds"),
        ("bench_step", "--prompts 2 --answers 3 --prompt-tokens 9 --answer-tokens 4 --repeats 1", "settings"),
    ],
)
def test_a_bench_ends_with_one_json_line(model, script, options, wanted):
    command = [sys.executable, f"scripts/{script}.py", "--model", str(model), *options.split()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=True)
    assert wanted in json.loads(done.stdout.splitlines()[-1])
