"""The wheelhouse: hand-made wheels, an index in a folder, real pip, a real installation without network."""

import hashlib
import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import tiny_wheels as tiny
from packaging.tags import compatible_tags, cpython_tags, parse_tag

from arc_submit.errors import ArcSubmitError, OutputError, UserError
from arc_submit.kaggle import limits, tags, tryout, wheelhouse
from arc_submit.kaggle.wheelhouse import Wheelhouse

HERE = f"3.{sys.version_info[1]}"
OWN = f"cp3{sys.version_info[1]}"
Build = Callable[..., Wheelhouse]


@pytest.fixture
def offer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make pip see exactly these wheels and nothing of this machine's settings."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")

    def wheels(*files: Path) -> None:
        monkeypatch.setenv("PIP_INDEX_URL", tiny.index(tmp_path / "index", *files))

    return wheels


@pytest.fixture
def build(tmp_path: Path) -> Build:
    def house(lock: Path, python: str = HERE, **more: object) -> Wheelhouse:
        return wheelhouse.build(tmp_path / "pack" / "wheels", "core", python, lock, **more)  # type: ignore[arg-type]

    return house


def made(tmp_path: Path, *tag: str) -> Path:
    return tiny.make(tmp_path / "made", "alpha", "1.2", *tag)


def test_papers_list_exactly_the_wheels_that_are_there(
    tmp_path: Path, offer: Callable[..., None], build: Build
) -> None:
    alpha, beta = made(tmp_path), tiny.make(tmp_path / "made", "beta_two", "0.1", f"{OWN}-{OWN}-manylinux_2_28_x86_64")
    offer(alpha, beta)
    lock = tiny.lock(tmp_path / "core.txt", {"alpha==1.2": (alpha,), "beta-two==0.1": (beta,)})
    house = build(lock)
    assert [wheel.file.name for wheel in house.wheels] == [alpha.name, beta.name]
    assert (house.folder / "requirements.txt").read_text().splitlines() == [
        f"alpha==1.2 --hash=sha256:{tiny.sha256(alpha)}",
        f"beta-two==0.1 --hash=sha256:{tiny.sha256(beta)}",
    ]
    said = json.loads((house.folder / "WHEELS.json").read_text())
    assert said.pop("created")
    assert said == {
        "kit": "arc-submit",
        "kind": "wheels",
        "stack": "core",
        "python": HERE,
        "abi": OWN,
        "platform": "manylinux_2_28_x86_64",
        "lock": "core.txt",
        "lock_sha256": tiny.sha256(lock),
        "wheels": 2,
        "bytes": alpha.stat().st_size + beta.stat().st_size,
    }


def test_sums_are_those_of_sha256sum(tmp_path: Path, offer: Callable[..., None], build: Build) -> None:
    alpha = made(tmp_path)
    offer(alpha)
    house = build(tiny.lock(tmp_path / "core.txt", {"alpha==1.2": (alpha,)}))
    listed = dict(line.split("  ")[::-1] for line in (house.folder / "SHA256SUMS").read_text().splitlines())
    assert set(listed) == {"WHEELS.json", "requirements.txt", f"wheels/{alpha.name}"}
    assert all(hashlib.sha256((house.folder / name).read_bytes()).hexdigest() == listed[name] for name in listed)


def test_what_is_there_is_not_fetched_again(tmp_path: Path, offer: Callable[..., None], build: Build) -> None:
    alpha = made(tmp_path)
    offer(alpha)
    lock = tiny.lock(tmp_path / "core.txt", {"alpha==1.2": (alpha,)})
    first = build(lock)
    before = {file: file.read_bytes() for file in first.folder.rglob("*") if file.is_file()}
    offer()  # an index without a page for alpha would be a failure if it were asked
    (tmp_path / "index" / "alpha" / "index.html").unlink()
    ticks: list[str] = []
    again = build(lock, tick=ticks.append)
    assert (first.fetched, again.fetched, ticks) == (1, 0, [alpha.name])
    assert {file: file.read_bytes() for file in again.folder.rglob("*") if file.is_file()} == before


def test_a_damaged_wheel_and_one_of_an_older_lock_are_replaced(
    tmp_path: Path, offer: Callable[..., None], build: Build
) -> None:
    alpha, old = made(tmp_path), tiny.make(tmp_path / "made", "alpha", "1.1")
    offer(alpha, old)
    house = build(tiny.lock(tmp_path / "old.txt", {"alpha==1.1": (old,)})).folder / "wheels"
    (house / alpha.name).write_bytes(alpha.read_bytes()[:50])  # as an interrupted copy leaves it
    renewed = build(tiny.lock(tmp_path / "core.txt", {"alpha==1.2": (alpha,)}))
    assert (renewed.fetched, renewed.removed) == (1, 2)
    assert [file.name for file in house.iterdir()] == [alpha.name]


