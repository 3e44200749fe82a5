"""What is trained beside vLLM's weights is the model that vLLM then scores with, on its CPU build."""

import importlib.util

import pytest

if importlib.util.find_spec("vllm") is None:
    pytest.skip("vllm is not installed", allow_module_level=True)

import torch
from safetensors.torch import load_file
from sample.tiny import tiny_adapter, tiny_model

from arc_submit.adapt.lora import Lora
from arc_submit.adapt.records import Example, apart
from arc_submit.adapt.step import Trainer
from arc_submit.config import AdaptConfig, SampleConfig
from arc_submit.sample.vllm import VllmEngine

CONFIG = AdaptConfig(rank=4, alpha=8.0, rate=1e-2)
ASKED = tuple(range(40, 110))  # more than two blocks of the prefix cache
LESSONS = [Example(ASKED, (5, 6, 7, 258)), Example(ASKED, (9, 9, 258)), Example((1, 2, 3), (200, 100, 50, 258))]

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return tiny_model(tmp_path_factory.mktemp("vllm") / "base")


@pytest.fixture(scope="module", params=[True, False], ids=["merged", "beside"])
def engine(request, base):
    adapter = tiny_adapter(base.parent / "start", base)
    config = SampleConfig(
        engine="vllm",
        model=str(base),
        adapter=adapter,
        merge=request.param,
        context=512,
        kv_gib=0.125,
        sequences=8,
        lora_rank=8,
    )
    made = VllmEngine(config)
    yield made
    made.close()


def scores(engine):
    return [engine.score_ids(lesson.prompt, lesson.answer) for lesson in LESSONS]


def close(engine, found, wanted):
    return all(one == pytest.approx(other, abs=engine.precision) for one, other in zip(found, wanted, strict=True))


def test_what_was_trained_beside_it_is_what_it_scores_with(engine, tmp_path):
    model = engine.lend()
    trainer = Trainer(Lora(model, CONFIG, seed=0), CONFIG, lambda: 0.0)
    seen = [trainer.logprobs(LESSONS)]
    for version in range(2):
        assert trainer.teach(LESSONS * 8, float("inf")).steps == 2
        trainer.lora.save(tmp_path / str(version))
        engine.adapt(tmp_path / str(version))
        seen.append(trainer.logprobs(LESSONS))
        assert close(engine, scores(engine), seen[-1])
        assert apart(seen[-1][0], seen[-2][0]) > 0.05
    engine.adapt(None)
    assert close(engine, scores(engine), seen[0])


def test_a_shipped_adapter_is_where_training_may_begin(engine, base):
    start = base.parent / "start"
    engine.adapt(start)
    shipped = scores(engine)
    lora = Lora(engine.lend(), CONFIG, 0, start, engine.folder)
    assert close(engine, shipped, Trainer(lora, CONFIG, lambda: 0.0).logprobs(LESSONS))


def test_the_copy_is_on_the_base_and_is_loaded_once(engine, base):
    engine.adapt(base.parent / "start")
    model = engine.lend()
    assert engine.lend() is model
    weights = load_file(base / "model.safetensors")
    assert all(torch.equal(model.state_dict()[name], weight) for name, weight in weights.items())
