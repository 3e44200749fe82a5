"""What symbolic search solves on one core: the real loop (`arc_submit.solve`) without a model, one task at a time.

    python scripts/bench_search.py --data arc1-training --seconds 5 20 --limit 100
    python scripts/bench_search.py --data arc1-training --seconds 20 --shard 1/2      and 2/2 beside it
    python scripts/bench_search.py --data arc1-training --seconds 20 --without layers

Seconds are CPU seconds: those of this process (`time.process_time`) and of the sandbox's processes with their children,
so other work on the machine does not count, and neither does loading the ideas. Search is one process that waits for
its sandbox, so they are also what a quiet core would show. Every task starts from nothing. Of several limits the
longest is searched, and the others are read on the way.

Rows go to out/bench-search/, one file per setting and state of the code (`--label` names the state oneself): what is
there is not done again, and shards write to one file. Score is p@2 per test output, as Kaggle has it; beside it p@1,
and the oracle: the share of outputs that some program got right. An output belongs to the proposer of its first right
passer, and to it alone where no other has a right passer (edits of programs that exist left aside). Memory is the
largest PSS of search and sandbox, looked at after rounds; programs on their way are not in it. Behaviours: different
states that an idea reached, where it says so.

Prints a table per setting and ends with one JSON line for each.
"""

import argparse
import hashlib
import json
import math
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, cast

os.environ.update(OMP_NUM_THREADS="1", NUMBA_NUM_THREADS="1")  # one core: before numpy is imported

import psutil

from arc_submit import config, tasks
from arc_submit.config import RunConfig
from arc_submit.records import Answer, Candidate, Grid, Task
from arc_submit.sandbox import Sandbox, SandboxConfig
from arc_submit.search import Proposer
from arc_submit.solve import Kit, opened, solve
from arc_submit.symbolic.ideas import IDEAS
from arc_submit.symbolic.layers import catalogue
from arc_submit.verify import correct

ROOT = Path(__file__).parents[1]
LOOK_EVERY = 0.5  # wall seconds between two looks at the memory


@dataclass(frozen=True, slots=True)
class Setting:
    """One run."""

    data: str
    seconds: float
    proposers: tuple[str, ...]
    seed: int
    label: str
    """State of the code."""

    @property
    def file(self) -> str:
        proposers = "all" if self.proposers == config.SYMBOLIC else "-".join(name[:4] for name in self.proposers)
        return f"{Path(self.data).stem}-{self.seconds:g}s-{proposers}-{self.seed}-{self.label}.jsonl"


@dataclass(slots=True)
class Row:
    """One task."""

    task: str
    right: list[bool]
    """Per test output: either attempt."""
    first: list[bool]
    """The first attempt."""
    oracle: list[bool]
    """Some program of the pool."""
    by: list[str]
    """Proposer of the first right passer; "" without one."""
    only: list[str]
    """Proposer, where nobody else has a right passer; children of other programs do not count."""
    seconds: float
    """CPU."""
    wall: float
    reason: str
    rounds: int
    passers: int
    megabytes: float
    proposing: dict[str, float] = field(default_factory=dict)
    """CPU seconds by proposer; like the next two, only where the search was not cut short by fewer seconds."""
    failed: dict[str, int] = field(default_factory=dict)
    """Ideas that stumbled, by what over."""
    reached: dict[str, int] = field(default_factory=dict)
    """Behaviours by idea."""
    programs: list[dict[str, Any]] = field(default_factory=list)
    """With --programs, the passers: who wrote them, length, what they answer, whether that is right, source."""


class Measured(Sandbox):
    """A sandbox whose processes' CPU time is known."""

    def __init__(self, settings: SandboxConfig) -> None:
        super().__init__(settings, clock=self.now)
        self._spent: dict[int, float] = {}
        self.seconds = 0.0

    def run(self, *arguments: Any, **options: Any) -> Any:
        """As Sandbox.run."""
        try:
            return super().run(*arguments, **options)
        finally:
            self._look()

    def now(self) -> float:
        """Return the CPU seconds of this process and of the sandbox so far."""
        self._look()
        return self.clock()

    def clock(self) -> float:
        """As `now`; between two programs, when the sandbox does nothing."""
        return time.process_time() + self.seconds

    def _look(self) -> None:
        for pid in self.pids():
            try:
                self._spent[pid] = sum(psutil.Process(pid).cpu_times()[:4])  # its own, and its children's
            except psutil.NoSuchProcess:
                continue
        self.seconds = sum(self._spent.values())


