"""From tasks to token shards: items are right, examples say what they should, shards repeat to the byte."""

import random

import numpy as np
import pytest

from arc_submit.prompts.compact import code
from arc_submit.tasks import load
from training.batch import IGNORED, packed, padded, shuffled
from training.data import shards
from training.data.examples import Mix, breaks, examples
from training.data.harvest import harvest, wandered
from training.data.shards import Encoded
from training.tasks.item import run

TASK = load("arc1-training").tasks[4]
ITEMS = harvest(TASK, 1, 60)


def test_a_harvested_program_makes_its_items_outputs():
    assert len(ITEMS) == 60
    for item in ITEMS[::7]:
        wanted = [*(pair.output for pair in item.task.train), item.test]
        assert list(run(item.source, item.task.inputs)) == wanted


def test_a_harvest_can_be_repeated():
    assert harvest(TASK, 1, 60) == ITEMS
    assert harvest(TASK, 2, 60) != ITEMS


def test_no_behaviour_comes_twice():
    outputs = [(tuple(pair.output for pair in item.task.train), item.test) for item in ITEMS]
    assert len(set(outputs)) == len(outputs)


def test_the_control_does_not_look_at_outputs():
    from dataclasses import replace

    other = replace(TASK, train=tuple(replace(pair, output=((7,),)) for pair in TASK.train))
    assert wandered(TASK, 0, 20) == wandered(other, 0, 20)


def test_broken_versions_are_wrong_and_show_what_they_made():
    rng = random.Random(0)
    found = [attempt for item in ITEMS[:20] for attempt in breaks(item, rng, 1)]
    assert found
    assert all(not all(attempt.solved) for attempt in found)


def test_every_kind_of_example_ends_in_the_items_program():
    mix = Mix(edit=0.3, crossover=0.2, restart=0.2, grids=0.5)
    found = list(examples(ITEMS, random.Random(0), mix, len))
    assert {example.prompt.kind for example in found} == {"fresh", "edit", "crossover", "restart"}
    assert {example.answer for example in found} <= {code(item.source) for item in ITEMS}


def test_shards_come_back_as_they_were(tmp_path):
    encoded = [Encoded(np.arange(n, dtype=np.int32), n // 2, n / 10) for n in (4, 9, 2)]
    shards.write(tmp_path / "shard.npz", encoded)
    for before, after in zip(encoded, shards.read(tmp_path / "shard.npz"), strict=True):
        assert before.ids.tolist() == after.ids.tolist()
        assert (before.prompt, pytest.approx(before.weight)) == (after.prompt, after.weight)


def test_a_batch_never_exceeds_its_tokens_and_loses_nothing():
    rng = random.Random(0)
    encoded = [Encoded(np.full(rng.randint(2, 90), number, dtype=np.int32), 1) for number in range(200)]
    groups = list(shuffled(encoded, random.Random(1), 400))
    assert sorted(int(e.ids[0]) for group in groups for e in group) == list(range(200))
    assert all(max(len(e.ids) for e in group) * len(group) <= 400 for group in groups)


def test_only_answers_bear_loss_one_place_ahead():
    pytest.importorskip("torch")
    batch = padded([Encoded(np.array([5, 6, 7, 8], dtype=np.int32), 2), Encoded(np.array([1, 2], dtype=np.int32), 1)])
    assert batch.labels.tolist() == [[IGNORED, 7, 8, IGNORED], [2, IGNORED, IGNORED, IGNORED]]


def test_packed_rows_give_the_loss_of_padded_ones():
    torch = pytest.importorskip("torch")
    from training.loss import completion_loss
    from training.model import Shape, create
    from training.tokenizer import build

    model = create(Shape(width=32, layers=2, heads=2, head=16, inner=64), build(), 0).eval()
    rng = random.Random(0)
    encoded = [
        Encoded(np.array([rng.randrange(3000) for _ in range(n)], dtype=np.int32), 3, 0.5 + n / 9) for n in (9, 5, 7)
    ]
    with torch.no_grad():
        alone = completion_loss(model, padded(encoded))
        together = completion_loss(model, packed(encoded, 16))
    assert float(alone) == pytest.approx(float(together), abs=1e-5)


def test_an_example_longer_than_a_row_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        packed([Encoded(np.arange(9, dtype=np.int32), 1)], 8)
