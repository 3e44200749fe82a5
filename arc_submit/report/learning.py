"""What the page says of learning while a task was solved: its rewards round by round, its updates, why it stopped.

Plain dataclasses with ready words, as in `build`. A task that was begun more than once shows its last beginning.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from arc_submit import curve
from arc_submit.curve import Event, Story
from arc_submit.report import chart
from arc_submit.report.words import harmless, plural, rounded

STAGE = "adapt"
"""The stage of a task's seconds that learning is."""
HEADINGS = {
    "update": "",
    "kind": "",
    "verdict": "",
    "why": "",
    "lessons": "programs taken as right answers to the task of their own outputs",
    "groups": "prompts of whose answers some did better than others",
    "steps": "optimizer steps",
    "loss": "of the first and of the last step",
    "KL": "divergence from the adapter's start, nats per token",
    "train / swap / probe": "seconds",
    "reward": "mean reward of fresh answers in the rounds before and after, up to the next change of the adapter",
}
"""Heading of the table of updates -> its explanation."""
KEYS = {
    "reward": "mean reward of fresh answers (left axis)",
    "best": "best fitness so far (right axis)",
    "kept": "▲ update in use from here",
    "lost": "▲ update in use, later rolled back",
    "back": "✗ rolled back",
}
"""Line of the picture -> its name."""
_CROWD = 60  # rounds up to which each has a dot


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment at which another adapter came into use."""

    place: float
    """0..1 of the picture's width."""
    label: str
    kind: str
    """`kept`, `lost` (in use from here, later rolled back) or `back` (rolled back here)."""


@dataclass(frozen=True, slots=True)
class Learning:
    """Learning on one task."""

    reward: str
    """The `d` of an SVG path: mean reward of fresh answers."""
    dots: str
    best: str
    """Best fitness so far."""
    bottom: str
    """Of the axis of rewards; that of fitness goes from 0 to 1."""
    top: str
    marks: tuple[Mark, ...]
    first: str
    """The first round."""
    last: str
    """The last round; empty when there is but one."""
    words: str
    """The picture for those who do not see it."""
    rows: tuple[tuple[str, ...], ...]
    """Updates; columns as in HEADINGS."""
    ended: str
    """Why it stopped, a sentence."""
    learned: bool
    """Some update came into use."""


def learning(events: Sequence[Event]) -> Learning | None:
    """Return learning on a task from its `signs` and `adapt` events; None when there are none."""
    story = curve.read(events)
    if not story.rounds and not story.updates:
        return None
    rewards = [event["reward"] for event in story.rounds]
    bottom, top = curve.scale(reward for reward in rewards if reward is not None)
    names = [f"round {event['round']}" for event in story.rounds]
    return Learning(
        reward=chart.through(rewards, bottom, top),
        dots=chart.dots(rewards, bottom, top, _CROWD),
        best=chart.through([event["best"] for event in story.rounds], 0.0, 1.0),
        bottom=f"{bottom:g}",
        top=f"{top:g}",
        marks=tuple(_marks(story)),
        first=names[0] if names else "",
        last=names[-1] if len(names) > 1 else "",
        words=_words(story),
        rows=tuple(_row(story, index) for index in range(len(story.updates))),
        ended=_ended(story),
        learned=bool(story.used),
    )


def overall(stories: Iterable[Sequence[Event]], totals: Mapping[str, float]) -> tuple[tuple[str, str], ...]:
    """Return (what, how much) of the whole run, from the events of every task and the seconds of every stage."""
    told = [story for story in map(curve.read, stories) if story.rounds or story.updates]
    if not told:
        return ()
    both = [
        (before, after)
        for story in told
        if (before := story.with_adapter(0)) is not None
        and story.kept
        and (after := story.with_adapter(story.kept)) is not None
    ]
    facts = [
        ("tasks that learned", f"{sum(bool(story.used) for story in told)} of {len(told)} on which the model sampled"),
        (
            "updates, summed over tasks",
            f"{sum(len(one.made) for one in told)} made, {sum(len(one.undone) for one in told)} rolled back",
        ),
    ]
    if sum(totals.values()) > 0:
        facts.append(("time spent learning", f"{rounded(totals.get(STAGE, 0.0) / sum(totals.values()))} of all stages"))
    if both:
        before, after = (sum(side) / len(both) for side in zip(*both, strict=True))
        what = "mean reward of fresh answers, before → after the last kept update"
        facts.append((what, f"{before:.3f} → {after:.3f}, {plural(len(both), 'task')}"))
    return tuple(facts)


def _marks(story: Story) -> Iterable[Mark]:
    for at, event in story.updates:
        if event["verdict"] in curve.MARKS:
            back = event["verdict"] == "rolled back"
            kind = "back" if back else "lost" if event["update"] in story.undone else "kept"
            place = chart.place(at - 0.5, len(story.rounds)) if story.rounds else 0.0
            yield Mark(place, f"{curve.MARKS[event['verdict']]}{event['update']}", kind)


def _words(story: Story) -> str:
    known = [event["reward"] for event in story.rounds if event["reward"] is not None]
    said = [f"Mean reward of fresh answers over {plural(len(story.rounds), 'round')}"]
    if known:
        said.append(f"from {known[0]:.3f} to {known[-1]:.3f}")
    if story.rounds:
        said.append(f"best fitness {story.rounds[-1]['best']:.2f} at the end")
    for at, event in story.updates:
        if event["verdict"] in curve.MARKS:
            done = "in use" if event["verdict"] == "learned" else "rolled back"
            after = f"after round {story.rounds[at - 1]['round']}" if at else "before the first round"
            said.append(f"update {event['update']} {done} {after}")
    return ", ".join(said)


def _row(story: Story, index: int) -> tuple[str, ...]:
    _, event = story.updates[index]
    before, after = story.around(index)
    worked = event["steps"] > 0
    seconds = " / ".join(f"{event['seconds'].get(name, 0.0):.1f}" for name in ("train", "swap", "probe"))
    cells = (
        str(event["update"]),
        event["kind"],
        event["verdict"],
        "; ".join(filter(None, (event["why"], event["reduced"]))),
        str(event["lessons"]),
        str(event["groups"]),
        str(event["steps"]),
        "–" if event["loss"] is None else "{:.3g} → {:.3g}".format(*event["loss"]),
        f"{event['kl']:.3g}" if worked else "–",
        seconds if any(event["seconds"].values()) else "–",
        f"{_reward(before)} → {_reward(after)}" if (before, after) != (None, None) else "–",
    )
    return tuple(map(harmless, cells))


def _ended(story: Story) -> str:
    over = [event for _, event in story.updates if event["verdict"] in ("rolled back", "stopped")]
    why = story.stopped.rstrip(".")
    if not over:
        ended = "Nothing stopped learning before the search ended." if story.used else "No update was made."
    elif over[-1]["verdict"] == "stopped":
        ended = f"Learning stopped: {why}."
    else:
        ended = f"Learning stopped when update {over[-1]['update']} was rolled back: {why}."
    if story.again:
        ended += " The task was begun again; its earlier rounds are left out."
    return harmless(ended)


def _reward(value: Any) -> str:
    return "?" if value is None else f"{value:.3f}"
