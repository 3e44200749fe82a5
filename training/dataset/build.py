"""The whole way from traces folders to a dataset folder.

    tasks -> guard, sides -> traces into buckets (`spool`) -> each bucket in a process of the pool (`work`)
          -> weights over all -> rows in a drawn order -> Arrow, `dataset.json`, card, picture -> renamed into place

Memory: the tasks, sixteen tasks' traces in each process, and some 100 bytes for each example; examples lie on disk.
The result is a function of the folders, the settings and the seed, whatever the number of processes.
"""

import multiprocessing
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path

from arc_submit.config import PromptsConfig
from arc_submit.errors import ArcSubmitError, DataError
from arc_submit.prompts import Writer
from training.dataset import sides, store
from training.dataset.alike import check_alike
from training.dataset.card import LICENCE, card
from training.dataset.folder import aside
from training.dataset.gather import Known, gather
from training.dataset.histogram import histogram
from training.dataset.index import Index, Progress
from training.dataset.join import Joined
from training.dataset.pick import STEPS
from training.dataset.reviewed import Review
from training.dataset.settings import SPLITS, Place, Settings
from training.dataset.spool import Source, Spool
from training.dataset.store import About
from training.dataset.work import Bucket, Made, begin, go, open_here
from training.exercises import GENERATED


def build(place: Place, settings: Settings, prompts: PromptsConfig, progress: Progress = lambda *_: None) -> About:
    """Write a dataset folder and return what it says of itself.

    Raises:
        DataError: not traces, empty, a task on both sides, a joined dataset that contradicts itself or another folder,
            or nothing left to learn from.
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
    index = Index(settings.difficulty_power)
    with (part / store.PREFERENCES).open("wb") as preferred:
        before = Joined(index, preferred)
        for number, folder in enumerate(joined):
            before.join(folder, work / f"joined-{number}")
        for done, made in enumerate(_made(buckets, place, settings, draft.prompts), start=1):
            counts.update(made.counts)
            before.add(made)
            progress("buckets of tasks", done, len(buckets))
    if not index.count("train"):
        raise DataError(_nothing(counts))
    contents = {split: {task: known.contents[task] for task in index.tasks(split)} for split in SPLITS}
    sides.check_sides(contents["train"], contents["eval"])
    about = replace(
        draft,
        guard=sides.Refusal.of().describe(),
        counts={"generated tasks that the guard refuses": len(known.refused)}
        | {"examples that a joined dataset has": before.again}
        | {"unwanted in review": sum(source.unwanted for source in sources.values())}
        | {name: counts[name] for name in ("read", *STEPS, *sorted(set(counts) - {"read", *STEPS}))},
        rows={split: index.count(split) for split in SPLITS},
        tasks={split: len(found) for split, found in contents.items()},
        lengths={split: quantiles(found) for split, found in index.lengths.items()},
        preferences=before.pairs,
        sources=(*(source.described() for source in sources.values()), *({"name": f.resolve().name} for f in joined)),
    )
    rows = {split: index.rows(split, settings.seed, progress) for split in SPLITS}
    store.write(part, rows, about)
    store.write_contents(part, contents)
    histogram(part / store.LENGTHS, "Tokens of an example", index.lengths, "tokens, prompt and answer")
    shutil.rmtree(work)
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
    review = Review.of(sources, needed=reviewed)
    spool = Spool(work, list(known.exercises), refused=known.refused, review=review)
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
            review.only(tasks),
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
