"""The whole pack: this checkout's code and kernel, hand-made wheels, the small model; through the command line."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tiny_wheels as tiny
from typer.testing import CliRunner

import arc_submit.cli.pack  # noqa: F401 - hangs itself on the application
from arc_submit.cli import app
from arc_submit.errors import OutputError, UserError, WeightsError
from arc_submit.kaggle import bundle, cards, limits, pack, sums, tryout, weights

HERE = f"3.{sys.version_info[1]}"
HOUSE = f"wheels-cp3{sys.version_info[1]}"
SMALL = Path(__file__).parents[2] / "weights" / "small"


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stack of one wheel, offered by an index of one wheel."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    alpha = tiny.make(tmp_path / "made", "alpha", "1.2")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", tiny.index(tmp_path / "index", alpha))
    lock = tiny.lock(tmp_path / "core.txt", {"alpha==1.2": (alpha,)})
    monkeypatch.setattr(pack, "lock_of", lambda wishes, checkout: lock)
    monkeypatch.setitem(tryout.IMPORTS, "core", ("alpha",))
    return lock


def run(out: Path, *words: str) -> dict[str, Any]:
    """What the command's last line says."""
    done = CliRunner().invoke(app, ["kaggle", "pack", "--out", str(out), *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def core(out: Path, *words: str) -> dict[str, Any]:
    return run(out, "--stack", "core", "--python", HERE, "--preset", "laptop", *words)


def test_a_pack_is_four_folders_that_pass_every_check(tmp_path: Path, lock: Path) -> None:
    out = tmp_path / "pack"
    said = core(out, "--owner", "jane-doe", "--model", str(SMALL), "--model-licence", "MIT", "--set", "budget.cohort=4")
    assert sorted(path.name for path in out.iterdir()) == ["code", "kernel", "pack.json", "weights", HOUSE]
    assert said["checked"] is True
    assert {name: part["id"] for name, part in said["parts"].items()} == {
        "code": "jane-doe/arc-submit-code",
        "weights": "jane-doe/arc-submit-small/transformers/default",
        "wheels": f"jane-doe/arc-submit-{HOUSE}",
        "kernel": "jane-doe/arc-submit",
    }
    for folder in ("code", HOUSE):
        cards.check_dataset(cards.read(out / folder / "dataset-metadata.json"), out / folder / "dataset-metadata.json")
        limits.check_folder(out / folder)
    cards.check_model(cards.read(out / "weights" / "model-metadata.json"), out / "weights" / "model-metadata.json")
    instance = out / "weights" / "model" / "model-instance-metadata.json"
    cards.check_model_instance(cards.read(instance), instance)
    card = cards.read(out / "kernel" / "kernel-metadata.json")
    cards.check_kernel(card, out / "kernel" / "kernel-metadata.json")
    assert card["dataset_sources"] == ["jane-doe/arc-submit-code", f"jane-doe/arc-submit-{HOUSE}"]
    assert card["model_sources"] == ["jane-doe/arc-submit-small/transformers/default/1"]
    assert card["enable_internet"] is False
    assert not (out / "code" / "code" / "weights").exists()  # the model travels by itself
    assert said["parts"] == json.loads((out / "pack.json").read_text())["parts"]


def test_the_notebook_carries_commit_preset_settings_and_model(tmp_path: Path) -> None:
    out = tmp_path / "pack"
    words = ("--no-wheels", "--model", str(SMALL), "--model-licence", "MIT", "--set", "budget.cohort=4")
    said = run(out, "--preset", "kaggle-2xt4", "--python", "3.12", *words)
    notebook = json.loads((out / "kernel" / "arc-submit.ipynb").read_text())
    text = "\n".join("".join(cell["source"]) for cell in notebook["cells"])
    for wanted in (
        said["commit"],
        '"preset": "kaggle-2xt4"',
        '"budget.cohort=4"',
        '"model": "arc-submit-small/transformers/default"',
    ):
        assert wanted in text
    assert cards.read(out / "kernel" / "kernel-metadata.json")["machine_shape"] == "NvidiaL4"


def test_without_an_owner_the_cards_leave_it_open_and_it_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    pack.pack(pack.Wishes(out=tmp_path / "pack", wheels=False), say=said.append)
    assert any("cards say OWNER" in text for text in said)
    assert cards.read(tmp_path / "pack" / "code" / "dataset-metadata.json")["id"] == "OWNER/arc-submit-code"
    kernel = tmp_path / "pack" / "kernel" / "kernel-metadata.json"
    with pytest.raises(UserError, match="in place of OWNER"):
        cards.check_kernel(cards.read(kernel), kernel)


def test_uncommitted_changes_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = bundle.find_checkout()
    changed = bundle.Checkout(here.root, here.commit, ("kernel/main.py",), here.version, here.python)
    monkeypatch.setattr(bundle, "find_checkout", lambda root: changed)
    said: list[str] = []
    pack.pack(pack.Wishes(out=tmp_path / "pack", wheels=False), say=said.append)
    assert any("1 files are not as in commit" in text and "(kernel/main.py)" in text for text in said)
    assert json.loads((tmp_path / "pack" / "pack.json").read_text())["dirty"] is True


def test_a_second_pack_fetches_nothing_and_uploads_nothing_new(tmp_path: Path, lock: Path) -> None:
    out = tmp_path / "pack"
    core(out)
    before = {folder: (out / folder / sums.NAME).read_bytes() for folder in ("code", HOUSE)}
    said = core(out, "--no-check")
    assert said["parts"]["wheels"]["note"] == "core; 0 fetched, 1 kept, 0 removed"
    assert said["checked"] is None
    assert {folder: (out / folder / sums.NAME).read_bytes() for folder in before} == before


def test_parts_can_be_left_out(tmp_path: Path) -> None:
    said = run(tmp_path / "pack", "--no-wheels", "--no-code")
    assert list(said["parts"]) == ["kernel"]
    assert len(cards.read(tmp_path / "pack" / "kernel" / "kernel-metadata.json")["dataset_sources"]) == 2


def test_the_image_and_the_machine_follow_python_and_stack(tmp_path: Path) -> None:
    def card(*words: str) -> dict[str, Any]:
        run(tmp_path / "pack", "--no-wheels", "--no-code", *words)
        return cards.read(tmp_path / "pack" / "kernel" / "kernel-metadata.json")

    assert card()["docker_image"] == pack.IMAGES["3.12"]
    assert card("--python", "3.11")["docker_image"] == pack.IMAGES["3.11"]
    assert card("--python", "3.13")["docker_image"] is None
    assert card("--python", "3.11")["dataset_sources"][1] == "OWNER/arc-submit-wheels-cp311"
    assert card("--stack", "cpu")["machine_shape"] is None
    assert card("--stack", "cpu")["enable_gpu"] is False


def test_the_templates_image_is_the_one_that_the_wheels_are_for() -> None:
    assert cards.read(bundle.find_checkout().root / pack.CARD)["docker_image"] == pack.IMAGES[pack.Wishes().python]


@pytest.mark.parametrize(
    ("wishes", "complaint"),
    [
        ({"owner": "Jane Doe"}, "--owner Jane Doe: expected an account's name"),
        ({"stack": "tpu"}, "--stack tpu: expected one of core, cpu, gpu"),
        ({"python": "3.10"}, r"--python 3\.10: expected one of"),
        ({"preset": "none-such"}, "none-such"),
        ({"set": ("budget.nothing=1",)}, "nothing"),
        ({"model_licence": "apache-2.0"}, "--model-licence apache-2.0: expected one of Apache 2.0"),
        ({"model": Path("none"), "wheels": False}, "none: no such folder"),
        ({"root": Path("/")}, "expected a git checkout"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(tmp_path: Path, wishes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UserError, match=complaint):
        pack.pack(pack.Wishes(out=tmp_path / "pack", **wishes))


def test_a_file_in_place_of_the_pack_and_weights_of_an_earlier_one_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="expected a folder"):
        pack.check(pack.Wishes(out=tmp_path / "file"))
    (tmp_path / "pack" / "weights").mkdir(parents=True)
    with pytest.raises(UserError, match="of an earlier pack with --model"):
        pack.check(pack.Wishes(out=tmp_path / "pack"))


def test_the_notebook_knows_the_datasets_of_its_pack_by_their_sums(tmp_path: Path, lock: Path) -> None:
    def settings() -> dict[str, Any]:
        notebook = json.loads((out / "kernel" / "arc-submit.ipynb").read_text())
        (cell,) = [cell for cell in notebook["cells"] if cell["id"] == "settings-json"]
        return dict(json.loads("".join(cell["source"]).partition("r'''")[2].rpartition("'''")[0]))

    out = tmp_path / "pack"
    run(out, "--no-wheels")
    code = sums.sha256(out / "code" / sums.NAME)
    assert (settings()["stack"], settings()["fingerprints"]) == ("gpu", {"code": code, "wheels": None})
    core(out, "--no-check")
    wheels = sums.sha256(out / HOUSE / sums.NAME)
    assert (settings()["stack"], settings()["fingerprints"]["wheels"]) == ("core", wheels)
    assert json.loads((out / "pack.json").read_text())["commit_minutes"] == settings()["commit"]["minutes"]


def test_wheels_of_another_stack_are_not_replaced(tmp_path: Path, lock: Path) -> None:
    out = tmp_path / "pack"
    core(out, "--no-check")
    before = {file: file.read_bytes() for file in out.rglob("*") if file.is_file()}
    with pytest.raises(
        UserError, match=rf"{HOUSE}: holds the wheels of the core stack, not of gpu; name another --out"
    ):
        pack.pack(pack.Wishes(out=out, python=HERE))
    assert {file: file.read_bytes() for file in out.rglob("*") if file.is_file()} == before


def test_files_of_no_commit_are_all_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = bundle.find_checkout()
    new = tuple(f"arc_submit/new{number}.py" for number in range(9))
    monkeypatch.setattr(bundle, "find_checkout", lambda root: replace(here, changed=new, untracked=new))
    said: list[str] = []
    pack.pack(pack.Wishes(out=tmp_path / "pack", wheels=False, code=False), say=said.append)
    assert f"not in any commit, and packed all the same: {', '.join(new)}" in said


def test_a_pack_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="Not a directory"):
        pack.pack(pack.Wishes(out=tmp_path / "file" / "pack", wheels=False))


def test_a_mistake_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    code = "import arc_submit.cli, arc_submit.cli.pack; arc_submit.cli.main()"
    words = ["kaggle", "pack", "--out", str(tmp_path / "pack"), "--python", "3.10"]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert done.stderr.startswith("arc-submit: --python 3.10: expected one of")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "My Model"))


def test_a_models_files_are_linked_and_listed(model: Path, tmp_path: Path) -> None:
    (model / ".cache").mkdir()
    (model / ".cache" / "note").write_text("x")
    made = weights.build(model, tmp_path / "weights", "jane", "MIT")
    folder = tmp_path / "weights" / "model"
    assert (made.source, made.pattern) == (
        "jane/arc-submit-my-model/transformers/default/1",
        "arc-submit-my-model/transformers/default",
    )
    packed = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    wanted = {file.relative_to(SMALL).as_posix() for file in SMALL.rglob("*") if file.is_file()}
    assert packed == wanted | {"SHA256SUMS", "model-instance-metadata.json"}
    assert set(sums.read(folder)) == wanted
    assert (folder / "config.json").samefile(model / "config.json")


@pytest.mark.parametrize("name", ["pytorch_model.bin", "optimizer.pt", "lora/adapter_model.bin", "modeling_own.py"])
def test_pickles_and_code_do_not_travel(model: Path, tmp_path: Path, name: str) -> None:
    (model / name).write_text("x")
    with pytest.raises(WeightsError, match=r"weights travel as safetensors only"):
        weights.build(model, tmp_path / "weights", "jane", "MIT")
    assert not (tmp_path / "weights").exists()


def test_a_model_that_a_run_would_refuse_is_refused(model: Path, tmp_path: Path) -> None:
    (model / "tokenizer.json").unlink()
    with pytest.raises(WeightsError, match=r"tokenizer\.json: missing"):
        weights.build(model, tmp_path / "weights", "jane", "MIT")


def test_the_licence_is_the_readmes_or_must_be_named(model: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no README\.md says which of Kaggle's licences"):
        weights.build(model, tmp_path / "weights", "jane")
    (model / "README.md").write_text("---\ntags: [arc]\nlicense: apache-2.0\n---\n# A model\n")
    weights.build(model, tmp_path / "weights", "jane")
    assert cards.read(tmp_path / "weights" / "model" / "model-instance-metadata.json")["licenseName"] == "Apache 2.0"
    (model / "README.md").write_text("---\nlicense: secret-1.0\n---\n")
    with pytest.raises(UserError, match=r"README\.md says secret-1\.0 which"):
        weights.build(model, tmp_path / "weights", "jane")
