"""Offline installs with real pip from wheels made by hand; and what is done where some are missing or wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fake_session import ABI, Session, wheel, write_sums

from arc_submit.kaggle import tags
from kernel import sums, wheels
from kernel.mounts import MountError
from kernel.process import Stop, Stopped
from kernel.wheels import Installed, Requirement, WheelsError


def install(session: Session) -> Installed:
    session.temp.mkdir(exist_ok=True)
    return wheels.install(session.input, session.temp, session.temp / "venv", session.temp / "wheels.log", Stop())


def versions(done: Installed) -> str:
    """What the environment imports, or the error's last line."""
    code = "import sys, alpha_one, beta; print(sys.prefix != sys.base_prefix, alpha_one.VERSION, beta.VERSION)"
    found = subprocess.run([done.python, "-I", "-c", code], capture_output=True, text=True)
    return (found.stdout or found.stderr).strip().splitlines()[-1]


def test_wheels_are_installed_into_an_environment_of_their_own(session):
    session.wheels()
    done = install(session)
    assert versions(done) == "True 1.0 2.0+cpu"
    assert done.complaints == [] and done.stack == "core"


def test_a_second_start_uses_the_same_environment(session):
    session.wheels()
    install(session)
    mark = Path(session.temp, "venv", "kept")
    mark.touch()
    assert "the environment of an earlier start is used again" in install(session).notes
    assert mark.exists()


def test_a_plus_that_the_upload_changed_is_put_back(session):
    folder = session.wheels() / "wheels"
    (folder / "beta-2.0+cpu-py3-none-any.whl").rename(folder / "beta-2.0_cpu-py3-none-any.whl")
    done = install(session)
    assert versions(done) == "True 1.0 2.0+cpu"
    assert done.complaints == []
    assert "wheels found by content under another name: wheels/beta-2.0+cpu-py3-none-any.whl" in done.notes


def test_a_wheel_for_another_python_is_left_out_and_named(session):
    folder = session.wheels()
    (folder / "wheels" / "beta-2.0+cpu-py3-none-any.whl").unlink()
    other = wheel(folder / "wheels", "beta", "2.0+cpu", tag="cp37-cp37m-manylinux_2_28_x86_64")
    session.lock(folder, [folder / "wheels" / "alpha_one-1.0-py3-none-any.whl", other])
    write_sums(folder)
    done = install(session)
    assert done.complaints == [f"wheels: no usable wheel on {ABI} for beta==2.0+cpu"]
    assert versions(done) == "ModuleNotFoundError: No module named 'beta'"


def test_a_damaged_wheel_is_left_out_and_named(session):
    path = session.wheels() / "wheels" / "beta-2.0+cpu-py3-none-any.whl"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    done = install(session)
    assert done.complaints == [
        "wheels: 1 files differ from what was packed: wheels/beta-2.0+cpu-py3-none-any.whl",
        f"wheels: no usable wheel on {ABI} for beta==2.0+cpu",
    ]
    assert versions(done) == "ModuleNotFoundError: No module named 'beta'"


def test_nothing_usable_is_an_error(session):
    for path in (session.wheels() / "wheels").iterdir():
        path.write_bytes(b"cut")
    with pytest.raises(WheelsError, match="not one wheel can be used"):
        install(session)


def test_wheels_for_a_python_that_is_not_here_are_refused_in_words(session):
    session.wheels(abi="cp399")
    with pytest.raises(WheelsError, match=rf"this Python is {ABI}, the wheels are for cp399, and no such Python"):
        install(session)


def test_another_python_of_the_machine_is_taken_where_the_wheels_want_it(session, monkeypatch):
    session.wheels(abi="cp399")
    fake = session.root / "bin" / "python3.99"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\ncase "$*" in *version_info*) echo cp399;; *) exec {sys.executable} "$@";; esac\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
    done = install(session)
    assert f"the environment is made with {fake}" in done.notes and versions(done) == "True 1.0 2.0+cpu"


def test_the_newest_of_two_that_fit_is_used(session):
    session.wheels(at="datasets/me/old", created="2025")
    newest = session.wheels(at="datasets/me/new", created="2026")
    session.wheels(at="datasets/me/other", abi="cp399", created="2027")
    notes = install(session).notes
    assert notes == [
        "2 wheels datasets fit; the newest is used, created 2026",
        f"wheels: {newest}, stack core",
    ]


def test_no_dataset_is_an_error_with_a_picture(session):
    with pytest.raises(MountError, match=r"(?s)WHEELS.json of kind 'wheels'.*What is there"):
        install(session)


def test_a_broken_uv_gives_way_to_pip(session, monkeypatch, capsys):
    session.wheels()
    uv = session.root / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text('#!/bin/sh\necho "$@" >> "$0.log"\nexit 1\n')
    uv.chmod(0o755)
    monkeypatch.setenv("PATH", f"{uv.parent}{os.pathsep}{os.environ['PATH']}")
    assert versions(install(session)) == "True 1.0 2.0+cpu"
    assert "uv could not; trying pip" in capsys.readouterr().out
    said = Path(f"{uv}.log").read_text()
    assert all(word in said for word in ("--offline", "--no-index", "--require-hashes", "--no-deps"))


def test_settings_of_pip_in_the_environment_do_not_reach_it(session, monkeypatch):
    session.wheels()
    monkeypatch.setenv("PIP_TARGET", str(session.root / "elsewhere"))
    monkeypatch.setenv("PYTHONPATH", str(session.root))
    assert versions(install(session)) == "True 1.0 2.0+cpu"
    assert not (session.root / "elsewhere").exists()


