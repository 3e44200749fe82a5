"""Learning while a task is solved, as a terminal shows it: its rounds and updates as lines, and a curve of rewards.

Made from the `signs` and `adapt` events of one task (`trace`), in their order; the report reads them through the same
`read`. Left out: colours, the curve of the best fitness (the lines have it), more than one task.
"""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

Event = Mapping[str, Any]
MARKS = {"learned": "▲", "rolled back": "✗"}
"""Verdicts after which an update is in use, or is no more (it may never have been), and their marks."""

WIDTH, HEIGHT = 60, 10  # cells of the picture; one cell is 2 x 4 dots of braille
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # bit of a dot by its row and column in the cell
_APART = 3  # cells from round to round at which each round gets a mark of its own
_ENDS = 5  # rounds listed at either end of many between two updates
_HEADINGS = ("round", "adapter", "answers", "valid", "distinct", "length", "reward", "held back", "best")


@dataclass(frozen=True, slots=True)
class Story:
    """The rounds of one task in which the model sampled, and what became of its adapter between them."""

    rounds: tuple[Event, ...]
    """`signs` events."""
    updates: tuple[tuple[int, Event], ...]
    """(rounds before it, `adapt` event)."""
    again: bool
    """The task was begun more than once (a worker died, the run was resumed); this is the last time alone."""

    @property
    def made(self) -> set[int]:
        """Updates that were made, those that were rolled back included."""
        return {event["update"] for _, event in self.updates if event["verdict"] in MARKS}

    @property
    def used(self) -> set[int]:
        """Updates that came into use."""
        return {event["update"] for _, event in self.updates if event["verdict"] == "learned"}

    @property
    def undone(self) -> set[int]:
        """Updates that were rolled back."""
        return {event["update"] for _, event in self.updates if event["verdict"] == "rolled back"}

    @property
    def kept(self) -> int:
        """The last update that was sampled with and not rolled back; 0: there is none."""
        return max((event["adapter"] for event in self.rounds if event["adapter"] not in self.undone), default=0)

    @property
    def stopped(self) -> str:
        """Why learning is over; empty when it is not."""
        over = [event for _, event in self.updates if event["verdict"] in ("rolled back", "stopped")]
        return " ".join(str(over[-1]["why"]).split()) if over else ""

    def with_adapter(self, number: int) -> float | None:
        """Mean reward over the rounds with that adapter."""
        return mean_reward(event for event in self.rounds if event["adapter"] == number)

    def around(self, index: int) -> tuple[float | None, float | None]:
        """Mean rewards (before, after) `updates[index]`, each over the rounds up to the next change of the adapter.

        (None, None) for what changed no adapter.
        """
        changes = [
            number
            for number, (_, event) in enumerate(self.updates)
            if event["verdict"] in MARKS and event["update"] in self.used
        ]
        if index not in changes:
            return None, None
        place = changes.index(index)
        ends = (0, *(self.updates[number][0] for number in changes), len(self.rounds))
        start, at, end = ends[place : place + 3]
        return mean_reward(self.rounds[start:at]), mean_reward(self.rounds[at:end])


def read(events: Iterable[Event]) -> Story:
    """Sort the events of one task; others than `signs` and `adapt` are passed over."""
    rounds: list[Event] = []
    updates: list[tuple[int, Event]] = []
    again = False
    for event in events:
        if event["event"] == "signs":
            if rounds and event["round"] <= rounds[-1]["round"]:  # rounds only go up: the task was begun anew
                again, rounds, updates = True, [], []
            rounds.append(event)
        elif event["event"] == "adapt":
            updates.append((len(rounds), event))
    return Story(tuple(rounds), tuple(updates), again)


def mean_reward(rounds: Iterable[Event]) -> float | None:
    """Mean reward of fresh answers over rounds, weighted by their answers; None: no round has one.

    >>> mean_reward([{"answers": 30, "reward": 0.2}, {"answers": 10, "reward": 0.6}, {"answers": 9, "reward": None}])
    0.3
    """
    known = [(event["answers"], event["reward"]) for event in rounds if event["reward"] is not None]
    answers = sum(weight for weight, _ in known)
    return sum(weight * reward for weight, reward in known) / answers if answers else None


def summary(events: Iterable[Event]) -> dict[str, Any]:
    """Return numbers for a machine: updates made and rolled back, reward at the start and now, why learning is over.

    `reward_before` is the mean over rounds with the adapter's start, `reward_after` over those with the last update
    that was sampled with and kept; None where there are no such rounds.
    """
    story = read(events)
    after = story.with_adapter(story.kept) if story.kept else None
    return {
        "updates": len(story.made),
        "rolled_back": len(story.undone),
        "reward_before": _rounded(story.with_adapter(0)),
        "reward_after": _rounded(after),
        "stopped": story.stopped,
    }


def scale(values: Iterable[float]) -> tuple[float, float]:
    """Return round numbers (bottom, top) for an axis that holds 0 and the values.

    >>> scale([0.05, 0.13]), scale([0.7, -0.03]), scale([])
    ((0.0, 0.15), (-0.03, 0.8), (0.0, 1.0))
    """
    numbers = [0.0, *values]
    top = _up(max(numbers))
    bottom = 0.0 - _up(-min(numbers))
    return (bottom, top) if top > bottom else (0.0, 1.0)