class Watched:
    """A proposer that is asked what it has reached before it forgets the task."""

    def __init__(self, inner: Proposer) -> None:
        self._inner = inner
        self.reached = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def release(self, task_id: str) -> None:
        """As the proposer, later."""
        self.reached = getattr(self._inner, "reached", dict)().get(task_id, 0)
        self._inner.release(task_id)


@dataclass(slots=True)
class Pool:
    """What is heard of one search."""

    candidates: list[tuple[float, Candidate]] = field(default_factory=list)
    """With the CPU seconds after which they came; so are the others."""
    answers: list[tuple[float, Answer]] = field(default_factory=list)
    megabytes: list[tuple[float, float]] = field(default_factory=list)
    unusable: dict[str, int] = field(default_factory=dict)
    rounds: list[float] = field(default_factory=list)
    """When they began."""
    _looked: float = 0.0

    def hear(self, event: dict[str, Any], pids: Sequence[int], after: float) -> None:
        """Take in one event of the loop."""
        if event["event"] == "candidate":
            self.candidates.append((after, event["candidate"]))
        elif event["event"] == "answer":
            self.answers.append((after, event["answer"]))
        elif event["event"] == "turn":
            self.rounds.append(after)
        elif event["event"] == "done":
            self.unusable = dict(event["unusable"])
        if time.monotonic() > self._looked + LOOK_EVERY:
            self.megabytes.append((after, sum(map(held, (os.getpid(), *pids))) / 2**20))
            self._looked = time.monotonic()


def held(pid: int) -> int:
    """Return the bytes of memory that a process holds; 0 where it has just ended or may not be looked at."""
    try:
        return int(psutil.Process(pid).memory_full_info().pss)
    except psutil.Error:
        return 0


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is missing, and show what there is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="arc1-training", help="a public set by name, or a file of tasks")
    parser.add_argument(
        "--seconds", type=float, nargs="+", default=[20.0], help="CPU seconds per task; of several the most is searched"
    )
    parser.add_argument("--limit", type=int, help="tasks, spread evenly; default: all")
    parser.add_argument("--shard", default="1/1", help="k/n: every n-th task from the k-th on; the table is of all")
    parser.add_argument("--costs", type=Path, help="costs of the steps of `layers` (scripts/fit_costs.py --out)")
    parser.add_argument("--ideas", default=",".join(IDEAS), help="comma-separated; default: all")
    parser.add_argument(
        "--without", action="append", default=[], help="a proposer less: an idea, enumerate, mutate, .."
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--label", help="name of the state of the code; default: a hash of it")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "bench-search")
    parser.add_argument("--programs", action="store_true", help="keep the passers in the rows (scripts/fit_costs.py)")
    parser.add_argument("--report", action="store_true", help="run nothing, show what there is")
    given = parser.parse_args(arguments)

    chosen = tasks.select(tasks.load(given.data), limit=given.limit).tasks
    solutions = tasks.load_solutions(given.data)
    assert solutions is not None, f"{given.data}: no solutions known"
    mine = shard(chosen, given.shard)
    wanted, label = proposers(given.ideas, given.without), given.label or digest()
    if given.costs:
        catalogue.COSTS = given.costs
        label += f"-{given.costs.stem}"
    settings = [Setting(given.data, seconds, wanted, given.seed, label) for seconds in sorted(given.seconds)]
    if not given.report:
        search(settings, mine, solutions.outputs, given.out, given.programs)
    ids = {task.id for task in chosen}
    summaries = []
    for setting in settings:
        rows = [row for row in read(given.out / setting.file) if row.task in ids]
        summaries.append(summary(setting, rows, len(chosen)))
        show(summaries[-1])
    for found in summaries:
        print(json.dumps(found))


def shard(chosen: Sequence[Task], part: str) -> Sequence[Task]:
    """Return every n-th task from the k-th on, where the part is k/n."""
    index, _, parts = part.partition("/")
    return chosen[int(index) - 1 :: int(parts)]


def proposers(ideas: str, without: Iterable[str]) -> tuple[str, ...]:
    """Return the proposers of a run: the ideas asked for, and what is there without any."""
    wanted = [name for name in ideas.split(",") if name]
    unknown = {*wanted} - {*IDEAS} | {*without} - {*config.SYMBOLIC}
    if unknown:
        raise SystemExit(f"no such proposer: {', '.join(sorted(unknown))}; there are {', '.join(config.SYMBOLIC)}")
    return tuple(name for name in config.SYMBOLIC if (name not in IDEAS or name in wanted) and name not in without)


def digest() -> str:
    """Return a name for the state of the package's code."""
    files = sorted(file for ending in ("py", "json", "toml") for file in (ROOT / "arc_submit").rglob(f"*.{ending}"))
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:8]


