"""Inputs are found under every layout; what is not there is said with a picture."""

import json
import zipfile

import pytest
from fake_session import SLUG, Session

from kernel import mounts, sums, weights
from kernel.mounts import MountError
from kernel.sums import SumsError


@pytest.mark.parametrize(
    ("at", "how", "own"),
    [
        (f"competitions/{SLUG}", "new layout", True),
        (SLUG, "old layout", True),
        (f"Competitions/{SLUG.upper()}/data", "found by search", True),
        ("datasets/someone/arc-copy", "found by search", False),
    ],
)
def test_the_competition_is_found(session, at, how, own):
    folder = session.competition(at=at)
    found = mounts.competition(session.input, SLUG)
    assert (found.folder, found.own) == (folder, own) and found.how.startswith(how)
    assert found.test == folder / mounts.TEST and found.solutions == folder / mounts.SOLUTIONS


def test_the_competitions_own_folder_wins_over_a_copy(session):
    session.competition(at="a/copy")
    own = session.competition(at=f"z/y/x/{SLUG}")
    assert mounts.competition(session.input, SLUG).folder == own


def test_an_empty_canonical_folder_does_not_hide_the_files_elsewhere(session):
    (session.input / "competitions" / SLUG).mkdir(parents=True)
    old = session.competition(at=SLUG)
    assert mounts.competition(session.input, SLUG).folder == old


def test_names_as_the_data_page_prints_them_are_understood(session):
    folder = session.competition()
    (folder / mounts.TEST).rename(folder / "ARC-AGI_test-challenges.json")
    assert mounts.competition(session.input, SLUG).test == folder / "ARC-AGI_test-challenges.json"


def test_a_missing_input_folder_is_said(tmp_path):
    with pytest.raises(MountError, match="does not exist"):
        mounts.competition(tmp_path / "nowhere", SLUG)


def test_the_picture_is_bounded(tmp_path):
    for number in range(100):
        (tmp_path / f"folder-{number:03}").mkdir()
        for name in range(20):
            (tmp_path / f"folder-{number:03}" / f"file-{name:02}").touch()
    lines = mounts.tree(tmp_path).splitlines()
    assert len(lines) == 151 and "file-07" in lines[10] and "20 files in all" in lines[11]
    assert lines[-1].endswith("lines more")


def test_a_dataset_is_known_by_its_card_not_by_its_name(session):
    folder = session.code(at="datasets/someone/renamed")
    other = session.input / "datasets/x/arc-submit-code"
    other.mkdir(parents=True)
    (other / "BUNDLE.json").write_text(json.dumps({"kit": "another", "kind": "code"}))
    assert [dataset.folder for dataset in mounts.datasets(session.input, "BUNDLE.json", "code")] == [folder]


def test_a_broken_card_is_named(session):
    folder = session.code()
    (folder / "BUNDLE.json").write_text("{")
    with pytest.raises(MountError, match=r"BUNDLE.json: cannot be read"):
        mounts.datasets(session.input, "BUNDLE.json", "code")


def test_a_damaged_archive_is_said(session, tmp_path):
    folder = session.code(packed=True)
    (folder / "code.zip").write_bytes((folder / "code.zip").read_bytes()[:100])
    with pytest.raises(MountError, match=r"code.zip: damaged archive"):
        mounts.roots(mounts.datasets(session.input, "BUNDLE.json", "code")[0], "code", tmp_path)


def test_an_archive_cannot_write_outside_its_folder(session, tmp_path):
    folder = session.code()
    with zipfile.ZipFile(folder / "code.zip", "w") as archive:
        archive.writestr("../../outside.py", "")
    dataset = mounts.datasets(session.input, "BUNDLE.json", "code")[0]
    mounts.roots(dataset, "code", tmp_path / "a" / "b")
    assert not list(tmp_path.glob("outside.py")) and not list((tmp_path / "a").glob("outside.py"))


def model(session: Session, at: str) -> str:
    folder = session.input / at
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"w")
    return at


@pytest.mark.parametrize("pattern", ["me/seven/transformers/7b", "seven/transformers/7b", "SEVEN/*/7b/2", "seven"])
@pytest.mark.parametrize("at", ["models/me/seven/transformers/7b/2", "seven/Transformers/7b/2"])
def test_a_model_is_found_in_either_layout(session, pattern, at):
    model(session, at)
    model(session, "models/me/eight/transformers/8b/1")
    folder, _ = weights.locate(session.input, pattern)
    assert folder == session.input / at


def test_the_highest_version_of_a_model_is_used(session):
    for version in (9, 10):
        model(session, f"models/me/seven/transformers/7b/{version}")
    folder, notes = weights.locate(session.input, "me/seven")
    assert folder.name == "10" and "2 mounted models match" in notes[1]


def test_a_model_that_is_not_there_is_said_with_those_that_are(session):
    model(session, "models/me/eight/transformers/8b/1")
    with pytest.raises(MountError, match=r"(?s)no model matches 'seven'.*models/me/eight/transformers/8b/1"):
        weights.locate(session.input, "seven")


@pytest.mark.parametrize("line", ["short  a", f"{'0' * 64}  ../a", f"{'0' * 64}  /a", f"{'0' * 64}  ", ""])
def test_a_list_of_sums_that_makes_no_sense_is_refused(tmp_path, line):
    (tmp_path / "SHA256SUMS").write_text(line + "\n" if line else "")
    with pytest.raises(SumsError):
        sums.read(tmp_path / "SHA256SUMS")
