"""The manifest of a model folder: complete, accepted by the checkpoint's reader, and closed to what must not ship."""

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import pytest

from arc_submit.errors import WeightsError
from arc_submit.sample import checkpoint
from training import manifest


def safetensors(path: Path, **shapes: tuple[int, ...]) -> Path:
    """Zeros of one byte each, written by hand: the core environment has no safetensors package."""
    header: dict[str, Any] = {}
    end = 0
    for name, shape in shapes.items():
        size = 1
        for side in shape:
            size *= side
        header[name] = {"dtype": "I8", "shape": shape, "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(end))
    return path


@pytest.fixture
def model(tmp_path: Path) -> Path:
    safetensors(tmp_path / "m/model-00001-of-00002.safetensors", a=(3, 4), b=(5,))
    safetensors(tmp_path / "m/model-00002-of-00002.safetensors", c=(2, 2, 2))
    safetensors(tmp_path / "m/adapter/adapter_model.safetensors", d=(7,))
    (tmp_path / "m/config.json").write_text("{}")
    return tmp_path / "m"


def write(folder: Path, **changed: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "recipe": "steps = 10\n",
        "data": {"sets": {"arc1-training": 398}, "guard": "clean"},
        "commit": "0" * 40,
        "tokens": 1000,
        "scores": {"arc1-evaluation": 0.5},
    }
    return manifest.write(folder, **(said | changed))


def test_it_lists_every_file_with_sum_and_bytes(model):
    said = write(model)
    assert list(said["files"]) == [
        "adapter/adapter_model.safetensors",
        "config.json",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
    ]
    for name, wanted in said["files"].items():
        content = (model / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == wanted
        assert said["bytes"][name] == len(content)


def test_it_reads_back_and_says_how_the_weights_came_to_be(model):
    said = write(model)
    assert manifest.read(model) == said
    assert tuple(said) == manifest.KEYS
    assert said["parameters"] == 25  # 3 * 4 + 5 + 2 * 2 * 2; the adapter's 7 are not the model's
    assert said["recipe"]["sha256"] == hashlib.sha256(b"steps = 10\n").hexdigest()
    assert said["licence"] == "MIT-0"


def test_written_again_it_is_the_same_file(model):
    write(model)
    first = (model / manifest.NAME).read_bytes()
    write(model)
    assert (model / manifest.NAME).read_bytes() == first
    assert sorted(path.name for path in model.iterdir() if path.suffix == ".json") == ["config.json", "manifest.json"]


def test_an_adapter_with_its_own_manifest_vouches_for_itself(model):
    write(model / "adapter")
    said = write(model)
    assert not [name for name in said["files"] if name.startswith("adapter/")]
    assert list(manifest.read(model / "adapter")["files"]) == ["adapter_model.safetensors"]


def test_the_reader_of_checkpoints_accepts_it_and_sees_a_changed_byte(model):
    write(model)
    checkpoint._check_manifest(model, None)
    with (model / "config.json").open("a") as opened:
        opened.write(" ")
    with pytest.raises(WeightsError, match=r"config\.json"):
        checkpoint._check_manifest(model, None)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "optimizer.pt", "adapter/state.pkl", "modeling.py", ".DS_Store"])
def test_what_is_no_part_of_a_model_is_refused(name, model):
    (model / name).write_bytes(b"x")
    with pytest.raises(WeightsError, match=f"{name}: no part of a model folder"):
        write(model)
    assert not (model / manifest.NAME).exists()


def test_a_pickle_under_a_safetensors_name_is_refused(model):
    (model / "extra.safetensors").write_bytes(b"\x80\x04\x95 not weights")
    with pytest.raises(WeightsError, match=r"extra\.safetensors"):
        write(model)


def test_a_link_is_refused(model, tmp_path):
    (tmp_path / "elsewhere.json").write_text("{}")
    (model / "linked.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(WeightsError, match="a link"):
        write(model)


def test_a_folder_without_weights_is_refused(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(WeightsError, match="no weights"):
        write(tmp_path)


def test_a_shard_of_16_mib_is_refused(model):
    safetensors(model / "model-00003.safetensors", e=(2**24,))
    with pytest.raises(WeightsError, match=r"16\.0 MiB, expected less than 16; save with max_shard_size='15MB'"):
        write(model)


def test_a_folder_over_64_mb_is_refused_even_in_small_shards(model):
    for number in range(5):
        safetensors(model / f"model-1{number}.safetensors", **{f"w{number}": (13_000_000,)})
    with pytest.raises(WeightsError, match=r"65\.0 MB, expected at most 64"):
        write(model)


def test_a_score_that_is_no_number_is_refused(model):
    with pytest.raises(ValueError):
        write(model, scores={"p2": float("nan")})
    assert not (model / manifest.NAME).exists()


def test_a_manifest_of_another_kind_is_refused(model):
    with pytest.raises(WeightsError, match="missing; write it"):
        manifest.read(model)
    (model / manifest.NAME).write_text('{"files": {}}')
    with pytest.raises(WeightsError, match="missing: bytes, parameters, tokens"):
        manifest.read(model)
    (model / manifest.NAME).write_text("{")
    with pytest.raises(WeightsError, match="not readable JSON"):
        manifest.read(model)


def test_no_checkout_no_commit(tmp_path):
    with pytest.raises(WeightsError, match="name the commit by hand"):
        manifest.head(tmp_path)


def test_the_librarys_own_sharding_is_small_enough(tmp_path):
    transformers = pytest.importorskip("transformers")
    config = transformers.Qwen2Config(
        vocab_size=512, hidden_size=256, intermediate_size=1024, num_hidden_layers=6, num_attention_heads=4
    )
    transformers.Qwen2ForCausalLM(config).save_pretrained(tmp_path, max_shard_size=manifest.SHARD)  # 6.7 M, float32
    shards = list(tmp_path.glob("*.safetensors"))
    assert len(shards) > 1
    assert max(shard.stat().st_size for shard in shards) < manifest.MAX_FILE
    assert write(tmp_path)["parameters"] == transformers.Qwen2ForCausalLM.from_pretrained(tmp_path).num_parameters()
