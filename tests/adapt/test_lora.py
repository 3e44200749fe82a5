"""The adapter against peft and the plain engine, on a random model of two layers."""

import json

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")

import peft
import torch
from safetensors.torch import load_file
from sample.tiny import tiny_adapter, tiny_model
from transformers import AutoModelForCausalLM

from arc_submit.adapt.lora import ATTENTION, Lora
from arc_submit.config import AdaptConfig, SampleConfig
from arc_submit.errors import WeightsError
from arc_submit.sample import checkpoint, hf

CONFIG = AdaptConfig(rank=4, alpha=8.0)
IDS = torch.tensor([[5, 6, 7, 8, 9, 10, 11, 12], [200, 1, 3, 3, 7, 50, 60, 258]])
PROMPT, ANSWER = [5, 6, 7, 8], [9, 10, 258]
LAYERS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return tiny_model(tmp_path_factory.mktemp("base") / "model")


@pytest.fixture(scope="module")
def raw(base):
    return load(base)


@pytest.fixture(scope="module", params=[True, False], ids=["merged", "beside"])
def engine(request, base):
    return hf.HfEngine(SampleConfig(model=str(base), adapter=None, merge=request.param))


def load(base):
    return AutoModelForCausalLM.from_pretrained(base, local_files_only=True).eval()


def make_lora(model, seed=0, start=None, base=None, **settings):
    return Lora(model, CONFIG.model_copy(update=settings), seed, start, base)


def scramble(lora, seed=1):
    """Give every factor random numbers, as if it had been trained."""
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for factor in lora.parameters():
            factor.copy_(0.2 * torch.randn(factor.shape, generator=draw))
    return lora


def logits(model, lora=None):
    with torch.no_grad():
        if lora is None:
            return model(input_ids=IDS, use_cache=False).logits
        with lora.on():
            return model(input_ids=IDS, use_cache=False).logits


def apart(one, other):
    """Largest difference."""
    return (one - other).abs().max().item()


def same(one, other):
    """Snapshots with equal numbers."""
    return one.keys() == other.keys() and all(
        torch.equal(a, b) for module in one for a, b in zip(one[module], other[module], strict=True)
    )


def test_a_new_adapter_changes_nothing(raw):
    assert torch.equal(logits(raw, make_lora(raw)), logits(raw))


def test_the_layers_are_the_models_own_again_when_it_is_off(raw):
    plain, lora = logits(raw), scramble(make_lora(raw))
    assert apart(logits(raw, lora), plain) > 0.1
    assert torch.equal(logits(raw), plain)
    with pytest.raises(ZeroDivisionError), lora.on():
        raise ZeroDivisionError
    assert torch.equal(logits(raw), plain)


@pytest.mark.parametrize("modules", ["all", "attention"])
def test_the_layers_are_the_linear_ones_without_the_head(raw, modules):
    found = set(make_lora(raw, modules=modules).snapshot())
    kinds = LAYERS if modules == "all" else ATTENTION
    assert {name.rpartition(".")[2] for name in found} == set(kinds)
    assert len(found) == 2 * len(kinds)  # two layers


def test_the_trained_numbers_are_counted(raw):
    lora = make_lora(raw, modules="attention")
    # hidden 64, two heads of 32, one of them for keys: q, o 64 x 64, k, v 32 x 64; rank * (inputs + outputs), 2 layers
    assert lora.size == 2 * 4 * (2 * (64 + 64) + 2 * (64 + 32))
    assert lora.rank == 4


def test_equal_seeds_begin_alike(raw):
    assert same(make_lora(raw, seed=3).snapshot(), make_lora(raw, seed=3).snapshot())
    assert not same(make_lora(raw, seed=3).snapshot(), make_lora(raw, seed=4).snapshot())


@pytest.mark.parametrize("modules", ["all", "attention"])
def test_what_is_saved_is_the_same_model_to_peft(base, raw, tmp_path, modules):
    lora = scramble(make_lora(raw, modules=modules))
    lora.save(tmp_path)
    theirs = peft.PeftModel.from_pretrained(load(base), tmp_path).eval()
    assert apart(logits(theirs), logits(raw, lora)) < 1e-4


