"""What the page shows, as plain dataclasses with ready words and numbers; no HTML.

Chosen here: which programs of a task are worth a reader's time, how long their text may be so that the page stays
small, what a task's status is. Not here: reading the folder (`gather`), the look (`page.html`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from markupsafe import escape

from arc_submit import canary, folder
from arc_submit.config import RunConfig
from arc_submit.draw import PALETTE
from arc_submit.records import Grid, Task
from arc_submit.report import chart
from arc_submit.report.gather import Found, Gathered, Seen, digits
from arc_submit.report.learning import Learning, learning, overall
from arc_submit.report.words import duration, harmless, plural, rounded
from arc_submit.run import MAX_STRIKES

_SHOWN = 6  # programs per task, one per behaviour
_ANCESTORS = 3  # further programs per task that the shown ones were made from
_COLOURS = 7  # of stages, in style.html
_TEXT_BUDGET = 6_000_000  # characters of escaped program text on the page
_TEXT_LIMITS = (6000, 4000, 2000, 1000, 500, 250)  # characters of one program: the longest that the budget allows


REASONS = {
    "agreed": "distinct programs agree",
    "answered": "a program passed, no second opinion came",
    "rounds": "its rounds were used up",
    "exhausted": "nothing more to try",
    "time": "its time was used up",
    "set aside": "two workers died on it",
    "unfinished": "the run ended, or goes on, in the middle of it",
    "not started": "the run has not come to it",
}
"""Why a task stopped, in words."""

STATUSES = {
    "solved": ("✓", "solved"),
    "part": ("◐", "solved in part"),
    "wrong": ("✗", "wrong"),
    "answered": ("●", "has a passer"),
    "guess": ("○", "no passer"),
    "none": ("–", "fallback"),
    "open": ("…", "unfinished"),
}
"""Status -> its mark and its name. The first three need solutions, the next two stand in for them."""

FILTERS = {
    "all": "all",
    "solved": "solved",
    "wrong": "not solved",
    "missed": "missed by the vote",
    "passer": "with a passer",
    "no-passer": "no passer",
    "learned": "that learned",
    "fallback": "fallback",
    "unfinished": "unfinished",
}
"""Tag -> the label of its filter."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A grid, and a caption's worth of words."""

    digits: str
    """Rows of digits."""
    size: str

    @classmethod
    def of(cls, grid: Grid) -> "Picture":
        return cls(digits(grid), f"{len(grid)} × {len(grid[0])}")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a test output."""

    number: int
    picture: Picture
    origin: str
    """Who stands behind it, in words."""
    right: bool | None
    """None: not known."""
    verdict: str
    """Against the solution, in words; empty when it is not known."""


@dataclass(frozen=True, slots=True)
class Test:
    """One test input with its attempts."""

    number: int
    input: Picture
    attempts: tuple[Attempt, ...]
    solution: Picture | None
    solved: bool | None
    missed: bool
    """A program in the pool had it right, the attempts do not."""


@dataclass(frozen=True, slots=True)
class Parent:
    """A program that another was made from."""

    id: str
    shown: bool
    """It is on the page, too."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One program."""

    id: str
    source: str
    cut: int
    """Characters left out of `source`."""
    label: str
    """What it is worth, in words."""
    passes: bool
    pairs: tuple[tuple[bool, str], ...]
    """Per demonstration pair: right, and its share of cells in words."""
    tests: tuple[bool, ...]
    """Per test output: right; empty when solutions are not known."""
    backs: str
    """The attempts that are its output, in words."""
    facts: tuple[tuple[str, str], ...]
    parents: tuple[Parent, ...]
    ancestor: bool
    """Shown for its children's sake."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart."""

    name: str
    value: str
    share: float
    """Of the longest bar, or of the whole for stacked bars, 0..1."""
    start: float = 0.0
    """Where it starts in a stacked bar, 0..1."""
    colour: int = 0
    """Index of a stage's colour, the same everywhere on the page."""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One task."""

    id: str
    number: int
    """Place in the run, from 1."""
    status: str
    tags: tuple[str, ...]
    train: tuple[tuple[Picture, Picture], ...]
    tests: tuple[Test, ...]
    listings: tuple[Listing, ...]
    cells: int
    """Of all demonstration and test inputs."""
    passers: int
    best: float
    """Best reward; -1 when no program was judged."""
    reason: str
    hint: str
    """The reason in words."""
    facts: tuple[tuple[str, str], ...]
    stages: tuple[Bar, ...]
    shares: tuple[Bar, ...]
    """What each proposer's share of the work had come to when the search ended."""
    learning: Learning | None
    """None where the model did not learn."""
    seconds: float
    """Worker seconds spent on it."""
    time: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything."""

    title: str
    headline: tuple[tuple[str, str, str], ...]
    """(number, what it is, explanation)"""
    facts: tuple[tuple[str, str], ...]
    settings: tuple[tuple[str, str, str], ...]
    """Settings that differ from the defaults: (name, value, default)."""
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    learning: tuple[tuple[str, str], ...]
    """Of the run; empty when it has none."""
    stages: tuple[Bar, ...]
    reasons: tuple[Bar, ...]
    curves: tuple[chart.Curve, ...]
    curve_top: int
    curve_time: str
    entries: tuple[Entry, ...]
    filters: tuple[tuple[str, str, int], ...]
    """(tag, label, tasks)"""
    scored: bool
    statuses: Mapping[str, tuple[str, str]]
    palette: tuple[str, ...] = PALETTE


def build(found: Gathered) -> Page:
    """Return what the page shows."""
    totals = _totals(found.seen.values())
    colours = {name: index % _COLOURS for index, (name, _) in enumerate(totals)}
    limit = _text_limit(found)
    entries = tuple(_entry(found, task, number, colours, limit) for number, task in enumerate(found.tasks, start=1))
    curves, top = _curves(found)
    return Page(
        title=found.settings["data"],
        headline=_headline(found, entries),
        facts=_facts(found),
        settings=tuple(_differences(found.settings["config"], RunConfig().model_dump(mode="json"))),
        notes=tuple(found.notes),
        warnings=tuple(_warnings(found)),
        learning=overall((seen.learning for seen in found.seen.values()), dict(totals)),
        stages=_longest_first(totals, colours),
        reasons=_reason_bars(entries),
        curves=curves,
        curve_top=top,
        curve_time=duration(found.seconds),
        entries=entries,
        filters=_filters(entries),
        scored=bool(found.scores),
        statuses=STATUSES,
    )


# The whole run. ------------------------------------------------------------------------------------------------------


def _headline(found: Gathered, entries: Sequence[Entry]) -> tuple[tuple[str, str, str], ...]:
    tasks, outputs = len(entries), sum(len(entry.tests) for entry in entries)
    passers = sum(entry.passers > 0 for entry in entries)
    fallbacks = sum(attempt.number == 1 and attempt.origin == "fallback" for attempt in _attempts(entries))
    rest = (
        (f"{passers}", f"of {tasks} tasks with a passer", "some program gets every demonstration right"),
        (f"{fallbacks}", f"of {outputs} outputs by fallback", "no program gave an answer; the test input is handed in"),
    )
    if not found.scores:
        finished = sum("unfinished" not in entry.tags for entry in entries)
        return ((f"{finished}", f"of {tasks} tasks finished", "the search for them has ended"), *rest)
    summary = found.summary
    return (
        (
            _percent(summary["p2"] or 0.0),
            f"p@2 · {summary['solved_outputs']} of {summary['outputs']} outputs",
            "test outputs that either attempt gets exactly right",
        ),
        (_percent(summary["oracle"] or 0.0), "oracle", "test outputs that some program in the pool gets right"),
        (f"{summary['solved_tasks']}", f"of {tasks} tasks solved whole", "every test output is right"),
        *rest,
    )


def _facts(found: Gathered) -> tuple[tuple[str, str], ...]:
    config = found.settings["config"]
    started = datetime.fromtimestamp((found.out / folder.SETTINGS).stat().st_mtime, UTC)
    finished = sum(seen.done is not None for seen in found.seen.values())
    ran = sum(int(seen.done["counts"].get("ran", 0)) for seen in found.seen.values() if seen.done)
    facts = [
        ("started", f"{started:%Y-%m-%d %H:%M} UTC"),
        ("run time", duration(found.seconds) + (f" in {found.sittings} sittings" if found.sittings > 1 else "")),
        ("finished", f"{finished} of {len(found.tasks)} tasks"),
        ("programs run", f"{ran:,}"),
        ("seed", str(config.get("seed"))),
        *_sandbox(found.sandbox),
        (
            "canary",
            {True: "solved", False: "NOT SOLVED", None: "not part of this run, or not finished"}[_canary(found)],
        ),
        ("workers replaced", str(found.deaths)),
        ("version", str(found.settings["version"])),
        ("data fingerprint", str(found.settings["fingerprint"])),
    ]
    return tuple((name, harmless(value)) for name, value in facts)


def _warnings(found: Gathered) -> Iterator[str]:
    if _canary(found) is False:
        yield "The canary was not solved: a task that the kit is known to solve came out wrong. Run arc-submit doctor."
    unscored = sum(int(seen.done["counts"].get("unscored", 0)) for seen in found.seen.values() if seen.done)
    if unscored:
        yield f"{unscored:,} programs could not be judged: the sandbox broke, or the deadline came first."


def _canary(found: Gathered) -> bool | None:
    return canary.solved(found.canary) if found.canary_done else None


def _sandbox(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Grade, layers and versions."""
    yield "sandbox", f"grade {report['grade']}" if "grade" in report else "not started"
    for name, label in (("layers", "sandbox layers"), ("versions", "versions")):
        value = report.get(name)
        if isinstance(value, Mapping):
            yield label, "; ".join(f"{key}: {state}" for key, state in value.items())


