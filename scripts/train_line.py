"""The line that makes better weights, from end to end on this machine: does tuning on traces make a model edit better?

    python scripts/train_line.py                   real training tasks, three seeds; under 15 minutes on two cores
    python scripts/train_line.py --cut             two minutes: generated tasks of one family, one seed, to see it run

    arc-train serve      the model that ships becomes its own teacher, behind OpenAI's interface
    arc-train traces     it edits programs of tasks to learn from; so does symbolic search; what gained is kept
    arc-train dataset    cleaned, selected, in several views, split by content
    arc-train sft        one adapter a seed                            arc-train merge    fused
    arc-train evaluate   against the start, on tasks that nothing was trained on: held-out ones, or other generated ones

The gain is that of edits that earn more than their parent, each once, of those asked for; both models edit the same
programs under the same seeds. It is averaged over seeds within a task, then paired over tasks.

Stopped, the same command goes on where it was: every step does. What is printed last is one JSON line.
"""

import argparse
import json
import os
import re
import shlex
import signal
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # the room training, where it is not installed

from training.evaluate.edits import Edited
from training.evaluate.paired import Paired, by_name

ROOT = Path(__file__).parents[1]
SERVER = re.compile(r"http://127\.0\.0\.1:\d+/v1")  # on another port every time
BASE = ROOT / "weights" / "small"
PROMPTS = ("--set", "prompts.grids=false")  # facts and code: what the shipped model is asked with on a laptop


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    learn: str
    """Exercises of the model's own traces."""
    tasks: int
    measure: str
    """Tasks that are measured on."""
    measured: int
    symbolic: int
    """Tasks that symbolic search is asked about."""
    seeds: tuple[int, ...]
    recipe: tuple[str, ...]


WHOLE = Size("learn", 140, "held-out", 40, 24, (0, 1, 2), ("--recipe", "small-lora", "--set", "check.tasks=0"))
CUT = Size("generated:symmetry", 14, "generated:symmetry", 9, 4, (0,), ("--recipe", "toy"))


