"""Room for a worker, and the worker in it: what the supervisor remembers of both."""

import math
from dataclasses import dataclass, field

from arc_submit.run.queue import Entry


@dataclass(slots=True)
class Place:
    """Room for one worker: an accelerator, or a share of the CPU. It outlives the workers in it."""

    number: int
    rung: int = 0
    """Of the memory ladder (`arc_submit.run.ladder`)."""
    lesser: int = 0
    """Of the other one."""
    fruitless: int = 0
    """Deaths in a row without a finished task between them."""
    unready: int = 0
    """Deaths in a row before the worker was ready; one that hung while it loaded counts as several."""
    unready_since: float = 0.0
    """Clock time of the first of them."""
    short: int = 0
    """Workers of this place that were ended because the machine's memory was short."""
    start_after: float = -math.inf
    """Clock time before which no worker is started here."""
    busy: float = 0.0
    """Seconds spent on visits."""


@dataclass(slots=True)
class Worker:
    """One worker and what it holds."""

    place: Place
    born: float
    """Clock time of its start."""
    heard: float
    """Clock time of its last event."""
    ready: bool = False
    """It has started and waits for a cohort."""
    started: bool = False
    """It has been ready once."""
    loading: bool = False
    """Its model is on its way."""
    produced: int = 0
    """Tokens that its model has decoded."""
    holds: dict[str, Entry] = field(default_factory=dict)
    """Tasks of its visit that are not done, the canary included."""
    in_hand: tuple[str, ...] = ()
    """Tasks of the round that it is in."""
    since: float = 0.0
    """Clock time at which its visit began; 0: it is on none."""
    until: float = 0.0
    """Clock time at which its visit's time ends."""
    doomed: float | None = None
    """Clock time at which we killed it; its end is yet to be heard."""
    trouble: str = ""
    """What is known of why it dies: memory, weights, engine, sandbox, silence."""
