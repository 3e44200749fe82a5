"""Which engine the settings stand for, what is said where its libraries are missing, the presets for accelerators."""

import importlib.util
import subprocess
import sys

import pytest

from arc_submit import config as settings
from arc_submit.config import SampleConfig
from arc_submit.errors import ConfigError, EngineError, WeightsError
from arc_submit.sample import build as builder
from arc_submit.sample.scripted import ScriptedEngine

HAS_HF = importlib.util.find_spec("torch") is not None and importlib.util.find_spec("transformers") is not None
HAS_VLLM = HAS_HF and importlib.util.find_spec("vllm") is not None


def without(monkeypatch, *modules):
    """As if these were not installed."""
    found = importlib.util.find_spec
    monkeypatch.setattr(builder, "_found", lambda name: name not in modules and found(name) is not None)


def breaking(monkeypatch, module):
    """As if importing this module of ours failed: an entry of None does that."""
    monkeypatch.setitem(sys.modules, module, None)


def test_scripted_is_built_from_its_file(tmp_path):
    file = tmp_path / "script.jsonl"
    file.write_text('{"task": "t", "text": "a"}\n')
    engine = builder.build(SampleConfig(engine="scripted", script=file))
    assert isinstance(engine, ScriptedEngine)


def test_scripted_without_a_file_is_a_mistake_in_the_settings():
    with pytest.raises(ConfigError, match=r"sample\.script=none"):
        builder.build(SampleConfig(engine="scripted"))


@pytest.mark.parametrize(
    ("engine", "module", "advice"),
    [
        ("hf", "torch", r"pip install 'arc-submit\[cpu\]'"),
        ("hf", "transformers", r"pip install 'arc-submit\[cpu\]'"),
        ("vllm", "vllm", r"or take sample\.engine=hf"),
        ("openai", "openai", "pip install openai"),
        ("auto", "torch", r"sample\.engine=hf: torch not installed"),
    ],
)
def test_what_is_missing_is_named_with_the_extra_that_brings_it(monkeypatch, engine, module, advice):
    without(monkeypatch, module)
    with pytest.raises(EngineError, match=f"{module}.* not installed.*" if engine != "auto" else advice) as caught:
        builder.build(SampleConfig(engine=engine))
    assert "pip install" in str(caught.value)
    caught.match(advice)


def test_libraries_that_do_not_import_are_named(monkeypatch):
    monkeypatch.setattr(builder, "_found", lambda name: True)
    breaking(monkeypatch, "arc_submit.sample.openai")
    with pytest.raises(EngineError, match=r"sample\.engine=openai: its libraries do not import.*pip install openai"):
        builder.build(SampleConfig(engine="openai"))


def test_auto_is_hf_without_vllm_or_with_a_broken_one(monkeypatch):
    without(monkeypatch, "vllm")
    assert builder.choose() == "hf"
    monkeypatch.setattr(builder, "_found", lambda name: True)
    breaking(monkeypatch, "arc_submit.sample.vllm")
    assert builder.choose() == "hf"


@pytest.mark.skipif(not HAS_VLLM, reason="vllm is not installed")
def test_auto_is_vllm_where_it_imports():
    assert builder.choose() == "vllm"


@pytest.mark.skipif(not HAS_HF, reason="transformers is not installed")
@pytest.mark.parametrize(
    "engine", ["hf", pytest.param("vllm", marks=pytest.mark.skipif(not HAS_VLLM, reason="no vllm"))]
)
def test_a_model_that_is_not_there_is_named(engine, tmp_path):
    with pytest.raises(WeightsError, match=r"sample\.model=.*nowhere: no folder"):
        builder.build(SampleConfig(engine=engine, model=str(tmp_path / "nowhere")))


def test_building_a_script_brings_no_torch(tmp_path):
    file = tmp_path / "script.jsonl"
    file.write_text("")
    code = f"""
import sys, pathlib
from arc_submit.config import SampleConfig
from arc_submit.sample.build import build
build(SampleConfig(engine="scripted", script=pathlib.Path({str(file)!r})))
print({{"torch", "transformers", "vllm", "openai"}} & set(sys.modules))
"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"


@pytest.mark.parametrize("preset", ["kaggle-4xl4", "kaggle-2xt4", "h100"])
def test_the_presets_for_accelerators_hold_together(preset):
    loaded = settings.load(preset)
    sample = loaded.sample
    assert sample.engine == "vllm"
    assert loaded.prompts.style == "chat"
    assert sample.context is not None
    assert loaded.prompts.tokens + sample.max_new_tokens <= sample.context
    # one round of the whole cohort fills the batch with a few answers per prompt
    assert loaded.budget.width == loaded.budget.cohort
    assert loaded.budget.width * loaded.search.children * loaded.search.parents >= sample.sequences


def test_a_card_without_bfloat16_gets_half_precision():
    assert settings.load("kaggle-2xt4").sample.dtype == "float16"