def search(
    settings: Sequence[Setting], chosen: Sequence[Task], outputs: dict[str, tuple[Grid, ...]], out: Path, programs: bool
) -> None:
    """Search for the tasks that some setting's file has no row of, and append theirs.

    Args:
        settings: alike but for their seconds, the least first. One search serves all that lack the task; a row for
            fewer seconds than it took tells what was there by then.
    """
    done = {setting: {row.task for row in read(out / setting.file)} for setting in settings}
    lacking = {task.id: [setting for setting in settings if task.id not in done[setting]] for task in chosen}
    waiting = [task for task in chosen if lacking[task.id]]
    if not waiting:
        return
    out.mkdir(parents=True, exist_ok=True)
    one_of = settings[0]
    loaded = config.load(
        settings=["budget.cohort=1", "trace.candidates=all"],
        **{"search.proposers": one_of.proposers, "seed": one_of.seed},
    )
    with kit_of(loaded) as (sandbox, kit):
        for number, task in enumerate(waiting, start=1):
            wanted = lacking[task.id]
            rows = one(kit, sandbox, task, outputs[task.id], [setting.seconds for setting in wanted], programs)
            for setting, row in zip(wanted, rows, strict=True):
                line = (json.dumps(asdict(row)) + "\n").encode()
                with (out / setting.file).open("ab", buffering=0) as to:  # one write: another shard may append too
                    to.write(line)
            row = rows[-1]
            said = "right" if all(row.right) else "pass" if row.passers else "-"
            by = ",".join(sorted({*row.by} - {""}))
            print(
                f"{number:4}/{len(waiting)} {task.id:10} {said:6} {row.seconds:6.1f} s {row.rounds:4} rounds {by}",
                flush=True,
            )


@contextmanager
def kit_of(settings: RunConfig) -> Iterator[tuple[Measured, Kit]]:
    """Open the loop's kit on the CPU clock."""
    with Measured(settings.sandbox) as sandbox, opened(settings, sandbox, sandbox.clock) as kit:
        watched = [cast(Proposer, Watched(proposer)) for proposer in kit.proposers]
        yield sandbox, replace(kit, proposers=watched)


def one(
    kit: Kit,
    sandbox: Measured,
    task: Task,
    wanted: tuple[Grid, ...],
    seconds: Sequence[float],
    programs: bool = False,
) -> list[Row]:
    """Search one task, and look at its answers after so many seconds, the least first."""
    pool = Pool()
    began, wall = sandbox.now(), time.monotonic()
    (hunt,) = solve(
        kit, [task], began + seconds[-1], lambda event: pool.hear(event, sandbox.pids(), sandbox.now() - began)
    )
    took = sandbox.now() - began
    whole = Row(
        **_found(pool, task, wanted, math.inf, programs),
        seconds=round(took, 3),
        wall=round(time.monotonic() - wall, 3),
        reason=hunt.reason or "time",
        rounds=hunt.rounds,
        proposing={
            stage.removeprefix("propose:"): round(spent, 3)
            for stage, spent in hunt.seconds.items()
            if stage.startswith("propose:")
        },
        failed={text: count for text, count in pool.unusable.items() if text.split(":")[0] in IDEAS},
        reached={
            proposer.name: proposer.reached for proposer in cast("list[Watched]", kit.proposers) if proposer.reached
        },
    )
    return [
        whole
        if took < limit
        else Row(
            **_found(pool, task, wanted, limit, programs),
            seconds=limit,
            wall=round(whole.wall * limit / took, 3),
            reason="time",
            rounds=sum(at <= limit for at in pool.rounds),
        )
        for limit in seconds[:-1]
    ] + [whole]


def _found(pool: Pool, task: Task, wanted: tuple[Grid, ...], limit: float, programs: bool) -> dict[str, Any]:
    """What was found within so many CPU seconds."""
    candidates = [found for at, found in pool.candidates if at <= limit]
    answers = [answer for at, answer in pool.answers if at <= limit]
    attempts = answers[-1].attempts if answers else ((),) * len(wanted)
    passers = [found for found in candidates if found.outcome.passes and not found.literal]
    behind = [[found.program for found in passers if found.tests[place] == want] for place, want in enumerate(wanted)]
    roots = [{program.proposer for program in right if not program.parents} for right in behind]
    return {
        "task": task.id,
        "right": [correct(given, want) for given, want in zip(attempts, wanted, strict=True)],
        "first": [correct(given[:1], want) for given, want in zip(attempts, wanted, strict=True)],
        "oracle": [any(one.tests[place] == want for one in candidates) for place, want in enumerate(wanted)],
        "by": [right[0].proposer if right else "" for right in behind],
        "only": [min(names) if len(names) == 1 else "" for names in roots],
        "passers": sum(found.outcome.passes for found in candidates),
        "megabytes": round(max((size for at, size in pool.megabytes if at <= limit), default=0.0), 1),
        "programs": [_told(found, wanted) for found in passers] if programs else [],
    }


