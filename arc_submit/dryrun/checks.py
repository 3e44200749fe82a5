"""Look at the place from inside, before the kernel starts. Each check tries what must not be possible, or must be.

No other machine is spoken to: the address that is tried belongs to nobody (192.0.2.1, RFC 5737). Where there is a way
out, the attempt waits for an answer; where there is none, the system says so at once.
"""

import errno
import os
import re
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from arc_submit.kaggle.common import Check

SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|CREDENTIAL|API_?KEY", re.IGNORECASE)
_NOBODY = ("192.0.2.1", 443)
_SECONDS = 1.0
_MIB = 1 << 20


def look(
    inputs: Path,
    working: Path,
    environment: Mapping[str, str],
    cap: int,
    *,
    namespaces: bool,
    hidden: Sequence[str] = (),
    kept: Sequence[str] = (),
) -> tuple[Check, ...]:
    """Return every check; one that fails is `weaker` where namespaces were not promised."""
    found = (
        network(),
        loopback(),
        inputs_are_read_only(inputs),
        working_has_a_cap(working, cap),
        *((host_is_read_only(), private_is_hidden(hidden, kept)) if namespaces else ()),
        environment_is_clean(environment),
    )
    return tuple(replace(one, forced=not namespaces) for one in found)


def network() -> Check:
    """There must be no way out."""
    names = sorted(name for _, name in socket.if_nameindex())
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as line:
        line.settimeout(_SECONDS)
        try:
            line.connect(_NOBODY)
            answer, out = "connected", True
        except TimeoutError:
            answer, out = "there is a way out", True
        except OSError as error:
            answer, out = error.strerror or str(error), error.errno != errno.ENETUNREACH
    return Check("no network", not out and names == ["lo"], f"interfaces {', '.join(names)}; outside: {answer}")


def loopback() -> Check:
    """Processes of one run speak to each other on 127.0.0.1 (vLLM, torch.distributed)."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(_SECONDS)
            with socket.create_connection(server.getsockname(), _SECONDS) as caller:
                answering, _ = server.accept()
                with answering:
                    answering.sendall(b"here")
                    heard = caller.recv(4) == b"here"
    except OSError as error:
        return Check("127.0.0.1 works", False, str(error))
    return Check("127.0.0.1 works", heard, "answers")


def inputs_are_read_only(inputs: Path) -> Check:
    """Neither a file that is there can be written, nor a new one."""
    file = next((path for path in sorted(inputs.rglob("*")) if path.is_file()), None)
    tried = [inputs / ".arc-submit-dry-run"] + ([file] if file else [])
    answers = [_writing(path) for path in tried]
    return Check("inputs read-only", all(answers), ", ".join(dict.fromkeys(answer or "written" for answer in answers)))


def working_has_a_cap(working: Path, cap: int) -> Check:
    """It can be written, and holds no more than it may."""
    if refused := _writing(working / ".arc-submit-dry-run"):
        return Check("working folder", False, f"cannot be written: {refused}")
    size = os.statvfs(working)
    room = size.f_frsize * size.f_blocks
    if not cap:
        return Check("working folder", False, f"no cap: a folder on a disk of {room // _MIB:,} MiB")
    return Check("working folder", room <= cap, f"at most {room // _MIB:,} MiB")


def host_is_read_only() -> Check:
    """Nothing of this machine's own can be changed."""
    refused = _writing(Path(sys.prefix) / ".arc-submit-dry-run")
    return Check("host read-only", bool(refused), refused or "written")


def private_is_hidden(hidden: Sequence[str], kept: Sequence[str]) -> Check:
    """Neither the person's home nor the dry run's answers can be read; what the interpreter needs of them can."""
    there = [entry.path for folder in hidden if os.path.isdir(folder) for entry in os.scandir(folder)]
    seen = [path for path in sorted(there) if not any(Path(one).is_relative_to(path) for one in (*kept, *hidden))]
    return Check("home and answers hidden", not seen, ", ".join(seen[:5]) or f"{len(hidden)} folders, empty inside")


def environment_is_clean(environment: Mapping[str, str]) -> Check:
    """No secret comes along."""
    secrets = sorted(name for name in environment if SECRET.search(name))
    return Check("no secrets", not secrets, ", ".join(secrets) or f"{len(environment)} variables, none of them secret")


def _writing(path: Path) -> str:
    """Return why a file cannot be written, or nothing when it can; what was made is removed again."""
    there = path.exists()
    try:
        with open(path, "ab"):
            pass
        if not there:
            path.unlink()
    except OSError as error:
        return error.strerror or str(error)
    return ""
