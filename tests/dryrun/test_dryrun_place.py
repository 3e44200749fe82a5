"""The place: what is promised holds when a program tries to break it, and nothing outlives the dry run."""

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from arc_submit.dryrun import checks, place, system
from arc_submit.dryrun.order import Report
from arc_submit.errors import ArcSubmitError

SYS_ADMIN = 21
TRY = """
import errno, json, os, socket, sys

def attempt(work):
    try:
        work()
    except OSError as error:
        return errno.errorcode.get(error.errno, type(error).__name__)
    return "done"

def fill():
    with open("/kaggle/working/big", "wb", buffering=0) as file:
        for _ in range(64):
            file.write(b"x" * (1 << 20))

found = {
    "outside": attempt(lambda: socket.create_connection(("192.0.2.1", 443), 1)),
    "name": attempt(lambda: socket.getaddrinfo("example.org", 443)),
    "self": attempt(lambda: socket.gethostbyname(socket.gethostname())),
    "loopback": attempt(lambda: socket.create_server(("127.0.0.1", 0)).close()),
    "input": attempt(lambda: open("/kaggle/input/file", "w")),
    "new input": attempt(lambda: os.mkdir("/kaggle/input/folder")),
    "source": attempt(lambda: open("/kaggle/src/file", "w")),
    "host": attempt(lambda: os.mkdir("/usr/arc-submit-dry-run")),
    "kaggle": attempt(lambda: os.mkdir("/kaggle/inference_outputs")),
    "fill": attempt(fill),
}
"""
TELL = """
found |= {
    "cwd": os.getcwd(), "uid": os.getuid(), "environment": dict(os.environ), "tmp": os.listdir("/tmp"),
    "processes": len([name for name in os.listdir("/proc") if name.isdigit()]),
    "capabilities": [line.split()[1] for line in open("/proc/self/status") if line.startswith("CapEff")][0],
    "size": os.path.getsize("/kaggle/working/big"),
}
os.remove("/kaggle/working/big")
json.dump(found, open("/kaggle/working/found.json", "w"))
print("told")
"""


def python(code: str, *words: str) -> list[str]:
    return [sys.executable, "-c", code, *words]