def _told(found: Candidate, wanted: tuple[Grid, ...]) -> dict[str, Any]:
    return {
        "by": found.program.proposer,
        "edited": bool(found.program.parents),
        "length": found.program.length,
        "behaviour": found.outcome.signature,
        "answers": [hashlib.sha256(repr(grid).encode()).hexdigest()[:8] for grid in found.tests],
        "right": [got == want for got, want in zip(found.tests, wanted, strict=True)],
        "source": found.program.source,
    }


def read(file: Path) -> list[Row]:
    """Return the rows of a file, the last one of each task; a line cut short is passed over."""
    found: dict[str, Row] = {}
    for line in file.read_text("utf-8").splitlines() if file.exists() else ():
        try:
            row = Row(**json.loads(line))
        except (ValueError, TypeError):
            continue
        found[row.task] = row
    return list(found.values())


def summary(setting: Setting, rows: Sequence[Row], asked: int) -> dict[str, Any]:
    """Return what the rows come to."""
    outputs = sum(len(row.right) for row in rows)
    right = sum(sum(row.right) for row in rows)
    oracle = sum(any(pair) for row in rows for pair in zip(row.right, row.oracle, strict=True))
    names = [*setting.proposers]
    credited = Counter(by for row in rows for by, good in zip(row.by, row.right, strict=True) if good)
    alone = Counter(only for row in rows for only, good in zip(row.only, row.right, strict=True) if good)
    spent = Counter[str]()
    reached = Counter[str]()
    for row in rows:
        spent.update(row.proposing)
        reached.update(row.reached)
    return {
        "bench": "search",
        **asdict(setting),
        "tasks": len(rows),
        "of": asked,
        "outputs": outputs,
        "right": right,
        "p2": ratio(right, outputs),
        "p1": ratio(sum(sum(row.first) for row in rows), outputs),
        "oracle": ratio(oracle, outputs),
        "p2_of_oracle": ratio(right, oracle),
        "solved_tasks": sum(all(row.right) for row in rows),
        "wrong_passers": sum(bool(row.passers) and not any(row.right) for row in rows),
        "by": {name: credited[name] for name in names},
        "not_by_a_passer": credited[""],
        "only": {name: alone[name] for name in names},
        "proposing_seconds": {name: round(spent[name], 1) for name in names},
        "behaviours_per_second": {name: round(reached[name] / max(spent[name], 1e-9)) for name in reached},
        "failed": dict(Counter(text for row in rows for text in row.failed)),
        "seconds_p50": quantile([row.seconds for row in rows], 0.5),
        "seconds_p90": quantile([row.seconds for row in rows], 0.9),
        "megabytes_max": max((row.megabytes for row in rows), default=0.0),
    }


def ratio(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that so large a share of them does not exceed.

    >>> quantile([3.0, 1.0, 2.0, 4.0], 0.5)
    2.0
    """
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else 0.0


def show(found: dict[str, Any]) -> None:
    """Print a summary for people."""
    print(f"\n{found['data']}, {found['seconds']:g} CPU s per task, {found['tasks']} of {found['of']} tasks")
    print(f"  outputs right   {found['right']} of {found['outputs']}, {found['solved_tasks']} tasks solved")
    scores = (("p@2", "p2"), ("p@1", "p1"), ("oracle", "oracle"), ("p@2/oracle", "p2_of_oracle"))
    print("  " + "   ".join(f"{name} {found[key]:.1%}" for name, key in scores))
    print(f"  {found['wrong_passers']} tasks have passers and nothing right")
    print(f"  CPU s p50 {found['seconds_p50']:.1f}, p90 {found['seconds_p90']:.1f}; {found['megabytes_max']:.0f} MB")
    print(f"  {'proposer':12}{'right':>7}{'alone':>7}{'CPU s':>9}{'behaviours/s':>14}")
    for name, count in found["by"].items():
        reached = found["behaviours_per_second"].get(name, "")
        print(f"  {name:12}{count:7}{found['only'][name]:7}{found['proposing_seconds'][name]:9.1f}{reached!s:>14}")
    print(f"  {'partly right':12}{found['not_by_a_passer']:7}")
    if found["failed"]:
        print(f"  failed: {found['failed']}")


if __name__ == "__main__":
    main()
