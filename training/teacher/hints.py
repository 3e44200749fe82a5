"""What people say of a task, added to a prompt at first and left away later.

Files, told apart by their ending:

    .json    {"007bbfb7": "text", ...}, {"007bbfb7": record, ...}, a list of records, or a task file of LARC
    .jsonl   one record a line
    .csv     one record a row, the first row names the columns
    a folder, of task files of LARC

A record names its task (NAMES; a `.json` behind the name is dropped) and holds either one text (TEXTS) or the parts of
LARC (Acquaviva et al., arXiv 2106.07824; PARTS): what is seen, how large the output is, what is to be done. The parts
may lie in an object `description`, or several such objects in `descriptions`. The first description of a task counts;
one whose verification failed (FLAGS) is left out. Nothing else of a file is read: LARC's hold the test outputs too.

A model that was always told does badly once it is not: rollouts go from hint to no hint (`Plan`), and every trace
records the name of what its teacher was told.
"""

import csv
import hashlib
import io
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from arc_submit.errors import ConfigError, DataError

LONGEST = 2000  # characters of a hint; more is no description
NAMES = ("task_name", "name", "task_id", "task", "id")
TEXTS = ("description", "text", "hint")
PARTS = (
    ("see_description", "description_input", "input"),
    ("grid_description", "description_output_grid_size", "output", "grid_size"),
    ("do_description", "description_output", "rule"),
)
FLAGS = ("succeeded_verification", "is_verified", "verified", "success")


@dataclass(frozen=True, slots=True)
class Hint:
    """One description."""

    name: str
    """`FILE#TASK`: what a trace records."""
    text: str


@dataclass(frozen=True, slots=True)
class Hints:
    """The descriptions of some tasks."""

    by_task: Mapping[str, Hint] = field(default_factory=dict)
    digest: str = ""
    """Of the file, so that a resumed run is known to be told the same."""

    def __len__(self) -> int:
        return len(self.by_task)


@dataclass(frozen=True, slots=True)
class Plan:
    """When a prompt holds the task's hint."""

    rounds: int = 1
    """Rounds, from the first, in which there are hints."""
    share: float = 1.0
    """Of these rounds' prompts, 0..1."""

    def __post_init__(self) -> None:
        if self.rounds < 0 or not 0.0 <= self.share <= 1.0:
            raise ConfigError("hints: rounds must be 0 or more and the share between 0 and 1")

    def tells(self, seed: int, task_id: str, turn: int, place: int) -> bool:
        """Return whether this prompt holds the hint; a function of its arguments."""
        return turn < self.rounds and random.Random(f"{seed}/{task_id}/{turn}/{place}/hint").random() < self.share


def read(path: Path) -> Hints:
    """Return the descriptions of a file or folder.

    Raises:
        DataError: missing, of no known kind, or without one description.
    """
    paths = sorted(path.glob("*.json")) if path.is_dir() else [path]
    found: dict[str, Hint] = {}
    digest = hashlib.blake2b(digest_size=8)
    for member in paths:
        text = _content(member)
        digest.update(text.encode())
        for where, record in READERS[member.suffix.lower()](member, text):
            for task_id, said in _described(member, where, record):
                if said:
                    found.setdefault(task_id, Hint(f"{path.stem}#{task_id}", said))
    if not found:
        raise DataError(f"{path}: no description in it; expected {{'task id': 'text'}} or records as LARC has them")
    return Hints(found, digest.hexdigest())


def _content(path: Path) -> str:
    if path.suffix.lower() not in READERS:
        raise DataError(f"{path}: hints are {', '.join(READERS)} files, or a folder of LARC's task files")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: not UTF-8 text") from None


Records = Iterator[tuple[str, Any]]  # (where it stands, what it is)


def _json(path: Path, text: str) -> Records:
    try:
        body = json.loads(text)
    except ValueError as error:
        raise DataError(f"{path}: not JSON ({error})") from None
    if isinstance(body, list):
        yield from ((f"entry {number}", record) for number, record in enumerate(body, start=1))
    elif isinstance(body, dict) and isinstance(body.get("descriptions"), dict | list):
        yield "the file", {"name": path.name, **body}
    elif isinstance(body, dict):
        for name, value in body.items():
            for record in value if isinstance(value, list) else [value]:
                own = record if isinstance(record, dict) else {"description": record}
                yield f"task {name}", {**own, "task_name": name}
    else:
        raise DataError(f"{path}: expected an object or a list, found {type(body).__name__}")


def _jsonl(path: Path, text: str) -> Records:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                yield f"line {number}", json.loads(line)
            except ValueError as error:
                raise DataError(f"{path}: line {number} is not JSON ({error})") from None


def _csv(path: Path, text: str) -> Records:
    try:
        yield from ((f"row {number}", row) for number, row in enumerate(csv.DictReader(io.StringIO(text)), start=2))
    except csv.Error as error:
        raise DataError(f"{path}: not CSV ({error})") from None


READERS: Mapping[str, Callable[[Path, str], Records]] = {".json": _json, ".jsonl": _jsonl, ".csv": _csv}


def _described(path: Path, where: str, record: Any) -> Iterator[tuple[str, str]]:
    """The task and each thing that is said of it, empty where it does not count."""
    if not isinstance(record, dict):
        raise DataError(f"{path}: {where} is no record; expected an object with a task's name and a description")
    task_id = next((str(record[name]) for name in NAMES if record.get(name) not in (None, "")), "")
    if not task_id:
        raise DataError(f"{path}: {where} names no task; expected one of {', '.join(NAMES)}")
    several = record.get("descriptions")
    if isinstance(several, dict | list):
        inner = list(several.values()) if isinstance(several, dict) else several
    else:
        inner = [record["description"]] if isinstance(record.get("description"), dict) else [record]
    for one in inner:
        said = one if isinstance(one, str) else (_parts(one) or _text(one)) if isinstance(one, dict) else ""
        if isinstance(one, dict) and any(str(one.get(flag, "")).lower() in ("false", "0", "no") for flag in FLAGS):
            said = ""
        yield task_id.removesuffix(".json"), " ".join(said.split())[:LONGEST]


def _parts(record: Mapping[str, Any]) -> str:
    """LARC's three parts as one text; empty when there is no word on what is done."""
    said = [next((record[name] for name in names if _is_text(record.get(name))), "") for names in PARTS]
    if not said[2]:
        return ""
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in map(str.strip, said) if part)


def _text(record: Mapping[str, Any]) -> str:
    return next((record[name] for name in TEXTS if _is_text(record.get(name))), "")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
