"""How fast `arc-train dataset` makes examples, and how much memory it takes. No teacher: the traces are made here.

    python scripts/bench_dataset.py                       # 10,000 examples
    python scripts/bench_dataset.py --examples 100000     # the goal: under 10 minutes and 4 GB on two cores

Tasks are drawn from the kit's generators; the program behind a task is the right child, its mutants are parents and
worse children, with a thought full of fillers and repetition. Made beforehand and not counted: time and memory are
those of the build alone. Memory is the sum of the proportional set sizes (PSS: shared pages count once) of the builder
and everything that it starts, looked at five times a second; pages of files that it maps are in it, though the system
takes them back when it needs them. CPU seconds are those of all these processes. On a busy machine look at these: the
wall time on two free cores is not below half of them. A table first; the last line is one JSON object.
"""

import argparse
import json
import multiprocessing
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from arc_submit.programs import from_source
from arc_submit.records import Task
from arc_submit.symbolic import Context, mutate
from arc_submit.symbolic.expressions import HEADER
from arc_submit.verify import pair_reward
from training.edits import records
from training.edits.records import Parent, Trace, line
from training.exercises import GENERATED, Exercise, write
from training.tasks.item import Item, Unfit, run
from training.tasks.registry import item

EXAMPLES, MINUTES, GIB = 100_000, 10.0, 4.0  # the goal
PER_TASK = 30  # examples that a task of this kind gives with the default settings, about
MUTANTS = 14  # parents and worse children of a task
ROOT = Path(__file__).resolve().parent.parent


def traces(number: int, seed: int) -> tuple[Exercise, list[Trace]]:
    """Return a generated task and what a teacher might have said of it."""
    made = item(seed, number)
    task = Task(f"{made.origin}/bench/{number}", made.task.train, made.task.test)
    exercise = Exercise(task, f"{GENERATED}/{made.origin}", (made.test,), made.source)
    rng = random.Random(f"{seed}/{number}")
    found = [_trace(exercise, HEADER + made.source, None, rng)]
    mutants = list(_mutants(made, task, rng))
    for source, outputs in mutants:
        parent = _parent(task, source, outputs)
        children = [HEADER + made.source, *(other for other, _ in rng.sample(mutants, min(2, len(mutants))))]
        found += [trace for child in children if (trace := _trace(exercise, child, parent, rng)) is not None]
    return exercise, [trace for trace in found if trace is not None]


def _mutants(made: Item, task: Task, rng: random.Random) -> Iterator[tuple[str, tuple[object, ...]]]:
    context = Context.from_task(task)
    seen = set()
    for _ in range(3 * MUTANTS):
        source: str | None = made.source
        for _ in range(rng.randint(1, 3)):
            source = mutate(source, rng, context) if source else None
        if source is None or source in seen or len(seen) == MUTANTS:
            continue
        seen.add(source)
        try:
            outputs = run(source.removeprefix(HEADER), [pair.input for pair in task.train])
        except Unfit:
            continue
        if any(output != pair.output for output, pair in zip(outputs, task.train, strict=True)):
            yield source, outputs


def _parent(task: Task, source: str, outputs: tuple[object, ...]) -> Parent:
    rewards = [pair_reward(made, pair.output) for made, pair in zip(outputs, task.train, strict=True)]  # type: ignore[arg-type]
    solved = tuple(made == pair.output for made, pair in zip(outputs, task.train, strict=True))
    return Parent(from_source(source, "bench").id, source, sum(rewards) / len(rewards), solved, outputs)  # type: ignore[arg-type]


def _trace(exercise: Exercise, source: str, parent: Parent | None, rng: random.Random) -> Trace | None:
    task = exercise.task
    inputs = [pair.input for pair in task.train]
    try:
        outputs = run(source.removeprefix(HEADER), inputs)
    except Unfit:
        return None
    own = _parent(task, source, outputs)
    if parent is not None and own.program == parent.program:
        return None
    thinking = "Okay, so let me think. " + " ".join(
        f"{rng.choice(['Wait, the', 'Hmm, the', 'The'])} shape {shape} moves."
        for shape in rng.choices(["left", "right"], k=6)
    )
    right = run(source.removeprefix(HEADER), task.test) == exercise.answers if all(own.solved) else False
    return Trace(
        task.id, "edit" if parent else "fresh", own.program, source, own.reward, own.solved, right, thinking, parent,
        "bench", "none", "compact-1",
    )  # fmt: skip


