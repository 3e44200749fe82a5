"""Pushing a pack through the real `kaggle` client: what goes up, what is left out, and every way in which it fails."""

import io
import json
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from api_stand_in import USER, Kaggle
from small_pack import IMAGE, kernel_card, make_pack, write, write_sums

from arc_submit.errors import OutputError, UserError
from arc_submit.kaggle import limits, stage
from arc_submit.kaggle import push as push_module
from arc_submit.kaggle.client import Client, KaggleError
from arc_submit.kaggle.push import Push, Pushed, differences

CODE, WHEELS = "me/arc-submit-code", "me/arc-submit-wheels-cp312"
VARIATION = "me/arc-base/transformers/small"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return make_pack(tmp_path / "pack")


def push(client: Client, pack: Path, **settings: Any) -> list[Pushed]:
    return list(Push(client, pack, settings.pop("owner", USER), sleep=lambda seconds: None, **settings).go())


def test_a_first_push_brings_everything_and_attaches_it(kaggle: Kaggle, client: Client, pack: Path) -> None:
    done = push(client, pack)
    assert [(one.part, one.done, one.version) for one in done] == [
        ("code", "uploaded", 1),
        ("wheels-cp312", "uploaded", 1),
        ("weights", "uploaded", 1),
        ("kernel", "pushed", 1),
    ]
    (code,) = kaggle.datasets[CODE]
    assert set(code) == {"BUNDLE.json", "SHA256SUMS", "code.zip"}
    with zipfile.ZipFile(io.BytesIO(code["code.zip"])) as archive:
        assert archive.read("arc_submit/solve.py") == (pack / "code/code/arc_submit/solve.py").read_bytes()
    assert set(kaggle.models[VARIATION][0]) == {"SHA256SUMS", "model.safetensors"}
    (run,) = kaggle.kernels["me/arc-submit"]
    assert run.kept["datasetDataSources"] == [CODE, WHEELS]
    assert run.kept["modelDataSources"] == [f"{VARIATION}/1"]
    assert (run.kept["enableInternet"], run.kept["machineShape"], run.kept["dockerImage"]) == (False, "NvidiaL4", IMAGE)
    assert not (pack / "upload" / "code").exists()
    assert all(body["isPrivate"] is True for body in kaggle.named("CreateDataset"))


def test_a_second_push_uploads_nothing_and_starts_nothing(kaggle: Kaggle, client: Client, pack: Path) -> None:
    push(client, pack)
    sent = kaggle.sent
    done = push(client, pack)
    assert {one.done for one in done} == {"unchanged"}
    assert done[-1].version == 1
    assert kaggle.sent == sent
    assert len(kaggle.kernels["me/arc-submit"]) == 1


def test_again_starts_another_run_of_the_same(kaggle: Kaggle, client: Client, pack: Path) -> None:
    push(client, pack)
    assert push(client, pack, again=True)[-1] == Pushed("kernel", "me/arc-submit", "pushed", 2)


def test_only_what_changed_goes_up_and_the_notebook_follows(kaggle: Kaggle, client: Client, pack: Path) -> None:
    push(client, pack)
    write(pack / "code/code/arc_submit/solve.py", "answer = 43\n")
    write(pack / "weights/model/model.safetensors", "v" * 1000)
    write_sums(pack / "code")
    write_sums(pack / "weights/model")
    done = push(client, pack)
    assert [one.done for one in done] == ["uploaded", "unchanged", "uploaded", "pushed"]
    assert len(kaggle.datasets[CODE]) == 2
    assert kaggle.named("CreateDatasetVersion")[0]["body"]["versionNotes"] == f"arc-submit {'c' * 12}"
    assert kaggle.kernels["me/arc-submit"][1].kept["modelDataSources"] == [f"{VARIATION}/2"]


def test_only_some_parts(kaggle: Kaggle, client: Client, pack: Path) -> None:
    assert [one.part for one in push(client, pack, only=("code", "wheels"))] == ["code", "wheels-cp312"]
    assert kaggle.kernels == {}


def test_time_limit_and_machine_are_passed_on(kaggle: Kaggle, client: Client, pack: Path) -> None:
    push(client, pack, accelerator="NvidiaTeslaT4", timeout_minutes=30)
    (asked,) = kaggle.named("SaveKernel")
    assert (asked["sessionTimeoutSeconds"], asked["machineShape"]) == (1800, "NvidiaTeslaT4")


