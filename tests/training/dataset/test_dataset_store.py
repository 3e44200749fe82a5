"""What is written is read back; nothing is half-written; what does not go together is not joined."""

import errno
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from arc_submit.config import PromptsConfig
from arc_submit.errors import DataError, OutputError, WeightsError
from training.dataset import store
from training.dataset.alike import MixtureError, check_alike
from training.dataset.folder import aside
from training.dataset.store import About, Row

ABOUT = About("compact-1", PromptsConfig(), "f" * 64, "no task of an evaluation set", rows={"train": 2, "eval": 0})


def row(number: int, **changes: Any) -> Row:
    turns = [{"role": "user", "content": f"prompt {number} \N{SNOWMAN}"}]
    answer = [{"role": "assistant", "content": "def solve(I):\n    return I\n"}]
    return replace(Row(f"t:{number}", "t", "fresh", turns, answer, 0.5, 12, 3.0, "o", "x", 1.2), **changes)


def test_a_dataset_is_read_back_as_it_was_written(tmp_path: Path):
    rows = {"train": [row(1), row(2, weight=1.5)], "eval": []}
    store.save(tmp_path / "d", rows, ABOUT)
    assert list(store.load(tmp_path / "d", "train")) == rows["train"]
    assert list(store.load(tmp_path / "d", "eval")) == []
    assert store.about(tmp_path / "d") == ABOUT and store.about(tmp_path / "d").style == "compact"


def test_it_is_a_dataset_dict_that_the_library_loads(tmp_path: Path):
    store.save(tmp_path / "d", {"train": iter([row(1)])}, ABOUT)
    from datasets import load_from_disk

    found = load_from_disk(str(tmp_path / "d"))
    assert set(found) == {"train", "eval"} and found["train"][0] == row(1).body()
    assert found["train"][0]["completion"][0]["role"] == "assistant"


def test_an_empty_split_that_the_library_saved_yields_nothing(tmp_path: Path):
    store.save(tmp_path / "d", {"train": [row(1)]}, ABOUT)
    from datasets import load_from_disk

    shutil.rmtree(tmp_path / "d" / "eval")
    found = load_from_disk(str(tmp_path / "d" / "train"))
    found.select([]).flatten_indices().save_to_disk(str(tmp_path / "d" / "eval"))
    assert not list((tmp_path / "d" / "eval").glob("*.arrow")), "left to itself it writes no file"
    assert list(store.load(tmp_path / "d", "eval")) == []


def test_a_split_whose_state_is_damaged_is_said(tmp_path: Path):
    store.save(tmp_path / "d", {"train": [row(1)]}, ABOUT)
    (tmp_path / "d" / "train" / "state.json").write_text("[]")
    with pytest.raises(DataError, match=r"state\.json"):
        next(store.load(tmp_path / "d", "train"))


def test_nothing_is_pickled_and_nothing_is_left_in_the_home_folder(tmp_path: Path):
    code = (
        "import sys; sys.path[:0] = ['tests/training/dataset', 'tests']\n"
        "from pathlib import Path; from test_dataset_store import row, ABOUT; from training.dataset import store\n"
        f"store.save(Path({str(tmp_path / 'd')!r}), {{'train': [row(1)]}}, ABOUT)\n"
        f"assert len(list(store.load(Path({str(tmp_path / 'd')!r}), 'train'))) == 1\n"
    )
    (tmp_path / "home").mkdir()
    where = {**os.environ, "HOME": str(tmp_path / "home"), "XDG_CACHE_HOME": str(tmp_path / "home/.cache")}
    where = {key: value for key, value in where.items() if not key.startswith("HF_")}
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, env=where, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip() == "", "no progress bars"
    assert [path for path in (tmp_path / "home").rglob("*") if path.is_file()] == []
    kinds = {path.suffix for path in (tmp_path / "d").rglob("*") if path.is_file()}
    assert kinds <= {".arrow", ".json"}


