"""A worker learns on one task after another for hours: what it holds in memory does not grow.

Measured once the allocator has given back what is free; what it keeps for itself, some 400 MiB, comes and goes.
"""

import ctypes
import random
import sys

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import psutil

from arc_submit.adapt.lora import Lora
from arc_submit.adapt.records import Example
from arc_submit.adapt.step import Trainer
from arc_submit.config import AdaptConfig, SampleConfig
from arc_submit.sample.checkpoint import KIT
from arc_submit.sample.hf import HfEngine

WEIGHTS = KIT / "weights" / "small"
TASKS, EACH = 100, 10

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not WEIGHTS.is_dir(), reason="no weights/small"),
    pytest.mark.skipif(sys.platform != "linux", reason="the allocator is asked in glibc's words"),
]


def make_lessons(draw, vocabulary):
    """Eight answers to four prompts of the length that tasks have, five of them to one."""
    prompts = [make_ids(draw, vocabulary, draw.randint(100, 400)) for _ in range(4)]
    asked = prompts + prompts[:1] * 4
    return [Example(prompt, make_ids(draw, vocabulary, draw.randint(10, 80))) for prompt in asked]


def make_ids(draw, vocabulary, length):
    return tuple(draw.randrange(vocabulary) for _ in range(length))


def resident():
    """Bytes that this process holds."""
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    return psutil.Process().memory_info().rss


def test_a_hundred_tasks_leave_memory_where_ten_had_it(tmp_path, record_property):
    engine = HfEngine(SampleConfig(model=str(WEIGHTS), adapter=None))
    config = AdaptConfig()
    model = engine.lend()
    lora = Lora(model, config, seed=0)
    trainer = Trainer(lora, config, lambda: 0.0)
    draw, held = random.Random(0), []
    for task in range(TASKS):
        engine.lend()
        lora.reset()
        lessons = make_lessons(draw, model.config.vocab_size)
        assert trainer.teach(lessons, float("inf")).steps == 1
        trainer.moves(lessons[:2])
        lora.save(tmp_path / str(task))
        engine.adapt(tmp_path / str(task))
        engine.score_ids(lessons[0].prompt, lessons[0].answer)
        if task % EACH == EACH - 1:
            held.append(resident())
    record_property("resident_mib", [round(size / 2**20) for size in held])
    assert max(held[1:]) < 1.02 * held[0], held