def chunk(numbers: range, seed: int, folder: Path) -> tuple[list[Exercise], Path, Path]:
    """Make the traces of some tasks; returns (tasks, file of traces, file of everything judged)."""
    kept, judged = folder / f"kept-{numbers.start}", folder / f"judged-{numbers.start}"
    exercises = []
    with kept.open("w") as first, judged.open("w") as second:
        for number in numbers:
            exercise, found = traces(number, seed)
            exercises.append(exercise)
            second.writelines(map(line, found))
            first.writelines(line(trace) for trace in found if trace.gain > 0)
    return exercises, kept, judged


def prepare(folder: Path, tasks: int, seed: int, processes: int) -> None:
    """Write a traces folder."""
    folder.mkdir(parents=True)
    ranges = [range(start, min(start + 50, tasks)) for start in range(0, tasks, 50)]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        found = pool.starmap(chunk, [(numbers, seed, folder) for numbers in ranges])
    write(folder / records.TASKS, [exercise for exercises, _, _ in found for exercise in exercises])
    for name, place in ((records.TRACES, 1), (records.JUDGED, 2)):
        with (folder / name).open("wb") as file:
            for each in found:
                path = each[place]
                file.write(path.read_bytes())
                path.unlink()


class Memory:
    """The peak of what a process and everything below it hold."""

    def __init__(self, pid: int) -> None:
        self.peak, self._over, self._process = 0, threading.Event(), psutil.Process(pid)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(0.2):
            total = 0
            try:
                processes = [self._process, *self._process.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            for process in processes:
                try:
                    total += process.memory_full_info().pss
                except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
                    continue
            self.peak = max(self.peak, total)

    def stop(self) -> int:
        """Return the peak in bytes."""
        self._over.set()
        self._thread.join()
        return self.peak


def _cpu() -> float:
    """CPU seconds of everything that was started and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=10_000, help="examples to make, about (default 10,000)")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--style", choices=("compact", "chat"), default="compact")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="keep traces and dataset in this folder")
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="bench-dataset-"))
    try:
        began = time.monotonic()
        prepare(folder / "traces", max(2, options.examples // PER_TASK), options.seed, options.processes)
        prepared, load = time.monotonic() - began, os.getloadavg()[0]
        call = [
            sys.executable, "-c", "import training.cli.dataset; from training.cli import main; main()", "dataset",
            str(folder / "traces"), "--out", str(folder / "dataset"), "--model", str(ROOT / "weights/small"),
            "--processes", str(options.processes), "--set", f"prompts.style={options.style}", "--fresh",
            "--set", f"prompts.tokens={640 if options.style == 'compact' else 4000}",
        ]  # fmt: skip
        began, before = time.monotonic(), _cpu()
        with subprocess.Popen(call, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
            memory = Memory(child.pid)
            said = child.communicate()[0]
            seconds, peak = time.monotonic() - began, memory.stop()
        cpu = _cpu() - before
        if child.returncode:
            sys.exit(f"the build ended with {child.returncode}")
        size = sum(path.stat().st_size for path in (folder / "dataset").rglob("*") if path.is_file())
    finally:
        if options.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    print(said[: said.rstrip().rfind("\n")])
    rows = sum(json.loads(said.rstrip().rsplit("\n", 1)[-1])["rows"].values())
    per_goal = seconds * EXAMPLES / rows
    report = {
        "bench": "dataset", "style": options.style, "examples": rows, "seconds": round(seconds, 1),
        "examples_per_second": round(rows / seconds, 1), "minutes_per_100k": round(per_goal / 60, 2),
        "cpu_seconds": round(cpu, 1), "peak_gib": round(peak / 2**30, 2),
        "dataset_mib": round(size / 2**20, 1), "processes": options.processes,
        "cores": os.cpu_count(), "load_before": round(load, 2), "load_after": round(os.getloadavg()[0], 2),
        "seconds_to_prepare": round(prepared, 1),
        "met": rows >= EXAMPLES and per_goal < 60 * MINUTES and peak < GIB * 2**30,
    }  # fmt: skip
    for name, value in report.items():
        print(f"{name:24} {value}")
    print(json.dumps(report))


if __name__ == "__main__":
    main()
