"""Test-time learning on an accelerator: what was trained there reaches the engine, and the bench of steps runs.

Run with `pytest -m gpu`; without a CUDA device every test here is skipped.
"""

import json
import math
import subprocess
import sys
import time
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from arc_submit.adapt.learner import probe  # noqa: E402 - after the look for torch
from arc_submit.adapt.lora import Lora  # noqa: E402
from arc_submit.adapt.records import Example, apart  # noqa: E402
from arc_submit.adapt.step import Trainer  # noqa: E402
from arc_submit.config import AdaptConfig, load  # noqa: E402
from arc_submit.prompts import Writer  # noqa: E402
from arc_submit.sample import Request, chat  # noqa: E402
from arc_submit.tasks import load as tasks  # noqa: E402

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
]

ROOT = Path(__file__).parents[2]
DEVICE = "cuda"
RATE = 1e-2  # one step moves an answer by far more than bfloat16 rounds


def settings(engine, dtype):
    chosen = [f"sample.engine={engine}", f"sample.device={DEVICE}", f"sample.dtype={dtype}", "sample.adapter=none"]
    return load("laptop", [*chosen, "sample.gpu_memory=0.3", "sample.eager=true"]).sample


def sampled(engine, count=4):
    """Answers of the base to real prompts, with the log-probabilities that it sampled them at."""
    writer = Writer(load("laptop").prompts)
    requests = [Request(writer.fresh(task), 2, 7) for task in tasks("arc1-training").tasks[:count]]
    found = engine.sample(requests, time.monotonic() + 300.0)
    return [
        Example(tuple(chat.render(engine.tokenizer, request.prompt)), completion.tokens, old=completion.logprobs)
        for request, completions in zip(requests, found, strict=True)
        for completion in completions
    ]


def learns(engine, folder):
    """One step of teaching, handed to the engine: only then does the engine score answers as the trainer does."""
    examples = sampled(engine)
    lora = Lora(engine.lend(), AdaptConfig(rate=RATE), seed=0)
    trainer = Trainer(lora, AdaptConfig(rate=RATE), time.monotonic)
    for example, start in zip(examples, trainer.logprobs(examples), strict=True):
        assert apart(start, example.old) < engine.precision
    before = sum(map(sum, trainer.logprobs(examples)))
    learnt = trainer.teach(examples, math.inf)
    assert (learnt.steps, learnt.why) == (1, "")
    moves = trainer.moves(examples)
    assert sum(sum(move.now) for move in moves) > before
    assert max(move.size for move in moves) > 2 * engine.precision
    assert "did not reach the engine" in probe(engine, moves)
    lora.save(folder)
    engine.adapt(folder)
    assert probe(engine, moves) == ""
    engine.adapt(None)
    assert "did not reach the engine" in probe(engine, moves)


@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_what_was_learnt_reaches_the_hf_engine(dtype, tmp_path):
    from arc_submit.sample.hf import HfEngine

    engine = HfEngine(settings("hf", dtype))
    try:
        learns(engine, tmp_path)
    finally:
        engine.close()


@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_what_was_learnt_reaches_vllm(dtype, tmp_path):
    pytest.importorskip("vllm")
    from arc_submit.sample.vllm import VllmEngine

    engine = VllmEngine(settings("vllm", dtype))
    try:
        learns(engine, tmp_path)
    finally:
        engine.close()


def test_both_sides_of_the_bench_of_steps_agree_on_a_model_of_half_a_billion():
    options = "--shape 0.5b --prompts 1 --answers 4 --prompt-tokens 300 --answer-tokens 40 --repeats 2"
    command = [sys.executable, "scripts/bench_step.py", "--device", DEVICE, *options.split()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-2000:]  # also where losses or gradients differ
    (found,) = json.loads(done.stdout.splitlines()[-1])["settings"].values()
    assert found["ours"]["gib"] > 0 and 0 < found["ours"]["of_peak"] < 1.2
