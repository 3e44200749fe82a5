"""Fusing an adapter: the model says what base and adapter said, the engine loads it, what does not fit is refused."""

import json
import time

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

import tuning_helpers as given  # noqa: E402 - after the look for torch
from typer.testing import CliRunner  # noqa: E402

from arc_submit.config import PromptsConfig, SampleConfig  # noqa: E402
from arc_submit.errors import OutputError, WeightsError  # noqa: E402
from arc_submit.prompts import Writer  # noqa: E402
from arc_submit.sample import Request, checkpoint  # noqa: E402
from arc_submit.tasks import load as tasks  # noqa: E402
from training import manifest  # noqa: E402
from training import merge as merging  # noqa: E402
from training.merge import merge  # noqa: E402
from training.tuning import model  # noqa: E402

KINDS = {
    "LoRA": ["lora.rslora=false"],
    "rsLoRA": ["lora.rslora=true"],
    "DoRA": ["lora.dora=true"],
}


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return given.tiny(tmp_path_factory.mktemp("merge") / "m")


def adapter(base, folder, *settings, size=0.1):
    """A random adapter that does something."""
    tuned = model.build(base, given.settings(*settings), 100)
    torch.manual_seed(1)
    for name, weight in tuned.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=size)
        if "magnitude" in name:
            weight.data *= 1.2
    model.save(tuned, folder, base)
    return folder


def prompt():
    return Writer(PromptsConfig()).fresh(tasks("arc1-training").tasks[5])


def scored(config):
    from arc_submit.sample.hf import HfEngine

    engine = HfEngine(config)
    try:
        (answers,) = engine.sample([Request(prompt(), 2, seed=0)], time.monotonic() + 60.0)
        assert len(answers) == 2
        return engine.score(prompt(), "identity(I)")
    finally:
        engine.close()


@pytest.mark.parametrize("kind", KINDS)
def test_the_fused_model_says_what_base_and_adapter_said(base, tmp_path, kind):
    worn = adapter(base, tmp_path / "a", *KINDS[kind])
    found = merge(base, worn, tmp_path / "out")
    assert found.kind == kind
    for name in given.TEXTS:
        assert (tmp_path / "out" / name).read_bytes() == (base / name).read_bytes()
    assert found.fused.share < 1e-4 and found.fused.agreement == 1.0
    assert found.rounded.largest == found.fused.largest  # float32 stays float32
    alone = merging._logits(model.load(base, given.settings()).eval(), [[5, 6, 7, 8]])
    both = merging._logits(merging._worn(base, worn), [[5, 6, 7, 8]])
    fused = merging._logits(model.load(tmp_path / "out", given.settings()).eval(), [[5, 6, 7, 8]])
    assert merging.compared(both, fused).share < 1e-4
    assert merging.compared(both, alone).share > 0.01  # the adapter does something


@pytest.mark.slow
def test_the_solvers_engine_loads_it_and_scores_as_with_the_adapter_on(base, tmp_path):
    worn = adapter(base, tmp_path / "a")
    merge(base, worn, tmp_path / "out")
    assert checkpoint.resolve(SampleConfig(model=str(tmp_path / "out"))).adapter is None
    fused = scored(SampleConfig(model=str(tmp_path / "out"), max_new_tokens=4))
    beside = scored(SampleConfig(model=str(base), adapter=worn.resolve(), merge=False, max_new_tokens=4))
    assert fused == pytest.approx(beside, abs=1e-3)
    assert fused != pytest.approx(scored(SampleConfig(model=str(base), max_new_tokens=4)), abs=1e-3)


def test_the_manifest_vouches_for_every_file_and_tells_where_it_comes_from(base, tmp_path):
    worn = adapter(base, tmp_path / "a")
    (worn / "tuning.json").write_text(json.dumps({"settings": {"seed": 7}, "dataset": {"name": "d"}, "tokens": 42}))
    merge(base, worn, tmp_path / "out")
    said = manifest.read(tmp_path / "out")
    assert set(said["files"]) == {file.name for file in (tmp_path / "out").iterdir()} - {"manifest.json"}
    assert (said["tokens"], said["data"]["tuned on"]) == (42, {"name": "d"})
    assert '"seed": 7' in said["recipe"]["text"]
    (tmp_path / "out" / "tokenizer.json").write_text("{}")
    with pytest.raises(WeightsError, match="not the file that manifest"):
        checkpoint.resolve(SampleConfig(model=str(tmp_path / "out")))


