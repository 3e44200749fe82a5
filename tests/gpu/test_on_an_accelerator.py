"""What only an accelerator can show: the same answers as on a CPU, and a training step that learns there.

Run with `pytest -m gpu`; without a CUDA device every test here is skipped.
"""

import time

import pytest

torch = pytest.importorskip("torch")

from arc_submit.config import load  # noqa: E402 - after the look for torch
from arc_submit.prompts import Writer  # noqa: E402
from arc_submit.sample import Request  # noqa: E402
from arc_submit.tasks import load as tasks  # noqa: E402

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
]


def answers(engine, count):
    writer = Writer(load("laptop").prompts)
    requests = [Request(writer.fresh(task), 2, 7) for task in tasks("arc1-training").tasks[:count]]
    return engine.sample(requests, time.monotonic() + 300.0)


def settings(device, engine="hf"):
    chosen = [f"sample.device={device}", f"sample.engine={engine}", "sample.temperature=0", "sample.dtype=float32"]
    return load("laptop", chosen).sample


def test_the_hf_engine_gives_the_same_greedy_text_as_on_a_cpu():
    from arc_submit.sample.hf import HfEngine

    here, there = (answers(HfEngine(settings(device)), 8) for device in ("cpu", "cuda"))
    for mine, theirs in zip(here, there, strict=True):
        assert [completion.text for completion in mine] == [completion.text for completion in theirs]
        for one, other in zip(mine, theirs, strict=True):
            assert one.logprobs == pytest.approx(other.logprobs, abs=1e-3)


def test_vllm_gives_the_text_of_the_hf_engine():
    pytest.importorskip("vllm")
    from arc_submit.sample.hf import HfEngine
    from arc_submit.sample.vllm import VllmEngine

    mine, theirs = answers(HfEngine(settings("cuda")), 8), answers(VllmEngine(settings("cuda", "vllm")), 8)
    assert [[one.text for one in some] for some in mine] == [[one.text for one in some] for some in theirs]


def test_training_learns_and_resumes_there(tmp_path):
    import random

    import numpy as np

    from training.data import shards
    from training.loop import LoopConfig, train
    from training.model import Shape, create
    from training.tokenizer import build

    rng = random.Random(0)
    starts = [rng.randrange(50) for _ in range(240)]
    ids = [np.array([300 + start + step for step in range(12)], dtype=np.int32) for start in starts]
    shards.write(shards.path(tmp_path, 0), [shards.Encoded(found, 4) for found in ids])
    shape = Shape(width=32, layers=1, heads=2, head=16, inner=64, context=128)
    tokenizer = build()
    for tokens in (8_000, 16_000):
        config = LoopConfig(tokens=tokens, batch_tokens=240, rate=3e-3, save_every=4000)
        state = train(create(shape, tokenizer, 0), tmp_path, 1, tmp_path / "out", config)
    assert state.tokens >= 16_000
    assert state.losses[-1][1] < 0.7 * state.losses[0][1]
