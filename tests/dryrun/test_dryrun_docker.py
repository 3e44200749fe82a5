"""The official image: the command that is built, and when it is used. No daemon is asked: `docker` is a script here."""

import os
from pathlib import Path

import pytest

from arc_submit.dryrun import docker, place, rehearsal
from arc_submit.dryrun.rehearsal import Wishes
from arc_submit.errors import ConfigError, UserError

IMAGE = "gcr.io/kaggle-gpu-images/python@sha256:" + "3" * 64


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`docker` in PATH: fails for every word in the file `refuse` beside it, and notes its calls in `calls`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "docker"
    script.write_text(
        "#!/bin/sh\n"
        f'echo "$*" >> {folder}/calls\n'
        f'for word in $(cat {folder}/refuse 2>/dev/null); do [ "$1" = "$word" ] && exit 1; done\nexit 0\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    (folder / "WHEELS.json").write_text("{}")
    return folder


def test_the_command_cuts_the_network_and_mounts_inputs_read_only(tmp_path: Path) -> None:
    line = docker.command(
        IMAGE,
        "name",
        ["python", "main.py"],
        inputs=tmp_path / "in",
        source=tmp_path / "src",
        working=tmp_path / "working",
        environment={"KAGGLE_IS_COMPETITION_RERUN": "1"},
        gpus=False,
    )
    text = " ".join(line)
    assert text.startswith("docker run --rm --name name --network none --hostname localhost ")
    assert f"-v {tmp_path}/in:/kaggle/input:ro -v {tmp_path}/src:/kaggle/src:ro" in text
    assert f"-v {tmp_path}/working:/kaggle/working -w /kaggle/working" in text
    assert text.endswith(f"-e KAGGLE_IS_COMPETITION_RERUN=1 {IMAGE} python main.py")
    assert "--gpus" not in text and "--privileged" not in text


@pytest.mark.parametrize(
    ("refuse", "says"),
    [("version", "daemon cannot be reached"), ("image", "not on this machine"), ("", "")],
)
def test_ready_says_what_is_missing(stand_in: Path, refuse: str, says: str) -> None:
    (stand_in / "refuse").write_text(refuse)
    found = docker.ready(IMAGE)
    assert (says in found) if says else found == ""
    assert "pull" not in (stand_in / "calls").read_text()


def test_without_docker_it_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert docker.ready(IMAGE) == "docker is not installed"
    with pytest.raises(UserError, match="--docker: docker is not installed"):
        docker.pull(IMAGE)


def test_the_image_is_used_where_it_is_there_and_pulled_only_when_asked(
    stand_in: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "refusal", lambda: "")
    said: list[str] = []
    assert rehearsal.choose_place(Wishes(wheels=wheels), said.append).name == "docker"
    assert any("weaker than Kaggle" in line for line in said)
    assert rehearsal.choose_place(Wishes(wheels=wheels, docker=False), said.append).name == "namespaces"
    assert rehearsal.choose_place(Wishes(), said.append).name == "namespaces"  # the image alone lacks packages
    (stand_in / "refuse").write_text("image")
    assert rehearsal.choose_place(Wishes(wheels=wheels), said.append).name == "namespaces"
    assert "pull" not in (stand_in / "calls").read_text()
    assert rehearsal.choose_place(Wishes(wheels=wheels, docker=True), said.append).name == "docker"
    assert f"pull {rehearsal.pack.IMAGES['3.12']}" in (stand_in / "calls").read_text()


def test_the_image_without_wheels_is_refused() -> None:
    with pytest.raises(ConfigError, match="name --wheels"):
        rehearsal.check(Wishes(docker=True))


def test_a_run_in_the_image_hands_the_whole_environment_over_and_nothing_of_ours(
    stand_in: Path, tmp_path: Path
) -> None:
    lines: list[str] = []
    variables = {"PATH": "/ours", "KAGGLE_KERNEL_RUN_TYPE": "Batch"}
    report = rehearsal.in_docker(["python"], variables, tmp_path / "in", tmp_path, 30.0, lines.append)
    called = (stand_in / "calls").read_text()
    assert report.code == 0 and not report.hit_the_wall and report.memory_bytes is None
    assert "KAGGLE_KERNEL_RUN_TYPE=Batch" in called and "/ours" not in called


def test_a_container_is_killed_at_the_wall(stand_in: Path, tmp_path: Path) -> None:
    # `docker run` waits for a file; `docker kill` makes it.
    script = stand_in / "docker"
    script.write_text(
        f'#!/bin/sh\necho "$*" >> {stand_in}/calls\n[ "$1" = kill ] && touch {stand_in}/killed\n'
        f'[ "$1" = run ] && while [ ! -e {stand_in}/killed ]; do sleep 0.05; done\nexit 0\n'
    )
    report = rehearsal.in_docker(["python"], {}, tmp_path / "in", tmp_path, 0.5, lambda line: None)
    assert report.hit_the_wall
    assert f"kill --signal KILL arc-submit-dry-run-{os.getpid()}" in (stand_in / "calls").read_text()
