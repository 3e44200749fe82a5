"""The whole way from traces folders to a dataset folder.

    tasks -> guard, sides -> traces into buckets (`spool`) -> each bucket in a process of the pool (`work`)
          -> weights over all -> rows in a drawn order -> Arrow, `dataset.json`, card, picture -> renamed into place

Memory: the tasks, sixteen tasks' traces in each process, and some 100 bytes for each example; examples lie on disk.
The result is a function of the folders, the settings and the seed, whatever the number of processes.
"""

import json
import multiprocessing
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from arc_submit.config import PromptsConfig
from arc_submit.errors import ArcSubmitError, DataError
from arc_submit.prompts import Writer
from training.dataset import sides, store
from training.dataset.alike import check_alike
from training.dataset.card import LICENCE, card
from training.dataset.folder import aside
from training.dataset.gather import Known, gather
from training.dataset.histogram import histogram
from training.dataset.pick import STEPS
from training.dataset.settings import SPLITS, Place, Settings
from training.dataset.spool import Source, Spool
from training.dataset.store import About, Row
from training.dataset.weights import Totals
from training.dataset.work import PAIRS, ROWS, Bucket, Made, begin, go, open_here
from training.exercises import GENERATED

Progress = Callable[[str, int, int], None]
"""Told of (what, how many are done, of how many)."""


@dataclass(frozen=True, slots=True)
class _Line:
    """Where a row lies, and what is needed to weigh it."""

    path: Path
    byte: int
    task: str
    raw: float


def build(place: Place, settings: Settings, prompts: PromptsConfig, progress: Progress = lambda *_: None) -> About:
    """Write a dataset folder and return what it says of itself.

    Raises:
        DataError: not traces, empty, a task on both sides, or nothing left to learn from.
        ContaminationError: content of an evaluation set or a held-out task.
        MixtureError: a joined dataset of other prompts or another tokenizer.
        WeightsError: no tokenizer to count with.
        OutputError: the place is taken, the disk full.
    """
    if place.examples is not None and not place.examples.is_dir():
        raise DataError(f"{place.examples}: no such folder; --examples names one with files like 007bbfb7.json")
    draft = About(
        version=Writer(prompts).version,
        prompts=prompts,
        fingerprint=store.fingerprint(place.model),
        guard="",
        model=place.model.resolve().name,
        settings=settings.described(),
        licence=LICENCE,
    )
    joined = [folder for folder in (*place.folders, *place.evaluation) if store.is_dataset(folder)]
    check_alike(("this one", draft), *((folder.name, store.about(folder)) for folder in joined))
    known, sources = gather(place, joined)
    with aside(place.out, fresh=place.fresh) as part:
        about = _built(part, place, settings, draft, known, sources, joined, progress)
        (part / store.CARD).write_text(card(place.out.resolve().name, about), "utf-8")
    return about


def _built(
    part: Path,
    place: Place,
    settings: Settings,
    draft: About,
    known: Known,
    sources: dict[Path, Source],
    joined: Sequence[Path],
    progress: Progress,
) -> About:
    origins = {name: exercise.origin for name, exercise in known.exercises.items()}
    family = {name: origin for name, origin in origins.items() if origin.startswith(f"{GENERATED}/")}
    groups = sides.together(known.contents, family if settings.split_by == "generator" else None)
    assigned = sides.assign(groups, settings.eval_share, settings.seed, known.sides)
    work = part / "work"
    buckets = _spooled(work, known, assigned, sources, settings.reviewed, progress)
    counts: Counter[str] = Counter()
    index: dict[str, list[_Line]] = {split: [] for split in SPLITS}
    lengths: dict[str, list[int]] = {split: [] for split in SPLITS}
    totals, seen_ids, pairs = Totals(settings.difficulty_power), set[str](), 0
    with (part / store.PREFERENCES).open("wb") as preferred:
        for number, folder in enumerate(joined):
            pairs += _joined(folder, work / f"joined-{number}", index, lengths, totals, seen_ids, preferred)
        for done, made in enumerate(_made(buckets, place, settings, draft.prompts), start=1):
            counts.update(made.counts)
            pairs += made.preferences
            preferred.write((made.folder / PAIRS).read_bytes())
            for split, task, raw, difficulty, tokens, byte in made.rows:
                index[split].append(_Line(made.folder / ROWS, byte, task, raw))
                lengths[split].append(tokens)
                totals.add(split, task, raw, difficulty)
            progress("buckets of tasks", done, len(buckets))
    if not index["train"]:
        raise DataError(_nothing(counts))
    contents = {split: {line.task: known.contents[line.task] for line in index[split]} for split in SPLITS}
    sides.check_sides(contents["train"], contents["eval"])
    about = replace(
        draft,
        guard=sides.Refusal.of().describe(),
        counts={"generated tasks that the guard refuses": len(known.refused)}
        | {"unwanted in review": sum(source.unwanted for source in sources.values())}
        | {name: counts[name] for name in ("read", *STEPS, *sorted(set(counts) - {"read", *STEPS}))},
        rows={split: len(found) for split, found in index.items()},
        tasks={split: len(found) for split, found in contents.items()},
        lengths={split: quantiles(found) for split, found in lengths.items()},
        preferences=pairs,
        sources=(*(source.described() for source in sources.values()), *({"name": f.resolve().name} for f in joined)),
    )
    rows = {split: _ordered(split, index[split], totals, settings.seed, progress) for split in SPLITS}
    store.write(part, rows, about)
    store.write_contents(part, contents)
    histogram(part / store.LENGTHS, "Tokens of an example", lengths, "tokens, prompt and answer")
    _clear(work)
    return about


