"""The client's rules about its four metadata files, each broken once; and the folders that go up."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from arc_submit.errors import OutputError, UserError
from arc_submit.kaggle import cards, limits

IMAGE = "gcr.io/kaggle-gpu-images/python@sha256:" + 64 * "a"
NOTEBOOK = {"cells": [{"cell_type": "code", "source": "1"}], "metadata": {"kernelspec": {"name": "python3"}}}


def kernel(**changes: Any) -> dict[str, Any]:
    card = {
        "id": "jane-doe/arc-submit",
        "title": "arc-submit",
        "code_file": "arc-submit.ipynb",
        "language": "python",
        "kernel_type": "notebook",
        "is_private": True,
        "enable_gpu": True,
        "enable_internet": False,
        "machine_shape": "NvidiaL4",
        "dataset_sources": ["jane-doe/arc-submit-code", "jane-doe/arc-submit-wheels-cp312/3"],
        "competition_sources": ["arc-prize-2026-arc-agi-2"],
        "kernel_sources": [],
        "model_sources": ["jane-doe/arc-submit-7b/transformers/default/1"],
        "docker_image": IMAGE,
    }
    return {key: value for key, value in {**card, **changes}.items() if value is not ...}


def dataset(**changes: Any) -> dict[str, Any]:
    card = {"id": "jane_doe/arc-submit-code", "title": "arc-submit-code", "licenses": [{"name": "CC0-1.0"}]}
    return {key: value for key, value in {**card, **changes}.items() if value is not ...}


def model(**changes: Any) -> dict[str, Any]:
    card = {"ownerSlug": "jane", "slug": "arc-7b", "title": "arc-7b", "isPrivate": True, "description": ""}
    return {key: value for key, value in {**card, **changes}.items() if value is not ...}


def variation(**changes: Any) -> dict[str, Any]:
    card = {
        "ownerSlug": "jane",
        "modelSlug": "arc-7b",
        "instanceSlug": "default",
        "framework": "transformers",
        "licenseName": "Apache 2.0",
        "fineTunable": False,
        "trainingData": [],
    }
    return {key: value for key, value in {**card, **changes}.items() if value is not ...}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "arc-submit.ipynb").write_text(json.dumps(NOTEBOOK))
    (tmp_path / "main.py").write_text("print(1)\n")
    return tmp_path


@pytest.mark.parametrize(
    ("check", "card"),
    [
        (cards.check_kernel, kernel()),
        (cards.check_kernel, kernel(enable_internet="False", is_private="true")),  # the client takes the words
        (cards.check_kernel, kernel(machine_shape=None, docker_image=None)),
        (cards.check_kernel, kernel(kernel_type="script", code_file="main.py")),
        (cards.check_dataset, dataset()),
        (cards.check_dataset, dataset(subtitle="Of twenty characters", resources=[{"path": "main.py"}])),
        (cards.check_model, model(publishTime="2026-11-30")),
        (cards.check_model_instance, variation(baseModelInstance="jane/arc-7b/transformers/base")),
    ],
)
def test_right_cards_pass(folder: Path, check: Callable[..., None], card: dict[str, Any]) -> None:
    check(card, folder / "card.json")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"id": "arc-submit"}, "id is .*expected owner/slug"),
        ({"id": "jane-doe/arc-submit/3"}, "id is .*expected owner/slug"),
        ({"id": "OWNER/arc-submit"}, "expected an account's name in place of OWNER"),
        ({"id": "Jane/arc-submit"}, "lower-case"),
        ({"id_no": 7}, "Notebook not found"),
        ({"title": "arc"}, "title is .*5 to 50 characters"),
        ({"title": 51 * "a"}, "title is .*5 to 50 characters|id is"),
        ({"title": "Another title"}, "expected the slug of the title, OWNER/another-title"),
        ({"code_file": ...}, "code_file missing"),
        ({"code_file": "other.ipynb"}, "there is no .*other.ipynb"),
        ({"code_file": "main.py"}, r"expected a notebook \(\.ipynb\)"),
        ({"language": "perl"}, "expected one of python"),
        ({"kernel_type": "webpage"}, "expected one of script, notebook"),
        ({"enable_internet": True}, "enable_internet is true; expected false"),
        ({"enable_internet": "true"}, 'enable_internet is "true"; expected false'),
        ({"enable_internet": ...}, "enable_internet missing; expected false, written out"),
        ({"enable_internet": 0}, "enable_internet is 0; expected true or false"),
        ({"is_private": "yes"}, "expected true or false"),
        ({"enabel_internet": False}, "did you mean enable_internet"),
        ({"machine_shape": "NvidiaL4x4"}, "expected one of NvidiaTeslaT4"),
        ({"machine_shape": "NvidiaTeslaP100"}, "Kaggle gives NvidiaTeslaT4 instead"),
        ({"competition_sources": []}, "NvidiaL4 is given to notebooks that attach it"),
        ({"competition_sources": ["competitions/arc-prize-2026"]}, "expected bare slugs"),
        ({"dataset_sources": ["arc-submit-code"]}, "expected owner/slug or owner/slug/version"),
        ({"dataset_sources": ["datasets/jane/code/x"]}, "expected owner/slug"),
        ({"dataset_sources": ["jane/code/latest"]}, "expected owner/slug"),
        ({"dataset_sources": "jane/code"}, "expected a list of texts"),
        ({"kernel_sources": ["jane/abc"]}, "5 or more"),
        ({"model_sources": ["jane/arc-7b/transformers/default"]}, "the version a number"),
        ({"model_sources": ["jane/arc-7b/transformers/default/v1"]}, "the version a number"),
        ({"docker_image": "gcr.io/kaggle-gpu-images/python:latest"}, "64 hex digits"),
        ({"docker_image_pinning_type": "newest"}, "expected one of original, latest"),
    ],
)
def test_wrong_kernels_are_refused(folder: Path, changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UserError, match=complaint) as caught:
        cards.check_kernel(kernel(**changes), folder / "kernel-metadata.json")
    assert str(caught.value).startswith(str(folder))


@pytest.mark.parametrize("notebook", ["{}", "[]", "not json", json.dumps({"cells": [], "metadata": {}})])
def test_a_notebook_without_cells_or_the_name_of_its_kernel_is_refused(folder: Path, notebook: str) -> None:
    (folder / "arc-submit.ipynb").write_text(notebook)
    with pytest.raises(UserError, match=r"kernelspec\.name"):
        cards.check_kernel(kernel(), folder / "kernel-metadata.json")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"id": "jane/short"}, "a slug of 6 to 50"),
        ({"id": "jane/" + 51 * "a"}, "at most 50"),
        ({"id": "jane/Arc_Submit"}, "lower-case letters"),
        ({"title": "short"}, "6 to 50 characters"),
        ({"title": ...}, "title missing"),
        ({"licenses": []}, "exactly one"),
        ({"licenses": [{"name": "CC0-1.0"}, {"name": "other"}]}, "exactly one"),
        ({"licenses": [{"name": "MIT-0"}]}, 'is "MIT-0"; expected one of CC0-1.0'),
        ({"licenses": [{"name": "other"}]}, "which licence `other` is"),
        ({"subtitle": "too short"}, "20 to 80 characters"),
        ({"resources": [{"path": "none.csv"}]}, "each a file beside the card"),
        ({"resources": [{"path": "main.py"}, {"path": "main.py"}]}, "named once"),
        ({"keywords": "arc"}, "a list of texts"),
    ],
)
def test_wrong_datasets_are_refused(folder: Path, changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UserError, match=complaint):
        cards.check_dataset(dataset(**changes), folder / "dataset-metadata.json")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"isPrivate": "true"}, "without quotes"),
        ({"isPrivate": ...}, "isPrivate missing"),
        ({"slug": "arc_7b"}, "single hyphens"),
        ({"ownerSlug": "-jane"}, "ownerSlug is"),
        ({"title": ""}, "1 to 50"),
        ({"description": ...}, "description missing"),
        ({"publishTime": "30.11.2026"}, "a date"),
        ({"modelSlug": "arc"}, "knows no such key"),
    ],
)
def test_wrong_models_are_refused(folder: Path, changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UserError, match=complaint):
        cards.check_model(model(**changes), folder / "model-metadata.json")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"framework": "Transformers"}, "expected one of"),
        ({"licenseName": "apache-2.0"}, "Apache 2.0"),
        ({"licenseName": ""}, "Apache 2.0"),
        ({"fineTunable": "False"}, "without quotes"),
        ({"trainingData": "arc"}, "a list"),
        ({"modelInstanceType": "base"}, "Unspecified"),
        ({"baseModelInstance": "jane/arc-7b"}, "owner/model/framework/variation"),
        ({"instanceSlug": "Default"}, "lower-case"),
    ],
)
def test_wrong_variations_are_refused(folder: Path, changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UserError, match=complaint):
        cards.check_model_instance(variation(**changes), folder / "model-instance-metadata.json")


def test_the_owner_may_be_open_until_a_push(folder: Path) -> None:
    cards.check_kernel(
        kernel(id="OWNER/arc-submit", dataset_sources=["OWNER/arc-submit-code"]), folder / "k.json", placeholder=True
    )
    cards.check_dataset(dataset(id="OWNER/arc-submit-code"), folder / "d.json", placeholder=True)
    cards.check_model(model(ownerSlug="OWNER"), folder / "m.json", placeholder=True)
    with pytest.raises(UserError, match="in place of OWNER"):
        cards.check_kernel(kernel(dataset_sources=["OWNER/arc-submit-code"]), folder / "k.json")


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("arc-submit", "arc-submit"),
        ("ARC submit, 4 x L4", "arc-submit-4-x-l4"),
        ("Jane's  kernel_v2!", "jane-s-kernel-v2"),
        ("café", "cafe"),
    ],
)
def test_slugs_are_made_as_kaggle_makes_them(title: str, slug: str) -> None:
    assert cards.slugify(title) == slug


def test_slugs_agree_with_the_clients_own_maker() -> None:
    theirs = pytest.importorskip("slugify", reason="comes with the kaggle client")
    for title in ("arc-submit", "ARC submit, 4 x L4", "Jane's  kernel_v2!", "café", "a.b/c", "--x--"):
        assert cards.slugify(title) == theirs.slugify(title)


def test_a_card_that_is_missing_or_no_object_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such card"):
        cards.read(tmp_path / "dataset-metadata.json")
    for text, complaint in (("[]", "a JSON object"), ("{", "not readable JSON")):
        (tmp_path / "card.json").write_text(text)
        with pytest.raises(UserError, match=complaint):
            cards.read(tmp_path / "card.json")


def test_a_folder_is_measured_without_its_card(tmp_path: Path) -> None:
    cards.write(tmp_path / "dataset-metadata.json", dataset())
    (tmp_path / "wheels").mkdir()
    for name in ("SHA256SUMS", "wheels/a.whl", "wheels/b.whl"):
        (tmp_path / name).write_text("12345")
    assert limits.check_folder(tmp_path) == limits.Measured(entries=2, files=3, bytes=15)


def test_fifty_files_at_the_top_pass_and_one_more_does_not(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / f"{number}.whl").write_text("1")
    assert limits.check_folder(tmp_path).entries == 50
    (tmp_path / "one-more.whl").write_text("1")
    with pytest.raises(UserError, match="51 files at the top, and Kaggle takes 50; move them into a sub-folder"):
        limits.check_folder(tmp_path)


def test_folders_that_would_not_arrive_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such folder"):
        limits.check_folder(tmp_path / "none")
    with pytest.raises(UserError, match="nothing to upload"):
        limits.check_folder(tmp_path)
    (tmp_path / "code").mkdir()
    with pytest.raises(UserError, match="an empty folder does not travel"):
        limits.check_folder(tmp_path)
    (tmp_path / "code" / "a.py").write_text("1")
    (tmp_path / "code.zip").write_text("1")
    with pytest.raises(UserError, match=r"code/ travels as code\.zip, which is there too"):
        limits.check_folder(tmp_path)
    (tmp_path / "code.zip").unlink()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UserError, match="neither a file nor a folder"):
        limits.check_folder(tmp_path)
    (tmp_path / "link").unlink()
    (tmp_path / ".cache").mkdir()
    with pytest.raises(UserError, match="never uploads a folder of this name"):
        limits.check_folder(tmp_path)


def test_more_than_200_gb_are_refused(tmp_path: Path) -> None:
    with (tmp_path / "model.safetensors").open("wb") as file:
        file.truncate(200 * 10**9)  # a hole, no disk
    assert limits.check_folder(tmp_path).bytes == 200 * 10**9
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(UserError, match=r"200\.00 GB, and Kaggle takes 200\.00 GB"):
        limits.check_folder(tmp_path)


def test_a_disk_that_is_too_small_is_said(tmp_path: Path) -> None:
    limits.check_room(tmp_path / "not" / "yet", 1, "a byte")
    with pytest.raises(OutputError, match=r"a planet needs 1000000000\.00 GB and the disk has .* free"):
        limits.check_room(tmp_path / "not" / "yet", 10**18, "a planet")