def learning(events: Iterable[Event]) -> RenderableType:
    """Return the rounds as lines, the updates between them, and the mean reward of fresh answers as a curve."""
    story = read(events)
    if not story.rounds and not story.updates:
        return Text("no learning: the model did not sample")
    lines = [Text("the task was begun again: earlier rounds are left out")] if story.again else []
    lines.append(Text("  ".join(_HEADINGS), style="bold"))
    shown = 0
    for at, event in story.updates:
        lines += [*_rounds(story.rounds[shown:at]), *_update(event)]
        shown = at
    lines += _rounds(story.rounds[shown:])
    return Group(*lines, *([Text(), *_picture(story)] if story.rounds else []))


def _rounds(rounds: Sequence[Event]) -> list[Text]:
    """A line per round; of many only the first and the last."""
    lines = [Text(_round(event)) for event in rounds]
    if len(lines) <= 2 * _ENDS + 1:
        return lines
    middle = rounds[_ENDS:-_ENDS]
    between = f"  ... {len(middle)} rounds, mean reward {_number(mean_reward(middle))}"
    return [*lines[:_ENDS], Text(between), *lines[-_ENDS:]]


def _round(event: Event) -> str:
    cells = (
        f"{event['round']}",
        f"{event['adapter']}",
        f"{event['answers']}",
        f"{event['valid']:.2f}",
        f"{event['distinct']:.2f}",
        f"{event['length']:.0f}",
        _number(event["reward"]),
        _number(event["held"]),
        f"{event['best']:.2f}",
    )
    return "  ".join(f"{cell:>{len(heading)}}" for cell, heading in zip(cells, _HEADINGS, strict=True))


def _update(event: Event) -> list[Text]:
    lines = [f"  update {event['update']} ({event['kind']}) {event['verdict']}" + _after(": ", event["why"])]
    if event["steps"]:
        facts = [f"{event['lessons']} lessons", f"{event['groups']} groups", f"{event['steps']} steps"]
        if event["loss"] is not None:
            facts.append("loss {:.3g} -> {:.3g}".format(*event["loss"]))
        facts.append(f"{sum(event['seconds'].values()):.1f} s" + _after(", ", event["reduced"]))
        lines.append(f"    {', '.join(facts)}")
    return [Text(line) for line in lines]


def _picture(story: Story) -> list[Text]:
    """The curve with its axes, and below it where updates came into use and went."""
    rewards = [event["reward"] for event in story.rounds]
    bottom, top = scale(reward for reward in rewards if reward is not None)
    cells = _curve(rewards, bottom, top)
    flags = _flags(story)
    for column in {column for column, _ in flags}:
        for row in cells:
            row[column] = "┊" if row[column] == " " else row[column]
    labels = {0: f"{top:g}", HEIGHT - 1: f"{bottom:g}"}
    lines = ["mean reward of fresh answers, by round"]
    lines += [f"{labels.get(number, ''):>6} ┤{''.join(row)}" for number, row in enumerate(cells)]
    lines.append(f"       └{'─' * WIDTH}")
    if flags:
        lines.append(" " * 8 + _flag_row(flags))
    first, last = (f"round {story.rounds[index]['round']}" for index in (0, -1))
    lines.append(" " * 8 + (f"{first:<{WIDTH - len(last)}}{last}" if len(rewards) > 1 else f"{first:^{WIDTH}}"))
    if flags:
        lines.append(" " * 8 + "▲ n: update n in use from here, ✗ n: rolled back")
    return [Text(line, no_wrap=True, overflow="crop") for line in lines]


def _curve(rewards: Sequence[float | None], bottom: float, top: float) -> list[list[str]]:
    """Rows of cells: a line through neighbouring rounds, and a mark on a round that stands alone or has the room."""
    dots = [[0] * WIDTH for _ in range(HEIGHT)]
    count = len(rewards)
    places = [
        None
        if reward is None
        else (int(2 * WIDTH * (index + 0.5) / count), round((4 * HEIGHT - 1) * (top - reward) / (top - bottom)))
        for index, reward in enumerate(rewards)
    ]
    for start, end in itertools.pairwise(places):
        if start is None or end is None:
            continue
        length = max(end[0] - start[0], abs(end[1] - start[1]), 1)
        for step in range(length + 1):
            x = round(start[0] + (end[0] - start[0]) * step / length)
            y = round(start[1] + (end[1] - start[1]) * step / length)
            dots[y // 4][x // 2] |= _DOTS[y % 4][x % 2]
    cells = [[chr(0x2800 + bits) if bits else " " for bits in row] for row in dots]
    for index, place in enumerate(places):
        alone = not any(
            beside is not None for beside in (*places[max(0, index - 1) : index], *places[index + 1 : index + 2])
        )
        if place is not None and (alone or WIDTH / count >= _APART):
            cells[place[1] // 4][place[0] // 2] = "●"
    return cells


def _flags(story: Story) -> list[tuple[int, str]]:
    """(column, text) of every change of the adapter."""
    return [
        (min(WIDTH - 1, WIDTH * at // len(story.rounds)), f"{MARKS[event['verdict']]}{event['update']}")
        for at, event in story.updates
        if event["verdict"] in MARKS
    ]


def _flag_row(flags: Sequence[tuple[int, str]]) -> str:
    """Flags below their columns; one that has no room is moved to the right."""
    row = ""
    for column, text in flags:
        row = f"{row:<{column}}" if len(row) <= column else f"{row} "
        row += text
    return row


def _up(value: float) -> float:
    """The least round number that is not below a value; 0 for what is not above 0."""
    if value <= 0:
        return 0.0
    unit = 10.0 ** math.floor(math.log10(value))
    return next(round(step * unit, 12) for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15) if value <= step * unit + 1e-12)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _after(mark: str, text: str) -> str:
    return f"{mark}{' '.join(text.split())}" if text else ""
