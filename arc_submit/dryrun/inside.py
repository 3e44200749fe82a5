"""The process inside: make the namespaces, check them, run the command, end whatever it leaves, bring out the results.

    python -m arc_submit.dryrun.inside ORDER.json

    this process          leaves the host's namespaces; passes SIGTERM on; dies with who started it
      `- process 1        of the new ones: builds the root, checks, watches the clock; everything inside dies with it
           `- the command

The new root is a tmpfs with the host's folders, read-only, and of its own /kaggle, /tmp, /dev/shm and /proc: nothing is
made on the host, so it works where / cannot be written. The person's home and the dry run's own folder are empty in it,
but for what the interpreter needs of them: neither credentials nor answers can be read. Other folders of the host can.
Without namespaces the same watch works on plain folders, and hides nothing.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType

from arc_submit import memory
from arc_submit.dryrun import checks, system
from arc_submit.dryrun.order import INPUT, REFUSED, REPORT, SOURCE, TEMP, WORKING, Order, Report

_LOOK = 0.1  # seconds between looks at the command
_MEASURE = 2.0  # seconds between measurements
_LINGER = 2.0  # seconds that helpers of an ended command may take to end
_OWN = ("kaggle", "proc", "tmp")  # folders of the root that are not the host's
_SHARED = "size=50%,mode=1777"


class Stop:
    """The order to stop, once it has come; passed on to the process below."""

    def __init__(self) -> None:
        self.reason = ""
        self.below = 0
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._heard)

    def _heard(self, number: int, _: FrameType | None) -> None:
        self.reason = self.reason or signal.Signals(number).name
        if self.below:
            os.kill(self.below, number)


def main() -> int:
    """Carry the order out; return the command's exit code, or REFUSED."""
    order = Order.read(Path(sys.argv[1]))
    stop = Stop()
    system.die_with_parent()
    if order.parent and os.getppid() != order.parent:
        return 1  # it ended before we could ask to be told
    if not order.namespaces:
        system.adopt_orphans()
        return _exit_code(_watched(order, Path(order.results), stop))
    try:
        _leave()
    except OSError as error:
        print(f"no namespaces: {error.strerror}", flush=True)
        return REFUSED
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = first(order, stop)
        except BaseException:  # a forked child must not go on as its parent
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    stop.below = child
    if stop.reason:
        os.kill(child, signal.SIGTERM)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _leave() -> None:
    """Leave the host's namespaces: as root directly, else (or where root may not) as root of a user namespace."""
    wanted = system.NEW_MOUNTS | system.NEW_PIDS | system.NEW_NETWORK | system.NEW_IPC | system.NEW_HOSTNAME
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        try:
            return system.unshare(wanted)
        except PermissionError:
            pass
    system.unshare(wanted | system.NEW_USER)
    system.map_root(user, group)
    system.die_with_parent()  # new rights made it forgotten


def first(order: Order, stop: Stop) -> int:
    """Be process 1: build the place, run the command in it, copy the results out."""
    system.die_with_parent()
    results = os.open(order.results, os.O_RDONLY | os.O_DIRECTORY)
    try:
        build(order)
        system.enter(Path(order.root))
        socket.sethostname("localhost")  # what looks itself up by name finds 127.0.0.1, without DNS
        system.loopback_up()
        system.limit_capabilities()
    except OSError as error:
        print(f"no namespaces: {error.strerror}", flush=True)
        return REFUSED
    os.chdir(WORKING)
    outside = Path(f"/proc/self/fd/{results}")  # reaches the host's folder, which has no path in here
    inner = replace(order, input=str(INPUT), source=str(SOURCE), temp=str(TEMP))
    return _exit_code(_watched(inner, outside, stop))


