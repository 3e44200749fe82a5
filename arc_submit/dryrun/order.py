"""What the process inside is told, and what it tells. Both travel as JSON files."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from arc_submit.kaggle.common import Check

INPUT, WORKING, SOURCE = Path("/kaggle/input"), Path("/kaggle/working"), Path("/kaggle/src")
TEMP = Path("/tmp")
REPORT = "inside.json"
REFUSED = 97
"""Exit code: this machine does not allow what was asked; the last line says what."""


@dataclass(frozen=True, slots=True)
class Order:
    """One run of one command in one place. Paths are the host's."""

    command: list[str]
    """As it is called inside."""
    environment: dict[str, str]
    """All of it."""
    input: str
    """Tree that appears, read-only, on /kaggle/input."""
    source: str
    """Folder that appears, read-only, on /kaggle/src: notebook and settings."""
    temp: str
    """Empty folder that appears on /tmp."""
    results: str
    """Where the report is written and `working/` is copied to, whatever happens."""
    root: str
    """Empty folder to build the new root on."""
    seconds: float
    """After so many everything is killed."""
    grace: float = 30.0
    """Seconds between SIGTERM, where this run is to stop, and that."""
    namespaces: bool = True
    """False: plain folders; the command is told where they are by its environment."""
    working_bytes: int = 0
    """Cap of /kaggle/working; 0: none, a folder of the host."""
    keep: list[str] = field(default_factory=list)
    """Folders that the interpreter needs; where one is below /tmp, it is shown again there."""
    hide: list[str] = field(default_factory=list)
    """Folders that are empty inside, but for what the interpreter needs of them: the person's home, the dry run's."""
    parent: int = 0
    """Process id of who gives the order."""

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)), "utf-8")

    @classmethod
    def read(cls, path: Path) -> "Order":
        return cls(**json.loads(path.read_text("utf-8")))


@dataclass(slots=True)
class Report:
    """How it went."""

    checks: list[Check] = field(default_factory=list)
    code: int | None = None
    """Exit code of the command, negative for a signal; None: killed at the wall."""
    seconds: float = 0.0
    """Of the command."""
    hit_the_wall: bool = False
    stopped: str = ""
    """Signal that asked this run to stop."""
    memory_bytes: int | None = None
    """Most that all processes inside were seen to hold."""
    working_bytes: int | None = None
    """Most that the working folder was seen to hold."""
    temp_bytes: int | None = None
    """What the other folder held at the end."""
    left: list[str] = field(default_factory=list)
    """Commands of processes that were still there two seconds after it had ended; killed."""
    troubles: list[str] = field(default_factory=list)

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)), "utf-8")

    @classmethod
    def read(cls, path: Path) -> "Report":
        content: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return cls(**{**content, "checks": [Check(**check) for check in content["checks"]]})