def test_the_order_to_stop_ends_an_install(session):
    session.wheels()
    session.temp.mkdir()
    stop = Stop()
    stop.reason = "SIGTERM"
    with pytest.raises(Stopped):
        wheels.install(session.input, session.temp, session.temp / "venv", session.temp / "log", stop)


NAMES = [
    ("torch-2.13.0+cpu-cp312-cp312-linux_x86_64.whl", True),
    ("torch-2.13.0+cpu-cp312-cp312-manylinux_2_28_x86_64.whl", True),
    ("torch-2.13.0+cpu-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", True),
    ("torch-2.13.0+cpu-cp312-cp312-manylinux_2_35_x86_64.whl", True),
    ("torch-2.13.0+cpu-cp312-cp312-manylinux_2_36_x86_64.whl", False),
    ("torch-2.13.0+cpu-cp312-cp312-manylinux_2_99_x86_64.whl", False),
    ("torch-2.13.0+cpu-cp312-cp312-manylinux_2_99_x86_64.manylinux_2_28_x86_64.whl", True),
    ("torch-2.13.0+cpu-cp312-cp312-musllinux_1_2_x86_64.whl", False),
    ("torch-2.13.0+cpu-cp312-none-any.whl", True),
    ("torch-2.13.0+cpu-cp311-none-any.whl", False),
    ("torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl", False),
    ("torch-2.13.0+cpu-cp312-cp312t-manylinux_2_28_x86_64.whl", False),
    ("torch-2.13.0+cpu-cp38-abi3-manylinux2014_x86_64.whl", True),
    ("torch-2.13.0+cpu-cp313-abi3-manylinux2014_x86_64.whl", False),
    ("torch-2.13.0+cpu-cp312-cp312-macosx_11_0_arm64.whl", False),
    ("torch-2.13.0+cpu-cp312-cp312-win_amd64.whl", False),
    ("torch-2.13.0+cpu-cp312-cp312-manylinux_2_28_aarch64.whl", False),
    ("torch-2.13.0+cpu-py3-none-any.whl", True),
    ("torch-2.13.0+cpu-py2.py3-none-any.whl", True),
    ("torch-2.13.0+cpu-py2-none-any.whl", False),
    ("torch-2.13.0+cpu-py27-none-any.whl", False),
    ("torch-2.13.0+cpu-py38-none-any.whl", True),
    ("torch-2.13.0+cpu-py311-none-any.whl", True),
    ("torch-2.13.0+cpu-py313-none-any.whl", False),
    ("torch-2.13.0+cpu-py3-none-manylinux1_x86_64.whl", True),
    ("torch-2.13.0+cpu-py3-none-manylinux2014_aarch64.whl", False),
    ("torch-2.13.0+cpu-1-py3-none-any.whl", True),
    ("torch-2.13.0+cpu-x-py3-none-any.whl", False),
    ("torch-2.13.0+cpu.tar.gz", False),
]
"""File names, and whether they install on CPython 3.12 with glibc 2.35."""


@pytest.mark.parametrize(("name", "fitting"), NAMES)
def test_which_wheels_fit(name, fitting):
    assert wheels.fits(name, Requirement("torch", "2.13.0+cpu", ""), "cp312", (2, 35)) is fitting


@pytest.mark.parametrize("name", [name for name, _ in NAMES])
@pytest.mark.parametrize("python", tags.PYTHONS)
def test_the_pack_and_the_kernel_agree_on_which_wheels_fit(name, python):
    wanted = Requirement("torch", "2.13.0+cpu", "")
    assert wheels.fits(name, wanted, tags.abi(python), tags.GLIBC) is tags.fits(name, python)


@pytest.mark.parametrize("name", ["torch-2.13.1-py3-none-any.whl", "torch_x-2.13.0+cpu-py3-none-any.whl"])
def test_another_package_or_version_does_not_fit(name):
    assert not wheels.fits(name, Requirement("torch", "2.13.0+cpu", ""), "cp312", (2, 35))


def test_a_plus_that_became_an_underscore_fits():
    name = "torch-2.13.0_cpu-cp312-cp312-manylinux_2_28_x86_64.whl"
    assert wheels.fits(name, Requirement("torch", "2.13.0+cpu", ""), "cp312", (2, 35))


def test_a_machine_that_does_not_tell_its_glibc_takes_any(monkeypatch):
    monkeypatch.setattr(wheels.platform, "libc_ver", lambda: ("", ""))
    assert wheels.machine_glibc() is None
    name = "torch-2.13.0-cp312-cp312-manylinux_2_99_x86_64.whl"
    assert wheels.fits(name, Requirement("torch", "2.13.0", ""), "cp312", None)
    monkeypatch.setattr(wheels.platform, "libc_ver", lambda: ("glibc", "2.35"))
    assert wheels.machine_glibc() == (2, 35)


def test_a_lock_is_read_line_by_line():
    text = (
        "# made by hand\n--index-url nowhere\nAlpha_One==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
        "beta[extra]==2.0+cpu ; python_version > '3'  # why\nloose>=1\n"
    )
    assert wheels.requirements(text) == [
        Requirement("alpha-one", "1.0", "Alpha_One==1.0 --hash=sha256:aa --hash=sha256:bb"),
        Requirement("beta", "2.0+cpu", "beta[extra]==2.0+cpu ; python_version > '3'"),
    ]


def test_a_changed_lock_is_said(session):
    folder = session.wheels()
    (folder / "requirements.txt").write_text((folder / "requirements.txt").read_text() + "# more\n")
    assert install(session).complaints == [f"wheels: {folder / 'requirements.txt'} differs from what was packed"]
    assert sums.sum_of(folder / "requirements.txt") != sums.read(folder / "SHA256SUMS")["requirements.txt"]