def build(order: Order) -> None:
    """Mount everything below `order.root`."""
    root = Path(order.root)
    system.keep_mounts_to_ourselves()
    system.mount_new("tmpfs", root, "size=16m,mode=755", system.NO_SUID)
    for name in _OWN:
        (root / name).mkdir()
    for entry in sorted(os.scandir("/"), key=lambda entry: entry.name):
        if entry.name not in _OWN:
            _show(Path(entry.path), root / entry.name)
    system.read_only(root)
    # Still with the host's /proc in sight: a user namespace may mount its own only then.
    system.mount_new("proc", root / "proc", flags=system.NO_SUID | system.NO_DEVICES | system.NO_EXEC)
    if (root / "dev/shm").is_dir():
        system.mount_new("tmpfs", root / "dev/shm", _SHARED)
    _hide(order, root)
    _mount_temp(order, root)
    _mount_kaggle(order, root / "kaggle")


def _hide(order: Order, root: Path) -> None:
    """Empty some folders, the outermost first, and show again what the interpreter needs of them."""
    for hidden in sorted({Path(path) for path in order.hide}):
        covered = root / hidden.relative_to("/")
        if hidden.parts[1:2] and hidden.parts[1] not in _OWN and covered.is_dir():
            system.mount_new("tmpfs", covered, "size=1m,mode=755")
            for needed in sorted({Path(path) for path in order.keep}):
                if hidden in needed.parents:
                    _show_again(needed, root)
            system.read_only(covered)


def _show_again(needed: Path, root: Path) -> None:
    shown = root / needed.relative_to("/")
    if not shown.is_dir():
        shown.mkdir(parents=True)
    system.bind(needed, shown)
    system.read_only(shown)


def _mount_temp(order: Order, root: Path) -> None:
    temp = Path(order.temp)
    temp.chmod(0o1777)
    system.bind(temp, root / "tmp")
    for needed in sorted({Path(path) for path in order.keep}):
        if needed.is_relative_to(TEMP) and not needed.is_relative_to(temp):
            _show_again(needed, root)


def _mount_kaggle(order: Order, kaggle: Path) -> None:
    """As there: /kaggle itself can be written, its input not, its working folder up to a cap."""
    system.mount_new("tmpfs", kaggle, "size=25%,mode=755")
    for name, source in (("input", order.input), ("src", order.source)):
        (kaggle / name).mkdir()
        system.bind(Path(source), kaggle / name)
        system.read_only(kaggle / name)
    (kaggle / "working").mkdir()
    if order.working_bytes:
        system.mount_new("tmpfs", kaggle / "working", f"size={order.working_bytes},mode=755")
    else:
        (Path(order.results) / "working").mkdir(exist_ok=True)
        system.bind(Path(order.results) / "working", kaggle / "working")


def _show(source: Path, target: Path) -> None:
    """Let an entry of the host's root appear in the new one."""
    if source.is_symlink():
        target.symlink_to(os.readlink(source))
    elif source.is_dir():
        target.mkdir()
        system.bind(source, target)
    elif source.is_file():
        target.touch()
        system.bind(source, target)


# The watch. ----------------------------------------------------------------------------------------------------------


def _watched(order: Order, outside: Path, stop: Stop) -> Report:
    """Check the place, run the command, end the rest, write the report and copy the working folder out."""
    working = WORKING if order.namespaces else outside / "working"
    working.mkdir(exist_ok=True)
    report = Report()
    looked = checks.look(
        Path(order.input),
        working,
        order.environment,
        order.working_bytes,
        namespaces=order.namespaces,
        hidden=order.hide,
        kept=order.keep,
    )
    report.checks = list(looked)
    for check in looked:
        print(f"dry run: {check.words}", flush=True)
    try:
        _run(order, working, report, stop)
        report.temp_bytes = _size(Path(order.temp))
        if order.namespaces and order.working_bytes:
            shutil.copytree(working, outside / "working", symlinks=True, dirs_exist_ok=True)
    except (OSError, shutil.Error) as error:
        report.troubles.append(f"{type(error).__name__}: {error}")
        print(f"dry run: {report.troubles[-1]}", flush=True)
    finally:
        _end_others(order.namespaces)
        report.write(outside / REPORT)
    return report


