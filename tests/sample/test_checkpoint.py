"""Every way in which a model or adapter folder can be wrong is refused in one line, before anything heavy loads."""

import json
import shutil
import struct
from pathlib import Path

import pytest
import tiny

from arc_submit.config import SampleConfig
from arc_submit.errors import WeightsError
from arc_submit.sample import checkpoint


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> Path:
    folder = tiny.tiny_model(tmp_path_factory.mktemp("good") / "model")
    tiny.tiny_adapter(folder / "adapter", folder)
    return folder


@pytest.fixture
def model(good, tmp_path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(good, tmp_path / "model"))


def resolve(model: Path, **settings) -> checkpoint.Checkpoint:
    return checkpoint.resolve(SampleConfig(model=str(model), **settings))


def edit(file: Path, **changes) -> None:
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | changes), "utf-8")


def refused(model: Path, *words: str, **settings) -> None:
    with pytest.raises(WeightsError) as caught:
        resolve(model, **settings)
    message = str(caught.value)
    assert "\n" not in message
    assert [word for word in words if word not in message] == []


def test_a_whole_folder_is_taken_with_its_adapter(model):
    found = resolve(model)
    assert found == checkpoint.Checkpoint(model, model / "adapter", "Qwen2ForCausalLM", tiny.CONTEXT, (tiny.END,))


def test_a_relative_model_is_looked_for_here_then_beside_the_package(model, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert checkpoint.find_model("model") == model
    monkeypatch.chdir("/")
    monkeypatch.setattr(checkpoint, "KIT", tmp_path)
    assert checkpoint.find_model("model") == model


def test_a_missing_folder_is_refused(tmp_path):
    refused(tmp_path / "nowhere", "nowhere", "name a checkpoint folder")


def test_pickled_weights_are_refused(model):
    (model / "model.safetensors").rename(model / "pytorch_model.bin")
    refused(model, "weights load from safetensors only", "pytorch_model.bin")


def test_a_folder_without_weights_is_refused(model):
    (model / "model.safetensors").unlink()
    refused(model, "no model.safetensors")


def test_weights_cut_short_are_refused(model):
    file = model / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-8])
    refused(model, str(file), "damaged")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"version https://git-lfs.github.com/spec/v1\n",
        struct.pack("<Q", 4) + b"null",
        struct.pack("<Q", 2) + b"[]",
    ],
    ids=["empty", "pointer", "null", "list"],
)
def test_what_is_no_safetensors_file_is_refused(model, content):
    (model / "model.safetensors").write_bytes(content)
    refused(model, "model.safetensors", "damaged or not a safetensors file")


def test_shards_are_found_by_their_index_and_a_missing_one_is_refused(model):
    shape = dict(checkpoint.read_shapes(model / "model.safetensors"))
    (model / "model.safetensors").rename(model / "model-1.safetensors")
    index = model / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": dict.fromkeys(shape, "model-1.safetensors")}), "utf-8")
    assert resolve(model).adapter == model / "adapter"
    index.write_text(json.dumps({"weight_map": dict.fromkeys(shape, "model-2.safetensors")}), "utf-8")
    refused(model, "model-2.safetensors", "missing")
    index.write_text("{}", "utf-8")
    refused(model, "no weight_map")


def test_a_missing_or_broken_config_is_refused(model):
    (model / "config.json").write_text("{", "utf-8")
    refused(model, "config.json", "not readable JSON")
    (model / "config.json").write_text("[]", "utf-8")
    refused(model, "config.json", "expected a JSON object")
    (model / "config.json").unlink()
    refused(model, "config.json", "missing")


@pytest.mark.parametrize("named", [["GPT2LMHeadModel"], [], None])
def test_an_unknown_architecture_is_refused(model, named):
    edit(model / "config.json", architectures=named)
    refused(model, "architecture", "Qwen2ForCausalLM")


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json"])
def test_code_of_its_own_is_refused(model, name):
    edit(model / name, auto_map={"AutoConfig": "evil.Config"})
    refused(model, name, "auto_map", "never run")


def test_a_missing_tokenizer_is_refused(model):
    (model / "tokenizer.json").unlink()
    refused(model, "tokenizer.json", "fast form")


def test_a_tokenizer_without_chat_template_is_refused(model):
    (model / "chat_template.jinja").unlink()
    refused(model, "no chat template")
    edit(model / "tokenizer_config.json", chat_template=tiny.TEMPLATE)
    assert resolve(model)


def test_a_config_without_a_length_is_refused(model):
    edit(model / "config.json", max_position_embeddings=None)
    refused(model, "max_position_embeddings")