def test_a_large_model_has_a_manifest_without_the_limit(base, tmp_path, monkeypatch):
    monkeypatch.setattr(manifest, "MAX_FILE", 1000)
    worn = adapter(base, tmp_path / "a")
    merge(base, worn, tmp_path / "out", shard_size="200KB")
    assert len(list((tmp_path / "out").glob("*.safetensors"))) > 1
    said = manifest.read(tmp_path / "out")
    assert said["parameters"] == sum(weight.numel() for weight in model.load(base, given.settings()).parameters())
    checkpoint.resolve(SampleConfig(model=str(tmp_path / "out")))


def test_the_cast_is_measured_and_too_much_of_it_is_refused(base, tmp_path):
    worn = adapter(base, tmp_path / "a")
    found = merge(base, worn, tmp_path / "halves", dtype="bfloat16", tolerance=0.3)
    assert found.fused.largest < found.rounded.largest
    assert json.loads((tmp_path / "halves" / "config.json").read_text())["dtype"] == "bfloat16"
    with pytest.raises(WeightsError, match=r"in bfloat16 the model says something else .* try --dtype float32"):
        merge(base, worn, tmp_path / "strict", dtype="bfloat16", tolerance=1e-6)
    assert not (tmp_path / "strict").exists()


def test_a_fusion_that_goes_wrong_is_refused(base, tmp_path, monkeypatch):
    def wrong(worn):
        found = worn.merge_and_unload()
        found.model.layers[0].mlp.up_proj.weight.data += 0.5
        return found.eval()

    worn = adapter(base, tmp_path / "a")
    monkeypatch.setattr(merging, "_fuse", wrong)
    with pytest.raises(WeightsError, match="fusing changes what the model says"):
        merge(base, worn, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_adapter_for_another_base_is_refused(base, tmp_path):
    import shutil

    worn = adapter(base, tmp_path / "a")
    shutil.copytree(given.SMALL, tmp_path / "small", ignore=shutil.ignore_patterns("lora", "manifest.json"))
    with pytest.raises(WeightsError, match="made for another base"):
        merge(tmp_path / "small", worn, tmp_path / "out")


@pytest.mark.parametrize("kind", ["LoRA", "DoRA"])
@pytest.mark.parametrize(("layers", "said"), [(1, "has a tensor|not there"), (3, "has no tensor for")])
def test_an_adapter_for_a_base_of_other_depth_is_refused(base, tmp_path, monkeypatch, kind, layers, said):
    worn, other = adapter(base, tmp_path / "a", *KINDS[kind]), tmp_path / "other"
    given.tiny(other, layers=layers)
    monkeypatch.setattr(merging, "_worn", lambda *_: pytest.fail("loaded"))
    with pytest.raises(WeightsError, match=f"made for another base.*({said})"):
        merge(other, worn, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", ["LoRA", "DoRA"])
def test_an_adapter_that_lost_a_tensor_or_won_one_is_refused(base, tmp_path, kind):
    from safetensors.torch import load_file, save_file

    worn = adapter(base, tmp_path / "a", *KINDS[kind])
    file = worn / "adapter_model.safetensors"
    whole = load_file(file)
    lost = "base_model.model.model.layers.1.mlp.up_proj."
    save_file({name: one for name, one in whole.items() if not name.startswith(lost)}, file)
    with pytest.raises(WeightsError, match=r"it has no tensor for \S+layers.1.mlp.up_proj"):
        merge(base, worn, tmp_path / "out")
    save_file({**whole, "base_model.model.model.norm.bias": torch.zeros(32)}, file)
    with pytest.raises(WeightsError, match=r"holds base_model.model.model.norm.bias"):
        merge(base, worn, tmp_path / "out")


@pytest.mark.parametrize("replace", [False, True])
def test_a_file_is_not_taken_for_a_folder(base, tmp_path, replace):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OutputError, match="is a file; name a folder"):
        merge(base, tmp_path / "a", tmp_path / "out", replace=replace)
    assert (tmp_path / "out").read_text() == "mine"


def test_what_is_no_adapter_is_refused(base, tmp_path):
    with pytest.raises(WeightsError, match="name an adapter's folder"):
        merge(base, base, tmp_path / "out")


def test_what_is_there_already_is_not_replaced_unasked(base, tmp_path):
    worn, mine = adapter(base, tmp_path / "a"), tmp_path / "out" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("years of work")
    with pytest.raises(OutputError, match="--replace"):
        merge(base, worn, tmp_path / "out")
    assert mine.exists()
    merge(base, worn, tmp_path / "out", replace=True)
    assert not mine.exists()


def test_the_command_ends_with_one_line_for_machines(base, tmp_path):
    import training.cli.merge  # noqa: F401 - hangs itself on the application
    from training.cli.app import app

    worn = adapter(base, tmp_path / "a")
    done = CliRunner().invoke(app, ["merge", str(base), str(worn), str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout.splitlines()[-1])
    assert (said["command"], said["kind"], said["fused"]["agreement"]) == ("merge", "rsLoRA", 1.0)
