"""Steps of fine-tuning at the shape of a 0.5B model on a CPU, by both drivers: they run, in bounded memory."""

import json
import os
import resource
import subprocess
import sys

import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")

import tuning_helpers as given

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]
GIB = 2**30
MEMORY = 10 * GIB  # that a run may take
PARAMETERS = 494_032_768  # of Qwen2.5-0.5B, embeddings once


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("half")
    given.shaped(folder / "m", "0.5b")
    given.dataset(folder / "d", train=12, evaluation=2)
    return folder


@pytest.mark.parametrize(("driver", "dtype"), [("own", "bfloat16"), ("own", "float32"), ("trl", "bfloat16")])
def test_steps_at_the_shape_of_half_a_billion_run_on_a_cpu(place, driver, dtype):
    from training.tuning import memory

    assert memory.parameters(place / "m") == PARAMETERS
    words = ["--recipe", "toy", "--driver", driver, "--out", str(place / f"{driver}-{dtype}")]
    for one in ("check.before=false", "check.times=1", "check.examples=0", f"hold.dtype={dtype}", "threads=2"):
        words += ["--set", one]
    line = [sys.executable, "-m", "training.sft", str(place / "d"), "--model", str(place / "m"), *words]
    done = subprocess.run(line, cwd=given.ROOT, capture_output=True, text=True, check=False, env={**os.environ})
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["steps"] >= 2 and said["tokens"] > 1000
    assert 8.0 < said["loss"] < 16.0  # near log(151936) = 11.9: nothing is learnt in two steps, nothing is broken
    assert said["trained_parameters"] == 4_399_104  # rank 8: 24 x 8 x (sum of inputs and outputs of 7 layers, 22,912)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    *_, speed = (row for row in done.stderr.splitlines() if row.startswith("100.0%"))
    print(
        f"\n0.5B, {driver}, {dtype}: {speed.split('  ')[2]}, {speed.split('  ')[3]}, peak {peak / GIB:.1f} GiB so far"
    )
    assert peak < MEMORY
