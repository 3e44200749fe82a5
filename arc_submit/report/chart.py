"""Numbers into lines: curves over time and over rounds for an SVG of 1000 x 100 units that the page stretches."""

from collections.abc import Iterable, Iterator, Sequence
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


def place(index: float, count: int) -> float:
    """Return where the middle of round `index` of `count` is, 0..1; half a round earlier it begins.

    >>> place(0, 1), place(2, 4), place(1.5, 4)
    (0.5, 0.625, 0.5)
    """
    return (index + 0.5) / count


def through(values: Sequence[float | None], bottom: float, top: float) -> str:
    """Return a line through one value per round, from bottom to top of the canvas; broken where there is none.

    >>> through([1.0, 2.0, None, 0.0], 0.0, 2.0)
    'M125 50L375 0M875 100'
    """
    path, pen = [], "M"
    for x, y in _points(values, bottom, top):
        path.append("" if y is None else f"{pen}{x:.4g} {y:.4g}")
        pen = "M" if y is None else "L"
    return "".join(path)


def dots(values: Sequence[float | None], bottom: float, top: float, crowd: int) -> str:
    """Return a dot on every value; of more than `crowd` only on those without a neighbour, of which no line shows.

    >>> dots([1.0, 2.0, None, 0.0], 0.0, 2.0, 3), dots([1.0], 0.0, 2.0, 3)
    ('M875 100h0', 'M500 50h0')
    """
    points = list(_points(values, bottom, top))
    beside = [None, *(y for _, y in points), None]
    return "".join(
        f"M{x:.4g} {y:.4g}h0"
        for index, (x, y) in enumerate(points)
        if y is not None and (len(points) <= crowd or (beside[index] is None and beside[index + 2] is None))
    )


def _points(values: Sequence[float | None], bottom: float, top: float) -> Iterator[tuple[float, float | None]]:
    for index, value in enumerate(values):
        x = WIDTH * place(index, len(values))
        yield x, None if value is None else HEIGHT * (top - value) / (top - bottom)