def test_what_is_saved_is_the_same_model_to_the_engine(base, engine, tmp_path):
    model = engine.lend()
    lora = scramble(make_lora(model))
    lora.save(tmp_path)
    with torch.no_grad(), lora.on():
        ids = torch.tensor([[*PROMPT, *ANSWER]])
        found = model(input_ids=ids, use_cache=False).logits[0, len(PROMPT) - 1 : -1].log_softmax(-1)
    bare = engine.score_ids(PROMPT, ANSWER)
    engine.adapt(tmp_path)
    scored = engine.score_ids(PROMPT, ANSWER)
    assert scored == pytest.approx(found[range(len(ANSWER)), ANSWER].tolist(), abs=1e-4)
    assert max(abs(a - b) for a, b in zip(scored, bare, strict=True)) > 0.1


def test_what_is_lent_is_the_base_with_every_adapter_off(base, raw, engine, tmp_path):
    engine.adapt(tiny_adapter(tmp_path, base))
    model = engine.lend()
    assert engine.adapter is None
    assert apart(logits(model), logits(raw)) < 1e-5
    assert all(torch.equal(own, kept) for own, kept in zip(model.parameters(), load(base).parameters(), strict=True))


def test_what_is_saved_passes_the_checks_and_comes_back(base, raw, tmp_path):
    lora = scramble(make_lora(raw))
    lora.save(tmp_path)
    found = checkpoint.check_adapter(tmp_path, base)
    assert set(found.modules) == set(lora.snapshot())
    assert (found.rank, set(found.scale.values())) == (4, {2.0})  # 8 / 4
    again = make_lora(raw, start=tmp_path, base=base)
    assert same(again.snapshot(), lora.snapshot())
    assert torch.equal(logits(raw, again), logits(raw, lora))


def test_a_folder_is_written_again(raw, tmp_path):
    lora = make_lora(raw)
    lora.save(tmp_path)
    scramble(lora).save(tmp_path)
    low, high = lora.snapshot()["model.layers.0.self_attn.q_proj"]
    tensors = load_file(tmp_path / "adapter_model.safetensors")
    assert torch.equal(tensors["base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"], low)
    assert torch.equal(tensors["base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight"], high)


def test_reset_and_restore_change_the_very_tensors_that_train(raw):
    lora = make_lora(raw)
    tensors, began = lora.parameters(), lora.snapshot()
    scramble(lora)
    kept = lora.snapshot()
    lora.reset()
    assert same(lora.snapshot(), began)
    lora.restore(kept)
    assert same(lora.snapshot(), kept) and not same(kept, began)
    assert all(one is other for one, other in zip(lora.parameters(), tensors, strict=True))


def test_an_optimizer_goes_on_with_factors_that_were_reset(raw):
    lora = make_lora(raw)
    optimizer = torch.optim.SGD(lora.parameters(), lr=1.0)
    scramble(lora)
    lora.reset()
    with lora.on():
        raw(input_ids=IDS, use_cache=False).logits.log_softmax(-1)[..., 3].sum().backward()
    before = lora.snapshot()
    optimizer.step()
    # B is 0 at the start, so only B has a gradient
    assert all(torch.equal(low, before[module][0]) for module, (low, _) in lora.snapshot().items())
    assert all(not torch.equal(high, before[module][1]) for module, (_, high) in lora.snapshot().items())


def test_a_snapshot_is_a_copy(raw):
    lora = make_lora(raw)
    kept = lora.snapshot()
    scramble(lora)
    assert not any(high.any() for _, high in kept.values())


def test_the_start_is_looked_at_and_left_again(raw):
    lora = scramble(make_lora(raw))
    kept, plain = lora.snapshot(), logits(raw)
    with torch.no_grad(), lora.at_start():
        assert torch.equal(raw(input_ids=IDS, use_cache=False).logits, plain)
    assert same(lora.snapshot(), kept)
    with pytest.raises(MemoryError), lora.at_start():
        raise MemoryError
    assert same(lora.snapshot(), kept) and torch.equal(logits(raw), plain)


