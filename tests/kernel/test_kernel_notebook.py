"""The notebook: valid, readable, the same sources; it runs as it stands, and its last cell never raises."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from fake_session import ROOT, Session

from kernel import notebook

RUNNER = """
import json, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where tests run in the background
space = {"__name__": "__main__"}
for cell in json.load(open(sys.argv[1]))["cells"]:
    if cell["cell_type"] == "code":
        exec(compile(cell["source"], cell["id"], "exec"), space)
print("every cell ran")
"""
COMMIT = "c0ffee" + "0" * 34


def make(tmp_path: Path, *options: str) -> Path:
    """Generate the notebook as `pack` does."""
    out = tmp_path / "nb" / "arc-submit.ipynb"
    command = [sys.executable, "-m", "kernel.notebook", str(out), "--commit", COMMIT, *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["commit"] == COMMIT
    return out


def start(session: Session, path: Path, **environment: str) -> subprocess.Popen[str]:
    """Run the cells in a fresh interpreter outside the repository."""
    prepared = {**session.prepare(), **environment}
    prepared.pop("ARC_SUBMIT_SETTINGS")
    return subprocess.Popen(
        [sys.executable, "-c", RUNNER, str(path)],
        cwd=session.root,
        env=prepared,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(session: Session, path: Path, **environment: str) -> str:
    kernel = start(session, path, **environment)
    printed, _ = kernel.communicate(timeout=60)
    assert kernel.returncode == 0, printed
    assert printed.splitlines()[-1] == "every cell ran"
    return printed


def with_main(path: Path, source: str) -> Path:
    """The notebook with another main.py."""
    content = json.loads(path.read_text())
    for cell in content["cells"]:
        if cell["id"] == "main-py":
            cell["source"] = notebook._writing("main.py", source)
    path.write_text(json.dumps(content))
    return path


def test_it_is_what_nbformat_4_5_asks_for(tmp_path):
    content = json.loads(make(tmp_path).read_text())
    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    assert set(content) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert content["metadata"]["kernelspec"] == {"display_name": "Python 3", "language": "python", "name": "python3"}
    assert content["metadata"]["language_info"]["name"] == "python"
    identities = [cell["id"] for cell in content["cells"]]
    assert len(set(identities)) == len(identities)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", identity) for identity in identities)
    common = {"cell_type", "id", "metadata", "source"}
    for cell in content["cells"]:
        more = {"execution_count", "outputs"} if cell["cell_type"] == "code" else set()
        assert set(cell) == common | more and isinstance(cell["source"], str) and cell["metadata"] == {}
        assert not more or (cell["outputs"] == [] and cell["execution_count"] is None)
    assert content["cells"][0]["cell_type"] == "markdown" and COMMIT in content["cells"][0]["source"]


def test_it_carries_every_module_to_the_letter_and_runs(mounted, tmp_path):
    mounted.changes = {"commit": {"tasks": ["e1"], "minutes": 5}}
    mounted.prepare()
    printed = run(mounted, make(tmp_path, "--settings", str(mounted.root / "settings.json")))
    written = {path.name: path.read_text() for path in (mounted.temp / "kernel").glob("*.*")}
    sources = {path.name: path.read_text() for path in (ROOT / "kernel").glob("*.py")}
    settings = (mounted.root / "settings.json").read_text() + "\n"
    for name in ("notebook.py", "cell.py"):
        del sources[name]
    assert written == {**sources, "settings.json": settings}
    assert printed.splitlines()[0] == f"arc-submit, commit {COMMIT}"
    assert mounted.verdict["ok"] and mounted.verdict["score"] == {"solved_outputs": 1, "outputs": 1}
    assert "kernel: submission.json with 2 tasks" in printed


@pytest.mark.parametrize(
    ("main", "said"),
    [
        ("raise RuntimeError('broken')\n", "kernel: exit code 1"),
        ("import sys\nsys.exit(3)\n", "kernel: exit code 3"),
        ("import os\nos.kill(os.getpid(), 9)\n", "kernel: exit code -9"),
        ("def\n", "SyntaxError"),
        ("import os\nos.write(1, b'\\xff\\xfe\\n')\n", "kernel: exit code 0"),
    ],
)
def test_the_last_cell_never_raises(session, tmp_path, main, said):
    session.working.mkdir()
    printed = run(session, with_main(make(tmp_path), main))
    assert said in printed and "NO VALID submission.json" in printed and "NOT OK" in printed
    assert session.verdict["ok"] is False and session.verdict["commit"] == COMMIT


def test_a_kernel_that_is_killed_is_started_once_more(session, tmp_path):
    session.working.mkdir()
    main = "import os\nprint('start', os.environ['ARC_SUBMIT_AGAIN'], flush=True)\nos.kill(os.getpid(), 9)\n"
    printed = run(session, with_main(make(tmp_path), main))
    assert [line for line in printed.splitlines() if line.startswith("start")] == ["start 0", "start 1"]


def test_an_interrupted_cell_stops_the_kernel_and_does_not_raise(session, tmp_path):
    session.working.mkdir()
    main = (
        "import signal, sys, time\nfrom pathlib import Path\n"
        "def end(*_):\n    Path('ended').touch()\n    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\nPath('begun').touch()\ntime.sleep(50)\n"
    )
    cells = start(session, with_main(make(tmp_path), main))
    deadline = time.monotonic() + 20
    while not (session.root / "begun").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    cells.send_signal(signal.SIGINT)
    printed, _ = cells.communicate(timeout=20)
    assert cells.returncode == 0 and "kernel: KeyboardInterrupt" in printed
    assert (session.root / "ended").exists()


def test_places_that_cannot_be_written_are_said(session, tmp_path):
    (session.root / "file").touch()
    printed = run(session, make(tmp_path), ARC_SUBMIT_TEMP=str(session.root / "file"), ARC_SUBMIT_WORKING="/proc/none")
    assert "cannot be written" in printed


def test_a_kernel_that_outlives_the_session_is_stopped(session, tmp_path):
    session.working.mkdir()
    session.changes = {"hours": 0.0006, "reserve_minutes": 0}  # 2.2 s
    session.prepare()
    path = with_main(make(tmp_path, "--settings", str(session.root / "settings.json")), "import time\ntime.sleep(50)\n")
    began = time.monotonic()
    assert "kernel: exit code -15" in run(session, path)
    assert time.monotonic() - began < 15


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--commit", "x; y"], "expected a commit hash"),
        (["--commit", "abc", "--settings", "nowhere.json"], "cannot be read"),
        ([], "--commit"),
    ],
)
def test_a_mistake_at_the_keyboard_is_exit_code_2(tmp_path, options, words):
    command = [sys.executable, "-m", "kernel.notebook", str(tmp_path / "x.ipynb"), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and words in done.stderr and not (tmp_path / "x.ipynb").exists()


@pytest.mark.parametrize("text", ["a = '''b'''\n", "no end of line", "carriage\r\n"])
def test_a_source_that_a_cell_cannot_hold_is_refused(text):
    with pytest.raises(notebook.NotebookError):
        notebook._writing("x.py", text)


def test_the_push_card_says_what_must_be_said() -> None:
    card: dict[str, Any] = json.loads((ROOT / "kernel-metadata.json").read_text())
    shipped = json.loads((ROOT / "kernel" / "settings.json").read_text())
    assert card["enable_internet"] is False and card["is_private"] is True
    assert card["machine_shape"] == "NvidiaL4"
    assert card["competition_sources"] == [shipped["competition"]]
    assert card["kernel_type"] == "notebook" and card["code_file"].endswith(".ipynb")
    assert re.fullmatch(r"gcr\.io/kaggle-gpu-images/python@sha256:[0-9a-f]{64}", card["docker_image"])
    assert card["id"].endswith("/" + card["title"])


def test_the_room_imports_the_standard_library_only() -> None:
    code = "import sys, kernel.main, kernel.notebook, kernel.cell; print(*sorted(sys.modules))"
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr  # -S: no site-packages
    tops = {name.split(".")[0] for name in done.stdout.split()}
    assert tops <= set(sys.stdlib_module_names) | {"kernel", "__main__"}