def test_it_waits_until_kaggle_has_unpacked(kaggle: Kaggle, client: Client, pack: Path, said: list[str]) -> None:
    kaggle.dataset_states = ["BLOBS_RECEIVED", "BLOBS_DECOMPRESSED", "READY"]
    slept: list[float] = []
    list(Push(client, pack, USER, only=("code",), say=said.append, sleep=slept.append).go())
    assert slept == [5.0, 5.0]
    assert said == [f"waiting until Kaggle has dataset {CODE} ready"]


def change_code(pack: Path, text: str = "answer = 43\n") -> None:
    write(pack / "code/code/arc_submit/solve.py", text)
    write_sums(pack / "code")


def test_ready_of_the_version_before_is_not_taken_for_ready(kaggle: Kaggle, client: Client, pack: Path) -> None:
    push(client, pack, only=("code",))
    change_code(pack)
    kaggle.late = 3
    slept: list[float] = []
    (one,) = Push(client, pack, USER, only=("code",), sleep=slept.append).go()
    assert (one.done, one.version, slept) == ("uploaded", 2, [5.0, 5.0, 5.0])


def test_a_failure_of_the_version_before_is_not_taken_for_one_of_this(
    kaggle: Kaggle, client: Client, pack: Path
) -> None:
    push(client, pack, only=("code",))
    change_code(pack)
    kaggle.late, kaggle.dataset_states = 1, ["FAILED", "FAILED", "READY"]
    assert push(client, pack, only=("code",))[0].done == "uploaded"


def test_a_dataset_that_is_another_version_on_kaggle_goes_up_again(
    kaggle: Kaggle, client: Client, pack: Path, said: list[str]
) -> None:
    push(client, pack)
    kaggle.datasets[CODE].append({})  # by hand, or from another machine
    done = list(Push(client, pack, USER, say=said.append).go())
    assert [(one.done, one.version) for one in done[:2]] == [("uploaded", 3), ("unchanged", 1)]
    assert f"{CODE}: Kaggle has version 2, not 1 as pushed from here" in said
    assert done[-1].done == "pushed"  # its last run had other code


def test_a_notebook_that_is_another_version_on_kaggle_is_pushed_again(
    kaggle: Kaggle, client: Client, pack: Path, said: list[str]
) -> None:
    push(client, pack)
    kaggle.add_run("me/arc-submit")
    done = list(Push(client, pack, USER, say=said.append).go())
    assert [one.done for one in done] == ["unchanged", "unchanged", "unchanged", "pushed"]
    assert said == ["me/arc-submit: Kaggle has version 2, not 1 as pushed from here"]


@pytest.mark.parametrize(
    ("part", "calls"), [("weights", "CreateModelInstanceVersion"), ("code", "CreateDatasetVersion")]
)
def test_a_push_that_was_cut_off_while_it_waited_waits_on_and_does_not_upload_again(
    kaggle: Kaggle, client: Client, pack: Path, part: str, calls: str
) -> None:
    push(client, pack, only=(part,))
    change_code(pack)
    write(pack / "weights/model/model.safetensors", "v" * 1000)
    write_sums(pack / "weights/model")
    kaggle.late = 2

    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(Push(client, pack, USER, only=(part,), sleep=interrupt).go())
    (one,) = push(client, pack, only=(part,))
    assert (one.done, one.version, len(kaggle.named(calls))) == ("uploaded", 2, 1)
    assert push(client, pack, only=(part,))[0].done == "unchanged"


def test_large_folders_are_said_before_they_are_packed_and_need_room(
    kaggle: Kaggle, client: Client, pack: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push_module, "LARGE_BYTES", 1)
    monkeypatch.setattr(limits.shutil, "disk_usage", lambda place: SimpleNamespace(free=40_000))
    with pytest.raises(UserError, match=r"packing wheels-cp312 for the upload needs 50 kB and the disk has 40 kB free"):
        list(Push(client, pack, USER, only=("wheels",), say=said.append).go())
    assert said == ["checking and packing wheels-cp312, 50 kB"]
    assert kaggle.sent == 0