class Steps:
    """Runs commands one after the other, says what and how long, and keeps their last lines."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.seconds: dict[str, float] = {}
        self.said: dict[str, dict[str, object]] = {}

    def run(self, name: str, *words: object) -> dict[str, object]:
        """Run `arc-train` unless it was run, and return the JSON line that it ends with.

        Raises:
            SystemExit: the command failed.
        """
        line = list(map(str, words))
        record = self.out / f"{name}.json"
        known = json.loads(record.read_text()) if record.exists() else {}
        if known.get("line") != SERVER.sub("URL", shlex.join(line)):
            known = self._ran(name, line)
            record.write_text(json.dumps(known, indent=1))
        self.seconds[name], self.said[name] = known["seconds"], known["said"]
        return self.said[name]

    def _ran(self, name: str, line: list[str]) -> dict[str, Any]:
        print(f"{name}: arc-train {shlex.join(line)}", file=sys.stderr, flush=True)
        began = time.monotonic()
        command = [sys.executable, "-m", "training", *line]
        done = subprocess.run(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True)
        if done.returncode:
            sys.stderr.write(done.stdout)
            raise SystemExit(f"{name} failed; the same command goes on from here")
        seconds = round(time.monotonic() - began, 1)
        said = json.loads(done.stdout.splitlines()[-1])
        return {"line": SERVER.sub("URL", shlex.join(line)), "seconds": seconds, "said": said}


def environment() -> dict[str, str]:
    """One thread a process: there are as many processes as cores."""
    return {"OMP_NUM_THREADS": "1", **os.environ}


@contextmanager
def served(out: Path) -> Iterator[str]:
    """Serve the model that ships; yields the URL.

    Raises:
        SystemExit: the server did not start.
    """
    line = [sys.executable, "-m", "training", "serve", str(BASE), "--adapter", "none", "--engine", "hf", "--port", "0"]
    line += ["--max-tokens", "160"]
    with (out / "serve.txt").open("w") as errors:
        server = subprocess.Popen(line, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=errors, text=True)
    assert server.stdout is not None
    try:
        url = server.stdout.readline().strip()
        if not url.startswith("http"):
            raise SystemExit(f"the server of {BASE.name} did not start; see {out / 'serve.txt'}")
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)


def measured(folder: Path) -> dict[str, dict[str, Edited]]:
    """Return checkpoint -> task -> its edits, of a folder of `arc-train evaluate`."""
    found: dict[str, dict[str, Edited]] = defaultdict(dict)
    for line in (folder / "rows.jsonl").read_text("utf-8").splitlines():
        body = json.loads(line)
        if body["kind"] == "edits":
            row = {name: body[name] for name in Edited.__dataclass_fields__}
            found[body["checkpoint"]][row["task"]] = Edited(**row)
    return found


def gained(folders: list[Path], measure: str) -> Paired:
    """Return tuned - start in a property of `Edited`: the mean over seeds within a task, paired over tasks."""
    sides: tuple[dict[str, list[float]], ...] = (defaultdict(list), defaultdict(list))
    for folder in folders:
        rows = measured(folder)
        for side, name in zip(sides, sorted(rows, key=lambda name: name == BASE.name), strict=True):  # the start last
            for task, row in rows[name].items():
                if getattr(row, measure) is not None:
                    side[task].append(getattr(row, measure))
    tuned, start = ({task: statistics.fmean(values) for task, values in side.items()} for side in sides)
    return by_name(tuned, start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cut", action="store_true", help="the two-minute cut")
    parser.add_argument("--out", type=Path, help="default out/line, or out/line-cut")
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)), help="default: one a core")
    options = parser.parse_args()
    size = CUT if options.cut else WHOLE
    out: Path = (options.out or Path("out/line-cut" if options.cut else "out/line")).resolve()
    out.mkdir(parents=True, exist_ok=True)
    began, steps, cores = time.monotonic(), Steps(out), options.processes

    asked = ("traces", "--exercises", size.learn, "--processes", cores)
    steps.run("symbolic", *asked, "--tasks", size.symbolic, "--rounds", 2, "--out", out / "symbolic")
    with served(out) as url:
        way = ("--teacher", url, "--style", "compact", "--in-flight", 32, "--out", out / "model")
        amounts = ("--tasks", size.tasks, "--rounds", 1, "--parents", 4, "--children", 16, "--fresh", 0)
        steps.run("model", *asked, *way, *amounts)
    both = (out / "symbolic", out / "model")
    steps.run("dataset", "dataset", *both, "--out", out / "dataset", "--fresh", *PROMPTS, "--processes", cores)
    with ThreadPoolExecutor(cores) as pool:  # a small model on one core each
        for tuned in [pool.submit(tune, steps, size, seed) for seed in size.seeds]:
            tuned.result()
    folders = [out / f"evaluate-{seed}" for seed in size.seeds]
    for seed, folder in zip(size.seeds, folders, strict=True):
        against = ("--against", BASE, "--against-adapter", "none")
        measuring = ("--tasks", size.measured, "--programs", 8, "--views", 4, "--seeds", seed, "--edits")
        what = (*against, "--data", size.measure, *measuring, *PROMPTS, "--out", folder, "--processes", cores)
        steps.run(f"evaluate-{seed}", "evaluate", out / f"merged-{seed}", *what)
    report(size, steps, {name: gained(folders, name) for name in ("success", "per_asked")}, time.monotonic() - began)


def tune(steps: Steps, size: Size, seed: int) -> None:
    """Make an adapter on the dataset and fuse it."""
    tuned = steps.out / f"tuned-{seed}"
    steps.run(f"sft-{seed}", "sft", steps.out / "dataset", *size.recipe, "--seed", seed, "--out", tuned)
    steps.run(f"merge-{seed}", "merge", BASE, tuned / "adapter", steps.out / f"merged-{seed}", "--replace")


def report(size: Size, steps: Steps, gains: dict[str, Paired], seconds: float) -> None:
    """Print what each step took and what came of it."""
    words = {
        "success": "edits that earn more than their parent",
        "per_asked": "edits that are fitter than their parent",
    }
    print(f"{size.measured} tasks ({size.measure}), seeds {', '.join(map(str, size.seeds))}; tuned against the start")
    for name, found in gains.items():
        print(
            f"{words[name]}: {found.difference:+.4f} +- {found.standard_error:.4f} of those asked for, "
            f"{found.wins} tasks up, {found.losses} down; {found.verdict}"
        )
    print(f"seconds: {', '.join(f'{name} {value:.0f}' for name, value in steps.seconds.items())}; {seconds:.0f} in all")
    body = {
        name: {"difference": round(found.difference, 4), "standard_error": round(found.standard_error, 4),
               "wins": found.wins, "losses": found.losses, "tasks": found.tasks}
        for name, found in gains.items()
    }  # fmt: skip
    print(
        json.dumps(
            {"command": "train_line", "learn": size.learn, "measure": size.measure, "seeds": size.seeds, **body,
             "traces": {name: steps.said[name]["kept"] for name in ("symbolic", "model")},
             "examples": steps.said["dataset"]["rows"], "seconds": round(seconds, 1), "steps": steps.seconds,
             "load": round(os.getloadavg()[0], 1)}
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
