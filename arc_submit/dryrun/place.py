"""Where the kernel runs, and the wall that its session ends at.

    namespaces   Linux namespaces on this machine: what this kit can show best without the official image
    plain        plain folders, where namespaces are not allowed: shows the order of events, promises less (`WEAKER`)
    docker       the official image (`arc_submit.dryrun.docker`)

Whatever happens to this process, what it started dies: by the parent's death, by the end of process 1, at the wall.
"""

import os
import pwd
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from arc_submit.dryrun import docker
from arc_submit.dryrun.order import REFUSED, REPORT, Order, Report
from arc_submit.errors import ArcSubmitError
from arc_submit.kaggle.common import Say

PLACES = ("namespaces", "plain", "docker")
WEAKER = (
    "the network is not cut: only proxy variables point to a closed port, and a program may pass them by",
    "inputs are protected by their permissions only, which root passes by",
    "the working folder has no cap, and lies elsewhere than /kaggle/working",
    "this machine's files can be read and written, home and answers included",
    "other processes of this machine are in sight; what the kernel started outlives a dry run killed by SIGKILL",
)
"""What plain folders do not promise."""
_SLACK = 60.0  # seconds after its own wall that the process inside may take to copy results
_PASSED_ON = ("CUDA_VISIBLE_DEVICES", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "OMP_NUM_THREADS", "TZ")
_PATH = "/usr/local/bin:/usr/bin:/bin"
_CLOSED = "http://127.0.0.1:9"  # the discard port: nobody listens


@dataclass(frozen=True, slots=True)
class Place:
    """Where it runs, and what is not as on Kaggle because of that."""

    name: str
    why: str = ""
    """Why not a better one; nothing when there is none."""

    @property
    def weaker(self) -> tuple[str, ...]:
        return {"plain": WEAKER, "docker": docker.WEAKER}.get(self.name, ())


def environment(mode: str, given: Mapping[str, str]) -> dict[str, str]:
    """Return all variables that the kernel gets: what Kaggle sets, and of this machine's only what Python needs."""
    kept = {name: given[name] for name in _PASSED_ON if name in given}
    kept.setdefault("LANG", "C.UTF-8")
    rerun = {"KAGGLE_IS_COMPETITION_RERUN": "1"} if mode == "rerun" else {}
    return {
        **kept,
        "PATH": f"{Path(sys.executable).parent}:{_PATH}",
        "HOME": "/tmp/home",
        "PYTHONUNBUFFERED": "1",
        "KAGGLE_KERNEL_RUN_TYPE": "Batch",
        **rerun,
    }


def plain_environment(inputs: Path, working: Path, temp: Path) -> dict[str, str]:
    """Return what stands in for mounts and namespaces."""
    names = [f"{kind}_proxy" for kind in ("http", "https", "all")]
    proxies = dict.fromkeys([*names, *map(str.upper, names)], _CLOSED)
    return {
        **proxies,
        "no_proxy": "127.0.0.1,localhost",
        "HOME": str(temp / "home"),
        "TMPDIR": str(temp),
        "ARC_SUBMIT_INPUT": str(inputs),
        "ARC_SUBMIT_WORKING": str(working),
        "ARC_SUBMIT_TEMP": str(temp / "arc-submit"),
    }


def needed_folders() -> list[str]:
    """Return the folders that this interpreter lives in, for a place that would hide them."""
    found, link = {sys.prefix, sys.base_prefix, str(Path(sys.executable).resolve().parents[1])}, Path(sys.executable)
    while link.is_symlink():
        link = link.parent / os.readlink(link)
        found.add(str(link.parent.resolve()))
    return sorted(found)


def private_folders() -> list[str]:
    """Return where this person's files and credentials lie."""
    named = (os.environ.get("HOME"), pwd.getpwuid(os.getuid()).pw_dir, os.environ.get("KAGGLE_CONFIG_DIR"))
    return sorted({str(Path(path).resolve()) for path in named if path and Path(path).is_dir()} - {"/"})


def refusal() -> str:
    """Return why namespaces cannot be had here; nothing when they can. Tries it: two tenths of a second."""
    with tempfile.TemporaryDirectory() as folder:
        house = Path(folder)
        order = prepare(house, [sys.executable, "-c", "pass"], environment("commit", os.environ), seconds=20.0)
        heard: list[str] = []
        try:
            code = run(order, heard.append)[0]
        except ArcSubmitError:
            return f"a trial failed: {' / '.join(heard[-3:]) or 'it said nothing'}"
    if code == REFUSED:
        return heard[-1].removeprefix("no namespaces: ")
    return "" if code == 0 else f"a trial ended with exit code {code}: {' / '.join(heard[-3:])}"


def prepare(
    house: Path,
    command: list[str],
    variables: dict[str, str],
    *,
    seconds: float,
    inputs: Path | None = None,
    namespaces: bool = True,
    working_bytes: int = 1 << 20,
    hide: Path | None = None,
) -> Order:
    """Make the folders of one run below `house` and return its order; `house/src` may hold something already.

    `hide`: a folder that nothing inside may see; by default `house`. The person's home is hidden anyhow.
    """
    house = house.absolute()
    for name in ("src", "temp", "input"):
        (house / name).mkdir(exist_ok=True)
    return Order(
        command,
        variables,
        input=str((inputs or house / "input").absolute()),
        source=str(house / "src"),
        temp=str(house / "temp"),
        results=str(house),
        root="",
        seconds=seconds,
        namespaces=namespaces,
        working_bytes=working_bytes,
        keep=needed_folders(),
        hide=[*private_folders(), str((hide or house).resolve())],
        parent=os.getpid(),
    )


def run(order: Order, say: Say) -> tuple[int, Report | None]:
    """Carry an order out; return the process's exit code and its report, None where it was refused.

    Ctrl-C once asks the kernel to hand in, twice kills.

    Raises:
        ArcSubmitError: it ended without a report.
    """
    results = Path(order.results)
    (results / REPORT).unlink(missing_ok=True)
    # Below /tmp, which the new root does not show: it would hold itself otherwise.
    with tempfile.TemporaryDirectory(prefix="arc-submit-root-", dir="/tmp") as root:
        told = Path(root) / "order.json"
        mountpoint = Path(root) / "root"
        mountpoint.mkdir()
        replace(order, root=str(mountpoint)).write(told)
        line = [sys.executable, "-m", "arc_submit.dryrun.inside", str(told)]
        code = watch(line, say, order.seconds + _SLACK)
    if (results / REPORT).is_file():
        return code, Report.read(results / REPORT)
    if code == REFUSED:
        return code, None
    raise ArcSubmitError(f"{results}: the process inside ended with exit code {code} and left no report")


def watch(line: list[str], say: Say, seconds: float, stop: Callable[[str], None] | None = None) -> int:
    """Run a command, pass its lines on, and return its exit code; after `seconds` it is killed.

    `stop`: sends a signal, by its name, to what has to get it; by default the command itself.
    """
    child = subprocess.Popen(
        line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )

    def send(name: str) -> None:
        (stop or (lambda name: child.send_signal(signal.Signals[f"SIG{name}"])))(name)

    wall = threading.Timer(seconds, send, ["KILL"])
    wall.daemon = True
    wall.start()
    assert child.stdout
    interrupts = 0
    try:
        while True:
            try:
                for text in child.stdout:
                    say(text.decode("utf-8", "replace").rstrip("\n"))
                return child.wait()
            except KeyboardInterrupt:
                interrupts += 1
                send("TERM" if interrupts == 1 else "KILL")
    finally:
        wall.cancel()
        if child.poll() is None:
            send("KILL")
            child.wait()
        child.stdout.close()