def _spooled(
    work: Path,
    known: Known,
    assigned: dict[str, str],
    sources: dict[Path, Source],
    reviewed: bool,
    progress: Progress,
) -> list[Bucket]:
    """The traces of all folders in buckets; the tasks leave memory."""
    spool = Spool(work, list(known.exercises), refused=known.refused, reviewed=reviewed)
    spool.tasks(known.exercises)
    known.exercises.clear()
    for number, (folder, source) in enumerate(sources.items()):
        progress("folders read", number, len(sources))
        for judged in (False, True):
            spool.traces(folder, source, judged=judged)
    spool.flush()
    if sources and not any(source.traces for source in sources.values()):
        raise DataError(
            f"{', '.join(map(str, sources))}: no traces at all; `arc-train traces` kept none, "
            f"or `arc-train review` none of them"
        )
    return [
        Bucket(
            folder,
            {task: assigned[task] for task in tasks},
            {task: known.difficulties[task] for task in tasks if task in known.difficulties},
        )
        for folder, tasks in spool.buckets.items()
    ]


def _made(buckets: Sequence[Bucket], place: Place, settings: Settings, prompts: PromptsConfig) -> Iterator[Made]:
    """Each bucket made, in order."""
    arguments = (settings, prompts, place.model, place.examples)
    if place.processes == 1 or len(buckets) <= 1:
        here = open_here(*arguments)
        try:
            yield from (here.worker.make(bucket) for bucket in buckets)
        finally:
            here.close()
        return
    context = multiprocessing.get_context("spawn")  # the libraries have threads, which a fork would cut
    pool = ProcessPoolExecutor(min(place.processes, len(buckets)), context, begin, arguments)
    try:
        yield from pool.map(go, buckets)
    except BrokenProcessPool:
        raise ArcSubmitError(
            f"a process of the builder died, perhaps for want of memory; try --processes {place.processes - 1}"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _joined(
    folder: Path,
    work: Path,
    index: dict[str, list[_Line]],
    lengths: dict[str, list[int]],
    totals: Totals,
    seen_ids: set[str],
    preferred: Any,
) -> int:
    """Take the rows of a dataset as they are; their weights are worked out anew. Returns its preference pairs."""
    work.mkdir(parents=True, exist_ok=True)
    path = work / ROWS
    with path.open("wb") as file:
        for split in SPLITS:
            for row in store.load(folder, split):
                if row.id in seen_ids:
                    continue
                seen_ids.add(row.id)
                index[split].append(_Line(path, file.tell(), row.task, row.weight))
                lengths[split].append(row.tokens)
                totals.add(split, row.task, row.weight, row.difficulty)
                file.write(json.dumps(row.body(), ensure_ascii=False).encode() + b"\n")
    if not (folder / store.PREFERENCES).is_file():
        return 0
    lines = (folder / store.PREFERENCES).read_bytes()
    preferred.write(lines)
    return lines.count(b"\n")


def _ordered(split: str, lines: Sequence[_Line], totals: Totals, seed: int, progress: Progress) -> Iterator[Row]:
    """The rows of a split in an order drawn by the seed: neighbours are of different tasks."""
    order = list(range(len(lines)))
    random.Random(f"{seed}/order/{split}").shuffle(order)
    files: dict[Path, Any] = {}
    try:
        for done, number in enumerate(order, start=1):
            line = lines[number]
            if line.path not in files:
                if len(files) >= 200:
                    files.pop(next(iter(files))).close()
                files[line.path] = line.path.open("rb")
            files[line.path].seek(line.byte)
            body = json.loads(files[line.path].readline())
            weight = totals.final(split, line.task, line.raw)
            yield Row(**{**body, "weight": weight})
            if done % 500 == 0 or done == len(order):
                progress(f"rows of {split}", done, len(order))
    finally:
        for file in files.values():
            file.close()


def quantiles(values: Sequence[int]) -> dict[str, int]:
    """Return the lengths that so many examples do not exceed.

    >>> quantiles([1, 2, 3, 4])["p50"], quantiles([])
    (2, {})
    """
    ordered = sorted(values)
    if not ordered:
        return {}
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.5": 0.995, "max": 1.0}
    return {name: ordered[max(0, -(-int(len(ordered) * share * 1000) // 1000) - 1)] for name, share in shares.items()}


def _nothing(counts: Counter[str]) -> str:
    why = ", ".join(f"{counts[name]:,} {name}" for name in STEPS if counts[name])
    return f"nothing is left on the train side of {counts['read']:,} traces ({why or 'all went to the eval side'})"


def _clear(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder)