def test_few_gpu_hours_are_said_before_the_upload(kaggle: Kaggle, client: Client, pack: Path, said: list[str]) -> None:
    kaggle.gpu_seconds = (108000 - 3600, 108000)
    list(Push(client, pack, USER, say=said.append).go())
    assert said == ["only 1.0 GPU hours are left this week; this run takes about 35 minutes, and 4 x L4 count twice"]
    write(pack / "pack.json", {"commit": "c" * 40, "commit_minutes": 5})
    said.clear()
    list(Push(client, pack, USER, again=True, say=said.append).go())
    assert said == []


def test_a_record_that_cannot_be_written_is_one_clear_error(kaggle: Kaggle, client: Client, pack: Path) -> None:
    (pack / "pushed.json.new").mkdir()
    with pytest.raises(OutputError, match=r"pushed\.json\.new: Is a directory"):
        push(client, pack, only=("code",))


def test_a_dataset_that_kaggle_could_not_take_is_an_error(kaggle: Kaggle, client: Client, pack: Path) -> None:
    kaggle.dataset_states = ["BLOBS_RECEIVED", "FAILED"]
    with pytest.raises(KaggleError, match=r"Kaggle could not take what was uploaded \(failed\)"):
        push(client, pack)
    assert kaggle.kernels == {}


def test_a_dataset_that_never_gets_ready_is_given_up(kaggle: Kaggle, client: Client, pack: Path) -> None:
    kaggle.dataset_states = ["BLOBS_RECEIVED"]
    now = [0.0]
    sending = Push(
        client, pack, USER, only=("code",), sleep=lambda s: now.__setitem__(0, now[0] + 60 * s), clock=lambda: now[0]
    )
    with pytest.raises(KaggleError, match="not ready after 60 minutes; push again later"):
        list(sending.go())


# uploads that are cut off


def test_an_upload_cut_half_way_goes_on_where_it_stopped(kaggle: Kaggle, client: Client, pack: Path) -> None:
    size = 50_000  # of the wheel, stored as it is in wheels.zip
    kaggle.cut_uploads = [0, 30_000, 15_000]  # SHA256SUMS or wheels.zip first: one of them is cut twice
    push(client, pack, only=("wheels",))
    (wheels,) = kaggle.datasets[WHEELS]
    with zipfile.ZipFile(io.BytesIO(wheels["wheels.zip"])) as archive:
        assert len(archive.read("numpy-2.3.5-cp312.whl")) == size
    assert kaggle.sent == sum(map(len, wheels.values()))  # no byte travelled twice


def test_an_upload_that_is_cut_again_and_again_ends_with_a_clear_error_and_a_second_push_goes_on(
    kaggle: Kaggle, client: Client, pack: Path, pauses: list[float]
) -> None:
    kaggle.cut_uploads = [10] * 5 + [1000] * 5
    with pytest.raises(KaggleError, match=r"of 2 files did not arrive: .*cut off.*it goes on where it stopped"):
        push(client, pack, only=("wheels",))
    assert WHEELS not in kaggle.datasets
    assert len(pauses) <= 10
    begun, arrived = len(kaggle.blobs), {name: len(blob.content) for name, blob in kaggle.blobs.items()}
    sent = kaggle.sent
    kaggle.cut_uploads = []
    push(client, pack, only=("wheels",))
    (wheels,) = kaggle.datasets[WHEELS]
    assert len(kaggle.blobs) == begun  # the same uploads were finished
    assert kaggle.sent - sent == sum(map(len, wheels.values())) - sum(arrived.values())


def test_a_file_that_is_refused_is_never_left_out_silently(kaggle: Kaggle, client: Client, pack: Path) -> None:
    kaggle.upload_status = 403
    with pytest.raises(KaggleError, match=r"3 of 3 files did not arrive: .*refused with HTTP 403"):
        push(client, pack, only=("code",))
    assert kaggle.datasets == {}


def test_an_upload_that_kaggle_has_forgotten_begins_anew(kaggle: Kaggle, client: Client, pack: Path) -> None:
    kaggle.cut_uploads = [10] * 5 + [1000] * 5
    with pytest.raises(KaggleError):
        push(client, pack, only=("wheels",))
    kaggle.cut_uploads = []
    kaggle.blobs.clear()
    with pytest.raises(KaggleError, match="the upload begun earlier has expired"):
        push(client, pack, only=("wheels",))
    assert push(client, pack, only=("wheels",))[0].done == "uploaded"


