"""Numbers into lines: step curves for an SVG of 1000 x 100 units that the page stretches to its width."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 1000, 100


@dataclass(frozen=True, slots=True)
class Curve:
    """How many tasks were in some state, over the run's time."""

    name: str
    label: str
    path: str
    """The `d` of an SVG path."""
    last: int


def counted(moments: Iterable[tuple[float, str, str, bool]], kind: str) -> list[tuple[float, int]]:
    """Return (seconds, tasks of which it is so) at every change, from moments in order of time.

    >>> counted([(1.0, "right", "a", True), (2.0, "right", "b", True), (3.0, "right", "a", False)], "right")
    [(1.0, 1), (2.0, 2), (3.0, 1)]
    """
    so: set[str] = set()
    points: list[tuple[float, int]] = []
    for at, what, task_id, holds in moments:
        if what == kind and holds != (task_id in so):
            (so.add if holds else so.remove)(task_id)
            points.append((at, len(so)))
    return points


def curve(name: str, label: str, points: Sequence[tuple[float, int]], seconds: float, top: int) -> Curve:
    """Return a step curve on a canvas `seconds` wide and `top` high.

    >>> curve("done", "finished", [(5.0, 1)], 10.0, 2).path
    'M0 100H500V50H1000'
    """
    path = [f"M0 {HEIGHT}"]
    for at, number in points:
        path.append(f"H{WIDTH * at / max(seconds, 1e-9):.4g}V{HEIGHT * (1 - number / max(top, 1)):.4g}")
    return Curve(name, label, f"{''.join(path)}H{WIDTH}", points[-1][1] if points else 0)


def nice_top(number: int) -> int:
    """Return a round number not below `number`, for the top of an axis.

    >>> [nice_top(n) for n in (0, 3, 7, 41, 400)]
    [1, 3, 8, 50, 400]
    """
    scale = 1
    while True:
        for step in (1, 2, 3, 4, 5, 6, 8):
            if number <= step * scale:
                return step * scale
        scale *= 10