def test_a_failure_on_the_way_leaves_nothing(tmp_path: Path):
    def rows():
        yield row(1)
        raise DataError("a bad line")

    with pytest.raises(DataError, match="a bad line"):
        store.save(tmp_path / "d", {"train": rows()}, ABOUT)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path):
    def rows():
        yield row(1)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OutputError, match="No space left on device"):
        store.save(tmp_path / "d", {"train": rows()}, ABOUT)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_may_not_grow_is_one_line_too(tmp_path: Path):
    code = (
        "import resource, sys; sys.path[:0] = ['tests/training/dataset', 'tests']\n"
        "from pathlib import Path; from test_dataset_store import row, ABOUT\n"
        "from arc_submit.errors import OutputError; from training.dataset import store\n"
        "import datasets\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "try:\n"
        f"    store.save(Path({str(tmp_path / 'd')!r}), {{'train': map(row, range(9000))}}, ABOUT)\n"
        "except OutputError as error:\n"
        "    print(error)\n"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert "File too large" in done.stdout and done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_stays_unless_it_is_to_be_replaced(tmp_path: Path):
    out = tmp_path / "d"
    store.save(out, {"train": [row(1)]}, ABOUT)
    with pytest.raises(OutputError, match="--fresh"):
        store.save(out, {"train": [row(2)]}, ABOUT)
    with pytest.raises(DataError), aside(out, fresh=True) as part:
        (part / "half").touch()
        raise DataError("stopped")
    assert [found.id for found in store.load(out, "train")] == ["t:1"]
    with aside(out, fresh=True) as part:
        store.write(part, {"train": [row(2)]}, ABOUT)
    assert [found.id for found in store.load(out, "train")] == ["t:2"]
    assert [path.name for path in tmp_path.iterdir()] == ["d"]


def test_a_folder_is_made_where_one_stands_and_never_above_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "d").mkdir()
    monkeypatch.chdir(tmp_path / "d")
    with aside(Path(".")) as part:
        (part / "whole").touch()
    assert [path.name for path in tmp_path.rglob("*")] == ["d", "whole"]
    for fresh in (False, True):
        with pytest.raises(OutputError), aside(Path("/"), fresh=fresh):
            pass


def test_a_folder_of_something_else_is_never_replaced(tmp_path: Path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "thesis.txt").write_text("mine")
    with pytest.raises(OutputError, match="no dataset"), aside(tmp_path / "d", fresh=True):
        pass
    assert (tmp_path / "d" / "thesis.txt").read_text() == "mine"


def test_what_is_no_dataset_is_said(tmp_path: Path):
    with pytest.raises(DataError, match="not a dataset folder"):
        store.about(tmp_path)
    with pytest.raises(DataError, match="split train"):
        next(store.load(tmp_path, "train"))
    (tmp_path / "dataset.json").write_text(json.dumps({"version": "compact-1"}))
    with pytest.raises(DataError, match=r"dataset\.json"):
        store.about(tmp_path)
    with pytest.raises(WeightsError, match="--model"):
        store.fingerprint(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": "compact-2"}, "compact-1 and compact-2"),
        ({"prompts": PromptsConfig(grids=False)}, r"prompts\.grids"),
        ({"fingerprint": "0" * 64}, "tokenizers"),
    ],
)
def test_datasets_of_other_prompts_or_tokenizers_are_not_joined(change: dict[str, Any], said: str):
    with pytest.raises(MixtureError, match=said):
        check_alike(("one", ABOUT), ("same", ABOUT), ("other", replace(ABOUT, **change)))
    check_alike(("one", ABOUT), ("same", ABOUT))


def test_contents_are_read_back(tmp_path: Path):
    found = {"train": {"t": frozenset({b"1" * 16, b"2" * 16})}, "eval": {}}
    store.write_contents(tmp_path, found)
    assert store.contents(tmp_path, "train") == found["train"] and store.contents(tmp_path, "eval") == {}
    with pytest.raises(DataError, match="contents"):
        store.contents(tmp_path, "test")
