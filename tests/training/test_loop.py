"""The training loop: its loss falls, and a run that was stopped ends where one that was not does."""

import random

import numpy as np
import pytest

from training import loop
from training.data import shards
from training.data.shards import Encoded
from training.loop import LoopConfig, train
from training.model import Shape, create
from training.tokenizer import build

torch = pytest.importorskip("torch")


TOKENIZER = build()
SHAPE = Shape(width=32, layers=1, heads=2, head=16, inner=64, context=128)


def model(seed=0):
    return create(SHAPE, TOKENIZER, seed)


@pytest.fixture
def folder(tmp_path):
    rng = random.Random(0)
    for number in range(2):
        encoded = []
        for _ in range(120):
            start = rng.randrange(50)
            encoded.append(Encoded(np.array([300 + start + step for step in range(12)], dtype=np.int32), 4))
        shards.write(shards.path(tmp_path, number), encoded)
    return tmp_path


def settings(**changes):
    return LoopConfig(**{"tokens": 6000, "batch_tokens": 240, "rate": 3e-3, "save_every": 3000, **changes})


def test_the_loss_falls(folder, tmp_path):
    state = train(model(), folder, 2, tmp_path / "out", settings(tokens=16_000))
    assert state.losses[-1][1] < 0.7 * state.losses[0][1]


def test_stopped_and_resumed_is_the_same_as_not_stopped(folder, tmp_path):
    whole = model()
    train(whole, folder, 2, tmp_path / "whole", settings())
    train_until_first_save(model(), folder, tmp_path / "parts")
    state = train(parts := model(seed=5), folder, 2, tmp_path / "parts", settings())
    assert state.tokens >= 6000
    for (name, before), (_, after) in zip(whole.named_parameters(), parts.named_parameters(), strict=True):
        assert torch.allclose(before, after, atol=1e-6), name


def train_until_first_save(model, folder, out):
    """Train with the schedule of the whole run, and break off after the first checkpoint."""

    class Stopped(Exception):
        pass

    saved = loop.save

    def save_and_stop(*given):
        saved(*given)
        raise Stopped

    loop.save = save_and_stop
    try:
        with pytest.raises(Stopped):
            train(model, folder, 2, out, settings())
    finally:
        loop.save = saved


def test_measurements_are_kept_with_the_curves(folder, tmp_path):
    state = train(model(), folder, 2, tmp_path / "out", settings(), check=lambda _: {"solved": 0.5})
    assert [value for _, value in state.checks["solved"]] == [0.5, 0.5]


def test_facts_that_differ_in_a_number_begin_alike():
    weight = model().get_input_embeddings().weight.data
    three, four, other = (
        weight[TOKENIZER(text, add_special_tokens=False)["input_ids"][0]] for text in (" adds-3", " adds-4", " drops-7")
    )
    cosine = torch.nn.functional.cosine_similarity
    assert cosine(three, four, dim=0) > 0.2 > cosine(three, other, dim=0)