def test_a_push_that_broke_later_does_not_upload_again(kaggle: Kaggle, client: Client, pack: Path) -> None:
    kaggle.sessions_full = True
    with pytest.raises(KaggleError, match=r"already runs as many sessions as it may"):
        push(client, pack)
    sent = kaggle.sent
    kaggle.sessions_full = False
    assert [one.done for one in push(client, pack)] == ["unchanged", "unchanged", "unchanged", "pushed"]
    assert kaggle.sent == sent


def test_trouble_while_a_dataset_is_made_is_tried_again(kaggle: Kaggle, client: Client, pack: Path) -> None:
    kaggle.fail("CreateDataset", 503, "down", times=2)
    kaggle.fail("StartBlobUpload", 429, "slow", times=1, Retry_After="2")
    assert push(client, pack, only=("code",))[0].done == "uploaded"


@pytest.mark.parametrize("failure", [500, 0])
def test_a_run_is_never_started_twice_by_itself(kaggle: Kaggle, client: Client, pack: Path, failure: int) -> None:
    kaggle.fail("SaveKernel", failure, "oops", times=9)
    with pytest.raises(KaggleError, match=r"pushing the notebook: .*(trouble of its own|may have arrived)"):
        push(client, pack)
    assert len(kaggle.named("SaveKernel")) == 1


# what comes back


def test_a_source_that_was_dropped_silently_is_an_error_that_names_it(
    kaggle: Kaggle, client: Client, pack: Path
) -> None:
    kaggle.drop = {f"{VARIATION}/1", WHEELS}
    with pytest.raises(KaggleError) as refused:
        push(client, pack)
    assert f"datasets lack {WHEELS}" in str(refused.value)
    assert f"models lack {VARIATION}/1" in str(refused.value)
    assert "stop it at https://www.kaggle.com/code/me/arc-submit" in str(refused.value)
    kaggle.drop = set()
    assert push(client, pack)[-1].done == "pushed"  # it was not taken for pushed


def test_rules_that_are_not_accepted_show_as_a_competition_that_lacks(
    kaggle: Kaggle, client: Client, pack: Path
) -> None:
    kaggle.rules_accepted = False
    with pytest.raises(KaggleError, match=r"competitions lack arc-prize.* \(refused by Kaggle\); are its rules"):
        push(client, pack)


def test_a_machine_that_was_replaced_is_an_error(kaggle: Kaggle, client: Client, pack: Path) -> None:
    kaggle.replaced = {"NvidiaL4": "NvidiaTeslaT4"}
    with pytest.raises(KaggleError, match="machine NvidiaTeslaT4 instead of NvidiaL4"):
        push(client, pack)


def test_internet_that_came_on_is_an_error(kaggle: Kaggle, client: Client, pack: Path) -> None:
    kaggle.internet = True
    with pytest.raises(KaggleError, match="internet is on"):
        push(client, pack)


def test_differences_looks_at_digests_and_lets_versions_be_left_out() -> None:
    card = kernel_card("me")
    same = {
        "machineShape": "NvidiaL4",
        "enableInternet": False,
        "dockerImage": "gcr.io/kaggle-private-byod/python@" + IMAGE.partition("@")[2],
        "datasetDataSources": [f"{CODE}/3", WHEELS],
        "competitionDataSources": ["arc-prize-2026-arc-agi-2"],
        "modelDataSources": ["me/arc-base/Transformers/small/1"],
    }
    assert differences(card, same, {}) == ([], [])
    wrong, unsure = differences(card, same | {"dockerImage": "x@sha256:0", "machineShape": None}, {})
    assert wrong == [f"docker image x@sha256:0 instead of {IMAGE}"]
    assert unsure == ["Kaggle does not tell which machine the run gets (asked for: NvidiaL4)"]


# what is refused before anything travels


def test_a_pack_of_somebody_else_is_refused_before_anything_travels(
    kaggle: Kaggle, client: Client, tmp_path: Path
) -> None:
    pack = make_pack(tmp_path / "theirs", owner="them")
    with pytest.raises(KaggleError, match=r"belongs to 'them', and you push as 'me'"):
        push(client, pack)
    with pytest.raises(KaggleError, match=r"access to .* is denied: it belongs to somebody else"):
        push(client, pack, owner="them")
    assert kaggle.datasets == {}


