"""Two pictures of an evaluation, in the look of `training.charts`.

    last-mile.svg   how many tasks have at least so many of their cells right: a line that stays high until the end and
                    then falls is many tasks that are nearly solved
    programs.svg    chance of a right test output over the number of answers

Cells of the best program are the demonstrations'; those of the attempts the test outputs'. The line of the copied input
says how much of that is no merit.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from training import charts
from training.charts import Point

LAST_MILE, PROGRAMS = "last-mile.svg", "programs.svg"
STEPS = 200  # places along the axis


def last_mile(path: Path, title: str, shares: Mapping[str, Sequence[float]]) -> None:
    """Write the chart: name -> one share of cells right, 0..1, for each task.

    Raises:
        OSError: the file cannot be written.
    """
    charts.curves(
        path,
        title,
        {name: at_least(values) for name, values in shares.items() if values},
        "share of cells right, at least",
        "tasks (share)",
    )


def programs(path: Path, title: str, curves: Mapping[str, Mapping[int, float]]) -> None:
    """Write the chart: name -> number of answers -> chance.

    Raises:
        OSError: the file cannot be written.
    """
    series = {name: [(float(k), value) for k, value in curve.items()] for name, curve in curves.items() if curve}
    charts.curves(path, title, series, "answers", "one of them is right (share)")


def at_least(values: Sequence[float]) -> list[Point]:
    """Return (x, share of the values that are x or more) along 0..1.

    >>> at_least([0.5, 1.0])[0], at_least([0.5, 1.0])[-1]
    ((0.0, 1.0), (1.0, 0.5))
    """
    places = [number / STEPS for number in range(STEPS + 1)]
    return [(x, sum(value >= x - 1e-9 for value in values) / len(values)) for x in places]