def _run(order: Order, working: Path, report: Report, stop: Stop) -> None:
    began = time.monotonic()
    child = subprocess.Popen(
        order.command,
        stdin=subprocess.DEVNULL,
        env=order.environment,
        cwd=working,
        start_new_session=True,
        preexec_fn=system.die_with_parent,
    )
    stop.below = child.pid
    if stop.reason:
        child.terminate()
    until, measured, stopping = began + order.seconds, 0.0, False
    while (code := _reap(child.pid)) is None:
        now = time.monotonic()
        if stop.reason and not stopping:
            stopping, until = True, min(until, now + order.grace)
            print(f"dry run: {stop.reason}: the kernel has {until - now:.0f} s to hand in", flush=True)
        if now >= until:
            report.hit_the_wall = True
            print(f"dry run: {now - began:.0f} s are over: everything is killed", flush=True)
            break
        if now - measured >= _MEASURE:
            measured = now
            _measure(report, working)
        time.sleep(_LOOK)
    stop.below = 0
    report.code, report.seconds, report.stopped = code, round(time.monotonic() - began, 2), stop.reason
    child.returncode = -signal.SIGKILL if code is None else code  # reaped here, not by Popen
    _measure(report, working)
    if not report.hit_the_wall:
        report.left = _lingering(order.namespaces)
    _end_others(order.namespaces)


def _reap(wanted: int) -> int | None:
    """Collect every ended child; return the exit code of the one that is waited for."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return None
        if pid == 0:
            return None
        if pid == wanted:
            return os.waitstatus_to_exitcode(status)


def _measure(report: Report, working: Path) -> None:
    report.memory_bytes = max(report.memory_bytes or 0, memory.tree_bytes(os.getpid()))
    report.working_bytes = max(report.working_bytes or 0, _size(working))


def _size(folder: Path) -> int:
    """Bytes on disk below a folder; what vanishes meanwhile counts 0."""
    total = 0
    for name, _, files in os.walk(folder):
        for file in files:
            try:
                total += os.lstat(os.path.join(name, file)).st_blocks * 512
            except FileNotFoundError:
                continue
    return total


def _lingering(namespaces: bool) -> list[str]:
    """Commands of the processes that are still there after a moment."""
    until = time.monotonic() + _LINGER
    while True:
        _reap(0)
        there = [words for pid in _others(namespaces) if (words := _command(pid))]
        if not there or time.monotonic() > until:
            return there
        time.sleep(_LOOK)


def _others(namespaces: bool) -> Iterator[int]:
    """Every other process inside; without namespaces, every descendant."""
    parents = {int(path.name): _parent(path) for path in Path("/proc").glob("[0-9]*")}
    own = os.getpid()
    for pid in parents:
        if pid != own and (namespaces or _descends(pid, own, parents)):
            yield pid


def _descends(pid: int, ancestor: int, parents: dict[int, int]) -> bool:
    while pid in parents:
        pid = parents[pid]
        if pid == ancestor:
            return True
    return False


def _parent(path: Path) -> int:
    try:
        return int((path / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[1])
    except OSError:  # it has ended
        return 0


def _command(pid: int) -> str:
    """Its command line, or nothing for one that has ended and was not collected yet."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()[:200]
    except OSError:
        return ""


def _end_others(namespaces: bool) -> None:
    """Kill until nothing is left: a process may have a child at the moment when it is killed."""
    for _ in range(100):
        there = list(_others(namespaces))
        if not there:
            return
        for pid in there:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        _reap(0)
        time.sleep(0.02)


def _exit_code(report: Report) -> int:
    return 1 if report.hit_the_wall or report.troubles or report.code else 0


if __name__ == "__main__":
    sys.exit(main())