def test_a_quota_that_is_used_up_stops_before_the_upload(kaggle: Kaggle, client: Client, pack: Path) -> None:
    kaggle.gpu_seconds = (108000, 108000)
    with pytest.raises(KaggleError, match=r"weekly GPU quota is used up \(30\.0 of 30\.0 h\).*2026-11-28"):
        push(client, pack)
    assert kaggle.sent == 0
    assert push(client, pack, only=("code",))[0].done == "uploaded"
    write(pack / "kernel/kernel-metadata.json", kernel_card("me") | {"machine_shape": None})
    assert push(client, pack)[-1].done == "pushed"  # a notebook without a GPU needs none of it


def test_a_quota_that_kaggle_does_not_tell_stops_nothing(
    kaggle: Kaggle, client: Client, pack: Path, said: list[str]
) -> None:
    kaggle.fail("GetAcceleratorQuotaStatistics", 404, "nope", times=9)
    assert list(Push(client, pack, USER, say=said.append).go())[-1].done == "pushed"
    assert said[0].startswith("the accelerator quota is not known")


def broken_sums(pack: Path) -> None:
    write(pack / "code/code/arc_submit/solve.py", "changed\n")


def missing_file(pack: Path) -> None:
    (pack / "code/BUNDLE.json").unlink()


def extra_file(pack: Path) -> None:
    write(pack / "code/code/more.py", "x\n")


def no_sums(pack: Path) -> None:
    (pack / "code/SHA256SUMS").unlink()


def no_kernel(pack: Path) -> None:
    (pack / "kernel/arc-submit.ipynb").unlink()
    (pack / "kernel/kernel-metadata.json").unlink()
    (pack / "kernel").rmdir()


def other_slug(pack: Path) -> None:
    write(pack / "kernel/kernel-metadata.json", kernel_card("OWNER") | {"title": "something else"})


def internet_on(pack: Path) -> None:
    write(pack / "kernel/kernel-metadata.json", kernel_card("OWNER") | {"enable_internet": True})


def bad_record(pack: Path) -> None:
    write(pack / "pushed.json", "{")


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (broken_sums, "solve.py: changed since it was packed"),
        (missing_file, "BUNDLE.json: listed in SHA256SUMS, but missing"),
        (extra_file, "more.py: not listed in SHA256SUMS"),
        (no_sums, "SHA256SUMS: missing; pack again"),
        (no_kernel, "expected a pack"),
        (other_slug, "the slug of the title"),
        (internet_on, "a scored notebook may not have the internet"),
        (bad_record, "pushed.json: not JSON"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_pack_that_is_not_whole_is_refused(kaggle: Kaggle, client: Client, pack: Path, harm: Any, words: str) -> None:
    harm(pack)
    with pytest.raises(UserError, match=words):
        push(client, pack)
    assert kaggle.sent == 0


def test_no_pack_at_all_says_how_to_make_one(client: Client, tmp_path: Path) -> None:
    with pytest.raises(KaggleError, match="make it with `arc-submit kaggle pack"):
        push(client, tmp_path / "nothing")


def test_what_is_laid_out_to_travel_is_kept_for_the_next_try_and_made_anew_after_a_change(pack: Path) -> None:
    laid = stage.make(pack / "code", pack / "upload" / "code")
    first = (laid / "code.zip").stat().st_mtime_ns
    stage.make(pack / "code", laid)
    assert (laid / "code.zip").stat().st_mtime_ns == first
    write(pack / "code/code/arc_submit/solve.py", "new\n")
    write_sums(pack / "code")
    stage.make(pack / "code", laid)
    with zipfile.ZipFile(laid / "code.zip") as archive:
        assert archive.read("arc_submit/solve.py") == b"new\n"
    stage.clear(laid)
    assert list((pack / "upload").iterdir()) == []


def test_the_record_names_what_is_there(kaggle: Kaggle, client: Client, pack: Path) -> None:
    push(client, pack)
    record = json.loads((pack / "pushed.json").read_text())
    assert set(record) == {"code", "wheels-cp312", "weights", "kernel"}
    assert record["weights"]["version"] == 1
    assert record["kernel"]["ref"] == "me/arc-submit"