def _differences(
    now: Mapping[str, Any], default: Mapping[str, Any], prefix: str = ""
) -> Iterator[tuple[str, str, str]]:
    for key, value in now.items():
        usual = default.get(key)
        if isinstance(value, Mapping) and isinstance(usual, Mapping):
            yield from _differences(value, usual, f"{prefix}{key}.")
        elif value != usual and prefix + key != "seed":
            yield f"{prefix}{key}", _setting(value), _setting(usual)


def _setting(value: Any) -> str:
    return harmless(", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))


def _totals(seen: Iterable[Seen]) -> list[tuple[str, float]]:
    """(stage, seconds), most first."""
    totals: dict[str, float] = {}
    for one in seen:
        for name, seconds in (one.done["seconds"] if one.done else {}).items():
            totals[name] = totals.get(name, 0.0) + seconds
    return sorted(totals.items(), key=lambda item: item[1], reverse=True)


def _longest_first(totals: Sequence[tuple[str, float]], colours: Mapping[str, int]) -> tuple[Bar, ...]:
    whole, longest = sum(seconds for _, seconds in totals), max((seconds for _, seconds in totals), default=0.0)
    return tuple(
        Bar(
            _stage(name),
            f"{duration(seconds)} · {rounded(_share(seconds, whole))}",
            _share(seconds, longest),
            0,
            colours[name],
        )
        for name, seconds in totals
    )


def _reason_bars(entries: Sequence[Entry]) -> tuple[Bar, ...]:
    counted = Counter(entry.reason for entry in entries).most_common()
    most = counted[0][1] if counted else 0
    return tuple(
        Bar(reason, f"{count}", _share(count, most), hint=REASONS.get(reason, reason)) for reason, count in counted
    )


def _curves(found: Gathered) -> tuple[tuple[chart.Curve, ...], int]:
    """Curves of tasks over time, and the top of their axis."""
    names = {"done": "finished", "passer": "with a passer", "right": "solved by programs"}
    if not found.scores:
        del names["right"]
    points = {kind: chart.counted(found.moments, kind) for kind in names}
    top = chart.nice_top(max((number for line in points.values() for _, number in line), default=0))
    return tuple(chart.curve(kind, names[kind], points[kind], found.seconds, top) for kind in names), top


def _filters(entries: Sequence[Entry]) -> tuple[tuple[str, str, int], ...]:
    counts = Counter(tag for entry in entries for tag in entry.tags)
    counts["all"] = len(entries)
    return tuple((tag, label, counts[tag]) for tag, label in FILTERS.items() if counts[tag])


def _attempts(entries: Iterable[Entry]) -> Iterator[Attempt]:
    return (attempt for entry in entries for test in entry.tests for attempt in test.attempts)


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


def _stage(name: str) -> str:
    return harmless(name.removeprefix("propose:"))


# One task. -----------------------------------------------------------------------------------------------------------


def _entry(found: Gathered, task: Task, number: int, colours: Mapping[str, int], limit: int) -> Entry:
    seen = found.seen[task.id]
    tests = _tests(found, task, seen)
    reason = harmless(_reason(seen))
    passers = seen.answer.passers if seen.answer else 0
    rewards = [one.outcome.reward for one in seen.pool.values() if one.outcome.reward is not None]
    seconds = sum(seen.done["seconds"].values()) if seen.done else 0.0
    learnt = learning(seen.learning)
    status, tags = _status(tests, passers, reason)
    return Entry(
        id=task.id,
        number=number,
        status=status,
        tags=(*tags, "learned") if learnt and learnt.learned else tags,
        train=tuple((Picture.of(pair.input), Picture.of(pair.output)) for pair in task.train),
        tests=tests,
        listings=tuple(_listings(found, task, seen, limit)),
        cells=sum(len(grid) * len(grid[0]) for grid in task.inputs),
        passers=passers,
        best=max(rewards, default=-1.0),
        reason=reason,
        hint=REASONS.get(reason, reason),
        facts=tuple(_task_facts(seen, max(rewards, default=None))),
        stages=_stacked(seen, colours),
        shares=_shares(seen, colours),
        learning=learnt,
        seconds=seconds,
        time=duration(seconds) if seen.done else "–",
    )


def _reason(seen: Seen) -> str:
    if seen.done is not None:
        return str(seen.done["reason"])
    if seen.strikes >= MAX_STRIKES:
        return "set aside"
    return "unfinished" if seen.pool or seen.answer or seen.strikes else "not started"


def _status(tests: Sequence[Test], passers: int, reason: str) -> tuple[str, tuple[str, ...]]:
    """(status, tags for the filters)"""
    firsts = [attempt for test in tests for attempt in test.attempts if attempt.number == 1]
    fallback = any(attempt.origin == "fallback" for attempt in firsts)
    unfinished = reason in ("unfinished", "not started", "set aside")
    tags = ["passer" if passers else "no-passer"]
    tags += ["fallback"] * fallback + ["unfinished"] * unfinished
    tags += ["missed"] * any(test.missed for test in tests)
    if any(test.solved is not None for test in tests):
        right = [bool(test.solved) for test in tests]
        tags.append("solved" if all(right) else "wrong")
        status = "solved" if all(right) else "part" if any(right) else "wrong"
        if status == "wrong" and firsts and all(attempt.origin == "fallback" for attempt in firsts):
            status = "open" if unfinished else "none"
    elif passers:
        status = "answered"
    else:
        status = "open" if unfinished else "none" if fallback else "guess"
    return status, tuple(tags)


def _tests(found: Gathered, task: Task, seen: Seen) -> tuple[Test, ...]:
    wanted = found.solutions.outputs[task.id] if found.solutions else ()
    given = found.attempts.get(task.id, ())
    scored = found.scores.get(task.id)
    tests = []
    for index, test_input in enumerate(task.test):
        want = wanted[index] if wanted else None
        grids = given[index] if given else ()
        attempts = tuple(_attempt(seen, index, number, grid, want) for number, grid in enumerate(grids, start=1))
        tests.append(
            Test(
                number=index + 1,
                input=Picture.of(test_input),
                attempts=attempts,
                solution=Picture.of(want) if want is not None else None,
                solved=scored.right[index] if scored else None,
                missed=scored.pool[index] and not scored.right[index] if scored else False,
            )
        )
    return tuple(tests)


def _attempt(seen: Seen, index: int, number: int, grid: Grid, want: Grid | None) -> Attempt:
    voices = seen.voices.get((index, grid))
    origin = "fallback" if voices is None else "no passer" if voices == 0 else plural(voices, "passing program")
    verdict = "" if want is None else _compare(grid, want)
    return Attempt(number, Picture.of(grid), origin, None if want is None else grid == want, verdict)


def _compare(got: Grid, want: Grid) -> str:
    if (len(got), len(got[0])) != (len(want), len(want[0])):
        return "another shape"
    wrong = sum(a != b for rows in zip(got, want, strict=True) for a, b in zip(*rows, strict=True))
    return f"{wrong} of {plural(len(want) * len(want[0]), 'cell')} wrong" if wrong else "right"


def _task_facts(seen: Seen, reward: float | None) -> Iterator[tuple[str, str]]:
    if seen.answer:
        yield "passing programs", str(seen.answer.passers)
    if reward is not None:
        yield "best reward", f"{reward:.2f}"
    if seen.done:
        yield "rounds", str(seen.done["rounds"])
        yield "promise", f"{seen.done['promise']:.2f}"
        if seen.done.get("tokens"):
            yield "tokens decoded", f"{seen.done['tokens']:,}"
        for name, count in seen.done["counts"].items():
            if count is not None and name != "passers":
                yield harmless(name.replace("_", " ")), str(count)
    if seen.strikes:
        yield "workers that died with it in hand", str(seen.strikes)


def _stacked(seen: Seen, colours: Mapping[str, int]) -> tuple[Bar, ...]:
    seconds: Mapping[str, float] = seen.done["seconds"] if seen.done else {}
    whole, start, bars = sum(seconds.values()), 0.0, []
    for name in sorted(seconds, key=lambda name: colours[name]):
        share = _share(seconds[name], whole)
        bars.append(Bar(_stage(name), duration(seconds[name]), share, start, colours[name]))
        start += share
    return tuple(bars)


def _shares(seen: Seen, colours: Mapping[str, int]) -> tuple[Bar, ...]:
    """One bar per proposer, in the colour of its stage; the model's kinds are one stage and get the colours left."""
    start, bars = 0.0, []
    shares: Mapping[str, float] = seen.done.get("shares", {}) if seen.done else {}
    ran: Mapping[str, int] = seen.done.get("authors", {}) if seen.done else {}
    own = {name: colours[stage] for name in shares if (stage := f"propose:{name}") in colours}
    left = iter([colour for colour in range(_COLOURS) if colour not in own.values()])
    for name, share in shares.items():
        colour = own[name] if name in own else next(left, 0)
        value = f"{rounded(share)}, {plural(ran.get(name, 0), 'program')} run"
        bars.append(Bar(harmless(name), value, share, start, colour))
        start += share
    return tuple(bars)


# Programs. -----------------------------------------------------------------------------------------------------------


def _chosen(seen: Seen) -> tuple[list[Found], list[Found]]:
    """(the best programs, one per behaviour; programs that they were made from and that are not among them)."""
    behind = [seen.pool[one] for one in dict.fromkeys(seen.answer.programs if seen.answer else ()) if one in seen.pool]
    ranked = sorted(seen.pool.values(), key=lambda one: one.rank, reverse=True)
    unlike = {one.outcome.signature: one for one in reversed(behind + ranked)}
    best = sorted(unlike.values(), key=lambda one: (one in behind, one.rank), reverse=True)[:_SHOWN]
    best.sort(key=lambda one: one.rank, reverse=True)
    known = {one.program.id for one in best}
    ancestors: list[Found] = []
    for one in [*best]:
        line = [one]
        while line and len(ancestors) < _ANCESTORS:
            for parent in line.pop().program.parents:
                if parent in seen.pool and parent not in known and len(ancestors) < _ANCESTORS:
                    known.add(parent)
                    ancestors.append(seen.pool[parent])
                    line.append(seen.pool[parent])
    return best, ancestors


def _listings(found: Gathered, task: Task, seen: Seen, limit: int) -> Iterator[Listing]:
    best, ancestors = _chosen(seen)
    shown = {one.program.id for one in (*best, *ancestors)}
    wanted = [digits(want) for want in found.solutions.outputs[task.id]] if found.solutions else []
    given = [[digits(grid) for grid in grids] for grids in found.attempts.get(task.id, ())]
    for one in (*best, *ancestors):
        program, outcome = one.program, one.outcome
        yield Listing(
            id=program.id,
            source=harmless(program.source[:limit]),
            cut=max(0, len(program.source) - limit),
            label=_worth(one),
            passes=outcome.passes,
            pairs=tuple(
                (right, f"pair {number}: {'right' if right else f'{cells:.0%} of the cells'}")
                for number, (right, cells) in enumerate(zip(outcome.solved, outcome.cells, strict=True), start=1)
            ),
            tests=tuple(got == want for got, want in zip(one.tests, wanted, strict=False)),
            backs=_backs(one, given),
            facts=tuple((name, harmless(value)) for name, value in _program_facts(one)),
            parents=tuple(Parent(harmless(parent), parent in shown) for parent in program.parents),
            ancestor=one in ancestors,
        )


def _worth(one: Found) -> str:
    if one.outcome.reward is None:
        return "unscored"
    if one.literal:
        return "holds an output as a literal: no vote"
    if one.outcome.passes:
        return "passes every demonstration"
    return f"{sum(one.outcome.solved)} of {plural(len(one.outcome.solved), 'pair')} right"


def _backs(one: Found, given: Sequence[Sequence[str]]) -> str:
    """The attempts that are this program's output."""
    several = len(given) > 1
    return ", ".join(
        f"attempt {number}" + (f" of test {index}" if several else "")
        for index, (got, attempts) in enumerate(zip(one.tests, given, strict=False), start=1)
        for number, attempt in enumerate(attempts, start=1)
        if got == attempt and not one.literal
    )


def _program_facts(one: Found) -> Iterator[tuple[str, str]]:
    yield "by", one.program.proposer
    yield "reward", "unscored" if one.outcome.reward is None else f"{one.outcome.reward:.2f}"
    yield "found", f"after {duration(one.at)}, round {one.round}"
    yield "dialect", str(one.program.dialect)
    if one.program.view:
        yield "view", one.program.view


def _text_limit(found: Gathered) -> int:
    """The characters of one program that may be shown, so that all text together stays within the budget."""
    sources = [one.program.source for seen in found.seen.values() for group in _chosen(seen) for one in group]
    for limit in _TEXT_LIMITS[:-1]:
        if sum(len(escape(harmless(source[:limit]))) for source in sources) <= _TEXT_BUDGET:
            return limit
    return _TEXT_LIMITS[-1]