def test_an_interrupted_download_goes_on_where_it_stopped(
    tmp_path: Path, offer: Callable[..., None], build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheelhouse, "AT_ONCE", 1)
    alpha, beta = made(tmp_path), tiny.make(tmp_path / "made", "beta", "2.0")
    lock = tiny.lock(tmp_path / "core.txt", {"alpha==1.2": (alpha,), "beta==2.0": (beta,)})
    offer(alpha)
    with pytest.raises(UserError, match=r"beta==2\.0: the package indexes"):
        build(lock)
    offer(alpha, beta)
    assert build(lock).fetched == 1


def test_a_wheel_for_another_python_is_not_taken(tmp_path: Path, offer: Callable[..., None], build: Build) -> None:
    other = made(tmp_path, "cp39-cp39-manylinux_2_28_x86_64")
    offer(other)
    with pytest.raises(UserError, match=rf"alpha==1\.2: the package indexes .* no wheel for {OWN}") as caught:
        build(tiny.lock(tmp_path / "core.txt", {"alpha==1.2": (other,)}))
    assert "PIP_FIND_LINKS" in str(caught.value)


def test_each_python_gets_its_own_wheel(tmp_path: Path, offer: Callable[..., None], build: Build) -> None:
    wheels = tuple(made(tmp_path, f"cp3{minor}-cp3{minor}-manylinux2014_x86_64") for minor in (11, 12, 13))
    offer(*wheels)
    lock = tiny.lock(tmp_path / "core.txt", {"alpha==1.2": wheels})
    for python, wheel in zip(tags.PYTHONS, wheels, strict=True):
        house = build(lock, python=python)
        assert [found.file.name for found in house.wheels] == [wheel.name]
        assert json.loads((house.folder / "WHEELS.json").read_text())["platform"] == "manylinux_2_17_x86_64"


def test_a_wheel_that_the_lock_does_not_list_is_refused(
    tmp_path: Path, offer: Callable[..., None], build: Build
) -> None:
    alpha = made(tmp_path)
    lock = tiny.lock(tmp_path / "core.txt", {"alpha==1.2": (alpha,)})
    other = tiny.make(tmp_path / "elsewhere", "alpha", "1.2", body="stolen = True\n")
    offer(other)
    with pytest.raises(UserError, match=r"alpha==1\.2.*: what the index offers is not a wheel that the lock lists"):
        build(lock)


def test_the_cpu_build_is_taken_where_the_lock_lists_it(
    tmp_path: Path, offer: Callable[..., None], build: Build
) -> None:
    cuda, cpu = tiny.make(tmp_path / "made", "torch", "2.0"), tiny.make(tmp_path / "made", "torch", "2.0+cpu")
    lock = tiny.lock(tmp_path / "core.txt", {"torch==2.0": (cpu,)})
    offer(cuda, cpu)
    house = build(lock)
    assert house.renamed == ["torch-2.0+cpu-py3-none-any.whl"]
    assert (house.folder / "requirements.txt").read_text().startswith("torch==2.0+cpu --hash")
    (house.folder / "wheels" / cpu.name).unlink()
    (tmp_path / "index" / "torch" / "index.html").unlink()
    offer(cuda)
    with pytest.raises(UserError, match="its lock lists the CPU builds, and the index offered another"):
        build(lock)


def test_too_little_disk_is_said_before_anything_is_fetched(
    tmp_path: Path, offer: Callable[..., None], build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(wheelhouse.BYTES, "core", 10**18)
    alpha = made(tmp_path)
    with pytest.raises(OutputError, match=r"fetching the wheels of the core stack needs 1000000000\.00 GB"):
        build(tiny.lock(tmp_path / "core.txt", {"alpha==1.2": (alpha,)}))
    assert not (tmp_path / "pack").exists()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("alpha==1.2\n", "alpha==1.2 has no hash"),
        ("alpha>=1.2 --hash=sha256:" + 64 * "0" + "\n", "is not `name==version"),
        ("alpha @ file:///x.whl\n", "is not `name==version"),
        ("# nothing\n", "no pins"),
    ],
)
def test_a_lock_that_locks_nothing_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    lock = tmp_path / "core.txt"
    lock.write_text(text)
    with pytest.raises(UserError, match=complaint):
        wheelhouse.read_lock(lock)