@pytest.mark.parametrize("settings", [{}, {"use_rslora": True}], ids=["plain", "rslora"])
def test_a_start_from_a_folder_keeps_its_scale(base, raw, tmp_path, settings):
    folder = tiny_adapter(tmp_path / "start", base, rank=4, **settings)  # alpha 8
    theirs = peft.PeftModel.from_pretrained(load(base), folder).eval()
    lora = make_lora(raw, start=folder, base=base, rank=16, modules="attention")
    assert lora.rank == 4
    assert {name.rpartition(".")[2] for name in lora.snapshot()} == {"q_proj", "v_proj", "down_proj"}
    assert apart(logits(raw, lora), logits(theirs)) < 1e-4
    lora.save(tmp_path / "saved")
    kept = checkpoint.check_adapter(tmp_path / "saved", base)
    assert set(kept.scale.values()) == {8 / 2 if settings else 8 / 4}  # alpha / sqrt(rank), alpha / rank
    assert torch.equal(logits(raw, make_lora(raw, start=tmp_path / "saved", base=base)), logits(raw, lora))


def test_a_start_from_a_folder_is_what_reset_goes_back_to(base, raw, tmp_path):
    folder = tiny_adapter(tmp_path, base)
    lora = make_lora(raw, start=folder, base=base)
    began = logits(raw, lora)
    scramble(lora).reset()
    assert torch.equal(logits(raw, lora), began)


def test_a_folder_for_another_base_is_refused(base, raw, tmp_path):
    foreign = tiny_adapter(tmp_path / "a", tiny_model(tmp_path / "wide", hidden=96))
    with pytest.raises(WeightsError, match="another base"):
        make_lora(raw, start=foreign, base=base)


def test_shrinking_halves_the_rank_and_keeps_alpha(raw, tmp_path):
    lora = scramble(make_lora(raw, rank=5, alpha=10.0))
    for rank in (2, 1):
        assert lora.shrink()
        assert lora.rank == rank
        assert not any(high.any() for _, high in lora.snapshot().values())  # begins anew
        lora.save(tmp_path / str(rank))
        written = json.loads((tmp_path / str(rank) / "adapter_config.json").read_text())
        assert (written["r"], written["lora_alpha"]) == (rank, 10.0)
    assert not lora.shrink()
    assert lora.rank == 1


def test_after_shrinking_an_older_snapshot_no_longer_fits(raw):
    lora = make_lora(raw)
    kept = lora.snapshot()
    assert lora.fits(kept)
    lora.shrink()
    assert not lora.fits(kept) and lora.fits(lora.snapshot())
    scramble(lora).reset()
    assert torch.equal(logits(raw, lora), logits(raw))


def test_an_adapter_that_began_from_a_folder_is_not_shrunk(base, raw, tmp_path):
    lora = make_lora(raw, start=tiny_adapter(tmp_path, base), base=base)
    kept = lora.snapshot()
    assert not lora.shrink()
    assert same(lora.snapshot(), kept)


def test_a_model_without_linear_layers_is_refused():
    class Bare(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.head = torch.nn.Linear(4, 4)

        def get_output_embeddings(self):
            return self.head

    with pytest.raises(ValueError, match="no linear layers"):
        make_lora(Bare())


def test_the_models_own_weights_are_frozen_and_stay(base):
    model = load(base)
    assert all(weight.requires_grad for weight in model.parameters())
    kept = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    lora = make_lora(model)
    assert not any(weight.requires_grad for weight in model.parameters())
    optimizer = torch.optim.AdamW(lora.parameters(), lr=0.1)
    for _ in range(3):
        with lora.on():
            model(input_ids=IDS, use_cache=False).logits.log_softmax(-1)[..., 3].sum().backward()
        optimizer.step()
    assert all(weight.grad is None for weight in model.parameters())
    now = model.state_dict()
    assert now.keys() == kept.keys() and all(torch.equal(now[name], kept[name]) for name in kept)


def test_factors_are_float32_beside_a_model_in_halves(base):
    model = load(base).bfloat16()
    lora = scramble(make_lora(model))
    assert {factor.dtype for factor in lora.parameters()} == {torch.float32}
    assert logits(model, lora).dtype == torch.bfloat16
