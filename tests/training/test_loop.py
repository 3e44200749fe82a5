"""The training loop: its loss falls, and a run that was stopped ends where one that was not does."""

import contextlib
import random
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from arc_submit.errors import DataError
from training import loop
from training.data import shards
from training.data.shards import Encoded
from training.loop import LoopConfig, State, train
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


class Team:
    """Processes that are threads: what accelerate gives them, by a barrier."""

    def __init__(self, count):
        self.count, self.barrier = count, threading.Barrier(count, timeout=60.0)
        self.given, self.own = [None] * count, threading.local()

    def accelerator(self, **_):
        return SimpleNamespace(
            is_main_process=self.own.rank == 0,
            process_index=self.own.rank,
            num_processes=self.count,
            device=torch.device("cpu"),
            mixed_precision="no",
            autocast=contextlib.nullcontext,
            reduce=self.reduce,
            wait_for_everyone=self.barrier.wait,
        )

    def reduce(self, tensor, how="sum"):
        self.given[self.own.rank] = tensor.clone()
        self.barrier.wait()
        found = torch.stack(self.given).sum(0) / (self.count if how == "mean" else 1)
        self.barrier.wait()
        return found

    def run(self, job):
        """Return what the job, given its number, returns in the first one."""
        found = {}

        def work(rank):
            self.own.rank = rank
            try:
                found[rank] = job(rank)
            except Exception as error:
                found[rank] = error
                self.barrier.abort()

        threads = [threading.Thread(target=work, args=(rank,)) for rank in range(self.count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        failed = next((value for value in found.values() if isinstance(value, Exception)), None)
        if failed is not None:
            raise failed
        return found[0]


def uneven(tmp_path):
    """A shard of examples of many lengths and weights."""
    rng = random.Random(1)
    encoded = []
    for _ in range(120):
        ids = np.array([300 + rng.randrange(50) for _ in range(rng.randrange(6, 40))], dtype=np.int32)
        encoded.append(Encoded(ids, 4, rng.choice([0.5, 1.5])))
    shards.write(shards.path(tmp_path, 0), encoded)
    return tmp_path


def test_two_processes_make_the_steps_of_one_with_both_their_batches(tmp_path, monkeypatch):
    import accelerate

    given, config = uneven(tmp_path), settings(tokens=1500, save_every=10_000, clip=1e9)
    split = loop.shuffled

    def joined(encoded, rng, tokens):
        found = list(split(encoded, rng, tokens))
        return [one + other for one, other in zip(found[::2], found[1::2], strict=False)]

    states, models = [], []
    for count, cut in ((1, joined), (2, split)):
        team, own = Team(count), [model() for _ in range(count)]
        monkeypatch.setattr(accelerate, "Accelerator", team.accelerator)
        monkeypatch.setattr(loop, "shuffled", cut)

        def job(rank, own=own, out=tmp_path / str(count)):
            return train(own[rank], given, 1, out, config)

        states.append(team.run(job))
        models.append(own)
    one, two = states
    assert (one.tokens, one.steps) == (two.tokens, two.steps)
    assert one.losses[-1][1] == pytest.approx(two.losses[-1][1], abs=1e-3)
    ((whole,), (first, second)) = models
    for (name, wanted), here, there in zip(
        whole.named_parameters(), first.parameters(), second.parameters(), strict=True
    ):
        assert torch.equal(here, there), name
        assert torch.allclose(wanted, here, atol=1e-4), name


def test_fewer_batches_than_processes_are_refused_and_not_waited_for(tmp_path):
    shards.write(shards.path(tmp_path, 0), [Encoded(np.arange(300, 312, dtype=np.int32), 4)] * 3)
    team = SimpleNamespace(num_processes=2, process_index=0, device="cpu")
    with pytest.raises(DataError, match="for each of 2 processes; take fewer processes, or smaller batches"):
        next(loop._batches(tmp_path, 1, State(), settings(), team))
    batch, _ = next(loop._batches(tmp_path, 1, State(), settings(batch_tokens=12), team))
    assert batch.tokens == 12


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