def test_a_missing_lock_and_an_unknown_python_are_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such lock"):
        wheelhouse.read_lock(tmp_path / "none.txt")
    with pytest.raises(UserError, match=r"--python 3\.10: expected one of 3\.11"):
        tags.abi("3.10")


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("a-1-py3-none-any.whl", True),
        ("a-1-py2.py3-none-any.whl", True),
        ("a-1-py2-none-any.whl", False),
        ("a-1-cp312-cp312-manylinux_2_28_x86_64.whl", True),
        ("a-1-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", True),
        ("a-1-cp312-cp312-manylinux_2_36_x86_64.whl", False),  # newer than the image's glibc
        ("a-1-cp312-cp312-manylinux_2_28_aarch64.whl", False),
        ("a-1-cp312-cp312-musllinux_1_2_x86_64.whl", False),
        ("a-1-cp312-cp312-macosx_14_0_arm64.whl", False),
        ("a-1-cp312-cp312-win_amd64.whl", False),
        ("a-1-cp312-cp312t-manylinux_2_28_x86_64.whl", False),  # free-threaded
        ("a-1-cp311-cp311-manylinux_2_28_x86_64.whl", False),
        ("a-1-cp39-abi3-manylinux_2_28_x86_64.whl", True),
        ("a-1-cp313-abi3-manylinux_2_28_x86_64.whl", False),
        ("a-1-py313-none-any.whl", False),
        ("a-1-py312-none-any.whl", True),
        ("a-1-py39-none-any.whl", True),
        ("a-1-cp312-abi3-manylinux_2_35_x86_64.whl", True),
        ("a-1-cp312-none-any.whl", True),
        ("a-1-cp311-none-any.whl", False),
        ("a-1-py2.py27-none-any.whl", False),
        ("a-1-3build-py3-none-any.whl", True),
        ("a-1.tar.gz", False),
    ],
)
def test_names_tell_which_wheels_fit_python_312_on_kaggle(name: str, right: bool) -> None:
    assert tags.fits(name, "3.12") is right
    places = [*tags.platforms(), "any"]
    taken = {*cpython_tags((3, 12), ["cp312"], places), *compatible_tags((3, 12), "cp312", places)}
    parts = tags.WHEEL.fullmatch(name.removesuffix(".whl"))  # the packaging library agrees
    said = parse_tag("-".join(parts[key] for key in ("python", "abi", "place"))) if parts else frozenset()
    assert bool(said & taken) is right


def test_packed_wheels_install_and_import_without_network(
    tmp_path: Path, offer: Callable[..., None], build: Build
) -> None:
    alpha = made(tmp_path)
    offer(alpha)
    tried = tryout.install_and_import(build(tiny.lock(tmp_path / "core.txt", {"alpha==1.2": (alpha,)})), ("alpha",))
    assert tried.ok
    assert "1 wheels installed and 1 imported" in tried.how
    assert not [file for file in (tmp_path / "pack").iterdir() if file.name.startswith(".")]  # tidied up


def test_an_import_that_fails_is_an_error_with_its_words(
    tmp_path: Path, offer: Callable[..., None], build: Build
) -> None:
    alpha = tiny.make(tmp_path / "made", "alpha", "1.2", body="import beta_that_is_not_packed\n")
    offer(alpha)
    house = build(tiny.lock(tmp_path / "core.txt", {"alpha==1.2": (alpha,)}))
    with pytest.raises(ArcSubmitError, match=r"an import fails: .*No module named 'beta_that_is_not_packed'"):
        tryout.install_and_import(house, ("alpha",))


def test_a_changed_wheel_does_not_install(tmp_path: Path, offer: Callable[..., None], build: Build) -> None:
    alpha = made(tmp_path)
    offer(alpha)
    house = build(tiny.lock(tmp_path / "core.txt", {"alpha==1.2": (alpha,)}))
    tiny.make(house.folder / "wheels", "alpha", "1.2", body="stolen = True\n")
    with pytest.raises(ArcSubmitError, match=r"cannot be installed without network: .*Expected sha256"):
        tryout.install_and_import(house, ("alpha",))


@pytest.mark.skipif(not tryout.without_network(), reason="this machine allows no network namespaces")
def test_the_try_has_no_network(tmp_path: Path, offer: Callable[..., None], build: Build) -> None:
    body = "import socket\nsocket.create_connection(('127.0.0.1', 9), 1)\n"
    alpha = tiny.make(tmp_path / "made", "alpha", "1.2", body=body)
    offer(alpha)
    house = build(tiny.lock(tmp_path / "core.txt", {"alpha==1.2": (alpha,)}))
    with pytest.raises(ArcSubmitError, match="Network is unreachable"):
        tryout.install_and_import(house, ("alpha",))


def test_a_python_that_is_not_here_is_said_and_not_checked(
    tmp_path: Path, offer: Callable[..., None], build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    alpha = made(tmp_path)
    offer(alpha)
    house = build(tiny.lock(tmp_path / "core.txt", {"alpha==1.2": (alpha,)}))
    absent = next(python for python in tags.PYTHONS if python != HERE)
    monkeypatch.setenv("PATH", "")
    tried = tryout.install_and_import(replace(house, python=absent))
    assert (tried.ok, tried.how) == (None, f"not checked: no Python {absent} on this machine")


def test_no_room_to_try_is_said(
    tmp_path: Path, offer: Callable[..., None], build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    alpha = made(tmp_path)
    offer(alpha)
    house = build(tiny.lock(tmp_path / "core.txt", {"alpha==1.2": (alpha,)}))
    monkeypatch.setattr(tryout, "UNPACKED", 1e18)
    with pytest.raises(OutputError, match="installing the wheels once to try them needs"):
        tryout.install_and_import(house)


def test_sizes_are_said_in_powers_of_ten() -> None:
    assert [limits.gigabytes(size) for size in (812_000, 12_340_000, 3_210_000_000)] == ["812 kB", "12.3 MB", "3.21 GB"]