def alive(mark: str) -> list[str]:
    """Command lines of this machine's processes that hold a mark."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if mark.encode() in words and int(path.parent.name) != os.getpid():
            found.append(words.replace(b"\0", b" ").decode())
    return found


def until(holds: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def perform(house: Path, command: list[str], **wishes: Any) -> tuple[int, Report, list[str]]:
    """Run a command in a place of its own; (exit code, report, lines)."""
    lines: list[str] = []
    wishes = {"seconds": 30.0, **wishes}
    code, report = place.run(place.prepare(house, command, place.environment("rerun", {}), **wishes), lines.append)
    assert report is not None, lines
    return code, report, lines


def test_what_must_not_be_possible_inside_is_not(namespaces: None, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "file").write_text("as it was")
    code, report, lines = perform(tmp_path, python(TRY + TELL), inputs=tmp_path / "in", working_bytes=8 << 20)
    assert code == 0 and lines[-1] == "told", lines
    found = json.loads((tmp_path / "working" / "found.json").read_text())
    assert found["outside"] == "ENETUNREACH" and found["name"] != "done"
    assert found["loopback"] == found["self"] == found["kaggle"] == "done"
    assert found["input"] == found["new input"] == found["source"] == found["host"] == "EROFS"
    assert found["fill"] == "ENOSPC" and 7 << 20 <= found["size"] <= 8 << 20
    assert found["cwd"] == "/kaggle/working" and found["uid"] == 0
    python_there = {folder.parts[2] for folder in map(Path, (sys.prefix, sys.base_prefix)) if folder.parts[1] == "tmp"}
    assert set(found["tmp"]) <= python_there, "nothing but the way to this interpreter"
    assert found["processes"] == 2  # process 1 and itself
    assert not int(found["capabilities"], 16) & 1 << SYS_ADMIN  # so it cannot mount anything
    assert (tmp_path / "in" / "file").read_text() == "as it was"
    assert [check.status for check in report.checks] == ["ok"] * 7
    assert report.working_bytes is not None and report.memory_bytes and report.memory_bytes > 1 << 20


def test_home_and_answers_cannot_be_read_inside(namespaces: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:  # /tmp is another one inside anyhow
        home, out = Path(folder, "home"), Path(folder, "out")
        for file in (home / ".kaggle" / "access_token", out / "answers" / "answers.json"):
            file.parent.mkdir(parents=True)
            file.write_text("secret")
        kept = home / "python"
        kept.mkdir()
        (kept / "needed").write_text("needed")
        monkeypatch.setenv("HOME", str(home))
        monkeypatch.setattr(place, "needed_folders", lambda own=place.needed_folders: [*own(), str(kept)])
        (out / "new").mkdir()
        look = "import os, sys; print([[f'{x[0]}/{y}' for x in os.walk(top) for y in x[2]] for top in sys.argv[1:]])"
        _, report, lines = perform(out / "new", python(look, str(home), str(out)), hide=out)
        assert lines[-1] == str([[str(kept / "needed")], []])
        assert {check.name: check.status for check in report.checks}["home and answers hidden"] == "ok"
        assert (out / "answers" / "answers.json").read_text() == "secret"
        assert not checks.private_is_hidden([str(home), str(out)], [str(kept)]).ok  # outside, the check sees them


def test_nothing_is_made_on_the_host(namespaces: None, tmp_path: Path) -> None:
    before = os.path.exists("/kaggle"), set(os.listdir("/"))
    perform(tmp_path, python("open('/tmp/here', 'w').write('x')"))
    assert (os.path.exists("/kaggle"), set(os.listdir("/"))) == before
    assert not os.path.exists("/tmp/here") and (tmp_path / "temp" / "here").read_text() == "x"


def test_a_user_without_rights_gets_the_same_place(namespaces: None, tmp_path: Path) -> None:
    # Without the right to mount (as in docker) or another user's: root of a user namespace, with one user in it.
    drop = ctypes.CDLL(None).prctl if os.geteuid() == 0 else None
    code = (
        "import signal, sys; from pathlib import Path; from arc_submit.dryrun import place; "
        "signal.signal(signal.SIGINT, signal.default_int_handler); "  # ignored where the tests run in the background
        "order = place.prepare(Path(sys.argv[1]), [sys.executable, '-c', sys.argv[2]], {}, seconds=20.0); "
        "print(place.run(order, print)[0])"
    )
    inner = "print('map', *open('/proc/self/uid_map').read().split()); open('/kaggle/working/x', 'w').write('kept')"
    done = subprocess.run(
        python(code, str(tmp_path), inner),
        capture_output=True,
        text=True,
        preexec_fn=(lambda: drop(24, SYS_ADMIN, 0, 0, 0)) if drop else None,
    )
    assert done.returncode == 0, done.stderr
    assert f"map 0 {os.geteuid()} 1" in done.stdout and done.stdout.strip().endswith("0")
    assert "FAILED" not in done.stdout and (tmp_path / "working" / "x").read_text() == "kept"


SPAWN = (
    "import subprocess, sys, time; "
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)', sys.argv[1]], start_new_session=True); "
    "open('written', 'w').write('kept'); print('spawned', flush=True); "
)


@pytest.mark.parametrize("inside", [True, False], ids=["namespaces", "plain"])
def test_at_the_wall_everything_is_killed_and_the_results_are_kept(
    inside: bool, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if inside:
        request.getfixturevalue("namespaces")
    mark = uuid.uuid4().hex
    command = python(SPAWN + "time.sleep(600)", mark)
    code, report, _ = perform(tmp_path, command, seconds=1.5, namespaces=inside, working_bytes=1 << 20 if inside else 0)
    assert report.hit_the_wall and report.code is None and code != 0
    assert 1.4 <= report.seconds < 10
    assert alive(mark) == []
    assert (tmp_path / "working" / "written").read_text() == "kept"


@pytest.mark.parametrize("inside", [True, False], ids=["namespaces", "plain"])
def test_what_a_finished_kernel_leaves_behind_is_named_and_killed(
    inside: bool, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if inside:
        request.getfixturevalue("namespaces")
    mark = uuid.uuid4().hex
    _, report, _ = perform(tmp_path, python(SPAWN, mark), namespaces=inside, working_bytes=1 << 20 if inside else 0)
    assert report.code == 0 and not report.hit_the_wall
    assert len(report.left) == 1 and mark in report.left[0]
    assert alive(mark) == []


def test_nothing_outlives_a_dry_run_that_is_killed(namespaces: None, tmp_path: Path) -> None:
    mark = uuid.uuid4().hex
    child = _outer(tmp_path, SPAWN + "time.sleep(600)", mark)
    assert until(lambda: len([words for words in alive(mark) if "sleep(600)" in words]) >= 2), alive(mark)
    child.kill()
    child.wait()
    assert until(lambda: alive(mark) == []), alive(mark)
    for order in Path("/tmp").glob("arc-submit-root-*/order.json"):  # the one thing that SIGKILL leaves
        if mark in order.read_text():
            shutil.rmtree(order.parent)


def test_one_interrupt_lets_the_kernel_hand_in(namespaces: None, tmp_path: Path) -> None:
    code = (
        "import signal, sys, time; "
        "signal.signal(signal.SIGTERM, lambda *_: (open('handed-in', 'w').write('yes'), sys.exit(0))); "
        "print('ready', flush=True); time.sleep(600)"
    )
    child = _outer(tmp_path, code, "mark")
    assert child.stdout is not None
    assert any("ready" in line for line in child.stdout)
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=30)
    assert child.returncode == 0
    assert (tmp_path / "working" / "handed-in").read_text() == "yes"
    assert Report.read(tmp_path / "inside.json").stopped == "SIGTERM"


def _outer(house: Path, code: str, mark: str) -> "subprocess.Popen[str]":
    line = (
        "import signal, sys; from pathlib import Path; from arc_submit.dryrun import place; "
        "signal.signal(signal.SIGINT, signal.default_int_handler); "  # ignored where the tests run in the background
        "order = place.prepare(Path(sys.argv[1]), [sys.executable, '-c', *sys.argv[2:]], {}, seconds=60.0); "
        "place.run(order, lambda line: print(line, flush=True))"
    )
    return subprocess.Popen(python(line, str(house), code, mark), stdout=subprocess.PIPE, text=True)


def test_plain_folders_say_what_is_weaker_and_check_the_rest(tmp_path: Path) -> None:
    code, report, lines = perform(
        tmp_path, python("print('hello')"), namespaces=False, working_bytes=0, inputs=tmp_path / "src"
    )
    status = {check.name: check.status for check in report.checks}
    assert code == 0 and "hello" in lines
    assert status["working folder"] == "weaker" and status["127.0.0.1 works"] == "ok"
    assert "FAILED" not in status.values() and "host read-only" not in status
    assert any("network is not cut" in words for words in place.Place("plain").weaker)
    assert place.Place("namespaces").weaker == ()


def test_the_process_inside_that_leaves_no_report_is_an_error(tmp_path: Path) -> None:
    order = place.prepare(tmp_path, ["/nowhere"], {}, seconds=5.0, namespaces=False)
    (tmp_path / "working").touch()  # where a folder is to be
    with pytest.raises(ArcSubmitError, match="left no report"):
        place.run(order, lambda line: None)


def test_the_environment_holds_what_kaggle_sets_and_nothing_of_ours() -> None:
    given = {"KAGGLE_API_TOKEN": "t", "AWS_SECRET_ACCESS_KEY": "s", "HOME": "/home/me", "PYTHONPATH": "x", "LANG": "de"}
    rerun, commit = place.environment("rerun", given), place.environment("commit", given)
    assert rerun.keys() - commit.keys() == {"KAGGLE_IS_COMPETITION_RERUN"}
    assert rerun["KAGGLE_IS_COMPETITION_RERUN"] == "1" and commit["KAGGLE_KERNEL_RUN_TYPE"] == "Batch"
    assert not {"KAGGLE_API_TOKEN", "AWS_SECRET_ACCESS_KEY", "PYTHONPATH"} & rerun.keys()
    assert rerun["HOME"] != "/home/me" and rerun["LANG"] == "de"
    assert checks.environment_is_clean(rerun).ok
    assert not checks.environment_is_clean(given).ok


def test_plain_folders_send_what_honours_proxies_to_a_closed_port(tmp_path: Path) -> None:
    found = place.plain_environment(tmp_path / "in", tmp_path / "working", tmp_path / "temp")
    assert found["https_proxy"] == found["HTTPS_PROXY"] == found["http_proxy"] == "http://127.0.0.1:9"
    assert found["ARC_SUBMIT_INPUT"] == str(tmp_path / "in")


def test_a_check_that_finds_the_opposite_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    assert not checks.inputs_are_read_only(tmp_path).ok
    assert (tmp_path / "file").read_text() == "kept" and os.listdir(tmp_path) == ["file"]
    assert not checks.working_has_a_cap(tmp_path, 1).ok  # a disk of more than a byte
    found = checks.look(tmp_path, tmp_path, {"A_TOKEN": "x"}, 0, namespaces=True)
    assert {check.name for check in found if check.status == "FAILED"} >= {"inputs read-only", "no secrets"}


def test_a_call_that_is_refused_says_what_was_tried(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=f"mounting {tmp_path / 'nowhere'} on {tmp_path}"):
        system.bind(tmp_path / "nowhere", tmp_path)