def test_a_sliding_window_that_is_on_bounds_the_context(model):
    edit(model / "config.json", sliding_window=128)
    assert resolve(model).context == tiny.CONTEXT  # use_sliding_window is off
    edit(model / "config.json", use_sliding_window=True)
    assert resolve(model).context == 128


def test_ends_are_gathered_from_both_files(model):
    edit(model / "generation_config.json", eos_token_id=[258, 256])
    assert resolve(model).ends == (256, 258)


def test_a_manifest_that_fits_is_accepted(model):
    tiny.write_manifest(model)
    assert resolve(model)


def test_a_changed_file_is_refused(model):
    tiny.write_manifest(model)
    edit(model / "generation_config.json", eos_token_id=256)
    refused(model, "generation_config.json", "not the file that manifest.json lists")


def test_a_listed_file_that_is_missing_is_refused(model):
    tiny.write_manifest(model, notes__md="0" * 64)
    refused(model, "notes.md", "missing")


def test_weights_that_are_not_listed_are_refused(model):
    tiny.write_manifest(model, model__safetensors=None)
    refused(model, "model.safetensors", "not listed")


def test_an_adapter_with_a_manifest_of_its_own_answers_for_itself(model):
    tiny.write_manifest(model / "adapter")
    listed = json.loads(tiny.write_manifest(model).joinpath("manifest.json").read_text("utf-8"))["files"]
    kept = {name: value for name, value in listed.items() if not name.startswith("adapter/")}
    (model / "manifest.json").write_text(json.dumps({"files": kept}), "utf-8")
    assert resolve(model)
    edit(model / "adapter" / "adapter_config.json", lora_alpha=1)
    refused(model, "adapter_config.json", "not the file")


def test_a_manifest_of_another_kind_is_refused(model):
    (model / "manifest.json").write_text('{"files": ["model.safetensors"]}', "utf-8")
    refused(model, "manifest.json", "expected")


def test_no_adapter_where_none_is_wanted_or_the_default_one_is_absent(model):
    assert resolve(model, adapter=None).adapter is None
    shutil.rmtree(model / "adapter")
    assert resolve(model).adapter is None


def test_a_named_adapter_that_is_absent_is_refused(model):
    refused(model, "sample.adapter=other", "no folder", adapter="other")


def test_an_adapter_for_another_base_is_refused(model, tmp_path):
    wide = tiny.tiny_model(tmp_path / "wide", hidden=128)
    refused(model, "another base", "x128", adapter=tiny.tiny_adapter(tmp_path / "a", wide))
    deep = tiny.tiny_model(tmp_path / "deep", layers=3)
    refused(model, "another base", "layers.2", "not there", adapter=tiny.tiny_adapter(tmp_path / "b", deep))


def test_a_pickled_adapter_is_refused(model):
    folder = model / "adapter"
    (folder / "adapter_model.safetensors").rename(folder / "adapter_model.bin")
    refused(model, "weights load from safetensors only", "adapter_model.bin")


def test_a_folder_that_is_no_adapter_is_refused(model):
    (model / "adapter" / "adapter_config.json").unlink()
    refused(model, "adapter_config.json", "missing", "peft")


@pytest.mark.parametrize(
    "setting",
    [
        {"peft_type": "IA3"},
        {"use_dora": True},
        {"modules_to_save": ["lm_head"]},
        {"alpha_pattern": {"q_proj": 1}},
        {"lora_alpha": None},
    ],
    ids=lambda setting: next(iter(setting)),
)
def test_an_adapter_that_is_not_a_plain_lora_is_refused(model, setting):
    edit(model / "adapter" / "adapter_config.json", **setting)
    refused(model, "adapter_config.json", next(iter(setting)))


def test_an_adapter_with_strange_tensors_is_refused(model):
    import torch
    from safetensors.torch import load_file, save_file

    file = model / "adapter" / "adapter_model.safetensors"
    factors = load_file(file)
    name = next(iter(factors))
    save_file(factors | {"base_model.model.lm_head.weight": torch.zeros(2, 2)}, file)
    refused(model, "lm_head.weight", "plain LoRA")
    save_file({name: factors[name]}, file)
    refused(model, "do not belong together")
    save_file({}, file)
    refused(model, "holds no tensors")


def test_the_scale_is_alpha_over_rank_or_over_its_root(model):
    lora = checkpoint.check_adapter(model / "adapter", model)
    assert lora.rank == 4 and set(lora.scale.values()) == {2.0}  # 8 / 4
    edit(model / "adapter" / "adapter_config.json", use_rslora=True)
    assert set(checkpoint.check_adapter(model / "adapter", model).scale.values()) == {4.0}  # 8 / sqrt(4)
