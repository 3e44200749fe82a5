"""The dataset's folder: written by the builder, read by whoever trains. Usable without trl.

    train/ eval/ dataset_dict.json   a `datasets` DatasetDict, as `save_to_disk` writes it: Arrow files, no pickle
    dataset.json                     `About`: settings, counts, prompts, tokenizer, guard
    contents.json                    what the tasks of each side are, hashed: another dataset can be held against it
    preferences.jsonl                better and worse children of one parent
    README.md lengths.svg            the card and its picture

Nothing is half-written: a folder is made beside the place where it will be, and renamed.
"""

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import ValidationError

from arc_submit.config import PromptsConfig
from arc_submit.errors import DataError, WeightsError
from training.dataset.folder import ABOUT, aside
from training.dataset.settings import SPLITS

Turns: TypeAlias = list[dict[str, str]]
"""Messages as {"role", "content"}."""

CONTENTS, PREFERENCES, CARD, LENGTHS = "contents.json", "preferences.jsonl", "README.md", "lengths.svg"
BATCH = 500  # rows in memory at a time
SHARD = 500 * 2**20  # bytes of one Arrow file, about


@dataclass(frozen=True, slots=True)
class Row:
    """One example."""

    id: str
    """`task:parent>program@view`, unique in a dataset; parent `fresh` for fresh prompts."""
    task: str
    kind: str
    """`fresh` or `edit`."""
    prompt: Turns
    completion: Turns
    """One turn of the assistant."""
    weight: float
    """Mean 1 over its split."""
    tokens: int
    """Prompt and completion under the student's tokenizer, template and end among them."""
    difficulty: float
    """1 / mean reward of the task's answers."""
    origin: str
    """Of the task."""
    teacher: str
    gain: float
    """In reward, 0..1.2."""

    def body(self) -> dict[str, Any]:
        """Return it as JSON and Arrow have it."""
        return {name: getattr(self, name) for name in COLUMNS}


COLUMNS = tuple(each.name for each in fields(Row))


@dataclass(frozen=True, slots=True)
class About:
    """What a dataset is: `dataset.json`."""

    version: str
    """Of its prompts, e.g. `chat-1`."""
    prompts: PromptsConfig
    """That they were written with."""
    fingerprint: str
    """sha256 of the student's `tokenizer.json`."""
    guard: str
    """In words: what it was kept from."""
    model: str = ""
    """Name of the student's folder."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, Any] = field(default_factory=dict)
    """What every step took in and left out."""
    rows: Mapping[str, int] = field(default_factory=dict)
    """By split."""
    tasks: Mapping[str, int] = field(default_factory=dict)
    """By split."""
    lengths: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Tokens by split: p50, p90, p99, p99.5, max."""
    preferences: int = 0
    sources: tuple[Mapping[str, Any], ...] = ()
    """Folders that it was made of, by name."""
    licence: str = ""

    @property
    def style(self) -> str:
        """Of its prompts."""
        return self.prompts.style


def fingerprint(model: Path) -> str:
    """Return the sha256 of a model folder's `tokenizer.json`: datasets of one fingerprint may be joined.

    Raises:
        WeightsError: there is none.
    """
    path = model / "tokenizer.json"
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise WeightsError(
            f"{path}: cannot be read ({error.strerror}); --model names the folder of the model to be trained"
        ) from None


# Writing. ------------------------------------------------------------------------------------------------------------


def save(folder: Path, rows_by_split: Mapping[str, Iterable[Row]], about: About) -> None:
    """Write a dataset, whole or not at all; rows may be more than memory holds.

    Raises:
        OutputError: there is one already, or it cannot be written.
    """
    with aside(folder) as part:
        write(part, rows_by_split, about)


def write(folder: Path, rows_by_split: Mapping[str, Iterable[Row]], about: About) -> None:
    """Write both splits and `dataset.json` into a folder that is there."""
    waiting = folder / "arrow"
    waiting.mkdir()
    from datasets import Dataset, DatasetDict
    from datasets.arrow_writer import ArrowWriter

    found = {}
    with _quiet():
        for split in SPLITS:
            path = waiting / f"{split}.arrow"
            with ArrowWriter(path=str(path), features=_features(), writer_batch_size=BATCH) as writer:
                for row in rows_by_split.get(split, ()):
                    writer.write(row.body())
                writer.finalize()
            found[split] = Dataset.from_file(str(path))
        shards = {split: 1 + (waiting / f"{split}.arrow").stat().st_size // SHARD for split in SPLITS}
        DatasetDict(found).save_to_disk(str(folder), num_shards=shards)  # left to itself, an empty split has no file
    del found
    shutil.rmtree(waiting)
    write_about(folder, about)


def write_about(folder: Path, about: About) -> None:
    """Write `dataset.json`."""
    body = {each.name: getattr(about, each.name) for each in fields(about)}
    body = {**body, "prompts": about.prompts.model_dump(mode="json"), "style": about.style}
    (folder / ABOUT).write_text(json.dumps(body, indent=1, ensure_ascii=False) + "\n", "utf-8")


def write_contents(folder: Path, contents: Mapping[str, Mapping[str, frozenset[bytes]]]) -> None:
    """Write what the tasks of each split are."""
    body = {
        split: {task: sorted(found.hex() for found in content) for task, content in sorted(tasks.items())}
        for split, tasks in contents.items()
    }
    (folder / CONTENTS).write_text(json.dumps(body), "utf-8")


def _features() -> Any:
    from datasets import Features, List, Value

    turns = List({"role": Value("string"), "content": Value("string")})
    text, number = Value("string"), Value("float64")
    kinds = {"prompt": turns, "completion": turns, "weight": number, "tokens": Value("int64")}
    kinds |= {"difficulty": number, "gain": number}
    return Features({each.name: kinds.get(each.name, text) for each in fields(Row)})


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the library's progress bars."""
    from datasets import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    before = are_progress_bars_disabled()
    disable_progress_bars()
    try:
        yield
    finally:
        if not before:
            enable_progress_bars()


# Reading. ------------------------------------------------------------------------------------------------------------


def is_dataset(folder: Path) -> bool:
    """Return whether a folder is one of ours."""
    return (folder / ABOUT).is_file()


def about(folder: Path) -> About:
    """Return what a dataset says of itself.

    Raises:
        DataError: no dataset, or not one of ours.
    """
    try:
        body = json.loads((folder / ABOUT).read_text("utf-8"))
        known = {each.name: body[each.name] for each in fields(About) if each.name in body}
        known["prompts"] = PromptsConfig.model_validate(body["prompts"])
        known["sources"] = tuple(body.get("sources", ()))
        return About(**known)
    except OSError as error:
        raise DataError(
            f"{folder}: not a dataset folder ({ABOUT}: {error.strerror}); `arc-train dataset` writes one"
        ) from None
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise DataError(f"{folder / ABOUT}: not what `arc-train dataset` writes ({type(error).__name__})") from None


def load(folder: Path, split: str) -> Iterator[Row]:
    """Yield the rows of a split, a few at a time: it may be larger than memory.

    Raises:
        DataError: no such split, a damaged one, or columns that are not a dataset's.
    """
    if not _has_rows(folder, split):
        return
    from datasets import load_from_disk

    found = load_from_disk(str(folder / split))
    missing = [name for name in COLUMNS if name not in found.column_names]
    if missing:
        raise DataError(f"{folder}: split {split} has no column {', '.join(missing)}; build it again")
    for batch in found.iter(batch_size=BATCH):
        yield from (Row(*values) for values in zip(*(batch[name] for name in COLUMNS), strict=True))


def _has_rows(folder: Path, split: str) -> bool:
    """Whether a split has a file; the library writes none for an empty one, and reads none of these."""
    state = folder / split / "state.json"
    if not state.is_file():
        raise DataError(f"{folder}: no dataset, or without a split {split}; `arc-train dataset` writes one")
    try:
        return bool(json.loads(state.read_text("utf-8"))["_data_files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{state}: cannot be read ({type(error).__name__}); build the dataset again") from None


def contents(folder: Path, split: str) -> dict[str, frozenset[bytes]]:
    """Return what the tasks of a split are, for `sides.check_sides`.

    Raises:
        DataError: missing or damaged.
    """
    try:
        body = json.loads((folder / CONTENTS).read_text("utf-8"))[split]
        return {task: frozenset(map(bytes.fromhex, content)) for task, content in body.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{folder / CONTENTS}: cannot be read ({type(error).__name__}); build the dataset again"
        ) from None
